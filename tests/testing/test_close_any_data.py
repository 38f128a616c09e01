"""`close` on arrays, frames, dates, sets and records, in the words of each field."""

from __future__ import annotations

import re
import warnings
from collections import namedtuple
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from autograder.sandbox.inside.wire.records import Named
from autograder.testing import Mismatch, Rng, close
from autograder.testing.proxy import RecordHandle

Point = namedtuple("Point", "x y")


@dataclass
class Account:
    owner: str
    balance: float


def sales(**changes: Any) -> pd.DataFrame:
    return pd.DataFrame({"price": [1.5, np.nan, 3.0], "city": ["Bern", "Basel", "Genf"], "sold": [1, 2, 3]}).assign(
        **changes
    )


MONTHS = pd.period_range("2026-01", periods=3, freq="M")
BINS = pd.IntervalIndex.from_breaks([0.0, 0.1, 0.2, 0.3])
FIELDS = np.array([(1, 2.5, "a")], dtype=[("n", "i4"), ("x", "f8"), ("t", "U4")])
MASKED = np.ma.masked_array([1.0, 2.0], [False, True])


def said(got: Any, expected: Any, **options: Any) -> str:
    with pytest.raises(Mismatch) as caught:
        close(got, expected, **options)
    return caught.value.public


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (np.array([1.0, 2.0]) + 1e-9, np.array([1.0, 2.0])),
        (np.array(["a", "longer"]), np.array(["a", "longer"], dtype="U40")),
        (np.array(["2026-01-01"], dtype="M8[D]"), np.array(["2026-01-01"], dtype="M8[D]")),
        (np.array([], dtype=float), np.array([], dtype=float)),
        (np.array([1 + 2j]), np.array([1 + 2j + 1e-9])),
        (2.0, np.float64(2.0)), (2**80, 2**80), (1 + 1j, 1 + 1j), (np.array(3), 3),
        (sales(), sales()), (sales().price, sales().price), (sales().columns, sales().columns),
        (sales(price=sales().price + 1e-9), sales()),
        (sales().groupby("city").price.sum(), sales().groupby("city").price.sum()),
        (sales(kind=pd.Categorical(["a", "b", "a"])), sales(kind=pd.Categorical(["a", "b", "a"]))),
        (sales(n=pd.array([1, None, 2], dtype="Int64")), sales(n=pd.array([1, None, 2], dtype="Int64"))),
        (sparse.csr_array(np.eye(3)), sparse.coo_array(np.eye(3))),
        (sales(month=MONTHS), sales(month=MONTHS)), (MONTHS, MONTHS), (MONTHS[0], MONTHS[0]),
        (MONTHS.array, MONTHS.array),
        (sales().set_index(BINS), sales().set_index(pd.IntervalIndex(BINS))), (pd.Interval(0, 1), pd.Interval(0, 1)),
        (pd.Series(pd.IntervalIndex.from_breaks(np.array([0.0, 0.1, 0.2]) + 1e-9)), pd.Series(BINS[:2])),
        (sales(rare=pd.arrays.SparseArray([0.0, 0, 1])), sales(rare=pd.arrays.SparseArray([0.0, 0, 1]))),
        (sales(n=pd.array([1, None, 2], dtype="int64[pyarrow]")), sales(n=pd.array([1, None, 2],
        dtype="int64[pyarrow]"))),
        (FIELDS, FIELDS), (FIELDS[0], FIELDS[0]), (FIELDS.astype([("n", "i4"), ("x", "f8"), ("t", "U9")]), FIELDS),
        (MASKED, MASKED), (np.ma.masked_array([1.0, 7.0], [False, True]), MASKED),
        (np.ma.masked_array([1.0]), np.array([1.0])),
        (np.datetime64("2026-01-01", "ns"), np.datetime64("2026-01-01", "ns")),
        ({1, 2}, {2, 1}), (date(2026, 1, 1), date(2026, 1, 1)), (Decimal("1.0"), Decimal("1.00")), (b"a", b"a"),
        (Named.of("Point", ("x", "y"), (1, 2.0)), Point(1, 2.0)), ((1, 2.0), Point(1, 2.0)),
        (RecordHandle(None, "Account", {"owner": "Ada", "balance": 2.0}), Account("Ada", 2.0)),
        ({"table": sales(), "days": [date(2026, 1, 1)]}, {"table": sales(), "days": [date(2026, 1, 1)]}),
    ],
)  # fmt: skip
def test_accepted(got: Any, expected: Any) -> None:
    close(got, expected)


