# question: saliency_map
# misconception: absolute_value_after_maximum
# sentence: The largest derivative is taken first and its absolute value afterwards.
# hint: Of −3 and 1, which one has the larger absolute value?

def saliency_map(model, image, label):
    x = image.detach().clone().requires_grad_()
    with evaluating(model):
        (g,) = torch.autograd.grad(model(x[None])[0, label], x)
    return g.amax(dim=0).abs()
