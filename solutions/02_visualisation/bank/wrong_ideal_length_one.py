# question: maximise_class
# misconception: gradient_normalised
# sentence: The gradient is divided by its length, so that lr is the length of a step and no multiple of the gradient.
# hint: Other texts do that; the formula here does not.

def maximise_class(model, label, size, steps, lr, tv_weight, generator):
    x = torch.rand(size, generator=generator)
    with evaluating(model):
        for _ in range(steps):
            x.requires_grad_()
            (g,) = torch.autograd.grad(model(x[None])[0, label] - tv_weight * total_variation(x), x)
            x = (x.detach() + lr * g / g.norm().clamp_min(1e-12)).clamp(0, 1)
    return x
