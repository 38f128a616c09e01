# question: penultimate_features
# misconception: children_chained
# sentence: The parts of the model are run one after the other, so what `forward` does between them is lost.
# hint: A mean or a factor that is written in `forward` is no child. A hook sees it.

def flat(module):
    parts = list(module.children())
    return [module] if not parts else [leaf for part in parts for leaf in flat(part)]

def penultimate_features(model, images):
    leaves = flat(model)
    modes = [(m, m.training) for m in leaves]
    for m in leaves:
        m.eval()
    x = images
    with torch.no_grad():
        for leaf in leaves[:-1]:
            x = leaf(x)
    for m, was in modes:
        m.training = was
    return x
