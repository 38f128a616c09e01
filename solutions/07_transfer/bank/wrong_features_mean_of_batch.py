# question: extract_features
# misconception: one_feature_a_batch
# sentence: There is one feature for each batch, the mean of its images.
# hint: What is the first dimension of the result?

def extract_features(backbone, loader):
    modes = {part: part.training for part in backbone.modules()}
    backbone.eval()
    features, labels = [], []
    with torch.no_grad():
        for x, y in loader:
            features.append(backbone(x).mean(dim=0, keepdim=True))
            labels.append(y)
    for part, mode in modes.items():
        part.training = mode
    return torch.cat(features), torch.cat(labels)
