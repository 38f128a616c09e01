# question: extract_features
# misconception: normalised_unasked
# sentence: Every feature is scaled to length one, which nobody asked for.
# hint: Compare with the worked numbers.

def extract_features(backbone, loader):
    modes = {part: part.training for part in backbone.modules()}
    backbone.eval()
    features, labels = [], []
    with torch.no_grad():
        for x, y in loader:
            features.append(F.normalize(backbone(x), dim=1))
            labels.append(y)
    for part, mode in modes.items():
        part.training = mode
    return torch.cat(features), torch.cat(labels)
