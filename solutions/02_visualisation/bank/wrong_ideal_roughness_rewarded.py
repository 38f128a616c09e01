# question: maximise_class
# misconception: roughness_rewarded
# sentence: The variation is added to the score, so that rough images win.
# hint: You climb. Which sign makes roughness cost something?

def maximise_class(model, label, size, steps, lr, tv_weight, generator):
    x = torch.rand(size, generator=generator)
    with evaluating(model):
        for _ in range(steps):
            x.requires_grad_()
            (g,) = torch.autograd.grad(model(x[None])[0, label] + tv_weight * total_variation(x), x)
            x = (x.detach() + lr * g).clamp(0, 1)
    return x
