"""How `close` compares frames and series of polars: columns, dtypes, missing values, values, in that order.

As in `compare_frames`, public texts name columns that were expected, dtypes and the first row that differs.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy

from autograder.testing.compare_arrays import differing
from autograder.testing.comparison import Comparison
from autograder.testing.kinds import Mismatch, check_columns, column_at, kind_of, where

_VALUE, _NULL, _NAN = 0, 1, 2


def check_polars(check: Comparison, got: Any, expected: Any, place: str) -> None:
    """Raise Mismatch unless `got` is the frame or series of polars that is expected."""
    polars: Any = sys.modules["polars"]  # it is there: `expected` is of it
    answer = where(place)
    if isinstance(expected, polars.Series):
        if not isinstance(got, polars.Series):
            raise Mismatch(f"{answer} should be a Series of polars, but is {kind_of(got)}.")
        if len(got) != len(expected):
            raise Mismatch(f"{answer} should have {len(expected)} values, but has {len(got)}.")
        if got.name != expected.name:
            raise Mismatch(
                f"{answer} should be called {expected.name!r:.80}, but is called otherwise.",
                f"got the name {got.name!r:.200}",
            )
        _column(check, got, expected, answer)
        return
    if not isinstance(got, polars.DataFrame):
        raise Mismatch(f"{answer} should be a DataFrame of polars, but is {kind_of(got)}.")
    check_columns(answer, expected.columns, got.columns)
    if len(got) != len(expected):
        raise Mismatch(f"{answer} should have {len(expected)} rows, but has {len(got)}.")
    for name in expected.columns:
        _column(check, got[name], expected[name], column_at(name, place))


def _column(check: Comparison, got: Any, expected: Any, title: str) -> None:
    floats = check.dtype == "any-float" and got.dtype.is_float() and expected.dtype.is_numeric()
    if got.dtype != expected.dtype and not floats:
        raise Mismatch(f"{title} has dtype {str(got.dtype)[:60]}, expected {expected.dtype}.")
    ours, theirs = _presence(expected), _presence(got)
    if bool((ours != theirs).any()):
        row = int(numpy.flatnonzero(ours != theirs)[0])
        said = {_NULL: "has no value", _NAN: "is NaN"}.get(int(theirs[row]), "has a value, and should have none,")
        raise Mismatch(f"{title} {said} in row {row} (counted from 0).")
    there = ours == _VALUE
    wrong = differing(check, _values(got, there), _values(expected, there))
    if bool(wrong.any()):
        rows = numpy.flatnonzero(there)[wrong]
        first = int(rows[0])
        raise Mismatch(
            f"{title} differs in {len(rows)} of {len(expected)} rows, first in row {first} (counted from 0).",
            f"there: got {got[first]!r:.200}, expected {expected[first]!r:.200}",
        )


def _presence(column: Any) -> Any:
    """Return what each row has: a value, none, or NaN, which for polars is a value that is no number."""
    found = numpy.where(column.is_null().to_numpy(), _NULL, _VALUE)
    if column.dtype.is_float():
        found[column.is_nan().fill_null(False).to_numpy()] = _NAN
    return found


def _values(column: Any, there: Any) -> Any:
    """Return the rows that have a value, as an array that compares."""
    if column.dtype.is_numeric():
        return column.fill_null(0).to_numpy()[there]
    held = numpy.empty(len(column), dtype=object)
    held[:] = column.to_list()
    return held[there]
