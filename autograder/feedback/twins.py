"""A public twin side by side: the call, what was expected, what the student's code gave.

Everything shown here was made from public inputs (`records.Shown`); the values of `found` are still the student's, so
they are checked, bounded and escaped like everything else.
"""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from autograder.pages.code import highlight_lines
from autograder.pages.pictures import (
    ABSOLUTE,
    RELATIVE,
    Numbers,
    Picture,
    as_array,
    draws,
    first_difference,
    pictures,
    position,
    short,
)
from autograder.pages.text import clean, clean_line
from autograder.records import Drawn, Shown, TwinOutcome

TABLE_LIMIT = 12  # rows and columns; larger arrays are shown as pictures or by their text
_DECIMALS, _MOST_DECIMALS = 4, 7


@dataclass(frozen=True)
class ShownNumber:
    text: str
    differs: bool


@dataclass(frozen=True)
class Side:
    """`rows` where the value is shown as numbers, else `text`. Only what was found is ever marked as different."""

    title: str
    facts: str  # shape and dtype
    facts_differ: bool
    text: str
    rows: tuple[tuple[ShownNumber, ...], ...] = ()
    is_error: bool = False


@dataclass(frozen=True)
class TwinView:
    """call: Python to be pasted; empty where the example cannot be typed and `description` says what it is."""

    call: tuple[Markup, ...]
    agrees: bool
    expected: Side
    found: Side
    pictures: tuple[Picture, ...] = ()
    description: str = ""
    first_difference: str = ""

    @property
    def wide(self) -> bool:
        """Return whether expected and found stand better below each other than beside each other."""
        return max((len(row) for side in (self.expected, self.found) for row in side.rows), default=0) > 4

    @property
    def elsewhere(self) -> bool:
        """Return whether what is drawn agrees, so that the difference is in the rest of the value."""
        drawn_alike = bool(self.pictures) and not self.first_difference
        return drawn_alike and not self.agrees and not self.found.is_error and not self.found.facts_differ

    @property
    def marked(self) -> bool:
        return any(entry.differs for row in self.found.rows for entry in row)


def twin_view(twin: TwinOutcome) -> TwinView:
    """Return a public twin as the page shows it."""
    expected, found = twin.expected, twin.found
    wanted, got = _array(expected), _array(found)
    kind: Drawn = twin.drawn_as or ("map" if "map" in (expected.kind, found.kind) else "")
    drawn = pictures(wanted, got, kind) if wanted is not None and draws(wanted, kind) else ()
    facts = (_facts(expected), _facts(found))
    rows = (_rows(wanted, got, expected.dtype), _rows(got, wanted, found.dtype))
    if expected.kind == found.kind == "number":  # their own words have as many digits as they need
        same = expected.text == found.text
        rows = (
            ((ShownNumber(clean_line(expected.text), False),),),
            ((ShownNumber(clean_line(found.text), not same),),),
        )
    if drawn and not all(rows):
        rows = ((), ())
    code = clean(twin.shows, 2_000)
    runs = twin.is_call and _is_python(code)
    is_error = found.kind == "error"
    return TwinView(
        call=highlight_lines(code) if runs else (),
        description="" if runs else code,
        agrees=twin.agrees,
        expected=Side("Expected", facts[0], False, clean(expected.text, 2_000), rows[0]),
        found=Side("Yours", facts[1], facts[0] != facts[1], clean(found.text, 2_000), rows[1], is_error=is_error),
        pictures=drawn,
        first_difference=_first_difference(wanted, got, kind),
    )


def _is_python(code: str) -> bool:
    """Return whether a call can be pasted at all. Evidence of earlier versions also held descriptions as calls."""
    try:
        compile(code, "example", "exec", dont_inherit=True, flags=ast.PyCF_ONLY_AST)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _first_difference(wanted: Numbers | None, got: Numbers | None, kind: Drawn) -> str:
    """Return the first number that differs, in words; "" where none does or where there is only one."""
    if wanted is None or got is None or wanted.size < 2:
        return ""
    where = first_difference(wanted, got)
    if where is None:
        return ""
    return (
        f"First difference at {position(where, wanted.shape, kind)}: expected {_spoken(wanted[where])}, "
        f"yours {_spoken(got[where])}."
    )


def _spoken(value: float) -> str:
    return short(value) if math.isfinite(value) else "not finite"


def _array(shown: Shown) -> Numbers | None:
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


def _rows(own: Numbers | None, other: Numbers | None, dtype: str | None) -> tuple[tuple[ShownNumber, ...], ...]:
    """Return the numbers with as many decimals as show a difference; empty where the array is too large for a table."""
    if own is None or own.ndim > 2 or max(own.shape) > TABLE_LIMIT:
        return ()
    table = np.atleast_2d(own)
    against = np.atleast_2d(other) if other is not None and other.shape == own.shape else table
    differs = ~np.isclose(table, against, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True)
    form = _form(np.stack([table, against]), differs, dtype)
    return tuple(
        tuple(ShownNumber(_written(value, form, dtype), mark) for value, mark in zip(row, marks, strict=True))
        for row, marks in zip(table.tolist(), differs.tolist(), strict=True)
    )


def _form(pair: Numbers, differs: NDArray[np.bool_], dtype: str | None) -> str:
    """Return one format for both sides: no more decimals than there are, no fewer than tell differing numbers apart."""
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
