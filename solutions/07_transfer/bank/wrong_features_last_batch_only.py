# question: extract_features
# misconception: only_the_last_batch
# sentence: Only the last batch is returned.
# hint: Collect what each round of the loop makes.

def extract_features(backbone, loader):
    modes = {part: part.training for part in backbone.modules()}
    backbone.eval()
    features, labels = [], []
    with torch.no_grad():
        for x, y in loader:
            features, labels = [backbone(x)], [y]
    for part, mode in modes.items():
        part.training = mode
    return torch.cat(features), torch.cat(labels)
