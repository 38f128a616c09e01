# question: saliency_map
# misconception: label_ignored
# sentence: The map is of the class that the network predicts, not of the one that was asked for.
# hint: Where is `label` used?

def saliency_map(model, image, label):
    x = image.detach().clone().requires_grad_()
    with evaluating(model):
        (g,) = torch.autograd.grad(model(x[None]).max(), x)
    return g.abs().amax(dim=0)
