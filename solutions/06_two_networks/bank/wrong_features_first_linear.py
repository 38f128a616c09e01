# question: penultimate_features
# misconception: first_linear_layer
# sentence: These are the inputs of the first linear layer, not of the last.
# hint: A classifier may have two linear layers.

def penultimate_features(model, images):
    modes = [(m, m.training) for m in model.modules()]
    layer = [m for m in model.modules() if isinstance(m, nn.Linear)][0]
    found = []
    handle = layer.register_forward_pre_hook(lambda m, inputs: found.append(inputs[0].detach()))
    model.eval()
    with torch.no_grad():
        model(images)
    handle.remove()
    for m, was in modes:
        m.training = was
    return found[-1]
