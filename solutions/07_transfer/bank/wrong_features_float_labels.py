# question: extract_features
# misconception: labels_become_floats
# sentence: The labels become floating-point numbers.
# hint: Class numbers are int64.

def extract_features(backbone, loader):
    modes = {part: part.training for part in backbone.modules()}
    backbone.eval()
    features, labels = [], []
    with torch.no_grad():
        for x, y in loader:
            features.append(backbone(x))
            labels.append(y.float())
    for part, mode in modes.items():
        part.training = mode
    return torch.cat(features), torch.cat(labels)
