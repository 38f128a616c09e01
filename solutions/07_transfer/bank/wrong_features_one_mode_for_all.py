# question: extract_features
# misconception: one_mode_for_all_parts
# sentence: All parts get the mode of the whole back; a part that was frozen on its own no longer is.
# hint: `train(mode)` sets every part. Note the mode of each.

def extract_features(backbone, loader):
    modes = {part: part.training for part in backbone.modules()}
    backbone.eval()
    features, labels = [], []
    with torch.no_grad():
        for x, y in loader:
            features.append(backbone(x))
            labels.append(y)
    backbone.train(modes[backbone])
    return torch.cat(features), torch.cat(labels)
