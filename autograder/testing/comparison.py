"""What the comparisons of tensors, arrays and frames ask of the comparison that they are part of (`compare.Check`)."""

from __future__ import annotations

from typing import Any, Protocol


class Comparison(Protocol):
    """The options of `close`, and the comparison of whatever lies inside. See `compare.Check`."""

    shape: tuple[int, ...] | None
    dtype: Any  # torch.dtype, a name, or None
    noted_as: str

    def __call__(self, got: Any, expected: Any, place: str = "") -> None: ...

    def tolerances(self, *known: tuple[float, float]) -> tuple[float, float]: ...
