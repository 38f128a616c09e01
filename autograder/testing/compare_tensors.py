"""How `close` compares torch tensors. Imported where there is a tensor, since torch is an extra."""

from __future__ import annotations

import math
from typing import Any

import numpy
import torch

from autograder.testing import distances
from autograder.testing.comparison import Comparison
from autograder.testing.kinds import Mismatch, kind_of, where
from autograder.testing.tensors import is_tensor

TOLERANCES = {  # dtype -> (rtol, atol)
    torch.float16: (1e-2, 1e-2),
    torch.bfloat16: (2e-2, 2e-2),
    torch.float32: (1e-4, 1e-5),
    torch.float64: (1e-4, 1e-5),  # what is compared was mostly computed from float32 inputs
    torch.complex64: (1e-4, 1e-5),
}


def check_tensor(check: Comparison, got: Any, expected: torch.Tensor, place: str) -> None:
    """Raise Mismatch unless `got` is a tensor with the shape, dtype and values of `expected`."""
    if check.shape is not None and not place and tuple(expected.shape) != tuple(check.shape):
        raise ValueError(f"close(shape={tuple(check.shape)}) but the expected value has {tuple(expected.shape)}")
    if isinstance(got, (int, float)) and not isinstance(got, bool) and expected.ndim == 0:
        check(got, expected.item(), place)
        return
    if not is_tensor(got):
        raise Mismatch(f"{where(place)} should be a torch tensor, but is {kind_of(got)}.{_advice(got)}")
    if got.shape != expected.shape:
        raise Mismatch(
            f"{where(place)} should have shape {tuple(expected.shape)}, but has {tuple(got.shape)}.",
            f"got shape {tuple(got.shape)}, expected {tuple(expected.shape)}",
        )
    _check_dtype(check, got, expected, place)
    _check_values(check, got, expected, place)


def _check_dtype(check: Comparison, got: torch.Tensor, expected: torch.Tensor, place: str) -> None:
    wanted = expected.dtype if check.dtype is None else check.dtype
    if wanted == "any-float":
        if not got.dtype.is_floating_point:
            raise Mismatch(f"{where(place)} should hold floating-point numbers, but has dtype {_dtype(got.dtype)}.")
    elif got.dtype != wanted:
        raise Mismatch(f"{where(place)} should have dtype {_dtype(wanted)}, but has {_dtype(got.dtype)}.")


def _check_values(check: Comparison, got: torch.Tensor, expected: torch.Tensor, place: str) -> None:
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
    rtol, atol = check.tolerances(*(TOLERANCES[dtype] for dtype in (got.dtype, expected.dtype) if dtype in TOLERANCES))
    wide = torch.complex128 if expected.is_complex() else torch.float64
    ours, theirs = expected.to(wide), got.to(wide)
    near = (theirs - ours).abs() <= atol + rtol * ours.abs()
    wrong = torch.where(ours.isinf(), theirs != ours, ~near)  # infinities have no distance
    if check.noted_as:
        error = (theirs - ours).abs().where(ours.isfinite(), torch.zeros((), dtype=torch.float64))
        allowed = (atol + rtol * ours.abs()).where(ours.isfinite(), torch.ones((), dtype=torch.float64))
        distances.note(check.noted_as, _ratio(error, allowed), float(error.max()))
    if bool(wrong.any()):
        raise Mismatch(*_difference(got, expected, wrong, place))


def _ratio(error: torch.Tensor, allowed: torch.Tensor) -> float:
    """Return the largest error over what is allowed; an error where nothing is allowed is infinitely far."""
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
