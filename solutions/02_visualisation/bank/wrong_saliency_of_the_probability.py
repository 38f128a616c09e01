# question: saliency_map
# misconception: probability_instead_of_logit
# sentence: The derivative is that of the probability, not of the logit.
# hint: What is the slope of the softmax where the network is certain?

def saliency_map(model, image, label):
    x = image.detach().clone().requires_grad_()
    with evaluating(model):
        (g,) = torch.autograd.grad(model(x[None]).softmax(dim=1)[0, label], x)
    return g.abs().amax(dim=0)
