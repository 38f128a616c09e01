# question: extract_features
# note: one image at a time, modes in a list, detach under no_grad, a list returned

def extract_features(backbone, loader):
    parts = list(backbone.modules())
    before = [part.training for part in parts]
    try:
        backbone.train(False)
        pairs = []
        with torch.no_grad():
            for x, y in loader:
                for image, label in zip(x, y):
                    pairs.append((backbone(image.unsqueeze(0)).squeeze(0).detach(), label))
    finally:
        for part, mode in zip(parts, before):
            part.training = mode
    return [torch.stack([f for f, _ in pairs]), torch.stack([label for _, label in pairs])]
