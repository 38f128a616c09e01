# question: maximise_class
# misconception: start_from_the_global_seed
# sentence: The start comes from the global seed instead of the generator.
# hint: torch.rand takes generator=…

def maximise_class(model, label, size, steps, lr, tv_weight, generator):
    x = torch.rand(size)
    with evaluating(model):
        for _ in range(steps):
            x.requires_grad_()
            (g,) = torch.autograd.grad(model(x[None])[0, label] - tv_weight * total_variation(x), x)
            x = (x.detach() + lr * g).clamp(0, 1)
    return x
