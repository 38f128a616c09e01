# question: penultimate_features
# misconception: hook_left
# sentence: The hook stays registered, so every later forward pass calls it and keeps its features in memory.
# hint: `register_forward_pre_hook` returns a handle; what is it for?

def penultimate_features(model, images):
    modes = [(m, m.training) for m in model.modules()]
    layer = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]
    found = []
    handle = layer.register_forward_pre_hook(lambda m, inputs: found.append(inputs[0].detach()))
    model.eval()
    with torch.no_grad():
        model(images)
    for m, was in modes:
        m.training = was
    return found[-1]
