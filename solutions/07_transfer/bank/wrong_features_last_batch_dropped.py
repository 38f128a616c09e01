# question: extract_features
# misconception: last_batch_dropped
# sentence: A last batch that is smaller is left out.
# hint: Are there as many features as images?

def extract_features(backbone, loader):
    modes = {part: part.training for part in backbone.modules()}
    backbone.eval()
    features, labels = [], []
    with torch.no_grad():
        for x, y in loader:
            if not features or len(x) == len(features[0]):
                features.append(backbone(x))
                labels.append(y)
    for part, mode in modes.items():
        part.training = mode
    return torch.cat(features), torch.cat(labels)
