"""`close` on frames and series of polars: what it accepts, and all that students and instructors read.

Tables are made in the tests, not before them: threads of polars do not survive a fork, and `make mutate` forks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import polars as pl
import pytest

from autograder.testing import Mismatch, close

Pair = Callable[[], tuple[Any, Any]]
NAN = float("nan")
FRAME = pd.DataFrame({"price": [1.5], "city": ["Bern"], "sold": [1]})


def table(**changes: Any) -> pl.DataFrame:
    return pl.DataFrame({"price": [1.5, None, 3.0], "city": ["Bern", "Basel", None], "sold": [1, 2, 3]}).with_columns(
        **{name: pl.Series(values) for name, values in changes.items()}
    )


@pytest.mark.parametrize(
    ("pair", "options"),
    [
        (lambda: (table(), table()), {}),
        (lambda: (table(price=[1.5 + 1e-9, None, 3.0]), table()), {}),
        (lambda: (table()["city"], table()["city"]), {}),
        (lambda: (table(price=[1.0, NAN, None]), table(price=[1.0, NAN, None])), {}),
        (lambda: (table(sold=[1.0, 2.0, 3.0]), table()), {"dtype": "any-float"}),
        (lambda: (table(price=[1.6, None, 3.1]), table()), {"atol": 0.2}),
        (lambda: (table(sold=[[1], [2], None]), table(sold=[[1], [2], None])), {}),
        (lambda: (table().head(0), table().head(0)), {}),
    ],
)
def test_accepted(pair: Pair, options: dict[str, Any]) -> None:
    got, expected = pair()
    close(got, expected, **options)


WORDS = [  # got and expected, options, what students read, what instructors read
    (lambda: ([3], [table()]), {},
     "The answer's part `[0]` should be a DataFrame of polars, but is a whole number.", ""),
    (lambda: ([3], [table()["sold"]]), {},
     "The answer's part `[0]` should be a Series of polars, but is a whole number.", ""),
    (lambda: (FRAME, table()), {}, "The answer should be a DataFrame of polars, but is a DataFrame.", ""),
    (lambda: (table(), FRAME), {}, "The answer should be a DataFrame, but is a DataFrame of polars.", ""),
    (lambda: (table().select("city", "price"), table()), {}, "The answer has no column 'sold'.",
     "got the columns ['city', 'price'], expected ['price', 'city', 'sold']"),
    (lambda: ([table()["sold"].head(1)], [table()["sold"]]), {},
     "The answer's part `[0]` should have 3 values, but has 1.", ""),
    (lambda: (table()["sold"], table()["sold"].alias("b")), {},
     "The answer should be called 'b', but is called otherwise.", "got the name 'sold'"),
    (lambda: ([table().head(2)], [table()]), {}, "The answer's part `[0]` should have 3 rows, but has 2.", ""),
    (lambda: ([table(sold=[1.0, 2.0, 3.0])], [table()]), {},
     "Column 'sold' of the answer's part `[0]` has dtype Float64, expected Int64.", ""),
    (lambda: (table(sold=[1.0, 2.0, 3.0]), table()), {}, "Column 'sold' has dtype Float64, expected Int64.", ""),
    (lambda: (table(sold=["1", "2", "3"]), table()), {"dtype": "any-float"},
     "Column 'sold' has dtype String, expected Int64.", ""),
    (lambda: (table(price=[1, 2, 3]), table()), {"dtype": "any-float"},
     "Column 'price' has dtype Int64, expected Float64.", ""),
    (lambda: (table(city=[1.0, 2.0, 3.0]), table()), {"dtype": "any-float"},
     "Column 'city' has dtype Float64, expected String.", ""),
    (lambda: (table(price=[1.5, None, None]), table()), {},
     "Column 'price' has no value in row 2 (counted from 0).", ""),
    (lambda: (table(price=[1.5, NAN, 3.0]), table()), {}, "Column 'price' is NaN in row 1 (counted from 0).", ""),
    (lambda: (table(price=[1.5, 2.0, 3.0]), table()), {},
     "Column 'price' has a value, and should have none, in row 1 (counted from 0).", ""),
    (lambda: (table(), table(price=[1.5, NAN, 3.0])), {}, "Column 'price' has no value in row 1 (counted from 0).", ""),
    (lambda: (table(price=[1.5, None, 4.0]), table()), {},
     "Column 'price' differs in 1 of 3 rows, first in row 2 (counted from 0).", "there: got 4.0, expected 3.0"),
    (lambda: (table(city=["Bern", "Genf", None]), table()), {},
     "Column 'city' differs in 1 of 3 rows, first in row 1 (counted from 0).", "there: got 'Genf', expected 'Basel'"),
    (lambda: (table(sold=[True, False, None]), table(sold=[True, True, None])), {},
     "Column 'sold' differs in 1 of 3 rows, first in row 1 (counted from 0).", "there: got False, expected True"),
    (lambda: (table(sold=[[1], [3], None]).head(1), table(sold=[["a"], [], None]).head(1)), {},
     "Column 'sold' has dtype List(Int64), expected List(String).", ""),
    (lambda: (table()["sold"] + 1, table()["sold"]), {},
     "The answer differs in 3 of 3 rows, first in row 0 (counted from 0).", "there: got 2, expected 1"),
    (lambda: (table()["sold"].alias("x" * 300), table()["sold"].alias("y" * 300)), {},
     f"The answer should be called '{'y' * 79}, but is called otherwise.", f"got the name '{'x' * 199}"),
]  # fmt: skip


@pytest.mark.parametrize(("pair", "options", "public", "private"), WORDS)
def test_the_words_for_students_and_for_instructors(
    pair: Pair, options: dict[str, Any], public: str, private: str
) -> None:
    got, expected = pair()
    with pytest.raises(Mismatch) as caught:
        close(got, expected, **options)
    assert (caught.value.public, caught.value.private) == (public, private)
