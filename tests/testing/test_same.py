"""Are two values the same data? What decides whether an argument was changed, and whether an answer varies."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch

from autograder.testing.same import identical

T = torch.tensor
NAN = math.nan
SAME = [
    (T([1.0, NAN]), T([1.0, NAN])),
    (T([1, 2]), T([1, 2])),
    (T([1.0], requires_grad=True), T([1.0])),
    (torch.zeros(0, 2), torch.zeros(0, 2)),
    (np.array([1.0, NAN]), np.array([1.0, NAN])),
    (np.array(["a"]), np.array(["a"])),
    (np.array([1]), np.array([1])),
    ({"a": T([1.0]), "b": [1]}, {"b": [1], "a": T([1.0])}),
    ({}, {}),
    ([1, (2.0, NAN)], [1, (2.0, NAN)]),
    ((), ()),
    (NAN, NAN),
    (1.5, 1.5),
    ("a", "a"),
    (None, None),
    (True, True),
]
OTHER = [
    (T([1.0, 2.0]), T([1.0, 3.0])),
    (T([1.0, 2.0]), T([3.0, 2.0])),
    (T([NAN]), T([1.0])),
    (T([1.0]), T([NAN])),
    (T([1.0]), T([1.0], dtype=torch.float64)),
    (T([1.0]), T([1.0, 1.0])),
    (T([[1.0]]), T([1.0])),
    (T([1.0]), np.array([1.0], dtype=np.float32)),
    (T([1.0]), [1.0]),
    (np.array([1.0]), np.array([1.5])),
    (np.array([1.0]), np.array([1.0], dtype=np.float32)),
    (np.array([NAN]), np.array([1.0])),
    (np.array([1.0]), T([1.0])),
    (np.array([1.0]), [1.0]),
    (np.array([1]), np.array([1, 1])),
    ({"a": 1}, {"a": 2}),
    ({"a": 1, "b": 1}, {"a": 1, "b": 2}),
    ({"a": 1, "b": 1}, {"a": 2, "b": 1}),
    ({"a": 1}, {"b": 1}),
    ({"a": 1}, {"a": 1, "b": 1}),
    ({"a": 1}, ["a"]),
    ({}, []),
    ([1, 2], [1, 3]),
    ([1, 2], [3, 2]),
    ([1], [1, 2]),
    ([1, 2], [1]),
    ([1], (1,)),
    ((1,), [1]),
    ([], ()),
    ([[1]], [[2]]),
    (1.5, 2.5),
    (NAN, 1.0),
    (1.0, NAN),
    (1, 1.0),
    (1, True),
    ("a", "b"),
    (None, 0),
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_the_same_data_are_identical(left: Any, right: Any) -> None:
    assert identical(left, right) is True


@pytest.mark.parametrize(("left", "right"), OTHER)
def test_other_data_are_not(left: Any, right: Any) -> None:
    assert identical(left, right) is False
