# question: maximise_class
# misconception: step_gradients_pile_up
# sentence: The image's gradient is not cleared between steps: each step repeats all earlier ones.
# hint: backward() adds to .grad. Clear it, or use torch.autograd.grad.

def maximise_class(model, label, size, steps, lr, tv_weight, generator):
    x = torch.rand(size, generator=generator).requires_grad_()
    with evaluating(model):
        for _ in range(steps):
            (model(x[None])[0, label] - tv_weight * total_variation(x)).backward()
            with torch.no_grad():
                x += lr * x.grad
                x.clamp_(0, 1)
    model.zero_grad()
    return x.detach()
