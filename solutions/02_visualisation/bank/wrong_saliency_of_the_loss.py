# question: saliency_map
# misconception: loss_instead_of_logit
# sentence: The derivative is that of the cross-entropy, not of the class's logit.
# hint: The other classes' logits have no part in the formula.

def saliency_map(model, image, label):
    x = image.detach().clone().requires_grad_()
    with evaluating(model):
        (g,) = torch.autograd.grad(F.cross_entropy(model(x[None]), torch.tensor([label])), x)
    return g.abs().amax(dim=0)
