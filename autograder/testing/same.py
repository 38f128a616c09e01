"""Are two values the same data?"""

from __future__ import annotations

from typing import Any

import numpy

from autograder.testing.tensors import is_tensor


def identical(left: Any, right: Any) -> bool:
    """Same data, bit for bit but for NaN, which equals NaN; tensors and containers of them."""
    if is_tensor(left):
        if not is_tensor(right) or left.dtype != right.dtype or left.shape != right.shape:
            return False
        left, right = left.detach(), right.detach()
        return bool(((left == right) | ((left != left) & (right != right))).all())
    if isinstance(left, numpy.ndarray):
        if not isinstance(right, numpy.ndarray) or left.dtype != right.dtype:
            return False
        return numpy.array_equal(left, right, equal_nan=left.dtype.kind in "fc")
    if isinstance(left, dict):
        return (
            isinstance(right, dict) and left.keys() == right.keys() and all(identical(left[k], right[k]) for k in left)
        )
    if isinstance(left, (list, tuple)):
        return type(left) is type(right) and len(left) == len(right) and all(map(identical, left, right))
    return type(left) is type(right) and bool(left == right or (left != left and right != right))
