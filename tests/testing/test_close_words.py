"""What `close` says of arrays, fields, frames and sparse arrays: all that students and instructors read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from autograder.testing import Mismatch, close

BINS = pd.IntervalIndex.from_breaks([0.0, 0.1, 0.2, 0.3])
FIELDS = np.array([(1, 2.5, "a")], dtype=[("n", "i4"), ("x", "f8"), ("t", "U4")])
LEVELS = pd.MultiIndex.from_tuples([(1, "x"), (2, "y")], names=["n", "t"])
MASKED = np.ma.masked_array([1.0, 2.0], [False, True])
TWO = pd.Series([1.0, 2.0], name="a")


def sales(**changes: Any) -> pd.DataFrame:
    return pd.DataFrame({"price": [1.5, np.nan, 3.0], "city": ["Bern", "Basel", "Genf"], "sold": [1, 2, 3]}).assign(
        **changes
    )


WORDS = [  # got, expected, options, what students read, what instructors read
    (np.array([1.0, 5.0, 7.0]), np.array([1.0, 2.0, 3.0]), {},
     "The answer has the right shape, but its values differ.",
     "2 of 3 values differ; first at (1,): got np.float64(5.0), expected np.float64(2.0)"),
    ([np.array([[1, 5]])], [np.array([[1, 2]])], {},
     "The answer's part `[0]` has the right shape, but its values differ.",
     "1 of 2 values differ in [0]; first at (0, 1): got np.int64(5), expected np.int64(2)"),
    ([np.array([1.0])], [np.array([1.0, 2.0])], {},
     "The answer's part `[0]` should have shape (2,), but has (1,).", ""),
    ((np.array([1.0]),), (np.array([1]),), {}, "The answer's part `[0]` should have dtype int64, but has float64.", ""),
    ("a", np.array([1.0]), {}, "The answer should be a NumPy array, but is a text.", ""),
    ((1.0,), np.array([1.0]), {},
     "The answer should be a NumPy array, but is a tuple. Make one of it with `np.array`.", ""),
    ([3.0], [np.array(2.0)], {}, "The answer's part `[0]` has the wrong value.", "got 3.0, expected 2.0"),
    (True, np.array(1.0), {}, "The answer should be a NumPy array, but is a bool.", ""),
    (1.0, np.array([1.0]), {}, "The answer should be a NumPy array, but is a float.", ""),
    (np.array([1.0, np.nan]), np.array([1.0, 2.0]), {}, "The answer holds NaN.", "1 of 2 are NaN"),
    ([np.array([1.0, -np.inf])], [np.array([1.0, 2.0])], {},
     "The answer's part `[0]` holds infinite numbers.", "1 of 2 are infinite"),
    (np.array([np.inf, np.inf]), np.array([np.inf, 2.0]), {},
     "The answer holds infinite numbers.", "1 of 2 are infinite"),
    (np.array([np.inf]), np.array([-np.inf]), {},
     "The answer has the right shape, but its values differ.",
     "1 of 1 values differ; first at (0,): got np.float64(inf), expected np.float64(-inf)"),
    ([np.array([1])], [np.array([1.0])], {"dtype": "any-float"},
     "The answer's part `[0]` should hold floating-point numbers, but has dtype int64.", ""),
    (np.array([1.0]), np.array([1.0]), {"dtype": "float32"},
     "The answer should have dtype float32, but has float64.", ""),
    (np.array([True]), np.array([False]), {},
     "The answer has the right shape, but its values differ.",
     "1 of 1 values differ; first at (0,): got np.True_, expected np.False_"),
    ([np.array([1.0, 2.0])], [MASKED], {}, "The answer's part `[0]` should be a masked array, but has no mask.", ""),
    ([MASKED], [np.ma.masked_array([1.0, 2.0], [True, True])], {},
     "The answer's part `[0]` masks 1 items, and other ones than the 2 expected.", ""),
    ([FIELDS["n"]], [FIELDS], {}, "The answer's part `[0]` should have the fields n, x, t, but has none.", ""),
    ([FIELDS], [FIELDS["n"]], {}, "The answer's part `[0]` should have no fields.", "it has ('n', 'x', 't')"),
    ([FIELDS[["x"]]], [FIELDS], {}, "The answer's part `[0]` has no field n, t.", "it has ('x',)"),
    (FIELDS, FIELDS[["n", "x"]], {}, "The answer has fields more than expected: n, x.", "it has ('n', 'x', 't')"),
    ([np.array([(1, 3.5, "a")], FIELDS.dtype)], [FIELDS], {},
     "The answer's part `[0]['x']` has the right shape, but its values differ.",
     "1 of 1 values differ in [0]['x']; first at (0,): got np.float64(3.5), expected np.float64(2.5)"),
    ([sales().price], [sales()], {},
     "The answer's part `[0]` should be a DataFrame, but is a Series. `.to_frame()` makes a frame of it.", ""),
    ([3], [sales()], {}, "The answer's part `[0]` should be a DataFrame, but is a whole number.", ""),
    (sales().iloc[:2], sales(), {}, "The answer should have 3 rows, but has 2.", ""),
    (sales(sold=[1, 2, 4]), sales(), {},
     "Column 'sold' differs in 1 of 3 rows, first in row 2 (counted from 0).",
     "there: got np.int64(4), expected np.int64(3)"),
    ({"a": [1, sales(price=[1.5, np.nan, 9.0])]}, {"a": [1, sales()]}, {},
     "Column 'price' of the answer's part `['a'][1]` differs in 1 of 3 rows, first in row 2 (counted from 0).",
     "there: got np.float64(9.0), expected np.float64(3.0)"),
    (sales(price=[np.nan, np.nan, 3.0]), sales(), {}, "Column 'price' has no value in row 0 (counted from 0).", ""),
    (sales(price=[1.5, 1.0, 3.0]), sales(), {},
     "Column 'price' has a value, and should have none, in row 1 (counted from 0).", ""),
    (sales().rename_axis("mine", axis="columns"), sales(), {},
     "The answer's columns should have no name, but has one.", "got ['mine']"),
    (sales().set_axis([1, 2, 3]), sales(), {},
     "The answer's index should count the rows from 0: see `reset_index`.", ""),
    (sales().set_axis([0.0, 1.0, 2.0]), sales(), {},
     "The answer's index should count the rows from 0: see `reset_index`.", ""),
    (sales().rename_axis("mine"), sales().rename_axis("theirs"), {},
     "The answer's index should be named 'theirs', but is named otherwise.", "got ['mine']"),
    (sales().set_axis(list("abd")), sales().set_axis(list("abc")), {},
     "The answer's index differs in 1 of 3 rows, first in row 2 (counted from 0).", "there: got 'd', expected 'c'"),
    (TWO, TWO.rename(None), {}, "The answer should have no name, but is called otherwise.", "got the name 'a'"),
    (TWO, TWO.rename("b"), {}, "The answer should be called 'b', but is called otherwise.", "got the name 'a'"),
    ([TWO.head(1)], [TWO], {}, "The answer's part `[0]` should have 2 values, but has 1.", ""),
    ([3], [TWO], {}, "The answer's part `[0]` should be a Series, but is a whole number.", ""),
    (TWO.set_axis(LEVELS), TWO, {}, "The answer's index should have 1 levels, but has 2.", ""),
    (TWO.set_axis(LEVELS), TWO.set_axis(LEVELS.set_names(["n", "s"])), {},
     "The answer's index should be named 'n', 's', but is named otherwise.", "got ['n', 't']"),
    (TWO.set_axis(LEVELS), TWO.set_axis(pd.MultiIndex.from_tuples([(1, "x"), (2, "z")], names=["n", "t"])), {},
     "The answer's index, level 1, differs in 1 of 2 rows, first in row 1 (counted from 0).",
     "there: got 'y', expected 'z'"),
    (TWO.set_axis([5.0, 6.0]), TWO.set_axis([5.0, 7.0]), {},
     "The answer's index differs in 1 of 2 rows, first in row 1 (counted from 0).",
     "there: got np.float64(6.0), expected np.float64(7.0)"),
    ([pd.Index([1, 2])], [pd.Index([1])], {}, "The answer's part `[0]` should have 1 entries, but has 2.", ""),
    ([3], [pd.Index([1])], {}, "The answer's part `[0]` should be an index of pandas, but is a whole number.", ""),
    (pd.Index([1, 2], name="a"), pd.Index([1, 2], name="b"), {},
     "The answer should be named 'b', but is named otherwise.", "got ['a']"),
    (pd.array([1, 2]), pd.array([1]), {}, "The answer should have 1 values, but has 2.", ""),
    ([3], [pd.array([1])], {}, "The answer's part `[0]` should be an array of pandas, but is a whole number.", ""),
    (pd.array([2]), pd.array([1]), {},
     "The answer differs in 1 of 1 rows, first in row 0 (counted from 0).",
     "there: got np.int64(2), expected np.int64(1)"),
    (sales(kind=pd.Categorical(list("aba"), ordered=True)), sales(kind=pd.Categorical(list("aba"))), {},
     "Column 'kind' should have unordered categories.", ""),
    (sales(kind=pd.Categorical(list("aba"))), sales(kind=pd.Categorical(list("aba"), ordered=True)), {},
     "Column 'kind' should have ordered categories.", ""),
    (sales(kind=pd.Categorical(list("aba"))), sales(kind=pd.Categorical(list("abc"))), {},
     "Column 'kind' has other categories than expected.", "got ['a', 'b'], expected ['a', 'b', 'c']"),
    (pd.Categorical(list("ab"), ["b", "a"], ordered=True), pd.Categorical(list("ab"), ordered=True), {},
     "The answer has other categories than expected.", "got ['b', 'a'], expected ['a', 'b']"),
    (sales(kind=pd.Categorical(list("abb"))), sales(kind=pd.Categorical(list("aba"))), {},
     "Column 'kind' differs in 1 of 3 rows, first in row 2 (counted from 0).", "there: got 'b', expected 'a'"),
    (sales(sold=[1.0, 2.0, 3.0]), sales(), {}, "Column 'sold' has dtype float64, expected int64.", ""),
    ([sales(), sales(sold=[1.0, 2.0, 3.0])], [sales(), sales()], {},
     "Column 'sold' of the answer's part `[1]` has dtype float64, expected int64.", ""),
    ([sales(price=[1.5, 1.0, 3.0])], [sales()], {},
     "Column 'price' of the answer's part `[0]` has a value, and should have none, in row 1 (counted from 0).", ""),
    (sales(price=[1, 2, 3]), sales(), {"dtype": "any-float"}, "Column 'price' has dtype int64, expected float64.", ""),
    (sales(sold=[1, 2, 4]), sales(), {"dtype": "any-float"},
     "Column 'sold' differs in 1 of 3 rows, first in row 2 (counted from 0).",
     "there: got np.int64(4), expected np.int64(3)"),
    (pd.Series(BINS), pd.Series(pd.IntervalIndex.from_breaks([0.1, 0.1, 0.2, 0.3])), {},
     "The answer, left ends, differs in 1 of 3 rows, first in row 0 (counted from 0).",
     "there: got np.float64(0.0), expected np.float64(0.1)"),
    ([np.eye(3)], [sparse.csr_array(np.eye(3))], {},
     "The answer's part `[0]` should be a sparse array, but is a NumPy array.", ""),
    ([sparse.csr_array(np.eye(2))], [sparse.csr_array(np.eye(3))], {},
     "The answer's part `[0]` should have shape (3, 3), but has (2, 2).", ""),
    (sparse.csr_array(np.eye(2, dtype=int)), sparse.csr_array(np.eye(2)), {},
     "The answer should have dtype float64, but has int64.", ""),
    ([sparse.csr_array(np.eye(2, dtype=int))], [sparse.csr_array(np.eye(2))], {"dtype": "any-float"},
     "The answer's part `[0]` should hold floating-point numbers, but has dtype int64.", ""),
    ([sparse.csr_array(np.diag([1.0, np.nan]))], [sparse.csr_array(np.eye(2))], {},
     "The answer's part `[0]` holds NaN or infinite numbers.", ""),
    ([sparse.csr_array(np.diag([1.0, 3.0, 4.0]))], [sparse.csr_array(np.eye(3))], {},
     "The answer's part `[0]` has the right shape, but 2 of its values differ.",
     "first at (1, 1): off by np.float64(2.0)"),
]  # fmt: skip


@pytest.mark.parametrize(("got", "expected", "options", "public", "private"), WORDS)
def test_the_words_for_students_and_for_instructors(
    got: Any, expected: Any, options: dict[str, Any], public: str, private: str
) -> None:
    with pytest.raises(Mismatch) as caught:
        close(got, expected, **options)
    assert (caught.value.public, caught.value.private) == (public, private)


def test_the_order_of_categories_counts_where_they_are_ordered() -> None:
    letters, ordered = pd.Categorical(list("ab")), pd.Categorical(list("ab"), ordered=True)
    close(sales(kind=pd.Categorical(list("aba"), ["b", "a"])), sales(kind=pd.Categorical(list("aba"), ["a", "b"])))
    close(letters, pd.Categorical(list("ab"), ["b", "a"]))
    close(ordered, pd.Categorical(list("ab"), ["a", "b"], ordered=True))
    with pytest.raises(Mismatch, match="other categories"):
        close(ordered, pd.Categorical(list("ab"), ["b", "a"], ordered=True))
