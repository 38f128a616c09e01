# question: penultimate_features
# misconception: one_mode_for_all_parts
# sentence: All parts get the mode of the whole back, so a frozen batch norm is frozen no longer.
# hint: `model.train(mode)` sets every part alike: note the mode of each.

def penultimate_features(model, images):
    modes = [(m, m.training) for m in model.modules()]
    layer = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]
    found = []
    handle = layer.register_forward_pre_hook(lambda m, inputs: found.append(inputs[0].detach()))
    model.eval()
    with torch.no_grad():
        model(images)
    handle.remove()
    model.train(modes[0][1])
    return found[-1]
