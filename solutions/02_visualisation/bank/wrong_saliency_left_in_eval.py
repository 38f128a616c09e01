# question: saliency_map
# misconception: left_in_eval_mode
# sentence: The network is left in eval mode.
# hint: Who puts it back into train mode?

def saliency_map(model, image, label):
    model.eval()
    x = image.detach().clone().requires_grad_()
    (g,) = torch.autograd.grad(model(x[None])[0, label], x)
    return g.abs().amax(dim=0)
