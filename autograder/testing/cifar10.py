"""CIFAR-10's test images, for questions about handed-in weights. Read in the trusted process only; labels stay there.

Where they lie is said by the environment variable CIFAR10_DATA (or CIFAR10_ROOT, which the notebooks use): the folder
that holds `cifar-10-batches-py`. Nothing is downloaded while grading.
"""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from autograder.sandbox.inside.torchvision_operators import declare_missing

VARIABLES = ("CIFAR10_DATA", "CIFAR10_ROOT")


class DataMissing(Exception):
    """Data that a test needs are not on this machine: not the student's loss. The message says what to set."""


def cifar10_test_set() -> tuple[torch.Tensor, torch.Tensor]:
    """Images uint8 `(10000, 3, 32, 32)` and labels int64 `(10000,)`, checked against torchvision's checksums.

    Raises DataMissing where no variable is set, or the folder has not all of the files unchanged.
    """
    root = next((found for name in VARIABLES if (found := os.environ.get(name))), None)
    if root is None:
        raise DataMissing(f"CIFAR-10 is not there: set {VARIABLES[0]} to the folder that holds cifar-10-batches-py")
    return _read(Path(root))


@lru_cache(maxsize=1)
def _read(root: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """Once a process: the import of torchvision and the checksums take seconds."""
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
    """torchvision.datasets, and what keeps its declared operators alive."""
    library = None if "torchvision" in sys.modules else declare_missing()
    from torchvision import datasets

    return datasets, library
