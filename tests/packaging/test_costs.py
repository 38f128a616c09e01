"""The page on cost holds the table that its command prints, and the formula that stands above it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.costs import ALONE_SECONDS, KEPT_MEGABYTES, WARM_SECONDS, Prices, table

PAGE = Path(__file__).parents[2] / "docs/cost.md"


def test_the_page_has_the_table_of_the_command() -> None:
    text = PAGE.read_text(encoding="utf-8")
    _, _, rest = text.partition("<!-- costs: made by python -m benchmarks.costs -->\n")
    assert rest.partition("<!-- end -->")[0] == table(Prices())
    for figure in (WARM_SECONDS, ALONE_SECONDS, KEPT_MEGABYTES):
        assert f"| {figure:g}" in text


def test_a_thousand_submissions_by_the_formula() -> None:
    prices = Prices(core_hour=3.6, in_use=0.5, gigabyte_month=1.0, months=2.0)
    assert prices.computing(1.0, prices.in_use) == pytest.approx(2.0)  # 1,000 s of 0.001 € each, half of them idle
    assert prices.keeping() == pytest.approx(0.32)
