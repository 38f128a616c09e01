# question: saliency_map
# misconception: gradient_times_input
# sentence: The derivative is multiplied by the image: another method, with dark pixels always unimportant.
# hint: The map of a linear network does not depend on the image.

def saliency_map(model, image, label):
    x = image.detach().clone().requires_grad_()
    with evaluating(model):
        (g,) = torch.autograd.grad(model(x[None])[0, label], x)
    return (g * image).abs().amax(dim=0)
