"""`close`: is what the student's code gave what was expected?

A mismatch carries two texts. `public` is what the student may read about a hidden input: kind,
shape, dtype, whether the numbers are finite, that values differ. `private`, for instructors,
holds magnitudes and values.
"""

from __future__ import annotations

import math
from typing import Any

import numpy
import torch

from autograder.testing import distances
from autograder.testing.kinds import Mismatch, kind_of, where
from autograder.testing.meanwhile import Meanwhile

TOLERANCES = {  # dtype -> (rtol, atol)
    torch.float16: (1e-2, 1e-2),
    torch.bfloat16: (2e-2, 2e-2),
    torch.float32: (1e-4, 1e-5),
    torch.float64: (1e-4, 1e-5),  # what is compared was mostly computed from float32 inputs
    torch.complex64: (1e-4, 1e-5),
}


class Expectation:
    """What `close` cannot compare by itself: it judges the answer, with the options of `close`. See `given`."""

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

    `expected` is a tensor, a number, a string, None, a list, tuple or dict of these, or what `given`
    or `meanwhile` made. Shapes must be equal (nothing broadcasts). The dtype must be the expected one, unless `dtype`
    names another or is "any-float". A 0-d tensor may answer for a number, and the other way round. NaN is refused,
    and so are infinities where none is expected. Tolerances follow the dtype unless given; integers and
    booleans must be equal.
    """
    if isinstance(expected, Meanwhile):
        expected = expected.value
    check = Check(shape, dtype, atol, rtol)
    if distances.wanted():
        check.noted_as = distances.check_name()
    if isinstance(expected, Expectation):
        expected.judge(got, check)
    else:
        check(got, expected)


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
        if isinstance(expected, numpy.ndarray):
            expected = torch.from_numpy(expected)
        if isinstance(expected, torch.Tensor):
            self._tensor(got, expected.detach(), place)
        elif isinstance(expected, bool) or expected is None or isinstance(expected, str):
            self._exact(got, expected, place)
        elif isinstance(expected, (int, float)):
            self._number(got, expected, place)
        elif isinstance(expected, dict):
            self._dict(got, expected, place)
        elif isinstance(expected, (list, tuple)):
            self._sequence(got, expected, place)
        else:
            raise TypeError(
                f"close() cannot compare with a {type(expected).__name__}: give numbers, tensors, containers"
            )

    def _tensor(self, got: Any, expected: torch.Tensor, place: str) -> None:
        if self.shape is not None and not place and tuple(expected.shape) != tuple(self.shape):
            raise ValueError(f"close(shape={tuple(self.shape)}) but the expected value has {tuple(expected.shape)}")
        if isinstance(got, (int, float)) and not isinstance(got, bool) and expected.ndim == 0:
            self._number(got, expected.item(), place)
            return
        if not isinstance(got, torch.Tensor):
            raise Mismatch(f"{where(place)} should be a torch tensor, but is {kind_of(got)}.{_advice(got)}")
        if got.shape != expected.shape:
            raise Mismatch(
                f"{where(place)} should have shape {tuple(expected.shape)}, but has {tuple(got.shape)}.",
                f"got shape {tuple(got.shape)}, expected {tuple(expected.shape)}",
            )
        self._check_dtype(got, expected, place)
        self._check_values(got, expected, place)

    def _check_dtype(self, got: torch.Tensor, expected: torch.Tensor, place: str) -> None:
        wanted = expected.dtype if self.dtype is None else self.dtype
        if wanted == "any-float":
            if not got.dtype.is_floating_point:
                raise Mismatch(f"{where(place)} should hold floating-point numbers, but has dtype {_dtype(got.dtype)}.")
        elif got.dtype != wanted:
            raise Mismatch(f"{where(place)} should have dtype {_dtype(wanted)}, but has {_dtype(got.dtype)}.")

    def _check_values(self, got: torch.Tensor, expected: torch.Tensor, place: str) -> None:
        if got.numel() == 0:
            return
        if not (expected.is_floating_point() or expected.is_complex()):
            wrong = got != expected.to(got.dtype)
            if bool(wrong.any()):
                raise Mismatch(*_difference(got, expected, wrong, place))
            return
        if bool(expected.isnan().any()):
            raise ValueError("the expected value holds NaN: the test is wrong")
        _refuse_not_finite(got, expected, place)
        rtol, atol = self._tolerances(got.dtype, expected.dtype)
        wide = torch.complex128 if expected.is_complex() else torch.float64
        ours, theirs = expected.to(wide), got.to(wide)
        near = (theirs - ours).abs() <= atol + rtol * ours.abs()
        wrong = torch.where(ours.isinf(), theirs != ours, ~near)  # infinities have no distance
        if self.noted_as:
            error = (theirs - ours).abs().where(ours.isfinite(), torch.zeros((), dtype=torch.float64))
            allowed = (atol + rtol * ours.abs()).where(ours.isfinite(), torch.ones((), dtype=torch.float64))
            distances.note(self.noted_as, _ratio(error, allowed), float(error.max()))
        if bool(wrong.any()):
            raise Mismatch(*_difference(got, expected, wrong, place))

    def _tolerances(self, *dtypes: torch.dtype) -> tuple[float, float]:
        known = [TOLERANCES[dtype] for dtype in dtypes if dtype in TOLERANCES]
        rtol, atol = max(known, default=(1e-4, 1e-5))
        return rtol if self.rtol is None else self.rtol, atol if self.atol is None else self.atol

    def _number(self, got: Any, expected: int | float, place: str) -> None:
        if isinstance(got, torch.Tensor) and got.ndim == 0 and got.dtype != torch.bool and not got.is_complex():
            got = got.item()
        if isinstance(got, bool) or not isinstance(got, (int, float)):
            extra = f" of shape {tuple(got.shape)}" if isinstance(got, torch.Tensor) else ""
            raise Mismatch(f"{where(place)} should be a number, but is {kind_of(got)}{extra}.")
        if isinstance(expected, int) and isinstance(got, float) and self.dtype != "any-float":
            raise Mismatch(
                f"{where(place)} should be a whole number (int), but is a float.", f"got {got!r}, expected {expected!r}"
            )
        if math.isnan(expected):
            raise ValueError("the expected value is NaN: the test is wrong")
        if math.isnan(got) or (math.isinf(got) and got != expected):
            raise Mismatch(f"{where(place)} is {'NaN' if math.isnan(got) else 'infinite'}.", f"expected {expected!r}")
        rtol, atol = (0.0, 0.0) if isinstance(expected, int) and self.dtype != "any-float" else self._tolerances()
        if self.noted_as and atol + rtol > 0 and math.isfinite(expected):
            error = torch.tensor(abs(float(got) - expected), dtype=torch.float64)
            distances.note(
                self.noted_as, _ratio(error, torch.full_like(error, atol + rtol * abs(expected))), float(error)
            )
        if got != expected and not abs(got - expected) <= atol + rtol * abs(expected):
            raise Mismatch(f"{where(place)} has the wrong value.", f"got {got!r}, expected {expected!r}")

    def _exact(self, got: Any, expected: Any, place: str) -> None:
        if isinstance(expected, bool) and isinstance(got, torch.Tensor) and got.dtype == torch.bool and got.ndim == 0:
            got = bool(got)
        if type(got) is not type(expected):
            raise Mismatch(f"{where(place)} should be {kind_of(expected)}, but is {kind_of(got)}.")
        if got != expected:
            raise Mismatch(f"{where(place)} has the wrong value.", f"got {got!r:.300}, expected {expected!r:.300}")

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


def _ratio(error: torch.Tensor, allowed: torch.Tensor) -> float:
    """The largest error over what is allowed; an error where nothing is allowed is infinitely far."""
    return float((error / allowed).nan_to_num(nan=0.0, posinf=math.inf).max())


def _refuse_not_finite(got: torch.Tensor, expected: torch.Tensor, place: str) -> None:
    if bool(got.isnan().any()):
        raise Mismatch(f"{where(place)} holds NaN.", f"{int(got.isnan().sum())} of {got.numel()} are NaN")
    if bool((got.isinf() & ~expected.isinf()).any()):
        raise Mismatch(
            f"{where(place)} holds infinite numbers.", f"{int(got.isinf().sum())} of {got.numel()} are infinite"
        )


def _difference(got: torch.Tensor, expected: torch.Tensor, wrong: torch.Tensor, place: str) -> tuple[str, str]:
    first = tuple(wrong.nonzero()[0].tolist())
    wide = torch.complex128 if expected.is_complex() else torch.float64
    error = (got.to(wide) - expected.to(wide)).abs()
    private = (
        f"{int(wrong.sum())} of {wrong.numel()} values differ{' in ' + place if place else ''}; "
        f"largest error {float(error.max()):.6g}; first at {first}: got {got[first].item()!r}, "
        f"expected {expected[first].item()!r}"
    )
    return f"{where(place)} has the right shape, but its values differ.", private


def _advice(got: Any) -> str:
    if isinstance(got, numpy.ndarray):
        return " Compute with torch, or convert it with `torch.from_numpy`."
    if isinstance(got, (list, tuple)):
        return " Put its items together, for example with `torch.stack` or `torch.tensor`."
    return ""


def _dtype(dtype: Any) -> str:
    return str(dtype).removeprefix("torch.")
