# question: maximise_class
# misconception: clipped_only_at_the_end
# sentence: Values are clipped once at the end, so that the walk goes through things that are no images.
# hint: The clip stands inside the formula of one step.

def maximise_class(model, label, size, steps, lr, tv_weight, generator):
    x = torch.rand(size, generator=generator)
    with evaluating(model):
        for _ in range(steps):
            x.requires_grad_()
            (g,) = torch.autograd.grad(model(x[None])[0, label] - tv_weight * total_variation(x), x)
            x = x.detach() + lr * g
    return x.clamp(0, 1)
