# question: maximise_class
# misconception: adam_for_plain_ascent
# sentence: Steps are Adam's, which divides each value's gradient by its own size; the formula takes the gradient as it is.
# hint: Write the step by hand: x + lr · gradient, then clip.

def maximise_class(model, label, size, steps, lr, tv_weight, generator):
    x = torch.rand(size, generator=generator)
    x.requires_grad_()
    optimizer = torch.optim.Adam([x], lr=lr)
    with evaluating(model):
        for _ in range(steps):
            (g,) = torch.autograd.grad(model(x[None])[0, label] - tv_weight * total_variation(x), x)
            x.grad = -g
            optimizer.step()
            with torch.no_grad():
                x.clamp_(0, 1)
    return x.detach()
