# question: maximise_class
# misconception: best_image_for_the_last
# sentence: The image with the largest logit on the way comes back, not the one after the last step.
# hint: The answer is x after `steps` steps, whatever the logit did in between.

def maximise_class(model, label, size, steps, lr, tv_weight, generator):
    x = torch.rand(size, generator=generator)
    best, most = x, -float("inf")
    with evaluating(model):
        for step in range(steps + 1):
            x = x.detach().requires_grad_()
            logit = model(x[None])[0, label]
            if logit.item() > most:
                best, most = x.detach(), logit.item()
            if step < steps:
                (g,) = torch.autograd.grad(logit - tv_weight * total_variation(x), x)
                x = (x.detach() + lr * g).clamp(0, 1)
    return best
