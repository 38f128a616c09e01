"""`close`: what it accepts, what it refuses, and that its public text holds no numbers of hidden inputs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Mismatch, close

T = torch.tensor
ACCEPTED = [
    (T([1.0, 2.0]), T([1.0, 2.0])),
    (T([1.0 + 1e-6]), T([1.0])),
    (1.0000001, 1.0),
    (T(3.0), 3.0),
    (3.0, T(3.0)),
    (T(3.0), np.float64(3.0)),
    (T(3), np.int32(3)),
    (3, 3.0),
    (T(3), 3),
    (True, True),
    (T(True), True),
    ("a", "a"),
    (None, None),
    ([1, T([2.0])], (1, T([2.0]))),
    ({"a": T([1])}, {"a": T([1])}),
    (T([math.inf]), T([math.inf])),
    (math.inf, math.inf),
    (torch.zeros(0, 3), torch.zeros(0, 3)),
    (T([1.0]), np.array([1.0], dtype=np.float32)),
    (T([1 + 1j]), T([1 + 1j])),
]


@pytest.mark.parametrize(("got", "expected"), ACCEPTED)
def test_accepted(got: Any, expected: Any) -> None:
    close(got, expected)


REFUSED = [
    (T([1.0, 2.1]), T([1.0, 2.0]), "values differ"),
    (T([[1.0]]), T([1.0]), r"shape \(1,\)"),
    (T(1.0), T([1.0]), "shape"),
    (torch.ones(3, 1), torch.ones(3), "shape"),
    (T([1.0], dtype=torch.float64), T([1.0]), "dtype float32"),
    (T([1]), T([1.0]), "dtype float32"),
    (T([True]), T([1]), "dtype int64"),
    (T([math.nan]), T([1.0]), "NaN"),
    (T([math.inf]), T([1.0]), "infinite"),
    (T([-math.inf]), T([math.inf]), "differ"),
    (T([1, 3]), T([1, 2]), "differ"),
    (math.nan, 1.0, "NaN"),
    (math.inf, 1.0, "infinite"),
    (1.1, 1.0, "wrong value"),
    (27.0, 27, "whole number"),
    (28, 27, "wrong value"),
    (True, 1, "should be a number"),
    (1, True, "should be"),
    (T([1.0]), 1.0, r"should be a number, but is a tensor of shape \(1,\)"),
    (np.float32(1), 1.0, "should be a number"),
    (np.ones(1), torch.ones(1), "NumPy"),
    ([1.0], T([1.0]), "torch.stack"),
    (None, T([1.0]), "return"),
    ("b", "a", "wrong value"),
    (1, "a", "should be a text"),
    ([1, 2], [1, 2, 3], "3 items, but has 2"),
    ([1, T([2.1])], [1, T([2.0])], r"part `\[1\]`"),
    ({"a": 1}, {"b": 1}, "other keys"),
    ({"a": 1}, {"a": 2}, r"part `\['a'\]`"),
    (3, {"a": 2}, "a dict"),
    (3, [1], "a list"),
]


@pytest.mark.parametrize(("got", "expected", "message"), REFUSED)
def test_refused(got: Any, expected: Any, message: str) -> None:
    with pytest.raises(Mismatch, match=message):
        close(got, expected)


def test_options() -> None:
    close(T([1.0], dtype=torch.float64), T([1.0]), dtype="any-float")
    close(T([1.0], dtype=torch.float64), T([1.0]), dtype=torch.float64)
    close(27.0, 27, dtype="any-float")
    close(T([1.2]), T([1.0]), atol=0.3)
    with pytest.raises(Mismatch, match="floating-point"):
        close(T([1]), T([1.0]), dtype="any-float")
    with pytest.raises(Mismatch):
        close(T([1.000001]), T([1.0]), atol=0.0, rtol=0.0)


def test_a_wrong_test_is_told_apart_from_a_wrong_answer() -> None:
    with pytest.raises(ValueError, match="the test is wrong"):
        close(T([1.0]), T([math.nan]))
    with pytest.raises(ValueError, match="shape"):
        close(T([1.0]), T([1.0]), shape=(2,))
    with pytest.raises(TypeError):
        close(1, object())


def test_half_precision_has_its_own_tolerance() -> None:
    close(T([1.004], dtype=torch.float16), T([1.0], dtype=torch.float16))
    with pytest.raises(Mismatch):
        close(T([1.1], dtype=torch.float16), T([1.0], dtype=torch.float16))


@given(st.lists(st.floats(-1e3, 1e3, width=32), min_size=1, max_size=6), st.floats(10, 1e3), st.data())
def test_private_text_names_the_place_and_public_text_no_value(numbers: list[float], off: float, data: Any) -> None:
    expected = T(numbers)
    got = expected.clone()
    place = data.draw(st.integers(0, len(numbers) - 1))
    got[place] += off
    with pytest.raises(Mismatch) as caught:
        close(got, expected)
    assert f"first at ({place},)" in caught.value.private
    assert not any(letter.isdigit() for letter in caught.value.public)
    assert str(caught.value) == caught.value.public
