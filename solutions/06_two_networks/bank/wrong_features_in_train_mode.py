# question: penultimate_features
# misconception: eval_mode_forgotten
# sentence: The features are those of the mode the model happens to be in: batch norm uses this batch's statistics, and dropout drops.
# hint: Put the model into eval mode first.

def penultimate_features(model, images):
    modes = [(m, m.training) for m in model.modules()]
    layer = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]
    found = []
    handle = layer.register_forward_pre_hook(lambda m, inputs: found.append(inputs[0].detach()))
    with torch.no_grad():
        model(images)
    handle.remove()
    for m, was in modes:
        m.training = was
    return found[-1]
