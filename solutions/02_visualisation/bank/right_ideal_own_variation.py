# question: maximise_class
# note: writes the variation out once more, minimises the negative score, and skips the term where its weight is zero

def roughness(x):
    vertical = torch.diff(x, dim=-2).abs().sum()
    horizontal = torch.diff(x, dim=-1).abs().sum()
    return (vertical + horizontal) / x.numel()

def maximise_class(model, label, size, steps=100, lr=0.1, tv_weight=0.0, generator=None):
    x = torch.rand(size, generator=generator)[None]
    was = [m.training for m in model.modules()]
    model.eval()
    while steps > 0:
        x = x.detach().requires_grad_(True)
        loss = -model(x)[0, label]
        if tv_weight:
            loss = loss + tv_weight * roughness(x[0])
        x = torch.clip(x - lr * torch.autograd.grad(loss, [x])[0], 0, 1)
        steps -= 1
    for m, mode in zip(model.modules(), was):
        m.training = mode
    return x[0].detach()
