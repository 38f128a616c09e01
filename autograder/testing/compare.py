"""`close`: is what the student's code gave what was expected?

A mismatch carries two texts. `public` is what the student may read about a hidden input: kind,
shape, dtype, whether the numbers are finite, that values differ. `private`, for instructors,
holds magnitudes and values.
"""

from __future__ import annotations

import cmath
import dataclasses
import math
import sys
from datetime import date, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy

from autograder.testing import distances
from autograder.testing.compare_arrays import check_array
from autograder.testing.compare_frames import check_table, is_table
from autograder.testing.kinds import CannotCompare, Mismatch, NotData, kind_of, where
from autograder.testing.proxy import RecordHandle
from autograder.testing.tensors import is_tensor

if TYPE_CHECKING:
    import torch

_PLAIN = (bool, int, float, complex, str, bytes)
_WHOLE = (date, time, timedelta, Decimal)  # a datetime is a date
_NUMBERS = (int, float, complex)
TOLERANCES = (1e-4, 1e-5)  # rtol, atol of numbers; of float16 and the like see compare_tensors


class Expectation:
    """Hold what `close` cannot compare by itself: it judges the answer, with the options of `close`. See `given`."""

    def judge(self, got: Any, check: Check) -> None:
        raise NotImplementedError


def close(
    got: Any,
    expected: Any,
    *,
    shape: tuple[int, ...] | None = None,
    dtype: torch.dtype | str | None = None,
    atol: float | None = None,
    rtol: float | None = None,
) -> None:
    """Raise Mismatch unless `got` equals `expected`: kind, shape, dtype, finiteness, values, in that order.

    `expected` is a number, a text, None, a date or decimal, a tensor, an array of NumPy, a sparse array, a frame,
    series or index of pandas, a set, a dataclass's instance or named tuple (compared by its fields), a list, tuple or
    dict of these, or what `given` made. Shapes must be equal (nothing broadcasts). The dtype must be the
    expected one, unless `dtype` names another or is "any-float". A 0-d tensor or array may answer for a number, and the
    other way round. NaN is refused, but as a missing value of a frame that is expected there, and so are infinities
    where none is expected. Tolerances follow the dtype unless given; integers, booleans, texts and dates must be equal.
    """
    check = Check(shape, dtype, atol, rtol)
    if distances.wanted():
        check.noted_as = distances.check_name()
    if isinstance(expected, Expectation):
        expected.judge(got, check)
    else:
        check(got, expected)


def close_to_any(got: Any, *expected: Any, **options: Any) -> None:
    """Raise Mismatch unless `got` is close to one of several expectations, where more than one is right.

    expected: each as `close` takes it, or a function of nothing that gives it, called only if those before it do not
    fit; options: those of `close`. The Mismatch is that of the first.
    """
    first: Mismatch | None = None
    with distances.nearest() as tries:
        for one in expected:
            try:
                with tries.trying():
                    return close(got, one() if callable(one) else one, **options)
            except Mismatch as mismatch:
                first = first or mismatch
    raise first or ValueError("close_to_any needs an expectation")


