# question: saliency_map
# misconception: caller_s_image_asks_for_gradients
# sentence: `requires_grad_()` is called on the caller's own image, which asks for gradients from then on.
# hint: Which tensor must ask for gradients, if it is not to be the caller's?

def saliency_map(model, image, label):
    image.requires_grad_()
    with evaluating(model):
        (g,) = torch.autograd.grad(model(image[None])[0, label], image)
    return g.abs().amax(dim=0)
