"""Are two values the same data? What decides whether an argument was changed, and whether an answer varies."""

from __future__ import annotations

import math
import sys
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from scipy import sparse

from autograder.sandbox.inside.wire.records import Named, NamedData
from autograder.testing.same import identical, is_frame, is_polars, is_sparse

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


FRAME = pd.DataFrame({"a": [1.0, NAN], "b": ["x", None]})
LEVELS = pd.MultiIndex.from_tuples([(1, "x"), (2, "y")], names=["n", "t"])
REAL_LEVELS = LEVELS.set_levels([[1.0, 2.0], ["x", "y"]])
FIELDS = np.array([(1, NAN), (2, 2.0)], dtype=[("n", "i4"), ("x", "f8")])
MASKED = np.ma.masked_array([1.0, 2.0], [False, True])
OBJECTS = np.array([[1.0], None, NAN], dtype=object)
NAMED = pd.DataFrame({"name": ["a", "b"], "names": [1, 2], "index": [1, 2]}, index=pd.Index([1, 2], name=NAN))
POINT = NamedData("Point", {"x": 1, "y": [NAN]})


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (FRAME, FRAME.copy()), (FRAME["a"], FRAME["a"].copy()), (FRAME.columns, FRAME.columns.copy()),
        (pd.array([1, None]), pd.array([1, None])), (FRAME.set_axis(LEVELS), FRAME.set_axis(LEVELS)),
        (sparse.csr_array(np.eye(2)), sparse.csr_array(np.eye(2))),
        (POINT, NamedData("Point", {"x": 1, "y": [NAN]})),
        (NamedData("P", {"x": T([NAN, 1.0])}), NamedData("P", {"x": T([NAN, 1.0])})), ({"p": [POINT]}, {"p": [POINT]}),
        (Named.of("Point", ("x",), (NAN,)), Named.of("Point", ("x",), (NAN,))),
        (FIELDS, FIELDS.copy()), (MASKED, MASKED.copy()), (np.ma.masked_array([1.0, 9.0], [False, True]), MASKED),
        (np.ma.masked_array([NAN, 2.0], [False, True]), np.ma.masked_array([NAN, 3.0], [False, True])),
        (OBJECTS, OBJECTS.copy()), (np.array(["a"]), np.array(["a"], "U9")),
        (np.array(["NaT", "2026-01-01"], "M8[D]"), np.array(["NaT", "2026-01-01"], "M8[D]")),
        (np.array([complex(NAN, 1)]), np.array([complex(NAN, 1)])),
        (NAMED, NAMED.copy()), (NAMED["name"], NAMED["name"].copy()), (NAMED.index, NAMED.index.copy()),
        (pd.Series({"name": 1, "columns": 2, "dtype": 3}), pd.Series({"name": 1, "columns": 2, "dtype": 3})),
        ({float("nan"), 1}, {float("nan"), 1}), (frozenset({("a", float("nan"))}), frozenset({("a", float("nan"))})),
        ({float("nan"): 1}, {float("nan"): 1}), ({Decimal("NaN")}, {Decimal("NaN")}),
        ({frozenset({float("nan")})}, {frozenset({float("nan")})}), (set(), set()),
    ],
)  # fmt: skip
def test_the_same_tables_arrays_and_records_are_identical(left: Any, right: Any) -> None:
    assert identical(left, right) is True


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (FRAME, FRAME.assign(a=[1.0, 2.0])), (FRAME, FRAME["a"]), (FRAME, None), (FRAME["a"], FRAME["a"].rename("c")),
        (FRAME, FRAME.rename_axis("rows")), (FRAME, FRAME.rename_axis("names", axis="columns")),
        (FRAME["a"], FRAME["a"].rename_axis("rows")), (FRAME, FRAME.set_axis([0.0, 1.0])),
        (FRAME["a"], FRAME["a"].set_axis([0.0, 1.0])), (pd.Index([1], name="a"), pd.Index([1], name="b")),
        (FRAME.set_axis(LEVELS), FRAME.set_axis(LEVELS.set_names(["n", "s"]))),
        (pd.array([1, None]), pd.array([1, 2])), (pd.array([1]), pd.Series(pd.array([1]))),
        (sparse.csr_array(np.eye(2)), sparse.csr_array(2 * np.eye(2))), (sparse.csr_array(np.eye(2)), np.eye(2)),
        (sparse.csr_array(np.eye(2)), sparse.coo_array(np.eye(2))),
        (sparse.csr_array((2, 2)), sparse.csr_array((2, 3))),
        (sparse.csr_array(np.eye(2)), sparse.csr_array(np.eye(2, dtype="float32"))),
        (POINT, NamedData("Point", {"x": 1, "y": [2]})), (POINT, NamedData("Place", {"x": 1, "y": [NAN]})),
        (POINT, {"x": 1, "y": [NAN]}), (Named.of("Point", ("x",), (1,)), Named.of("Point", ("x",), (2,))),
        (Named.of("Point", ("x",), (1,)), Named.of("Point", ("y",), (1,))),
        (Named.of("Point", ("x",), (1,)), Named.of("Place", ("x",), (1,))),
        (Named.of("Point", ("x",), (1,)), (1,)), ((1,), Named.of("Point", ("x",), (1,))),
        (Named.of("Point", ("x", "y"), (1, 2)), Named.of("Point", ("y", "x"), (1, 2))),
        (Named.of("Point", ("x", "y"), (1, 2)), Named.of("Point", ("x",), (1,))),
        ({1}, {True}), ({1}, {1.0}), ({1}, {2}), ({1}, {1, 2}), ({1, 2}, {1}), ({1}, frozenset({1})), ({1}, [1]),
        ({(1, "a")}, {(True, "a")}), ({float("nan")}, {1.0}), ({1: 2}, {True: 2}), ({1: 2}, {1.0: 2}),
        ({float("nan"): 1}, {float("nan"): 2}), ({(1,)}, {frozenset({1})}), ({NAN}, {complex(NAN, 0)}),
        ({complex(NAN, 1)}, {complex(NAN, 2)}), ({frozenset({1})}, {frozenset({True})}),
        (pd.Index([1]), pd.Index([1.0])), (LEVELS, LEVELS.set_names(["n", "s"])), (LEVELS, REAL_LEVELS),
        (FRAME["a"].set_axis(LEVELS), FRAME["a"].set_axis(REAL_LEVELS)),
        (pd.arrays.IntervalArray.from_breaks([0, 1]), pd.arrays.IntervalArray.from_breaks([0.0, 1.0])),
        (NAMED, NAMED.rename_axis("row")), (NAMED["name"], NAMED["name"].rename(1)),
        (FIELDS, np.array([(1, NAN), (3, 2.0)], FIELDS.dtype)), (FIELDS, FIELDS[["n"]]), (FIELDS[["n"]], FIELDS["n"]),
        (FIELDS, np.array([(1, 1.0), (2, 2.0)], FIELDS.dtype)), (FIELDS, FIELDS[:1]),
        (FIELDS, FIELDS.astype([("n", "i8"), ("x", "f8")])),
        (MASKED, np.array([1.0, 2.0])), (np.array([1.0, 2.0]), MASKED),
        (MASKED, np.ma.masked_array([1.0, 2.0], [True, False])),
        (MASKED, np.ma.masked_array([3.0, 2.0], [False, True])),
        (OBJECTS, np.array([[1.0], None, 1.0], dtype=object)), (OBJECTS, np.array([[2.0], None, NAN], dtype=object)),
        (np.array(["a"]), np.array(["b"], "U9")), (np.array(["a"]), np.array([b"a"])), (np.array([b"a"]),
        np.array(["a"])), (np.array(["NaT"], "M8[D]"), np.array(["2026-01-01"], "M8[D]")),
    ],
)  # fmt: skip
def test_other_tables_arrays_and_records_are_not(left: Any, right: Any) -> None:
    assert identical(left, right) is False


