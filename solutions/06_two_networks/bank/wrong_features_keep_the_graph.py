# question: penultimate_features
# misconception: no_grad_missing
# sentence: The features carry the graph of the whole network: memory grows with every batch.
# hint: `torch.no_grad()` around the forward pass.

def penultimate_features(model, images):
    modes = [(m, m.training) for m in model.modules()]
    layer = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]
    found = []
    handle = layer.register_forward_pre_hook(lambda m, inputs: found.append(inputs[0]))
    model.eval()
    model(images)
    handle.remove()
    for m, was in modes:
        m.training = was
    return found[-1]
