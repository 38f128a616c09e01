"""CIFAR-10's test images as hidden tests draw them: missing, damaged, moved a little, some classes only."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from autograder.testing import DataMissing, Rng
from reference_models import graded_images


def test_without_a_folder_the_data_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in graded_images.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(DataMissing, match="CIFAR10_DATA"):
        graded_images.drawn_test_images(Rng(1))


def test_a_folder_without_the_data_set_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CIFAR10_DATA", str(tmp_path))
    with pytest.raises(DataMissing, match=str(tmp_path)):
        graded_images.cifar10_test_set()


def test_images_are_moved_a_little_and_stay_images() -> None:
    images = torch.rand(40, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    moved = graded_images.transformed(images, Rng(1))
    assert moved.shape == images.shape
    assert moved.min() >= 0
    assert moved.max() <= 1
    assert not any(torch.equal(a, b) for a, b in zip(images, moved, strict=True))
    assert torch.equal(moved, graded_images.transformed(images, Rng(1)))
    centre = images[:, :, 2:-2, 2:-2]
    for image, other in zip(moved, centre, strict=True):  # up to light, some shift or its mirror image is the original
        spots = [other_view for view in (image, image.flip(-1)) for other_view in _windows(view)]
        assert min(float((spot / spot.mean() - other / other.mean()).abs().max()) for spot in spots) < 1e-4


def _windows(image: torch.Tensor) -> list[torch.Tensor]:
    return [image[:, top : top + 28, left : left + 28] for top in range(5) for left in range(5)]


def test_classes_are_chosen_and_renamed(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = torch.arange(10).repeat(30)
    images = (labels * 25).to(torch.uint8)[:, None, None, None].expand(-1, 3, 32, 32)
    monkeypatch.setattr(graded_images, "cifar10_test_set", lambda: (images, labels))
    found, named = graded_images.drawn_test_images(Rng(1), 40, classes=(5, 3))
    assert len(found) == len(named) == 40
    assert set(named.tolist()) == {0, 1}
    brightness = found.amax((1, 2, 3)) * 255 / 25
    assert torch.equal(brightness.round().clamp(3, 5) > 4, named == 0)
