# question: penultimate_features
# misconception: output_of_the_last_layer
# sentence: These are the logits: what leaves the last linear layer, not what enters it.
# hint: A forward hook is called with the inputs and the output.

def penultimate_features(model, images):
    modes = [(m, m.training) for m in model.modules()]
    layer = [m for m in model.modules() if isinstance(m, nn.Linear)][-1]
    found = []
    handle = layer.register_forward_hook(lambda m, inputs, output: found.append(output.detach()))
    model.eval()
    with torch.no_grad():
        model(images)
    handle.remove()
    for m, was in modes:
        m.training = was
    return found[-1]
