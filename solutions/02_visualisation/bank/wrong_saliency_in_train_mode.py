# question: saliency_map
# misconception: measured_in_train_mode
# sentence: The network is measured in the mode it happens to be in.
# hint: Batch norm of a single image compares the image with itself; use `evaluating`.

def saliency_map(model, image, label):
    x = image.detach().clone().requires_grad_()
    (g,) = torch.autograd.grad(model(x[None])[0, label], x)
    return g.abs().amax(dim=0)
