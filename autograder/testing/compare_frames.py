"""How `close` compares frames of pandas, series, indexes and sparse arrays: labels, dtypes, missing values, values.

Public texts name columns that were expected, dtypes and the first row that differs; values of hidden inputs, and names
that the student's code chose, stand in the private ones.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy

from autograder.testing.compare_arrays import differing
from autograder.testing.compare_polars import check_polars
from autograder.testing.comparison import Comparison
from autograder.testing.kinds import Mismatch, check_columns, column_at, kind_of, where
from autograder.testing.same import is_frame, is_polars, is_sparse


def is_table(value: Any) -> bool:
    """Return whether this file compares with such an expected value."""
    return is_frame(value) or is_sparse(value) or is_polars(value)


def check_table(check: Comparison, got: Any, expected: Any, place: str) -> None:
    """Raise Mismatch unless `got` is what is expected: a frame, a series, an index, an array of pandas or
    a sparse array.
    """
    pandas = sys.modules.get("pandas")
    if is_polars(expected):
        check_polars(check, got, expected, place)
    elif is_sparse(expected):
        _sparse(check, got, expected, place)
    elif pandas is not None and isinstance(expected, pandas.DataFrame):
        _frame(check, got, expected, place, pandas)
    elif pandas is not None and isinstance(expected, pandas.Series):
        _series(check, got, expected, place, pandas)
    elif pandas is not None and isinstance(expected, pandas.api.extensions.ExtensionArray):
        _extension_array(check, got, expected, where(place), pandas)
    elif pandas is not None:
        if not isinstance(got, pandas.Index):
            raise Mismatch(f"{where(place)} should be an index of pandas, but is {kind_of(got)}.")
        _index(check, got, expected, where(place), pandas)


def _frame(check: Comparison, got: Any, expected: Any, place: str, pandas: Any) -> None:
    answer = where(place)
    if not isinstance(got, pandas.DataFrame):
        advice = " `.to_frame()` makes a frame of it." if isinstance(got, pandas.Series) else ""
        raise Mismatch(f"{answer} should be a DataFrame, but is {kind_of(got)}.{advice}")
    ours, theirs = list(expected.columns), list(got.columns)
    check_columns(answer, ours, theirs)
    _names(got.columns, expected.columns, f"{answer}'s columns")
    if len(got) != len(expected):
        raise Mismatch(f"{answer} should have {len(expected)} rows, but has {len(got)}.")
    for position, name in enumerate(ours):
        title = column_at(name, place)
        _column(check, got.iloc[:, position].array, expected.iloc[:, position].array, title, pandas)
    _index(check, got.index, expected.index, f"{answer}'s index", pandas)


def _series(check: Comparison, got: Any, expected: Any, place: str, pandas: Any) -> None:
    answer = where(place)
    if not isinstance(got, pandas.Series):
        raise Mismatch(f"{answer} should be a Series, but is {kind_of(got)}.")
    if len(got) != len(expected):
        raise Mismatch(f"{answer} should have {len(expected)} values, but has {len(got)}.")
    if got.name != expected.name:
        said = f"should be called {expected.name!r:.80}" if expected.name is not None else "should have no name"
        raise Mismatch(f"{answer} {said}, but is called otherwise.", f"got the name {got.name!r:.200}")
    _column(check, got.array, expected.array, answer, pandas)
    _index(check, got.index, expected.index, f"{answer}'s index", pandas)


def _index(check: Comparison, got: Any, expected: Any, title: str, pandas: Any) -> None:
    if len(got) != len(expected):
        raise Mismatch(f"{title} should have {len(expected)} entries, but has {len(got)}.")
    _names(got, expected, title)
    if isinstance(expected, pandas.MultiIndex):
        for level in range(expected.nlevels):
            ours, theirs = expected.get_level_values(level).array, got.get_level_values(level).array
            _column(check, theirs, ours, f"{title}, level {level},", pandas)
        return
    if isinstance(expected, pandas.RangeIndex) and not isinstance(got, pandas.RangeIndex):
        wrong = len(got) and not (got.dtype.kind in "iu" and bool((got == expected).all()))
        if wrong:
            raise Mismatch(f"{title} should count the rows from {expected.start}: see `reset_index`.")
        return
    _column(check, got.array, expected.array, title, pandas)


def _names(got: Any, expected: Any, title: str) -> None:
    if got.nlevels != expected.nlevels:
        raise Mismatch(f"{title} should have {expected.nlevels} levels, but has {got.nlevels}.")
    if list(got.names) != list(expected.names):
        names = ", ".join("nothing" if name is None else repr(name) for name in expected.names)
        named = any(name is not None for name in expected.names)
        said = f"should be named {names}, but is named otherwise" if named else "should have no name, but has one"
        raise Mismatch(f"{title} {said}.", f"got {list(got.names)!r:.200}")


def _column(check: Comparison, got: Any, expected: Any, title: str, pandas: Any) -> None:
    """Compare one column: dtype, then which rows miss a value, then the values of the others."""
    _check_dtype(check, got, expected, title, pandas)
    missing, gone = pandas.isna(expected), pandas.isna(got)
    if bool((missing != gone).any()):
        row = int(numpy.flatnonzero(missing != gone)[0])
        said = "has no value" if gone[row] else "has a value, and should have none,"
        raise Mismatch(f"{title} {said} in row {row} (counted from 0).")
    if isinstance(expected.dtype, pandas.IntervalDtype):
        for end in ("left", "right"):
            theirs, ours = getattr(got[~gone], end).array, getattr(expected[~missing], end).array
            _column(check, theirs, ours, f"{title}, {end} ends,", pandas)
        return
    theirs, ours = _plain(got, ~gone, pandas), _plain(expected, ~missing, pandas)
    wrong = differing(check, theirs, ours)
    if bool(wrong.any()):
        rows = numpy.flatnonzero(~missing)[wrong]
        first = int(numpy.flatnonzero(wrong)[0])
        raise Mismatch(
            f"{title} differs in {len(rows)} of {len(expected)} rows, first in row {int(rows[0])} (counted from 0).",
            f"there: got {theirs[first]!r:.200}, expected {ours[first]!r:.200}",
        )


def _extension_array(check: Comparison, got: Any, expected: Any, answer: str, pandas: Any) -> None:
    if not isinstance(got, pandas.api.extensions.ExtensionArray):
        raise Mismatch(f"{answer} should be an array of pandas, but is {kind_of(got)}.")
    if len(got) != len(expected):
        raise Mismatch(f"{answer} should have {len(expected)} values, but has {len(got)}.")
    _column(check, got, expected, answer, pandas)


def _check_dtype(check: Comparison, got: Any, expected: Any, title: str, pandas: Any) -> None:
    if check.dtype == "any-float" and got.dtype.kind == "f" and expected.dtype.kind in "fiu":
        return
    if isinstance(expected.dtype, pandas.CategoricalDtype) and isinstance(got.dtype, pandas.CategoricalDtype):
        if bool(got.dtype.ordered) != bool(expected.dtype.ordered):
            raise Mismatch(f"{title} should have {'ordered' if expected.dtype.ordered else 'unordered'} categories.")
        ours, theirs = list(expected.dtype.categories), list(got.dtype.categories)
        if set(theirs) != set(ours) or (expected.dtype.ordered and theirs != ours):
            raise Mismatch(
                f"{title} has other categories than expected.", f"got {theirs!r:.200}, expected {ours!r:.200}"
            )
        return
    if got.dtype != expected.dtype:
        raise Mismatch(f"{title} has dtype {str(got.dtype)[:60]}, expected {expected.dtype}.")


def _plain(values: Any, kept: Any, pandas: Any) -> Any:
    """Return the values in the rows `kept` as an array of NumPy that compares."""
    chosen = values[kept]
    if isinstance(chosen.dtype, pandas.CategoricalDtype):
        return numpy.asarray(chosen.astype(object), dtype=object)
    if chosen.dtype.kind in "iufbcMm" and not isinstance(chosen.dtype, pandas.DatetimeTZDtype):
        return chosen.to_numpy(dtype=getattr(chosen.dtype, "numpy_dtype", None))
    return numpy.asarray(chosen.astype(object), dtype=object)


def _sparse(check: Comparison, got: Any, expected: Any, place: str) -> None:
    answer = where(place)
    if not is_sparse(got):
        raise Mismatch(f"{answer} should be a sparse array, but is {kind_of(got)}.")
    if got.shape != expected.shape:
        raise Mismatch(f"{answer} should have shape {expected.shape}, but has {got.shape}.")
    wanted: Any = expected.dtype if check.dtype is None else check.dtype
    if wanted == "any-float":
        if got.dtype.kind != "f":
            raise Mismatch(f"{answer} should hold floating-point numbers, but has dtype {got.dtype}.")
    elif got.dtype != numpy.dtype(wanted):
        raise Mismatch(f"{answer} should have dtype {numpy.dtype(wanted)}, but has {got.dtype}.")
    if not bool(numpy.isfinite(got.data).all()):
        raise Mismatch(f"{answer} holds NaN or infinite numbers.")
    apart = (got.tocsr() - expected.tocsr()).tocoo()  # of what is stored on either side; nothing is made dense
    if apart.nnz == 0:
        return
    ours = numpy.asarray(expected.tocsr()[apart.row, apart.col]).ravel()
    wrong = differing(check, ours + apart.data, ours)
    if bool(wrong.any()):
        first = int(numpy.flatnonzero(wrong)[0])
        raise Mismatch(
            f"{answer} has the right shape, but {int(wrong.sum())} of its values differ.",
            f"first at ({apart.row[first]}, {apart.col[first]}): off by {apart.data[first]!r}",
        )
