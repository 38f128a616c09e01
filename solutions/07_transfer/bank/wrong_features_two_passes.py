# question: extract_features
# misconception: two_passes
# sentence: Features and labels come from two passes over the loader, which shuffles: they do not belong together.
# hint: How often is the data set put into a new order?

def extract_features(backbone, loader):
    modes = {part: part.training for part in backbone.modules()}
    backbone.eval()
    features, labels = [], []
    with torch.no_grad():
        features = [backbone(x) for x, _ in loader]
        labels = [y for _, y in loader]
    for part, mode in modes.items():
        part.training = mode
    return torch.cat(features), torch.cat(labels)
