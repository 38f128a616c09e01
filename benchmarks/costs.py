"""Euros for 1,000 submissions: from seconds and megabytes that were measured, and prices that are assumptions.

    python -m benchmarks.costs [--core-hour 0.05] [--in-use 0.5] [--gigabyte-month 0.10] [--months 12]

`docs/cost.md` says where each figure comes from.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

WARM_SECONDS = 0.6  # of a core, for one submission of 03_separable in a warm slot, written; `make bench`, load 8
ALONE_SECONDS = 6.2  # of a core, for `autograder grade` of one notebook
KEPT_MEGABYTES = 0.16  # of one submission, with its page; `make bench-scale`


@dataclass(frozen=True)
class Prices:
    """Assumptions, in euros. in_use: the share of the rented time in which something is graded."""

    core_hour: float = 0.05
    in_use: float = 0.5
    gigabyte_month: float = 0.10
    months: float = 12.0

    def computing(self, seconds: float, in_use: float) -> float:
        """Return what 1,000 submissions of so many seconds of a core cost."""
        return 1000 * seconds / 3600 * self.core_hour / in_use

    def keeping(self) -> float:
        """Return what it costs to keep 1,000 submissions."""
        return KEPT_MEGABYTES * self.months * self.gigabyte_month  # 1,000 of them are as many gigabytes


def table(prices: Prices) -> str:
    """Return the table of the page on cost, in Markdown."""
    rows = [
        ("warm slots", WARM_SECONDS, prices.computing(WARM_SECONDS, prices.in_use)),
        ("a container for each submission", ALONE_SECONDS, prices.computing(ALONE_SECONDS, 1.0)),
    ]
    lines = ["| 1,000 submissions | core-hours | computing, € | keeping, € | in all, € |", "|---|---|---|---|---|"]
    kept = prices.keeping()
    lines += [
        f"| {name} | {1000 * seconds / 3600:.2f} | {euros:.3f} | {kept:.3f} | {euros + kept:.3f} |"
        for name, seconds, euros in rows
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    known = Prices()
    parser.add_argument("--core-hour", type=float, default=known.core_hour, help="Euros.")
    parser.add_argument("--in-use", type=float, default=known.in_use, help="Share of the rented time, 0 to 1.")
    parser.add_argument("--gigabyte-month", type=float, default=known.gigabyte_month, help="Euros.")
    parser.add_argument("--months", type=float, default=known.months, help="For which work is kept.")
    given = parser.parse_args()
    print(table(Prices(given.core_hour, given.in_use, given.gigabyte_month, given.months)), end="")


if __name__ == "__main__":
    main()
