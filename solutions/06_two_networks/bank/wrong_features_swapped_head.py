# question: penultimate_features
# misconception: head_taken_out
# sentence: The last layer is replaced for a moment and the model's output taken: what `forward` does after that layer is then done to the features.
# hint: A hook sees what enters the layer, whatever comes after it.

def penultimate_features(model, images):
    modes = [(m, m.training) for m in model.modules()]
    parent, name = [(m, n) for m in model.modules() for n, c in m.named_children() if isinstance(c, nn.Linear)][-1]
    head = getattr(parent, name)
    setattr(parent, name, nn.Identity())
    model.eval()
    with torch.no_grad():
        found = model(images)
    setattr(parent, name, head)
    for m, was in modes:
        m.training = was
    return found