def test_tables_of_polars() -> None:
    """They are made here, not before: threads of polars do not survive a fork, and `make mutate` forks."""
    table = pl.DataFrame({"a": [1.0, None], "b": ["x", "y"]})
    other = pl.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
    assert identical(table, table.clone()) is True
    assert identical(table["a"], table["a"].clone()) is True
    for left, right in (
        (table, other), (other, table), (table, table["a"]), (table["a"], table), (table, FRAME), (FRAME, table),
        (table["a"], other["a"]), (pl.DataFrame({"a": [1]}), pl.DataFrame({"a": [1.0]})),
        (pl.Series("a", [1]), pl.Series("a", [1.0])), (pl.DataFrame({"a": [1]}), pl.DataFrame({"b": [1]})),
    ):  # fmt: skip
        assert identical(left, right) is False


def test_without_its_library_nothing_is_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix, table = sparse.csr_array(np.eye(2)), pl.DataFrame()
    assert (is_frame(FRAME), is_polars(table), is_sparse(matrix)) == (True, True, True)
    assert (is_frame(table), is_polars(FRAME), is_sparse(FRAME)) == (False, False, False)
    for name in ("pandas", "polars", "scipy.sparse"):
        monkeypatch.delitem(sys.modules, name)
    assert (is_frame(FRAME), is_polars(table), is_sparse(matrix)) == (False, False, False)


def test_integers_that_cannot_be_written_down_are_items_and_keys() -> None:
    long = 10**5000
    assert identical({long}, {10**5000}) is True
    assert identical({(long, "a"): 1}, {(10**5000, "a"): 1}) is True
    assert identical({long}, {long + 1}) is False
