# question: extract_features
# misconception: left_in_eval_mode
# sentence: The backbone is put into eval mode and left there.
# hint: Afterwards every part should be in the mode in which it was.

def extract_features(backbone, loader):
    modes = {part: part.training for part in backbone.modules()}
    backbone.eval()
    features, labels = [], []
    with torch.no_grad():
        for x, y in loader:
            features.append(backbone(x))
            labels.append(y)
    return torch.cat(features), torch.cat(labels)
