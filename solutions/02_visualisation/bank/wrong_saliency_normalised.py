# question: saliency_map
# misconception: map_normalised
# sentence: The map is divided by its largest value.
# hint: The worked example has a 3 in it.

def saliency_map(model, image, label):
    x = image.detach().clone().requires_grad_()
    with evaluating(model):
        (g,) = torch.autograd.grad(model(x[None])[0, label], x)
    found = g.abs().amax(dim=0)
    return found / found.max().clamp_min(1e-12)
