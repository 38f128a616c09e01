"""What a card states about a trained network: accuracy, calibration, stability, cost. All in float32, in eval mode."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from reference_models.augment import to_floats
from reference_models.cifar10 import Images
from reference_models.training import predict

BINS = 15  # of the expected calibration error
CROP, STRIDE = 24, 4  # of crop stability: nine crops of 24×24 from an image of 32×32
RESOLUTIONS = (16, 20, 24, 28, 32, 40, 48, 64)


def quality(logits: torch.Tensor, labels: torch.Tensor) -> dict[str, Any]:
    """Return accuracy, cross-entropy, calibration, accuracy per class and the most frequent confusion.

    Args:
        logits: float32 `(N, classes)`.
        labels: int64 `(N,)`; every class occurs.
    """
    found = logits.argmax(dim=1)
    classes = logits.shape[1]
    confusion = torch.bincount(labels * classes + found, minlength=classes**2).reshape(classes, classes)
    wrong = confusion - confusion.diag().diag()
    worst = int(wrong.argmax())
    return {
        "images": len(labels),
        "accuracy": (found == labels).double().mean().item(),
        "loss": F.cross_entropy(logits, labels).item(),
        "expected_calibration_error": calibration_error(logits.softmax(dim=1), labels),
        "per_class": (confusion.diag() / confusion.sum(dim=1)).tolist(),
        "most_confused": {"label": worst // classes, "taken_for": worst % classes, "images": int(wrong.max())},
    }


def calibration_error(probabilities: torch.Tensor, labels: torch.Tensor, bins: int = BINS) -> float:
    """Return the expected calibration error: mean of |accuracy − confidence| over bins of equal width, weighed by
    their images.

    After Guo et al., "On Calibration of Modern Neural Networks" (2017). A confidence on a border belongs to the lower
    bin. probabilities `(N, classes)`, labels `(N,)`.
    """
    confidence, found = probabilities.max(dim=1)
    right = (found == labels).double()
    bin_of = (confidence * bins).ceil().long().clamp(1, bins) - 1
    gaps = torch.zeros(bins, dtype=torch.float64).index_add_(0, bin_of, right - confidence.double())
    return gaps.abs().sum().item() / len(labels)


def crop_stability(model: nn.Module, images: torch.Tensor) -> dict[str, float]:
    """Return how far the answer hangs on where an image is cut: nine crops of 24×24 each, uint8 `(N, 32, 32, 3)`.

    Returns the share of crops that agree with their image's most common class, and the mean standard deviation of
    that class's probability over the crops.
    """
    corners = range(0, images.shape[1] - CROP + 1, STRIDE)
    crops = [images[:, top : top + CROP, left : left + CROP] for top in corners for left in corners]
    probabilities = torch.stack([predict(model, crop).softmax(dim=1) for crop in crops], dim=1)  # (N, crops, classes)
    commonest = probabilities.argmax(dim=2).mode(dim=1).values
    agree = (probabilities.argmax(dim=2) == commonest[:, None]).double().mean().item()
    of_commonest = probabilities.gather(2, commonest[:, None, None].expand(-1, len(crops), 1))[..., 0]
    return {"agreement": agree, "deviation": of_commonest.std(dim=1, correction=0).mean().item()}


def accuracy_by_resolution(model: nn.Module, data: Images) -> dict[str, float]:
    """Return the accuracy on images scaled to each resolution (bilinear, smoothed where it shrinks), not put back."""
    found = {}
    for size in RESOLUTIONS:
        planes = to_floats(data.images)
        if size != planes.shape[2]:
            planes = F.interpolate(planes, (size, size), mode="bilinear", antialias=True, align_corners=False)
        found[str(size)] = (_logits(model, planes).argmax(dim=1) == data.labels).double().mean().item()
    return found


def multiply_accumulates(model: nn.Module, size: int = 32) -> int:
    """Count multiplications with a weight for one `size`×`size` image, in convolutions and linear layers; no biases."""
    total = 0

    def count(layer: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> None:
        nonlocal total
        if isinstance(layer, nn.Conv2d):
            total += output[0].numel() * layer.weight[0].numel()
        elif isinstance(layer, nn.Linear):
            total += layer.weight.numel()

    hooks = [layer.register_forward_hook(count) for layer in model.modules()]
    try:
        _logits(model, torch.zeros(1, 3, size, size))
    finally:
        for hook in hooks:
            hook.remove()
    return total


def latency(model: nn.Module, batch: int, repeats: int) -> float:
    """Return milliseconds of processor time for a batch of 32×32 images, one thread, float32: the least of `repeats`.

    Processor time, and the least, so that other work on the machine adds as little as possible.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        images = torch.rand(batch, 3, 32, 32, generator=torch.Generator().manual_seed(0))
        return 1000 * min(_seconds(lambda: _logits(model, images)) for _ in range(repeats + 1))
    finally:
        torch.set_num_threads(threads)


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


@torch.no_grad()
def _logits(model: nn.Module, planes: torch.Tensor, batch: int = 250) -> torch.Tensor:
    """Return the logits of float32 images `(N, 3, H, W)`; the model is in eval mode."""
    return torch.cat([model(chunk) for chunk in planes.split(batch)])
