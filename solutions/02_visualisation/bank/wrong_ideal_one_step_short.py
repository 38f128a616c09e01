# question: maximise_class
# misconception: one_step_short
# sentence: The walk is one step short.
# hint: range(1, steps) has steps − 1 numbers.

def maximise_class(model, label, size, steps, lr, tv_weight, generator):
    x = torch.rand(size, generator=generator)
    with evaluating(model):
        for _ in range(1, steps):
            x.requires_grad_()
            (g,) = torch.autograd.grad(model(x[None])[0, label] - tv_weight * total_variation(x), x)
            x = (x.detach() + lr * g).clamp(0, 1)
    return x
