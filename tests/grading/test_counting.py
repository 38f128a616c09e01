"""Of several results of one student for one assignment exactly one counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.records import Outcome, Result
from autograder.results.counting import counting
from autograder.submissions.arrivals import Arrival, Arrivals, write_arrivals

START = datetime(2026, 10, 12, tzinfo=UTC)


def result(subject: str, *students: str, graded: int = 0, received: int | None = None) -> Result:
    return Result(
        outcome=Outcome.GRADED, subject=subject, students=students, assignment="a", title="A", notebook_sha256="",
        attempt=1, graded_at=START + timedelta(hours=graded), score=1, max_score=1,
        received_at=None if received is None else START + timedelta(hours=received),
    )  # fmt: skip


def subjects(*results: Result) -> list[str]:
    return [one.subject for one in counting(results)]


def test_alone_and_with_the_group_counts_once() -> None:
    alone, group = result("s1", "s1", received=1, graded=9), result("pair", "s1", "s2", received=2, graded=3)
    assert subjects(alone, group) == ["pair"]


def test_without_both_times_what_was_graded_last_counts() -> None:
    assert subjects(result("s1", "s1", graded=1, received=5), result("pair", "s1", "s2", graded=2)) == ["pair"]


def test_whoever_is_unknown_keeps_a_result() -> None:
    assert subjects(result("unmatched-1"), result("unmatched-2"), result("s1", "s1")) == [
        "unmatched-1", "unmatched-2", "s1",
    ]  # fmt: skip


def test_an_unknown_one_whose_owner_was_found_no_longer_counts(tmp_path: Path) -> None:
    arrivals = [
        Arrival(standing="taken", source=f"{who}.ipynb", assignment="a", subject=who) for who in ("s1", "unmatched-2")
    ]
    write_arrivals(tmp_path, Arrivals(arrivals=tuple(arrivals)))
    found = counting([result("unmatched-1"), result("unmatched-2"), result("s1", "s1")], tmp_path)
    assert [one.subject for one in found] == ["unmatched-2", "s1"]
