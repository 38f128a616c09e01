# question: saliency_map
# misconception: needless_squeeze_of_the_map
# sentence: A `squeeze` drops every dimension of length 1, so the map of an image of one row or column loses it.
# hint: The shape is `(H, W)`, also where H or W is 1.

def saliency_map(model, image, label):
    x = image.detach().clone().requires_grad_()
    with evaluating(model):
        (g,) = torch.autograd.grad(model(x[None])[0, label], x)
    return g.abs().amax(dim=0).squeeze()
