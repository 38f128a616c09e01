# question: extract_features
# misconception: features_in_train_mode
# sentence: Features are taken in the mode in which the backbone comes: with dropout, and batch norm over each batch.
# hint: `no_grad` is no eval mode.

def extract_features(backbone, loader):
    modes = {part: part.training for part in backbone.modules()}
    features, labels = [], []
    with torch.no_grad():
        for x, y in loader:
            features.append(backbone(x))
            labels.append(y)
    for part, mode in modes.items():
        part.training = mode
    return torch.cat(features), torch.cat(labels)
