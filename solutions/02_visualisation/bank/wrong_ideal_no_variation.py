# question: maximise_class
# misconception: variation_left_out
# sentence: The variation term is missing.
# hint: Where is tv_weight used?

def maximise_class(model, label, size, steps, lr, tv_weight, generator):
    x = torch.rand(size, generator=generator)
    with evaluating(model):
        for _ in range(steps):
            x.requires_grad_()
            (g,) = torch.autograd.grad(model(x[None])[0, label], x)
            x = (x.detach() + lr * g).clamp(0, 1)
    return x
