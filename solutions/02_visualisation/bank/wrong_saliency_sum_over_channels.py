# question: saliency_map
# misconception: channels_summed
# sentence: Channels are added up instead of taking the largest.
# hint: Read the formula: which operation goes over c?

def saliency_map(model, image, label):
    x = image.detach().clone().requires_grad_()
    with evaluating(model):
        (g,) = torch.autograd.grad(model(x[None])[0, label], x)
    return g.abs().sum(dim=0)
