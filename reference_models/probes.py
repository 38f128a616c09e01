"""What a network knows beside its own task: linear probes and nearest neighbours on the features of every block.

Features of a block are its maps averaged over a grid of 4×4 places, so that where things stand counts too (after
Gidaris, Singh and Komodakis, "Unsupervised Representation Learning by Predicting Image Rotations", 2018).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from reference_models.augment import to_floats
from reference_models.cifar10 import Images

GRID = 4
NEIGHBOURS = 20
PROBE_EPOCHS, PROBE_BATCH, PROBE_LR = 12, 250, 0.02


@dataclass(frozen=True)
class Probe:
    """Accuracy of a linear classifier and of the 20 nearest neighbours by cosine, on the features of one block."""

    block: str
    features: int
    linear_held_out: float
    linear_test: float
    neighbours_test: float


def probe_blocks(model: nn.Module, train: Images, held_out: Images, test: Images, *, seed: int = 0) -> list[Probe]:
    """Probe the stem and every stage of a SmallResNet.

    The best block is chosen by what it reaches on the held-out images; the test set is only reported.

    Args:
        model: in eval mode, with `stem` and `stages`.
        train: images that the classifier learns from, and whose labels the neighbours vote with.
    """
    found = []
    for depth in range(len(model.stages) + 1):
        name = "stem" if depth == 0 else f"stage {depth}"
        gallery, chosen, unseen = (block_features(model, part.images, depth) for part in (train, held_out, test))
        classifier = fit_linear(gallery, train.labels, seed=seed)
        probe = Probe(
            block=name,
            features=gallery.shape[1],
            linear_held_out=_accuracy(classifier(chosen), held_out.labels),
            linear_test=_accuracy(classifier(unseen), test.labels),
            neighbours_test=_accuracy(neighbour_votes(unseen, gallery, train.labels), test.labels),
        )
        found.append(probe)
    return found


@torch.no_grad()
def block_features(model: nn.Module, images: torch.Tensor, depth: int, batch: int = 500) -> torch.Tensor:
    """Return float32 `(N, 16·channels)` after the stem (depth 0) or stage `depth`, of uint8 images `(N, 32, 32, 3)`."""
    found = []
    for chunk in images.split(batch):
        with torch.autocast("cpu", torch.bfloat16):
            maps = model.stages[:depth](model.stem(to_floats(chunk))).float()
        found.append(F.adaptive_avg_pool2d(maps, GRID).flatten(1))
    return torch.cat(found)


def fit_linear(features: torch.Tensor, labels: torch.Tensor, *, seed: int) -> nn.Module:
    """Fit a linear classifier on standardised features, trained by SGD with a learning rate that falls to zero.

    features float32 `(N, D)`, labels int64 `(N,)`. Returns a module in eval mode: features -> logits.
    """
    generator = torch.Generator().manual_seed(seed)
    classes = int(labels.max()) + 1
    norm = nn.BatchNorm1d(features.shape[1], affine=False)
    norm.running_mean, norm.running_var = features.mean(dim=0), features.var(dim=0)
    linear = nn.Linear(features.shape[1], classes)
    nn.init.zeros_(linear.weight)
    nn.init.zeros_(linear.bias)
    classifier = nn.Sequential(norm, linear).eval()  # in eval mode the norm only standardises
    optimizer = torch.optim.SGD(linear.parameters(), lr=PROBE_LR, momentum=0.9, weight_decay=1e-3)
    steps = PROBE_EPOCHS * -(-len(labels) // PROBE_BATCH)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=steps)
    for _ in range(PROBE_EPOCHS):
        for index in torch.randperm(len(labels), generator=generator).split(PROBE_BATCH):
            loss = F.cross_entropy(classifier(features[index]), labels[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return classifier


@torch.no_grad()
def neighbour_votes(queries: torch.Tensor, gallery: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return the votes `(N, classes)` of the NEIGHBOURS images of the gallery that are nearest by cosine, centred on
    its mean."""
    mean = gallery.mean(dim=0)
    known = F.normalize(gallery - mean).t().contiguous()
    votes = []
    for chunk in queries.split(500):
        nearest = (F.normalize(chunk - mean) @ known).topk(min(NEIGHBOURS, len(labels)), dim=1).indices
        votes.append(F.one_hot(labels[nearest], int(labels.max()) + 1).sum(dim=1))
    return torch.cat(votes)


def _accuracy(scores: torch.Tensor, labels: torch.Tensor) -> float:
    return (scores.argmax(dim=1) == labels).double().mean().item()
