# question: extract_features
# misconception: needless_squeeze_of_features
# sentence: A `squeeze` drops every dimension of length 1, so the features of a last batch of one image lose their batch.
# hint: The features of a batch are `(n, D)`, also where n is 1.

def extract_features(backbone, loader):
    modes = {part: part.training for part in backbone.modules()}
    backbone.eval()
    features, labels = [], []
    with torch.no_grad():
        for x, y in loader:
            features.append(backbone(x).squeeze())
            labels.append(y)
    for part, mode in modes.items():
        part.training = mode
    return torch.cat(features), torch.cat(labels)
