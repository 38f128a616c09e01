"""CIFAR-10 as uint8 tensors in memory, wherever it lies on this machine.

Looked for, in this order: the folder that the caller names; the one that the environment variable CIFAR10_DATA (or
CIFAR10_ROOT) names; `shared/data` beside the checkout; a download into `data/` of the working directory, where one is
allowed. Every folder is the one that holds `cifar-10-batches-py`. A file is read only if it is the original one.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import torch

from reference_models.cifar10_images import FOLDER, fetched
from reference_models.cifar10_images import load_cifar10 as read_files

VARIABLES = ("CIFAR10_DATA", "CIFAR10_ROOT")  # the second is what the notebooks call it
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
HELD_OUT = 5000  # training images that settings and epochs are chosen on
SPLIT_SEED = 20260921  # of the choice of these images: the same for every model and every seed


class DataNotFound(Exception):
    """CIFAR-10 is nowhere to be found, or what was found is damaged."""


@dataclass(frozen=True)
class Images:
    """images uint8 `(N, 32, 32, 3)`, labels int64 `(N,)` in 0..classes−1."""

    images: torch.Tensor
    labels: torch.Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def of_classes(self, kept: tuple[int, ...]) -> Images:
        """Return only the images of these labels, relabelled 0, 1, … in the order given."""
        new = torch.full((int(self.labels.max()) + 1 if len(self) else 1,), -1)
        for position, label in enumerate(kept):
            if label < len(new):
                new[label] = position
        labels = new[self.labels]
        return Images(self.images[labels >= 0], labels[labels >= 0])

    def first(self, n: int) -> Images:
        return Images(self.images[:n], self.labels[:n])


@dataclass(frozen=True)
class Cifar10:
    """train: 45,000 images to learn from; held_out: the 5,000 that settings are chosen on; test: read once a model."""

    train: Images
    held_out: Images
    test: Images


def find_data(named: Path | str | None = None) -> Path | None:
    """Return the folder that holds `cifar-10-batches-py`, or None.

    Raises DataNotFound where the caller or the environment variable names a folder without it.
    """
    for where, source in ((named, "--data"), *((os.environ.get(name), name) for name in VARIABLES)):
        if where:
            if (Path(where) / FOLDER).is_dir():
                return Path(where)
            raise DataNotFound(f"{source} names {where}, which holds no folder {FOLDER!r}: name the folder above it")
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return beside if (beside / FOLDER).is_dir() else None


def load_cifar10(named: Path | str | None = None, *, download: bool = False) -> Cifar10:
    """Read CIFAR-10 and hold out 5,000 training images, always the same ones.

    Args:
        named: the folder that holds `cifar-10-batches-py`; None looks for it.
        download: fetch it into `data/` of the working directory where it is not found (170 MB).

    Raises:
        DataNotFound: it is nowhere, cannot be fetched, or a file's checksum is wrong.
    """
    root = find_data(named)
    if root is None and not download:
        raise DataNotFound(
            f"CIFAR-10 is not here: pass --data FOLDER or set {VARIABLES[0]} to the folder that holds {FOLDER!r} "
            "(from https://www.cs.toronto.edu/~kriz/cifar.html)"
        )
    try:
        root = root or fetched(Path("data"))
        train, test = (Images(*read_files(train=train, root=root)) for train in (True, False))
    except OSError as error:  # a wrong checksum, no network
        raise DataNotFound(f"CIFAR-10 in {root or 'data'} cannot be read, or fetched: {error}") from error
    order = torch.randperm(len(train), generator=torch.Generator().manual_seed(SPLIT_SEED))
    held_out, kept = order[:HELD_OUT].sort().values, order[HELD_OUT:].sort().values
    return Cifar10(
        train=Images(train.images[kept], train.labels[kept]),
        held_out=Images(train.images[held_out], train.labels[held_out]),
        test=test,
    )
