# question: extract_features
# misconception: sorted_by_label
# sentence: The images are sorted by their labels.
# hint: In which order should they be? As the loader gives them.

def extract_features(backbone, loader):
    modes = {part: part.training for part in backbone.modules()}
    backbone.eval()
    features, labels = [], []
    with torch.no_grad():
        for x, y in loader:
            features.append(backbone(x))
            labels.append(y)
    for part, mode in modes.items():
        part.training = mode
    labels = torch.cat(labels)
    order = labels.argsort(stable=True)
    return torch.cat(features)[order], labels[order]
