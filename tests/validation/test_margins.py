"""How much room a numeric check leaves on either side of its limit."""

from __future__ import annotations

import pytest

from autograder.records import FARTHEST, Distance
from autograder.validation.margins import margins


def distance(ratio: float) -> Distance:
    return Distance(ratio=ratio, error=ratio / 1000)


def test_the_farthest_honest_answer_and_the_nearest_mistake_bound_the_tolerance() -> None:
    (margin,) = margins(
        [("solution", {"test_a:7": distance(0.0)}), ("right_x", {"test_a:7": distance(0.02)})],
        [
            ("wrong_far", {"test_a:7": distance(500)}),
            ("wrong_near", {"test_a:7": distance(40)}),
            ("wrong_elsewhere", {"test_a:7": distance(0.5)}),  # not refused by this check
            ("wrong_nan", {"test_a:7": distance(FARTHEST)}),
        ],
    )
    assert (margin.test, margin.line) == ("test_a", 7)
    assert (margin.honest, margin.honest_error, margin.honest_by) == (0.02, 0.02 / 1000, "right_x")
    assert (margin.wrong, margin.wrong_error, margin.wrong_by) == (40, 0.04, "wrong_near")
    assert margin.ratio == pytest.approx(2000)
    assert not margin.narrow
    assert margin.as_json()["ratio"] == margin.ratio


@pytest.mark.parametrize(("honest", "wrong", "narrow"), [(0.2, 100, True), (0.05, 100, False), (0.0, 8, True)])
def test_what_is_within_a_factor_of_ten_of_the_limit_is_narrow(honest: float, wrong: float, narrow: bool) -> None:
    (margin,) = margins([("solution", {"t[1-2]:3": distance(honest)})], [("w", {"t[1-2]:3": distance(wrong)})])
    assert margin.narrow is narrow
    assert (margin.test, margin.line) == ("t[1-2]", 3)


def test_a_check_that_refused_nothing_has_no_nearest_mistake() -> None:
    (margin,) = margins([("solution", {"t:3": distance(0.1)})], [("w", {"t:3": distance(0.9), "u:4": distance(9)})])
    assert (margin.wrong, margin.wrong_error, margin.wrong_by, margin.ratio) == (None, None, "", None)
    assert not margin.narrow
