# question: maximise_class
# misconception: normal_noise_at_the_start
# sentence: The start is normal noise, most of it outside the range of images, instead of uniform noise.
# hint: torch.rand, not torch.randn.

def maximise_class(model, label, size, steps, lr, tv_weight, generator):
    x = torch.randn(size, generator=generator)
    with evaluating(model):
        for _ in range(steps):
            x.requires_grad_()
            (g,) = torch.autograd.grad(model(x[None])[0, label] - tv_weight * total_variation(x), x)
            x = (x.detach() + lr * g).clamp(0, 1)
    return x
