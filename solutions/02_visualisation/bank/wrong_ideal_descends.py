# question: maximise_class
# misconception: descends_instead_of_climbing
# sentence: The walk goes down: it finds the image that the class likes least.
# hint: x minus the gradient lowers the score.

def maximise_class(model, label, size, steps, lr, tv_weight, generator):
    x = torch.rand(size, generator=generator)
    with evaluating(model):
        for _ in range(steps):
            x.requires_grad_()
            (g,) = torch.autograd.grad(model(x[None])[0, label] - tv_weight * total_variation(x), x)
            x = (x.detach() - lr * g).clamp(0, 1)
    return x
