"""A public twin side by side: the call, what was expected, what the student's code gave.

Everything shown here was made from public inputs (`records.Shown`); the values of `found` are still the student's, so
they are checked, bounded and escaped like everything else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from autograder.pages.code import highlight_lines
from autograder.pages.maps import Picture, as_array, pictures
from autograder.pages.text import clean, clean_line
from autograder.records import Shown, TwinOutcome

TABLE_LIMIT = 12  # rows and columns; larger arrays are shown as pictures or by their text
_RELATIVE, _ABSOLUTE = 1e-4, 1e-6  # closer than this is not marked as different
_DECIMALS, _MOST_DECIMALS = 4, 7


@dataclass(frozen=True)
class Entry:
    text: str
    differs: bool


@dataclass(frozen=True)
class Side:
    """`rows` where the value is shown as numbers, else `text`."""

    title: str
    facts: str  # shape and dtype
    facts_differ: bool
    text: str
    rows: tuple[tuple[Entry, ...], ...] = ()
    is_error: bool = False


@dataclass(frozen=True)
class TwinView:
    call: tuple[Markup, ...]
    agrees: bool
    expected: Side
    found: Side
    pictures: tuple[Picture, ...] = ()

    @property
    def wide(self) -> bool:
        """Whether expected and found stand better below each other than beside each other."""
        return max((len(row) for side in (self.expected, self.found) for row in side.rows), default=0) > 4

    @property
    def marked(self) -> bool:
        return any(entry.differs for row in self.found.rows for entry in row)


def twin_view(twin: TwinOutcome) -> TwinView:
    expected, found = twin.expected, twin.found
    arrays = (_array(expected), _array(found))
    drawn: tuple[Picture, ...] = ()
    if arrays[0] is not None and arrays[1] is not None and "map" in (expected.kind, found.kind):
        first, second = np.atleast_2d(arrays[0]), np.atleast_2d(arrays[1])
        if max(*first.shape, *second.shape) > 2:
            drawn = pictures(first, second)
    facts = (_facts(expected), _facts(found))
    rows = (_rows(arrays[0], arrays[1], expected.dtype), _rows(arrays[1], arrays[0], found.dtype))
    if expected.kind == found.kind == "number":  # their own words have as many digits as they need
        same = expected.text == found.text
        rows = (((Entry(clean_line(expected.text), False),),), ((Entry(clean_line(found.text), not same),),))
    if drawn and not all(rows):
        rows = ((), ())
    return TwinView(
        call=highlight_lines(clean(twin.shows, 2_000)),
        agrees=twin.agrees,
        expected=Side("Expected", facts[0], facts[0] != facts[1], clean(expected.text, 2_000), rows[0]),
        found=Side(
            "Yours", facts[1], facts[0] != facts[1], clean(found.text, 2_000), rows[1], is_error=found.kind == "error"
        ),
        pictures=drawn,
    )


def _array(shown: Shown) -> NDArray[np.float64] | None:
    if shown.kind not in {"number", "tensor", "map"}:
        return None
    if shown.values is not None and not isinstance(shown.values, (list, tuple)):
        return as_array([shown.values])
    return as_array(shown.values)


def _facts(shown: Shown) -> str:
    parts = []
    if shown.shape is not None:
        parts.append(
            "shape (" + ", ".join(str(side) for side in shown.shape[:8]) + ("," if len(shown.shape) == 1 else "") + ")"
        )
    if shown.dtype:
        parts.append(clean_line(shown.dtype, 40))
    return " · ".join(parts)


def _rows(
    own: NDArray[np.float64] | None, other: NDArray[np.float64] | None, dtype: str | None
) -> tuple[tuple[Entry, ...], ...]:
    """The numbers with as many decimals as show a difference; empty where the array is too large for a table."""
    if own is None or max(own.shape) > TABLE_LIMIT:
        return ()
    table = np.atleast_2d(own)
    against = np.atleast_2d(other) if other is not None and other.shape == own.shape else table
    differs = ~np.isclose(table, against, rtol=_RELATIVE, atol=_ABSOLUTE, equal_nan=True)
    form = _form(np.stack([table, against]), differs, dtype)
    return tuple(
        tuple(Entry(_written(value, form, dtype), mark) for value, mark in zip(row, marks, strict=True))
        for row, marks in zip(table.tolist(), differs.tolist(), strict=True)
    )


def _form(pair: NDArray[np.float64], differs: NDArray[np.bool_], dtype: str | None) -> str:
    """One format for both sides: no more decimals than there are, no fewer than tell differing numbers apart."""
    finite = np.abs(pair[np.isfinite(pair)])
    if finite.size == 0 or (bool((finite == np.round(finite)).all()) and finite.max() < 1e9):
        return ".0f" if not (dtype or "").startswith(("float", "bfloat")) else ".1f"
    if finite.max() >= 1e5 or finite.max() < 1e-3:
        return ".3e"
    for decimals in range(1, _MOST_DECIMALS):
        shown = np.round(pair, decimals)
        exact = bool(np.allclose(shown, pair, rtol=0, atol=1e-9, equal_nan=True))
        apart = bool((shown[0] != shown[1])[differs].all())
        if exact or (apart and decimals >= _DECIMALS):
            return f".{decimals}f"
    return f".{_MOST_DECIMALS}f"


def _written(value: float, form: str, dtype: str | None) -> str:
    if not math.isfinite(value):
        return "not finite"
    if dtype == "bool" and value in (0.0, 1.0):
        return str(bool(value))
    return f"{value:{form}}".replace("-", "\N{MINUS SIGN}")
