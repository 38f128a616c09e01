"""How `close` compares NumPy arrays, and columns of values: shape, dtype, missing values, values, in that order."""

from __future__ import annotations

from typing import Any

import numpy

from autograder.testing import distances
from autograder.testing.comparison import Comparison
from autograder.testing.kinds import Mismatch, kind_of, where

Array = numpy.ndarray[Any, Any]
TOLERANCES = {"float16": (1e-2, 1e-2)}  # dtype -> (rtol, atol); others have the tolerances of `Check`


def check_array(check: Comparison, got: Any, expected: Array, place: str) -> None:
    """Raise Mismatch unless `got` is an array with the shape, dtype and values of `expected`."""
    if check.shape is not None and not place and expected.shape != tuple(check.shape):
        raise ValueError(f"close(shape={tuple(check.shape)}) but the expected value has {expected.shape}")
    if isinstance(got, (int, float)) and not isinstance(got, bool) and expected.ndim == 0:
        check(got, expected.item(), place)
        return
    if not isinstance(got, numpy.ndarray):
        raise Mismatch(f"{where(place)} should be a NumPy array, but is {kind_of(got)}.{_advice(got)}")
    if got.shape != expected.shape:
        raise Mismatch(f"{where(place)} should have shape {expected.shape}, but has {got.shape}.")
    if isinstance(expected, numpy.ma.MaskedArray) or isinstance(got, numpy.ma.MaskedArray):
        _check_masked(check, got, expected, place)
        return
    if expected.dtype.names is not None or got.dtype.names is not None:
        _check_fields(check, got, expected, place)
        return
    _check_dtype(check, got, expected, place)
    if expected.dtype.kind in "fc" and bool(numpy.isnan(expected).any()):
        raise ValueError("the expected value holds NaN: the test is wrong")
    if got.dtype.kind in "fc":
        _refuse_not_finite(got, expected, place)
    wrong = differing(check, got, expected)
    if bool(wrong.any()):
        first = tuple(int(place) for place in numpy.argwhere(wrong)[0])
        private = (
            f"{int(wrong.sum())} of {wrong.size} values differ{' in ' + place if place else ''}; first at {first}: "
            f"got {got[first]!r:.200}, expected {expected[first]!r:.200}"
        )
        raise Mismatch(f"{where(place)} has the right shape, but its values differ.", private)


def _check_masked(check: Comparison, got: Array, expected: Array, place: str) -> None:
    """Compare what is masked, then the items that are not. The expected array may have no mask: then none may be."""
    if isinstance(expected, numpy.ma.MaskedArray) and not isinstance(got, numpy.ma.MaskedArray):
        raise Mismatch(f"{where(place)} should be a masked array, but has no mask.")
    mask, theirs = numpy.ma.getmaskarray(expected), numpy.ma.getmaskarray(got)
    if bool((mask != theirs).any()):
        raise Mismatch(
            f"{where(place)} masks {int(theirs.sum())} items, and other ones than the {int(mask.sum())} expected."
        )
    check_array(check, numpy.ma.getdata(got)[~mask], numpy.ma.getdata(expected)[~mask], place)


def _check_fields(check: Comparison, got: Array, expected: Array, place: str) -> None:
    """Compare arrays with fields, field by field."""
    ours, theirs = expected.dtype.names, got.dtype.names
    if ours is None:
        raise Mismatch(f"{where(place)} should have no fields.", f"it has {theirs!r:.200}")
    if theirs is None:
        raise Mismatch(f"{where(place)} should have the fields {', '.join(ours)}, but has none.")
    if missing := [name for name in ours if name not in theirs]:
        raise Mismatch(f"{where(place)} has no field {', '.join(missing)}.", f"it has {theirs!r:.200}")
    if len(theirs) != len(ours):
        raise Mismatch(f"{where(place)} has fields more than expected: {', '.join(ours)}.", f"it has {theirs!r:.200}")
    for name in ours:
        check(got[name], expected[name], f"{place}[{name!r}]" if place else name)


def differing(check: Comparison, got: Array, expected: Array) -> Array:
    """Return a mask of the items of `got` that are not those of `expected`, of the same shape.

    Numbers differ by more than the tolerances allow, where one of both is floating-point; everything else is compared
    for equality. NaN and NaT differ from everything: look at missing values before.
    """
    if not {got.dtype.kind, expected.dtype.kind} & {"f", "c"} or not _numeric(got) or not _numeric(expected):
        equal: Any = got == expected
        if not isinstance(equal, numpy.ndarray) and numpy.ndim(equal) != got.ndim:  # dtypes that do not compare
            return numpy.ones(got.shape, bool)
        return numpy.asarray(~numpy.asarray(equal, bool))
    rtol, atol = check.tolerances(
        *(TOLERANCES[name] for name in (got.dtype.name, expected.dtype.name) if name in TOLERANCES)
    )
    wide = numpy.complex128 if "c" in (got.dtype.kind, expected.dtype.kind) else numpy.float64
    ours, theirs = expected.astype(wide), got.astype(wide)
    finite = numpy.isfinite(ours) & numpy.isfinite(theirs)
    with numpy.errstate(invalid="ignore", over="ignore"):
        error = numpy.where(finite, numpy.abs(theirs - ours), 0.0)
        allowed = numpy.where(finite, atol + rtol * numpy.abs(ours), 1.0)
        wrong = numpy.asarray(numpy.where(finite, ~(error <= allowed), theirs != ours))
        if check.noted_as and error.size:
            ratio = numpy.divide(error, allowed, out=numpy.where(error > 0, numpy.inf, 0.0), where=allowed > 0)
            distances.note(check.noted_as, float(ratio.max()), float(error.max()))
    return wrong


def _numeric(array: Array) -> bool:
    return array.dtype.kind in "biufc"


def _check_dtype(check: Comparison, got: Array, expected: Array, place: str) -> None:
    wanted: Any = expected.dtype if check.dtype is None else check.dtype
    if wanted == "any-float":
        if got.dtype.kind != "f":
            raise Mismatch(f"{where(place)} should hold floating-point numbers, but has dtype {got.dtype}.")
        return
    try:
        wanted = numpy.dtype(wanted)
    except TypeError:
        raise ValueError(f"close(dtype={wanted!r}) for a NumPy array: expected a dtype of NumPy") from None
    if wanted.kind in "US" and got.dtype.kind == wanted.kind:
        return  # texts of other lengths are texts
    if got.dtype != wanted:
        raise Mismatch(f"{where(place)} should have dtype {wanted}, but has {got.dtype}.")


def _refuse_not_finite(got: Array, expected: Array, place: str) -> None:
    if bool(numpy.isnan(got).any()):
        raise Mismatch(f"{where(place)} holds NaN.", f"{int(numpy.isnan(got).sum())} of {got.size} are NaN")
    infinite = numpy.isinf(got)
    if expected.dtype.kind in "fc":
        infinite &= ~numpy.isinf(expected)
    if bool(infinite.any()):
        raise Mismatch(f"{where(place)} holds infinite numbers.", f"{int(infinite.sum())} of {got.size} are infinite")


def _advice(got: Any) -> str:
    return " Make one of it with `np.array`." if isinstance(got, (list, tuple)) else ""
