# question: saliency_map
# misconception: frozen_parts_set_to_train
# sentence: Afterwards every part is in train mode, also a batch norm that the caller had frozen.
# hint: model.train(mode) sets all parts alike; each has a mode of its own.

def saliency_map(model, image, label):
    mode = model.training
    model.eval()
    x = image.detach().clone().requires_grad_()
    (g,) = torch.autograd.grad(model(x[None])[0, label], x)
    model.train(mode)
    return g.abs().amax(dim=0)