class Check:
    """The comparison of `close` with its options bound."""

    def __init__(
        self,
        shape: tuple[int, ...] | None = None,
        dtype: torch.dtype | str | None = None,
        atol: float | None = None,
        rtol: float | None = None,
    ) -> None:
        self.shape = shape
        self.dtype = dtype
        self.atol = atol
        self.rtol = rtol
        self.noted_as = ""  # the name under which distances are noted; none are where it is empty

    def __call__(self, got: Any, expected: Any, place: str = "") -> None:
        if isinstance(expected, numpy.generic):
            if expected.dtype.kind in "MmV":  # a single moment, or a record, is compared as an array of one
                got = numpy.asarray(got) if isinstance(got, numpy.generic) else got
                expected = numpy.asarray(expected)
            else:
                expected = expected.item() if isinstance(expected.item(), _PLAIN) else numpy.asarray(expected)
        if is_tensor(expected):
            from autograder.testing.compare_tensors import check_tensor  # imports torch, an extra

            check_tensor(self, got, expected.detach(), place)
        elif isinstance(expected, numpy.ndarray) and is_tensor(got):  # a tensor of the same numbers will do
            import torch  # it is there: `got` is of it

            self(got, torch.from_numpy(expected), place)
        elif isinstance(expected, numpy.ndarray):
            check_array(self, got, expected, place)
        elif isinstance(expected, bool) or expected is None or isinstance(expected, (str, bytes)):
            self._exact(got, expected, place)
        elif isinstance(expected, (int, float, complex)):
            self._number(got, expected, place)
        elif is_table(expected):
            check_table(self, got, expected, place)
        elif isinstance(expected, _WHOLE) or _of_pandas(expected):
            self._exact(got, expected, place)
        elif isinstance(expected, (set, frozenset)):
            self._set(got, expected, place)
        elif (fields := record_fields(expected)) is not None:
            self._record(got, fields, place)
        elif isinstance(expected, dict):
            self._dict(got, expected, place)
        elif isinstance(expected, (list, tuple)):
            self._sequence(got, expected, place)
        else:
            raise CannotCompare(
                f"close() cannot compare with values of type {type(expected).__name__}: give plain data"
            )

    def tolerances(self, *known: tuple[float, float]) -> tuple[float, float]:
        """Return (rtol, atol): the options of `close`, else the widest of the dtypes' own, else TOLERANCES."""
        rtol, atol = max(known, default=TOLERANCES)
        return rtol if self.rtol is None else self.rtol, atol if self.atol is None else self.atol

    def _number(self, got: Any, expected: complex, place: str) -> None:
        if (is_tensor(got) or isinstance(got, numpy.ndarray)) and got.ndim == 0 and type(got.item()) in _NUMBERS:
            got = got.item()
        kinds = (int, float, complex) if isinstance(expected, complex) else (int, float)
        if isinstance(got, bool) or not isinstance(got, kinds):
            shape = getattr(got, "shape", None) if is_tensor(got) or isinstance(got, numpy.ndarray) else None
            extra = f" of shape {tuple(shape)}" if shape is not None else ""
            raise Mismatch(f"{where(place)} should be a number, but is {kind_of(got)}{extra}.")
        if isinstance(expected, int) and isinstance(got, float) and self.dtype != "any-float":
            raise Mismatch(
                f"{where(place)} should be a whole number (int), but is a float.", f"got {got!r}, expected {expected!r}"
            )
        if _isnan(expected):
            raise ValueError("the expected value is NaN: the test is wrong")
        if _isnan(got) or (not isinstance(got, int) and cmath.isinf(got) and got != expected):
            raise Mismatch(f"{where(place)} is {'NaN' if _isnan(got) else 'infinite'}.", f"expected {expected!r}")
        rtol, atol = (0.0, 0.0) if isinstance(expected, int) and self.dtype != "any-float" else self.tolerances()
        allowed = atol + rtol * abs(expected) if rtol or atol else 0.0
        if self.noted_as and atol + rtol > 0 and cmath.isfinite(expected):
            error = float(abs(got - expected))
            ratio = error / allowed if allowed else (0.0 if error == 0 else math.inf)
            distances.note(self.noted_as, ratio, error)
        if got != expected and not abs(got - expected) <= allowed:
            raise Mismatch(f"{where(place)} has the wrong value.", f"got {got!r:.300}, expected {expected!r:.300}")

    def _exact(self, got: Any, expected: Any, place: str) -> None:
        scalar = is_tensor(got) or isinstance(got, numpy.ndarray)
        if isinstance(expected, bool) and scalar and got.ndim == 0 and type(got.item()) is bool:
            got = got.item()
        if type(got) is not type(expected):
            raise Mismatch(f"{where(place)} should be {kind_of(expected)}, but is {kind_of(got)}.")
        if got is not expected and got != expected:
            raise Mismatch(f"{where(place)} has the wrong value.", f"got {got!r:.300}, expected {expected!r:.300}")

    def _set(self, got: Any, expected: set[Any] | frozenset[Any], place: str) -> None:
        if not isinstance(got, (set, frozenset)):
            raise Mismatch(f"{where(place)} should be a set, but is {kind_of(got)}.")
        missing, extra = len(expected - got), len(got - expected)
        if missing or extra:
            raise Mismatch(
                f"{where(place)} lacks {missing} of {len(expected)} items, and has {extra} that do not belong there.",
                f"missing {sorted(map(repr, expected - got))[:8]}, extra {sorted(map(repr, got - expected))[:8]}",
            )

    def _record(self, got: Any, expected: dict[str, Any], place: str) -> None:
        if isinstance(got, (tuple, list)) and not hasattr(got, "_fields"):
            self._sequence(got, tuple(expected.values()), place)
            return
        fields = record_fields(got)
        if fields is None:
            raise Mismatch(f"{where(place)} should have the fields {', '.join(expected)}, but is {kind_of(got)}.")
        if missing := [name for name in expected if name not in fields]:
            raise Mismatch(f"{where(place)} has no field {', '.join(missing)}.", f"it has {sorted(fields)[:8]}")
        for name, value in expected.items():
            self(fields[name], value, f"{place}.{name}" if place else name)

    def _dict(self, got: Any, expected: dict[Any, Any], place: str) -> None:
        if not isinstance(got, dict):
            raise Mismatch(f"{where(place)} should be a dict, but is {kind_of(got)}.")
        if got.keys() != expected.keys():
            raise Mismatch(
                f"{where(place)} should have other keys.",
                f"missing {sorted(map(str, expected.keys() - got.keys()))[:8]}, "
                f"extra {sorted(map(str, got.keys() - expected.keys()))[:8]}",
            )
        for key, value in expected.items():
            self(got[key], value, f"{place}[{key!r}]")

    def _sequence(self, got: Any, expected: list[Any] | tuple[Any, ...], place: str) -> None:
        if not isinstance(got, (list, tuple)):
            raise Mismatch(f"{where(place)} should be a {type(expected).__name__}, but is {kind_of(got)}.")
        if len(got) != len(expected):
            raise Mismatch(f"{where(place)} should have {len(expected)} items, but has {len(got)}.")
        for index, (theirs, ours) in enumerate(zip(got, expected, strict=True)):
            self(theirs, ours, f"{place}[{index}]")


def record_fields(value: Any) -> dict[str, Any] | None:
    """Return the fields of a dataclass's instance, of a named tuple, or of what stands for one; else None."""
    if isinstance(value, RecordHandle):
        return value.fields
    if isinstance(value, tuple) and isinstance(names := getattr(value, "_fields", None), tuple):
        return dict(zip(names, value, strict=True))
    if dataclasses.is_dataclass(value) and not isinstance(value, (type, NotData, Expectation)):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return None


def _of_pandas(value: Any) -> bool:
    """Return whether a value is a missing one, a period or an interval of pandas."""
    pandas = sys.modules.get("pandas")
    if pandas is None:
        return False
    return value is pandas.NaT or value is pandas.NA or isinstance(value, (pandas.Period, pandas.Interval))


def _isnan(number: complex) -> bool:
    return not isinstance(number, int) and cmath.isnan(number)  # a long integer is no double
