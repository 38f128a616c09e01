# question: maximise_class
# misconception: never_clipped
# sentence: The image leaves the range from 0 to 1.
# hint: Clip after every step.

def maximise_class(model, label, size, steps, lr, tv_weight, generator):
    x = torch.rand(size, generator=generator)
    with evaluating(model):
        for _ in range(steps):
            x.requires_grad_()
            (g,) = torch.autograd.grad(model(x[None])[0, label] - tv_weight * total_variation(x), x)
            x = x.detach() + lr * g
    return x
