"""Hidden inputs: drawn anew for every notebook and test, the same at every regrade.

The seed is an HMAC of the course's secret over the notebook's hash and the test's name, so no two
submissions see the same inputs, and none can be known beforehand.
"""

from __future__ import annotations

import hashlib
import hmac
import random
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy

from autograder.testing.drawn_frames import Column, drawn_frame

if TYPE_CHECKING:
    import pandas
    import torch

T = TypeVar("T")


def derive_seed(key: bytes, notebook_sha256: str, test: str, purpose: str = "inputs") -> int:
    """Return 63 bits."""
    message = "\0".join((notebook_sha256, test, purpose)).encode()
    return int.from_bytes(hmac.new(key, message, hashlib.sha256).digest()[:8], "big") >> 1


def seed_trusted(seed: int) -> None:
    """Seed this process's own generators: authors draw from `rng`, but a network made without it must be the same at
    a regrade too."""
    random.seed(seed)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(seed % 2**32)
    if "torch" in sys.modules:
        sys.modules["torch"].default_generator.manual_seed(seed)


class Rng:
    """Draws hidden inputs: torch tensors by its own methods, NumPy arrays by `rng.numpy`, data frames by `rng.frame`.

    Tensors and single values come in order from one private generator, arrays and frames from another. Single values
    come from torch's generator where the course uses torch, and from Python's elsewhere.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._plain = random.Random(seed)
        self._made: torch.Generator | None = None
        self._arrays: numpy.random.Generator | None = None
        if "torch" in sys.modules:
            self._made = sys.modules["torch"].Generator().manual_seed(seed)

    @property
    def _generator(self) -> torch.Generator:
        if self._made is None:
            try:
                import torch  # an extra
            except ModuleNotFoundError as error:
                raise TypeError(
                    "this method of rng draws torch tensors, and torch is not installed; rng.numpy draws NumPy arrays"
                ) from error
            self._made = torch.Generator().manual_seed(self._seed)
        return self._made

    @property
    def numpy(self) -> numpy.random.Generator:
        """Return a generator of NumPy arrays with all of NumPy's methods: `rng.numpy.normal(size=(3, 4))`."""
        if self._arrays is None:
            self._arrays = numpy.random.default_rng(self._seed)
        return self._arrays

    def frame(self, rows: int, columns: Mapping[str, Column], *, missing: float = 0.0) -> pandas.DataFrame:
        """Draw a pandas DataFrame of `rows` rows. missing: the share of values taken out of columns that can miss some.

        A column is a list (one of its items in each row), a range (int64 in it), a pair of numbers `(low, high)`
        (float64 in it), a pair of dates (`datetime64` days between them), or a function of `(rng.numpy, rows)`.
        """
        return drawn_frame(self.numpy, rows, columns, missing)

    def normal(
        self, *shape: int, mean: float = 0.0, std: float = 1.0, dtype: torch.dtype | None = None
    ) -> torch.Tensor:
        """Draw normal numbers of the given shape; dtype: float32 where none is given."""
        generator, torch = self._generator, _torch()
        return torch.randn(shape, generator=generator, dtype=dtype or torch.float32) * std + mean

    def uniform(
        self, *shape: int, low: float = 0.0, high: float = 1.0, dtype: torch.dtype | None = None
    ) -> torch.Tensor:
        """Draw uniform numbers in [low, high); dtype: float32 where none is given."""
        generator, torch = self._generator, _torch()
        return torch.rand(shape, generator=generator, dtype=dtype or torch.float32) * (high - low) + low

    def probabilities(self, *shape: int) -> torch.Tensor:
        """Draw positive numbers that sum to 1 along the last dimension."""
        return self.normal(*shape).softmax(-1)

    def integers(self, *shape: int, low: int = 0, high: int) -> torch.Tensor:
        """Draw int64 in [low, high)."""
        generator = self._generator
        return _torch().randint(low, high, shape, generator=generator)

    def integer(self, low: int, high: int) -> int:
        """Return one int in [low, high)."""
        if self._made is None:
            return self._plain.randrange(low, high)
        return int(_torch().randint(low, high, (), generator=self._made))

    def number(self, low: float = 0.0, high: float = 1.0) -> float:
        """Return one float in [low, high)."""
        if self._made is None:
            return self._plain.random() * (high - low) + low
        torch = _torch()
        return float(torch.rand((), generator=self._made, dtype=torch.float64)) * (high - low) + low

    def labels(self, count: int, classes: int) -> torch.Tensor:
        """Draw int64 `(count,)` in 0..classes-1; with at least as many labels as classes, every class occurs."""
        generator, torch = self._generator, _torch()
        drawn = torch.randint(classes, (count,), generator=generator)
        if count >= classes:
            drawn[:classes] = torch.arange(classes)
        return drawn[self.permutation(count)]

    def permutation(self, count: int) -> torch.Tensor:
        """Draw int64 `(count,)`: 0..count-1 in random order."""
        generator = self._generator
        return _torch().randperm(count, generator=generator)

    def order(self, count: int) -> list[int]:
        """Return 0..count-1 in random order."""
        if self._made is None:
            return self._plain.sample(range(count), count)
        return [int(place) for place in self.permutation(count)]

    def choice(self, options: Sequence[T]) -> T:
        """Return one of the options."""
        return options[self.integer(0, len(options))]

    def image(self, *shape: int) -> torch.Tensor:
        """Draw float32 of the given shape (C, H, W) or (N, C, H, W), in [0, 1]: smooth, with an edge, no two alike."""
        *_, height, width = shape
        torch = _torch()
        rows = torch.linspace(0, 1, height)[:, None]
        columns = torch.linspace(0, 1, width)[None, :]
        lead = shape[:-2]
        slope = self.uniform(*lead, 1, 1, low=-1.0) * rows + self.uniform(*lead, 1, 1, low=-1.0) * columns
        edge = (columns > self.uniform(*lead, 1, 1, low=0.2, high=0.8)).float() * self.uniform(*lead, 1, 1, low=-1.0)
        raw = slope + edge + 0.2 * self.normal(*shape)
        low = raw.amin((-2, -1), keepdim=True)
        return (raw - low) / (raw.amax((-2, -1), keepdim=True) - low).clamp_min(1e-6)

    def images(self, count: int, channels: int = 3, height: int = 8, width: int = 8) -> torch.Tensor:
        """Return `count` images, `(N, C, H, W)` in [0, 1]."""
        return self.image(count, channels, height, width)

    def batches(
        self, sizes: Sequence[int] = (5, 3), shape: Sequence[int] = (4,), classes: int = 3
    ) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Return batches (inputs `(n, *shape)`, labels `(n,)`) of the given, preferably unequal, sizes."""
        return [(self.normal(size, *shape), self.labels(size, classes)) for size in sizes]

    def seed(self) -> int:
        """Return a seed for a generator made elsewhere."""
        return self.integer(0, 2**31)


def _torch() -> Any:
    """Return torch, which is an extra: only courses about it come here."""
    import torch

    return torch
