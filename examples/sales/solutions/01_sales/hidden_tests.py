"""Hidden tests of 01_sales: frames are drawn for every notebook, and travel to the student's code as data."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from personal import CITIES as SHOPS
from personal import share_of

from autograder.testing import close, public_twin, question, unchanged

CITIES = ["Bern", "Basel", "Genève", "Chur"]


def drawn_sales(rng, missing=0.0):
    """Forty sales of one year, in no order."""
    columns = {
        "date": (date(2025, 1, 1), date(2025, 12, 31)),
        "city": CITIES,
        "price": (1.0, 20.0),
        "count": range(1, 9),
    }
    sales = rng.frame(40, columns)
    sales["price"] = sales["price"].round(2).mask(rng.numpy.random(40) < missing)
    return sales


@question("load_sales")
def test_the_file_beside_the_notebook(student):
    """It reads the file that it is given: here data/sales.csv."""
    sales = pd.read_csv("data/sales.csv", parse_dates=["date"]).dropna(subset=["price"])
    close(student.load_sales("data/sales.csv"), sales.sort_values("date", kind="stable", ignore_index=True))


@question("load_sales")
def test_another_file(student, remote, rng):
    """Any file will do: dates become dates, rows are in their order, and rows without a price are left out."""
    sales = drawn_sales(rng, missing=0.3)
    writer = remote.probe("def write(text):\n    open('other.csv', 'w').write(text)\n")
    writer.write(sales.to_csv(index=False))
    expected = sales.dropna(subset=["price"]).sort_values("date", kind="stable", ignore_index=True)
    got = student.load_sales("other.csv")
    close(got.astype({"date": "datetime64[ns]"}), expected.astype({"date": "datetime64[ns]"}))


@question("with_revenue", twin=public_twin("with_revenue", pd.DataFrame({"price": [2.5, 4.0], "count": [2, 1]})))
def test_revenue(student, rng):
    """It is price times count, in a column of its own after the others."""
    sales = drawn_sales(rng)
    with unchanged(sales):
        close(student.with_revenue(sales), sales.assign(revenue=sales["price"] * sales["count"]))


@question("by_city")
def test_sums(student, rng):
    """One sum a city, the largest first."""
    sales = drawn_sales(rng)
    sales["revenue"] = sales["price"] * sales["count"]
    close(student.by_city(sales), sales.groupby("city")["revenue"].sum().sort_values(ascending=False))


@question("best_month")
@pytest.mark.parametrize("month", [2, 7, 12])
def test_month(student, rng, month):
    """All sales of a month count together, and one large sale does not make the best month."""
    sales = drawn_sales(rng)
    sales["revenue"] = sales["price"]
    few = pd.DataFrame(
        {"date": pd.to_datetime([f"2025-{month:02d}-{day:02d}" for day in (3, 17, 28)]), "revenue": 400.0}
    )
    other = pd.DataFrame({"date": pd.to_datetime([f"2025-{month % 12 + 1:02d}-09"]), "revenue": 700.0})
    elsewhere = sales[~sales["date"].dt.month.isin([month, month % 12 + 1])]  # no other sale makes a mean smaller
    everything = pd.concat([elsewhere[["date", "revenue"]], few, other], ignore_index=True)
    close(student.best_month(everything), pd.Timestamp(2025, month, 1))


@question("own_share")
def test_own_share(student, rng, variant):
    """It is the revenue of your shop in your months, and of no other."""
    sales = drawn_sales(rng).assign(revenue=rng.numpy.uniform(1.0, 9.0, 40))
    share = share_of(variant)
    sales["city"] = rng.numpy.choice(SHOPS, 40)
    # Three sales of each kind are in every draw: own, of one's shop in other months, in one's months of another shop.
    own_months = pd.to_datetime([f"2024-{month:02d}-11" for month in share.months])
    other_months = pd.to_datetime([f"2025-{(month + 2) % 12 + 1:02d}-11" for month in share.months])
    sales.loc[:5, "city"] = share.city
    sales.loc[6:8, "city"] = next(shop for shop in SHOPS if shop != share.city)
    sales.loc[:2, "date"] = sales.loc[6:8, "date"] = own_months
    sales.loc[3:5, "date"] = other_months
    own = (sales["city"] == share.city) & sales["date"].dt.month.isin(share.months)
    close(student.own_share(sales), float(sales["revenue"][own].sum()))


@question("quiz")
def test_quiz(student, reference):
    """The answer to this question of the quiz is right."""
    close(student.value("quiz_1"), reference.quiz_1)
