"""What an answer is called in what students read, and what stands for an answer that is no data."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from scipy import sparse

from autograder.sandbox.inside.wire.records import Named
from autograder.testing.kinds import Mismatch, NotData, Opaque, check_columns, kind_of, where


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "None (is a `return` missing?)"), (torch.zeros(1), "a tensor"), (np.zeros(1), "a NumPy array"),
        (1, "a whole number"), (1j, "a complex number"), ("x", "a text"), (b"x", "a bytes object"), (1.0, "a float"),
        (True, "a bool"), ([], "a list"), (Named.of("Secret", ("x",), (1,)), "a named tuple"),
        (sparse.csr_array((1, 1)), "a sparse array"), (sparse.coo_matrix((1, 1)), "a sparse array"),
        (pd.DataFrame(), "a DataFrame"),
        (pd.Series(dtype=float), "a Series"), (pd.Index([1]), "an Index"), (pd.Interval(0, 1), "an Interval"),
        (Opaque("meta tensor"), "a tensor on the device `meta`, which holds no numbers"),
        (Opaque("nested tensor"), "a nested tensor"),
        (Opaque("sparse tensor"), "a sparse tensor (`.to_dense()` makes it an ordinary one)"),
        (Opaque("quantized tensor"), "a quantised tensor (`.dequantize()` makes it an ordinary one)"),
        (Opaque("Secret"), "an object that is no plain data"),
    ],
)  # fmt: skip
def test_a_value_in_words(value: Any, words: str) -> None:
    assert kind_of(value) == words


def test_tables_of_polars_in_words() -> None:
    assert (kind_of(pl.DataFrame()), kind_of(pl.Series())) == ("a DataFrame of polars", "a Series of polars")


@pytest.mark.parametrize(
    "use",
    [
        operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge, operator.add, operator.sub,
        operator.mul, operator.truediv, operator.contains, operator.getitem, lambda one, _: 1 + one,
        lambda one, _: 1 - one, lambda one, _: 2 * one, lambda one, _: 1 / one, lambda one, _: bool(one),
        lambda one, _: float(one), lambda one, _: int(one), lambda one, _: len(one), lambda one, _: list(one),
        lambda one, _: abs(one),
    ],
)  # fmt: skip
def test_what_is_no_data_refuses_whatever_a_test_does_with_it(use: Callable[[Any, Any], Any]) -> None:
    with pytest.raises(Mismatch) as caught:
        use(Opaque("Secret"), 1)
    said = "The answer should be plain data, such as a number or a tensor, but is an object that is no plain data."
    assert (str(caught.value), caught.value.public) == (said, said)
    assert caught.value.private == "<a value of type 'Secret' that cannot be sent>"


def test_what_is_no_data_can_be_put_into_a_set_and_must_say_what_it_is() -> None:
    one = Opaque("x")
    assert hash(one) == object.__hash__(one)
    with pytest.raises(NotImplementedError):
        NotData().in_words()


def test_the_place_of_a_value_in_words() -> None:
    assert (where(""), where("[0]")) == ("The answer", "The answer's part `[0]`")
    assert (Mismatch("public").private, str(Mismatch("public", "private"))) == ("", "public")


@pytest.mark.parametrize(
    ("theirs", "public"),
    [
        (["a"], "It has no column 'b'."),
        ([], "It has no column 'a', 'b'."),
        (["a", "c", "d", "b"], "It has 2 columns more than expected: 'a', 'b'."),
        (["a", "b", "a"], "It has a column more than once."),
        (["b", "a"], "It should have its columns in this order: 'a', 'b'."),
    ],
)
def test_other_columns_than_expected_in_words(theirs: list[Any], public: str) -> None:
    with pytest.raises(Mismatch) as caught:
        check_columns("It", ["a", "b"], theirs)
    assert (caught.value.public, caught.value.private) == (
        public,
        f"got the columns {theirs!r}, expected ['a', 'b']",
    )
    check_columns("It", theirs, list(theirs))


def test_of_many_columns_eight_are_named_and_none_at_length() -> None:
    many = [f"{number}{'x' * 200}" for number in range(12)]
    with pytest.raises(Mismatch) as caught:
        check_columns("It", many, [])
    shown = [f"{name!r}"[:80] for name in many]
    assert caught.value.public == f"It has no column {', '.join(shown[:8])}."
    assert caught.value.private == f"got the columns [], expected {str(many)[:300]}"
    for theirs in ([*many, "more"], many[::-1]):
        with pytest.raises(Mismatch) as caught:
            check_columns("It", many, theirs)
        assert caught.value.public.endswith(f": {', '.join(map(repr, many[:8]))}.")
        assert caught.value.private == f"got the columns {str(theirs)[:300]}, expected {str(many)[:300]}"
