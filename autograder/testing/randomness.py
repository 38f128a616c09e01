"""Hidden inputs: drawn anew for every notebook and test, the same at every regrade.

The seed is an HMAC of the course's secret over the notebook's hash and the test's name, so no two
submissions see the same inputs, and none can be known beforehand.
"""

from __future__ import annotations

import hashlib
import hmac
import random
from collections.abc import Sequence
from typing import TypeVar

import torch

T = TypeVar("T")


def derive_seed(key: bytes, notebook_sha256: str, test: str, purpose: str = "inputs") -> int:
    """63 bits."""
    message = "\0".join((notebook_sha256, test, purpose)).encode()
    return int.from_bytes(hmac.new(key, message, hashlib.sha256).digest()[:8], "big") >> 1


def seed_trusted(seed: int) -> None:
    """Seed this process's own generators: authors draw from `rng`, but a network made without it must be the same at
    a regrade too."""
    random.seed(seed)
    torch.default_generator.manual_seed(seed)


class Rng:
    """Draws torch tensors. Every method draws from one private generator, in order."""

    def __init__(self, seed: int) -> None:
        self._generator = torch.Generator().manual_seed(seed)

    def normal(
        self, *shape: int, mean: float = 0.0, std: float = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        """Normal numbers of the given shape."""
        return torch.randn(shape, generator=self._generator, dtype=dtype) * std + mean

    def uniform(
        self, *shape: int, low: float = 0.0, high: float = 1.0, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        """Uniform numbers in [low, high)."""
        return torch.rand(shape, generator=self._generator, dtype=dtype) * (high - low) + low

    def probabilities(self, *shape: int) -> torch.Tensor:
        """Positive numbers that sum to 1 along the last dimension."""
        return self.normal(*shape).softmax(-1)

    def integers(self, *shape: int, low: int = 0, high: int) -> torch.Tensor:
        """int64 in [low, high)."""
        return torch.randint(low, high, shape, generator=self._generator)

    def integer(self, low: int, high: int) -> int:
        """One int in [low, high)."""
        return int(torch.randint(low, high, (), generator=self._generator))

    def number(self, low: float = 0.0, high: float = 1.0) -> float:
        """One float in [low, high)."""
        return float(torch.rand((), generator=self._generator, dtype=torch.float64)) * (high - low) + low

    def labels(self, count: int, classes: int) -> torch.Tensor:
        """int64 `(count,)` in 0..classes-1; with at least as many labels as classes, every class occurs."""
        drawn = torch.randint(classes, (count,), generator=self._generator)
        if count >= classes:
            drawn[:classes] = torch.arange(classes)
        return drawn[self.permutation(count)]

    def permutation(self, count: int) -> torch.Tensor:
        """int64 `(count,)`: 0..count-1 in random order."""
        return torch.randperm(count, generator=self._generator)

    def choice(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.integer(0, len(options))]

    def image(self, *shape: int) -> torch.Tensor:
        """float32 of the given shape (C, H, W) or (N, C, H, W), in [0, 1]: smooth, with an edge, no two alike."""
        *_, height, width = shape
        rows = torch.linspace(0, 1, height)[:, None]
        columns = torch.linspace(0, 1, width)[None, :]
        lead = shape[:-2]
        slope = self.uniform(*lead, 1, 1, low=-1.0) * rows + self.uniform(*lead, 1, 1, low=-1.0) * columns
        edge = (columns > self.uniform(*lead, 1, 1, low=0.2, high=0.8)).float() * self.uniform(*lead, 1, 1, low=-1.0)
        raw = slope + edge + 0.2 * self.normal(*shape)
        low = raw.amin((-2, -1), keepdim=True)
        return (raw - low) / (raw.amax((-2, -1), keepdim=True) - low).clamp_min(1e-6)

    def images(self, count: int, channels: int = 3, height: int = 8, width: int = 8) -> torch.Tensor:
        """`count` images, `(N, C, H, W)` in [0, 1]."""
        return self.image(count, channels, height, width)

    def batches(
        self, sizes: Sequence[int] = (5, 3), shape: Sequence[int] = (4,), classes: int = 3
    ) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Batches (inputs `(n, *shape)`, labels `(n,)`) of the given, preferably unequal, sizes."""
        return [(self.normal(size, *shape), self.labels(size, classes)) for size in sizes]

    def seed(self) -> int:
        """A seed for a generator made elsewhere."""
        return self.integer(0, 2**31)
