# timestamp: 2026-12-08 09:05:00 +0100
# dress: windows
# file: transfer final (2).ipynb
# %% after setup
import re
from itertools import chain

import numpy as np


class Frozen:
    """with Frozen(net): eval mode for a while"""

    def __init__(self, net):
        self.parts = [(m, m.training) for m in net.modules()]

    def __enter__(self):
        for m, _ in self.parts:
            m.training = False

    def __exit__(self, *_):
        for m, mode in self.parts:
            m.training = mode


# %% blank predict_transfer
predict_1, predict_2, predict_3 = "c", "b", "c"


# %% blank preprocess
def preprocess(images, size, mean, std):
    # everything in NumPy until torch has to resize
    a = images.numpy().astype(np.float32) / 255
    short = min(a.shape[1:3])
    off = [(n - short) // 2 for n in a.shape[1:3]]
    a = a[:, off[0] :, off[1] :][:, :short, :short]
    a = (a - np.array(mean, dtype=np.float32)) / np.array(std, dtype=np.float32)
    t = torch.from_numpy(np.ascontiguousarray(a.transpose(0, 3, 1, 2)))
    return F.interpolate(t, size=size, mode="bilinear", antialias=True)


# %% blank pet_labels
def pet_labels(names):
    found = [re.fullmatch(r"(?:.*/)?(.+)_\d+\.jpg", name).group(1) for name in names]
    order = {low: place for place, low in enumerate(sorted({breed.lower() for breed in found}))}
    breeds = [""] * len(order)
    for breed in found:
        breeds[order[breed.lower()]] = breed
    return torch.tensor([order[breed.lower()] for breed in found]), breeds


# %% blank freeze
def freeze(model):
    model.apply(lambda part: setattr(part, "training", False))
    for p in chain.from_iterable(part.parameters(recurse=False) for part in model.modules()):
        p.requires_grad_(False).grad = None
    return model


# %% blank extract_features
def extract_features(backbone, loader):
    with Frozen(backbone), torch.no_grad():
        rows = [(backbone(x), y) for x, y in loader]
    return tuple(torch.cat(column) for column in zip(*rows))


# %% blank train_linear_probe
def train_linear_probe(features, labels, classes, steps, lr, weight_decay):
    X = np.c_[features.numpy(), np.ones(len(features))].astype(np.float64)  # a column of ones for the bias
    T = np.eye(classes)[labels.numpy()]
    W = np.zeros((X.shape[1], classes))
    for _ in range(steps):
        Z = X @ W
        P = np.exp(Z - Z.max(axis=1, keepdims=True))
        P /= P.sum(axis=1, keepdims=True)
        W = W - lr * (X.T @ (P - T) / len(X) + weight_decay * W)
    layer = nn.Linear(features.shape[1], classes)
    layer.weight.data = torch.from_numpy(W[:-1].T.copy()).float()
    layer.bias.data = torch.from_numpy(W[-1].copy()).float()
    return layer


# %% blank fine_tune_parameters
def fine_tune_parameters(model, head_lr, backbone_lr):
    rate = {True: head_lr, False: backbone_lr}
    return [
        {"params": [p], "lr": rate[name.startswith("classifier")]}
        for name, p in model.named_parameters()
        if p.requires_grad
    ]


# %% blank repair_confusion
def confusion_matrix(predictions, labels, classes):
    grid, _, _ = np.histogram2d(labels.numpy(), predictions.numpy(), bins=np.arange(classes + 1))
    return torch.from_numpy(grid).long()


# %% blank quiz_1
quiz_1 = "a"
# %% blank quiz_2
quiz_2 = "a"
# %% blank quiz_3
quiz_3 = "d"
# %% blank quiz_4
quiz_4 = 86.2
# %% blank quiz_5
quiz_5 = "d"
# %% [markdown] transfer_curves
# The probe is best for few labels. See the figure.
