"""The late policy by itself: what lateness costs to the second, what students read of it, what course.yaml may say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from autograder.course.course import CourseError, load_course
from autograder.course.late_policy import LatePolicy, aware

DUE = datetime(2026, 10, 12, 23, 59, tzinfo=UTC)
POLICY = LatePolicy(percent_per_day=10, grace_minutes=15, maximum_percent=50)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("late", "percent"),
    [
        (-timedelta(days=3), 0),
        (timedelta(), 0),
        (timedelta(minutes=15), 0),
        (timedelta(minutes=15) + SECOND, 10),
        (timedelta(days=1, minutes=15), 10),
        (timedelta(days=1, minutes=15) + SECOND, 20),
        (timedelta(days=5), 50),
        (timedelta(days=30), 50),
    ],
)
def test_each_day_begun_after_the_grace_time_costs(late: timedelta, percent: float) -> None:
    assert POLICY.percent(DUE + late, DUE) == percent


def test_no_policy_takes_more_than_everything() -> None:
    late = DUE + timedelta(days=40)
    assert LatePolicy(percent_per_day=30).percent(late, DUE) == 100
    assert LatePolicy(percent_per_day=30, maximum_percent=400).percent(late, DUE) == 100


def test_without_a_policy_lateness_costs_nothing() -> None:
    assert LatePolicy() == LatePolicy(percent_per_day=0.0, grace_minutes=0.0, maximum_percent=100.0)
    assert LatePolicy().percent(DUE + timedelta(days=9), DUE) == 0
    assert LatePolicy().costs_nothing
    assert not LatePolicy(percent_per_day=0.5).costs_nothing


def test_times_are_compared_across_zones_and_without_one_are_utc() -> None:
    zone = timezone(timedelta(hours=2))
    assert aware(datetime(2026, 10, 12, 23, 59)) == DUE
    assert aware(datetime(2026, 10, 13, 1, 59, tzinfo=zone)) == DUE
    assert aware(datetime(2026, 10, 13, 1, 59, tzinfo=zone)).utcoffset() == timedelta(hours=2)
    policy = LatePolicy(percent_per_day=10)
    assert policy.percent(datetime(2026, 10, 13, 1, 59, tzinfo=zone), datetime(2026, 10, 12, 23, 59)) == 0
    assert policy.percent(datetime(2026, 10, 13, 0, 0), datetime(2026, 10, 13, 1, 59, tzinfo=zone)) == 10


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        (LatePolicy(), ""),
        (LatePolicy(percent_per_day=10), "Each day begun costs 10 % of the points earned."),
        (
            LatePolicy(percent_per_day=0.5, grace_minutes=1, maximum_percent=99),
            "Each day begun after 1 minute of grace costs 0.5 % of the points earned, at most 99 %.",
        ),
        (
            LatePolicy(percent_per_day=20, grace_minutes=2),
            "Each day begun after 2 minutes of grace costs 20 % of the points earned.",
        ),
        (
            LatePolicy(percent_per_day=20, maximum_percent=50),
            "Each day begun costs 20 % of the points earned, at most 50 %.",
        ),
    ],
)
def test_the_sentence_for_students(policy: LatePolicy, sentence: str) -> None:
    assert policy.sentence() == sentence


def read(tmp_path: Path, policy: str) -> LatePolicy:
    file = tmp_path / "course.yaml"
    question = "{id: q, title: Q, points: 1, kind: manual}"
    file.write_text(f"title: A\n{policy}\nassignments: [{{name: a, title: A, questions: [{question}]}}]\n")
    return load_course(tmp_path, check_files=False).late_policy


def test_what_course_yaml_leaves_out_costs_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "") == LatePolicy()
    assert read(tmp_path, "late_policy: {percent_per_day: 7}") == LatePolicy(7, 0, 100)
    assert read(tmp_path, "late_policy: {grace_minutes: 5}") == LatePolicy(0, 5, 100)
    assert read(tmp_path, "late_policy: {maximum_percent: 30}") == LatePolicy(0, 0, 30)
    assert read(tmp_path, "late_policy: {percent_per_day: 100, maximum_percent: 100}") == LatePolicy(100, 0, 100)


@pytest.mark.parametrize("key", ["percent_per_day", "maximum_percent"])
@pytest.mark.parametrize("value", ["100.5", "-1", "many", ".nan"])
def test_percents_go_from_0_to_100(tmp_path: Path, key: str, value: str) -> None:
    with pytest.raises(CourseError, match=f"'{key}' of 'late_policy', expected a number of at least 0 and at most 100"):
        read(tmp_path, f"late_policy: {{{key}: {value}}}")


def test_another_key_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(CourseError, match=r"unknown key 'per_day' in 'late_policy' \(did you mean"):
        read(tmp_path, "late_policy: {per_day: 10}")