@pytest.mark.parametrize(
    ("got", "expected", "words"),
    [
        ([1.0], np.array([1.0]), "should be a NumPy array, but is a list. Make one of it with `np.array`."),
        (np.array([1.0]), np.array([1]), "should have dtype int64, but has float64"),
        (np.array([1.0, np.nan]), np.array([1.0, 2.0]), "holds NaN"),
        (np.array([1.0, np.inf]), np.array([1.0, 2.0]), "holds infinite"),
        (np.array(["a"]), np.array(["b"]), "its values differ"),
        (np.array(3.0), np.array(2.0), "its values differ"),
        (np.zeros((2, 1)), np.zeros((1, 2)), "should have shape (1, 2), but has (2, 1)"),
        (sales().price, sales(), "should be a DataFrame, but is a Series. `.to_frame()`"),
        (sales()[["price", "city"]], sales(), "has no column 'sold'"),
        (sales(secret=1), sales(), "has 1 columns more than expected: 'price', 'city', 'sold'"),
        (sales()[["city", "price", "sold"]], sales(), "in this order: 'price', 'city', 'sold'"),
        (sales(price=["1.5", None, "3.0"]).astype({"price": object}), sales(),
         "Column 'price' has dtype object, expected float64."),
        (sales(price=[1.5, 2.0, 3.0]), sales(), "Column 'price' has a value, and should have none, in row 1"),
        (sales(price=[1.5, np.nan, np.nan]), sales(), "Column 'price' has no value in row 2"),
        (sales(sold=[1, 2, 4]), sales(), "Column 'sold' differs in 1 of 3 rows, first in row 2 (counted from 0)."),
        (sales().iloc[:2], sales(), "should have 3 rows, but has 2"),
        (sales().set_axis([3, 4, 5]), sales(), "index should count the rows from 0: see `reset_index`"),
        (sales().set_index("city"), sales().drop(columns="city"), "index should have no name, but has one"),
        (sales().price, sales().price.rename("cost"), "should be called 'cost'"),
        (sales().price.tolist(), sales().price, "should be a Series, but is a list"),
        (sales(kind=pd.Categorical(list("aba"))), sales(kind=pd.Categorical(list("abc"))), "other categories"),
        (np.eye(3), sparse.csr_array(np.eye(3)), "should be a sparse array, but is a NumPy array"),
        (sparse.csr_array(2 * np.eye(3)), sparse.csr_array(np.eye(3)), "3 of its values differ"),
        (sales(month=MONTHS + 1), sales(month=MONTHS), "Column 'month' differs in 3 of 3 rows, first in row 0"),
        (sales(month=MONTHS.asfreq("D")), sales(month=MONTHS), "has dtype period[D], expected period[M]"),
        (MONTHS.to_timestamp()[0], MONTHS[0], "should be a Period, but is a Timestamp"),
        (MONTHS[1], MONTHS[0], "has the wrong value"), (MONTHS, MONTHS.array, "should be an array of pandas, but is"),
        (pd.Series(BINS), pd.Series(pd.IntervalIndex.from_breaks([0, 0.1, 0.2, 0.4])),
         "right ends, differs in 1 of 3 rows, first in row 2"),
        (FIELDS[["n", "x"]], FIELDS, "has no field t"),
        (np.zeros(1), FIELDS, "should have the fields n, x, t, but has none"),
        (np.array([(1, 3.5, "a")], FIELDS.dtype), FIELDS, "part `x` has the right shape, but its values differ"),
        (np.array([1.0, 2.0]), MASKED, "should be a masked array, but has no mask"),
        (np.ma.masked_array([1.0, 2.0], [True, False]), MASKED, "masks 1 items, and other ones than the 1 expected"),
        (np.ma.masked_array([9.0, 2.0], [False, True]), MASKED, "its values differ"),
        (MASKED, np.array([1.0, 2.0]), "masks 1"),
        (np.datetime64("2026-01-02", "ns"), np.datetime64("2026-01-01", "ns"), "values differ"),
        ({1, 5}, {1, 2}, "lacks 1 of 2 items, and has 1 that do not belong there"),
        ([1, 2], {1, 2}, "should be a set, but is a list"),
        ("2026-01-01", date(2026, 1, 1), "should be a date, but is a text"),
        (1.0, Decimal(1), "should be a Decimal, but is a float"),
        (Named.of("Point", ("x", "z"), (1, 2)), Point(1, 2), "has no field y"),
        (3, Point(1, 2), "should have the fields x, y"),
        (RecordHandle(None, "Account", {"owner": "Ada", "balance": 1.0}), Account("Ada", 2.0),
         "part `balance` has the wrong value"),
    ],
)  # fmt: skip
def test_refused_in_the_field_s_words(got: Any, expected: Any, words: str) -> None:
    assert words in said(got, expected)


