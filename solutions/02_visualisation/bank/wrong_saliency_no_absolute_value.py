# question: saliency_map
# misconception: saliency_without_absolute_value
# sentence: The absolute value is missing: pixels that speak against the class count as unimportant.
# hint: A derivative of −3 is as important as one of 3.

def saliency_map(model, image, label):
    x = image.detach().clone().requires_grad_()
    with evaluating(model):
        (g,) = torch.autograd.grad(model(x[None])[0, label], x)
    return g.amax(dim=0)
