# question: saliency_map
# misconception: thresholded_to_a_mask
# sentence: The map is cut into zeros and ones at its mean; how much each pixel counts is lost.
# hint: Two pixels of which one counts three times as much: does the map say so?

def saliency_map(model, image, label):
    x = image.detach().clone().requires_grad_()
    with evaluating(model):
        (g,) = torch.autograd.grad(model(x[None])[0, label], x)
    s = g.abs().amax(dim=0)
    return (s > s.mean()).to(s.dtype)
