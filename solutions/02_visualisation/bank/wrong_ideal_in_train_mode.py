# question: maximise_class
# misconception: climbs_in_train_mode
# sentence: The network climbs in whatever mode it comes in.
# hint: Use `evaluating`, as in part 3.

def maximise_class(model, label, size, steps, lr, tv_weight, generator):
    x = torch.rand(size, generator=generator)
    for _ in range(steps):
        x.requires_grad_()
        (g,) = torch.autograd.grad(model(x[None])[0, label] - tv_weight * total_variation(x), x)
        x = (x.detach() + lr * g).clamp(0, 1)
    return x
