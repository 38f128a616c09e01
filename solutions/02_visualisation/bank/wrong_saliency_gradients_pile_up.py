# question: saliency_map
# misconception: image_gradients_pile_up
# sentence: The caller's image is made to ask for gradients, and they pile up from call to call.
# hint: Two maps of one image should be equal. Work on a copy of the image.

def saliency_map(model, image, label):
    image.requires_grad_()
    with evaluating(model):
        model(image[None])[0, label].backward()
    model.zero_grad()
    return image.grad.abs().amax(dim=0)
