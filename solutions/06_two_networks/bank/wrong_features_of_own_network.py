# question: penultimate_features
# misconception: attribute_of_one_network
# sentence: The last layer is found under the name `classifier`, which other networks do not have.
# hint: Look for the last `nn.Linear` in `model.modules()`.

def penultimate_features(model, images):
    modes = [(m, m.training) for m in model.modules()]
    layer = model.classifier
    found = []
    handle = layer.register_forward_pre_hook(lambda m, inputs: found.append(inputs[0].detach()))
    model.eval()
    with torch.no_grad():
        model(images)
    handle.remove()
    for m, was in modes:
        m.training = was
    return found[-1]
