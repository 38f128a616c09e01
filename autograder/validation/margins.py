"""How much room does each numeric check leave on either side?

A tolerance is right when honest answers stay well below it and every mistake well above. `honest` is the largest
distance of an answer that must pass (the solution and the right variants: float32, float64, other layouts and orders of
operations), `wrong` the smallest distance of an answer that the check refuses (wrong variants and mutants), both in
units of what the check allows, so that 1 is the limit. A check may be the only one to see a mistake, or one of several:
`wrong` is the smallest among all that it refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.records import FARTHEST, Distance

NARROW = 10.0  # a distance within this factor of the limit deserves a look


@dataclass(frozen=True)
class Margin:
    """Hold the margin of one numeric check. line: of hidden_tests.py. honest and wrong: distances, 1 is the limit;
    the errors are absolute; honest_by and wrong_by name the notebooks. wrong is None if the check refused no answer's
    values."""

    test: str
    line: int
    honest: float
    honest_error: float
    honest_by: str
    wrong: float | None
    wrong_error: float | None
    wrong_by: str

    @property
    def ratio(self) -> float | None:
        """Return how many times farther the nearest mistake is than the farthest honest answer; None if either is
        unknown, or every honest answer is exact."""
        return self.wrong / self.honest if self.wrong is not None and self.honest > 0 else None

    @property
    def narrow(self) -> bool:
        return self.honest * NARROW > 1 or (self.wrong is not None and self.wrong < NARROW)

    def as_json(self) -> dict[str, Any]:
        return {
            "test": self.test,
            "line": self.line,
            "honest": self.honest,
            "honest_error": self.honest_error,
            "honest_by": self.honest_by,
            "wrong": self.wrong,
            "wrong_error": self.wrong_error,
            "wrong_by": self.wrong_by,
            "ratio": self.ratio,
            "narrow": self.narrow,
        }


def margins(
    honest: Iterable[tuple[str, Mapping[str, Distance]]], wrong: Iterable[tuple[str, Mapping[str, Distance]]]
) -> tuple[Margin, ...]:
    """Return (name of a notebook, distances of its answers) for notebooks that must pass and for those that
    must not.
    """
    farthest: dict[str, tuple[Distance, str]] = {}
    for name, distances in honest:
        for check, distance in distances.items():
            if check not in farthest or distance.ratio > farthest[check][0].ratio:
                farthest[check] = (distance, name)
    nearest: dict[str, tuple[Distance, str]] = {}
    for name, distances in wrong:
        for check, distance in distances.items():
            if 1 < distance.ratio < FARTHEST and (check not in nearest or distance.ratio < nearest[check][0].ratio):
                nearest[check] = (distance, name)
    return tuple(_margin(check, *farthest[check], nearest.get(check)) for check in farthest)


def _margin(check: str, honest: Distance, honest_by: str, wrong: tuple[Distance, str] | None) -> Margin:
    test, _, line = check.rpartition(":")
    return Margin(
        test=test,
        line=int(line),
        honest=honest.ratio,
        honest_error=honest.error,
        honest_by=honest_by,
        wrong=wrong[0].ratio if wrong else None,
        wrong_error=wrong[0].error if wrong else None,
        wrong_by=wrong[1] if wrong else "",
    )
