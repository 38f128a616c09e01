# question: penultimate_features
# misconception: mode_not_restored
# sentence: The model stays in eval mode.
# hint: Note the modes before, restore them after.

def penultimate_features(model, images):
    modes = [(m, m.training) for m in model.modules()]
    layer = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]
    found = []
    handle = layer.register_forward_pre_hook(lambda m, inputs: found.append(inputs[0].detach()))
    model.eval()
    with torch.no_grad():
        model(images)
    handle.remove()
    return found[-1]
