# question: penultimate_features
# misconception: state_between_calls
# sentence: The list of features outlives the call, so the first call's features come back every time.
# hint: Make the list inside the function.
# unrecognisable: What it answers hangs on the calls before, so it does not answer the same twice.

kept = []

def penultimate_features(model, images):
    modes = [(m, m.training) for m in model.modules()]
    layer = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]
    found = kept
    handle = layer.register_forward_pre_hook(lambda m, inputs: found.append(inputs[0].detach()))
    model.eval()
    with torch.no_grad():
        model(images)
    handle.remove()
    for m, was in modes:
        m.training = was
    return found[0]
