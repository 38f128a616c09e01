"""CIFAR-10's test images as hidden tests of handed-in weights and predictions use them. Labels stay where tests run.

Where the images lie is said by the environment variable CIFAR10_DATA (or CIFAR10_ROOT, which the notebooks use): the
folder that holds `cifar-10-batches-py`. Nothing is downloaded while grading. Where they are missing, `DataMissing`
makes the test `not_run`, and the question leaves the denominator.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from autograder.sandbox.inside.process.torchvision_operators import declare_missing
from autograder.testing import DataMissing, Rng

VARIABLES = ("CIFAR10_DATA", "CIFAR10_ROOT")
SHIFT = 2  # pixels at most, to every side
DIMMED = 0.9  # brightness is multiplied by a number between this and 1


def cifar10_test_set() -> tuple[torch.Tensor, torch.Tensor]:
    """Return images uint8 `(10000, 3, 32, 32)` and labels int64 `(10000,)`, checked against torchvision's checksums.

    Raises DataMissing where no variable is set, or the folder has not all of the files unchanged.
    """
    root = next((found for name in VARIABLES if (found := os.environ.get(name))), None)
    if root is None:
        raise DataMissing(f"CIFAR-10 is not there: set {VARIABLES[0]} to the folder that holds cifar-10-batches-py")
    return _read(Path(root))


def drawn_test_images(rng: Rng, count: int = 200, *, classes: Sequence[int] = ()) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw `count` test images, float32 `(N, 3, 32, 32)` in [0, 1], and their labels, int64 `(N,)`.

    They are a little shifted, perhaps flipped, and dimmed, so that a table of known pictures does not answer for a
    network. rng: `artifact.rng()`, so that all tests of a question get the same ones, and another notebook others.
    classes: only these, relabelled 0, 1, … in the given order. Raises DataMissing.
    """
    images, labels = cifar10_test_set()
    order = rng.permutation(len(labels))
    if classes:
        order = order[torch.isin(labels[order], torch.tensor(list(classes)))]
        places = torch.full((10,), -1)
        places[list(classes)] = torch.arange(len(classes))
        labels = places[labels]
    chosen = order[:count]
    return transformed(images[chosen].float() / 255, rng), labels[chosen]


def transformed(images: torch.Tensor, rng: Rng) -> torch.Tensor:
    """Return images `(N, C, H, W)`, each shifted (borders are mirrored), perhaps flipped, and dimmed a little."""
    count, _, height, width = images.shape
    padded = torch.nn.functional.pad(images, (SHIFT,) * 4, mode="reflect")
    offsets = rng.integers(count, 2, high=2 * SHIFT + 1)
    rows = offsets[:, :1] + torch.arange(height)
    columns = offsets[:, 1:] + torch.arange(width)
    flipped = rng.integers(count, 1, high=2).bool()
    columns = torch.where(flipped, columns.flip(1), columns)
    moved = padded[torch.arange(count)[:, None, None], :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
    return (moved * rng.uniform(count, 1, 1, 1, low=DIMMED)).contiguous()


@lru_cache(maxsize=1)
def _read(root: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """Read once a process: the import of torchvision and the checksums take seconds."""
    datasets, _ = _torchvision()
    try:
        data = datasets.CIFAR10(str(root), train=False, download=False)
    except (RuntimeError, OSError) as error:
        raise DataMissing(
            f"{root}: found no complete cifar-10-batches-py there, expected the data set's original files; "
            f"put them there, or unset {VARIABLES[0]}"
        ) from error
    return torch.from_numpy(data.data).permute(0, 3, 1, 2).contiguous(), torch.tensor(data.targets)


@lru_cache(maxsize=1)
def _torchvision() -> tuple[Any, Any]:
    """Return torchvision.datasets, and what keeps its declared operators alive."""
    library = None if "torchvision" in sys.modules else declare_missing()
    from torchvision import datasets

    return datasets, library
