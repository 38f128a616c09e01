# question: extract_features
# misconception: train_mode_afterwards
# sentence: Afterwards the whole backbone is in train mode, whatever it was before.
# hint: A backbone may come in eval mode, or with one frozen part.

def extract_features(backbone, loader):
    modes = {part: part.training for part in backbone.modules()}
    backbone.eval()
    features, labels = [], []
    with torch.no_grad():
        for x, y in loader:
            features.append(backbone(x))
            labels.append(y)
    backbone.train()
    return torch.cat(features), torch.cat(labels)
