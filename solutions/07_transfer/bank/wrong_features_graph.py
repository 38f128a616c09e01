# question: extract_features
# misconception: graph_kept
# sentence: The features hang on the backbone's graph: memory grows with every batch.
# hint: Which context manager stops the recording?

def extract_features(backbone, loader):
    modes = {part: part.training for part in backbone.modules()}
    backbone.eval()
    features, labels = [], []
    for x, y in loader:
        features.append(backbone(x))
        labels.append(y)
    for part, mode in modes.items():
        part.training = mode
    return torch.cat(features), torch.cat(labels)
