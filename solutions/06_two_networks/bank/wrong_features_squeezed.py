# question: penultimate_features
# misconception: needless_squeeze_of_features
# sentence: A `squeeze` drops every dimension of length 1, so the features of one image alone lose their batch.
# hint: The shape is `(N, D)`, also where N or D is 1.

def penultimate_features(model, images):
    modes = [(m, m.training) for m in model.modules()]
    layer = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]
    found = []
    handle = layer.register_forward_pre_hook(lambda m, inputs: found.append(inputs[0].detach()))
    model.eval()
    with torch.no_grad():
        model(images)
    handle.remove()
    for m, was in modes:
        m.training = was
    return found[-1].squeeze()
