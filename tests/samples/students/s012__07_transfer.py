# timestamp: 2026-12-07 20:31:00 +0100
# %% blank predict_transfer
predict_1 = "c"
predict_2 = "a"
predict_3 = "c"


# %% blank preprocess
def preprocess(images, size, mean, std):
    N, H, W, _ = images.shape
    s = min(H, W)
    y, x = (H - s) // 2, (W - s) // 2
    crop = images[:, y : y + s, x : x + s, :].float() / 255
    crop = crop.permute(0, 3, 1, 2)
    crop = F.interpolate(crop, size=(size, size), mode="bilinear", antialias=True)
    mean = torch.tensor(mean).reshape(1, 3, 1, 1)
    std = torch.tensor(std).reshape(1, 3, 1, 1)
    return (crop - mean) / std


# %% blank pet_labels
def pet_labels(names):
    all_breeds = []
    for name in names:
        file = name.split("/")[-1].replace(".jpg", "")
        all_breeds.append("_".join(file.split("_")[:-1]))
    breeds = sorted(set(all_breeds), key=lambda b: b.lower())
    return torch.tensor([breeds.index(b) for b in all_breeds]), breeds


# %% blank freeze
def freeze(model):
    # no gradients any more
    for p in model.parameters():
        p.requires_grad = False
        p.grad = None
    return model


# %% blank extract_features
def extract_features(backbone, loader):
    modes = [(m, m.training) for m in backbone.modules()]
    backbone.eval()
    features = []
    labels = []
    with torch.no_grad():
        for images, y in loader:
            features.append(backbone(images))
            labels.append(y)
    for m, mode in modes:
        m.training = mode
    return torch.cat(features), torch.cat(labels)


# %% blank train_linear_probe
def train_linear_probe(features, labels, classes, steps, lr, weight_decay):
    probe = nn.Linear(features.shape[1], classes)
    nn.init.zeros_(probe.weight)
    nn.init.zeros_(probe.bias)
    optimizer = torch.optim.SGD(probe.parameters(), lr=lr)
    for _ in range(steps):
        loss = F.cross_entropy(probe(features), labels) + 0.5 * weight_decay * probe.weight.square().sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return probe


# %% blank fine_tune_parameters
def fine_tune_parameters(model, head_lr, backbone_lr):
    head = [p for p in model.classifier.parameters() if p.requires_grad]
    ids = [id(p) for p in head]
    backbone = [p for p in model.parameters() if p.requires_grad and id(p) not in ids]
    return [{"params": head, "lr": head_lr}, {"params": backbone, "lr": backbone_lr}]


# %% blank repair_confusion
def confusion_matrix(predictions, labels, classes):
    matrix = torch.zeros(classes, classes, dtype=torch.int64)
    for p, y in zip(predictions, labels):
        matrix[y, p] += 1
    return matrix


# %% blank quiz_1
quiz_1 = "b"
# %% blank quiz_2
quiz_2 = "a"
# %% blank quiz_3
quiz_3 = "d"
# %% blank quiz_4
quiz_4 = 72.5
# %% blank quiz_5
quiz_5 = "d"
# %% [markdown] transfer_curves
# With 10 labels the probe on eight classes wins, with 200 fine-tuning is as good: the bands overlap there. From scratch stays near 50 % at 10 labels. It has more than ten thousand numbers to find and only ten examples.
#
# The rotation network is worse at every number of labels. It learnt which way is up, and for that a square and a checkerboard are the same.
#
# For mushrooms I would take the probe, since 50 is nearer to 10 than to 200.
# %% [markdown] who_is_confused
# At 10 labels more squares are taken for checks than the other way round, at 200 there are hardly any errors. The accuracy is the mean of both and does not show it. The surest errors are small figures with little contrast, in which one does not see the pattern.
