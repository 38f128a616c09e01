# question: saliency_map
# misconception: gradients_left_in_the_model
# sentence: Gradients of the logit are left in the model's parameters.
# hint: backward() fills .grad of every parameter on its way; torch.autograd.grad does not.

def saliency_map(model, image, label):
    x = image.detach().clone().requires_grad_()
    with evaluating(model):
        model(x[None])[0, label].backward()
    return x.grad.abs().amax(dim=0)
