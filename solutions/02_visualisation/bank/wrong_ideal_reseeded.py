# question: maximise_class
# misconception: generator_made_anew
# sentence: The caller's generator is replaced by a new one of the same seed, so that every image starts alike.
# hint: A generator that is used twice should give two starts.

def maximise_class(model, label, size, steps, lr, tv_weight, generator):
    x = torch.rand(size, generator=torch.Generator().manual_seed(generator.initial_seed()))
    with evaluating(model):
        for _ in range(steps):
            x.requires_grad_()
            (g,) = torch.autograd.grad(model(x[None])[0, label] - tv_weight * total_variation(x), x)
            x = (x.detach() + lr * g).clamp(0, 1)
    return x
