"""The procedural image set: deterministic, balanced, quick, and not solved by a linear model."""

from __future__ import annotations

import hashlib

import pytest
import torch
from torch import nn

from reference_models import small_images as _small_images
from reference_models.small_images import CLASSES, small_images


def test_shapes_types_and_range() -> None:
    images, labels = small_images(37, seed=3)
    assert images.shape == (37, 3, 32, 32)
    assert images.dtype == torch.float32
    assert labels.shape == (37,)
    assert labels.dtype == torch.int64
    assert 0.0 <= float(images.min()) < float(images.max()) <= 1.0


@pytest.mark.parametrize("n", [0, 1])
def test_none_and_one(n: int) -> None:
    images, labels = small_images(n, seed=0)
    assert images.shape == (n, 3, 32, 32)
    assert labels.shape == (n,)


def test_same_seed_same_images_other_seed_other_images() -> None:
    first, again, other = (small_images(60, seed=seed) for seed in (5, 5, 6))
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[0], other[0])
    digests = {hashlib.sha256(image.numpy().tobytes()).hexdigest() for image in torch.cat([first[0], other[0]])}
    assert len(digests) == 120, "an image occurs twice"


def test_classes_are_balanced_within_one() -> None:
    _, labels = small_images(1004, seed=0)
    counts = labels.bincount(minlength=len(CLASSES))
    assert int(counts.max() - counts.min()) <= 1


def test_images_are_drawn_hundreds_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A figure is worked out once for all images of its class in a piece, not for each image."""
    drawn, figure = [], _small_images._figure
    monkeypatch.setattr(_small_images, "_figure", lambda label, *frame: drawn.append(label) or figure(label, *frame))
    small_images(1000, seed=0)
    assert len(drawn) <= 2 * len(CLASSES)


def test_a_linear_model_does_poorly() -> None:
    torch.manual_seed(0)
    (images, labels), (test_images, test_labels) = small_images(2000, seed=0), small_images(1000, seed=1)
    model = nn.Linear(3 * 32 * 32, 10)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(8):
        for x, y in zip(images.flatten(1).split(100), labels.split(100), strict=True):
            loss = nn.functional.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    accuracy = (model(test_images.flatten(1)).argmax(1) == test_labels).float().mean()
    assert accuracy < 0.3