def test_nothing_of_the_answer_s_own_words_is_public() -> None:
    """A student could name a column after a hidden input."""
    assert "secret" not in said(sales(secret=1), sales())
    assert "secret" not in said(sales().rename_axis("secret"), sales())
    assert "secret" not in said(sales().price.rename("secret"), sales().price)


def test_complex_numbers_are_compared_in_both_parts() -> None:
    close(np.array([1 + 1.00001j]), np.array([1 + 1j]))
    for other in (1 + 1.1j, 1.1 + 1j, 1 - 1j):
        assert "values differ" in said(np.array([other]), np.array([1 + 1j]))


def test_infinities_are_compared_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        close(np.array([np.inf, -np.inf, 1.0]), np.array([np.inf, -np.inf, 1.0]))
        assert "values differ" in said(np.array([np.inf]), np.array([-np.inf]))
        assert "values differ" in said(np.array([1e308]), np.array([-1e308]))


@pytest.mark.parametrize(
    ("expected", "options", "why"),
    [
        (np.array([1.0]), {"shape": (2,)}, "close(shape=(2,)) but the expected value has (1,)"),
        (np.array([np.nan]), {}, "the expected value holds NaN: the test is wrong"),
        (np.array([1.0]), {"dtype": "odd"}, "close(dtype='odd') for a NumPy array: expected a dtype of NumPy"),
    ],
)
def test_a_mistake_of_the_author_is_no_mismatch(expected: Any, options: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(why)):
        close(np.array([1.0]), expected, **options)
    close(np.ones(2), np.ones(2), shape=(2,))
    close([np.ones(2)], [np.ones(2)], shape=(1,))  # parts have shapes of their own


def test_a_tolerance_and_any_float() -> None:
    close(sales(price=sales().price + 0.1), sales(), atol=0.2)
    close(sales(sold=[1.0, 2.0, 3.0]), sales(), dtype="any-float")
    assert "dtype float64, expected int64" in said(sales(sold=[1.0, 2.0, 3.0]), sales())


def test_frames_are_drawn_and_drawn_again() -> None:
    def drawn(seed: int) -> pd.DataFrame:
        return Rng(seed).frame(
            50,
            {"price": (1.0, 9.0), "sold": range(1, 8, 2), "city": ["Bern", "Genf"],
             "when": (date(2026, 1, 1), date(2026, 1, 31)), "noise": lambda draw, rows: draw.normal(size=rows)},
            missing=0.2,
        )  # fmt: skip

    table = drawn(1)
    assert dict(table.dtypes.astype(str)) | {"city": "", "when": ""} == {
        "price": "float64", "sold": "int64", "city": "", "when": "", "noise": "float64"}  # fmt: skip
    assert table.price.isna().any()
    assert not table.sold.isna().any()
    assert set(table.sold) <= {1, 3, 5, 7}
    assert table.when.dropna().between("2026-01-01", "2026-01-31").all()
    pd.testing.assert_frame_equal(table, drawn(1))
    assert not table.equals(drawn(2))
    assert Rng(1).numpy.normal(size=(2, 3)).shape == (2, 3)


@pytest.mark.parametrize("column", [[], "text", (1, "b"), range(0)])
def test_a_column_of_another_form_is_refused(column: Any) -> None:
    with pytest.raises(TypeError, match="column 'a' is"):
        Rng(1).frame(3, {"a": column})
