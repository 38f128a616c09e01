"""How far a run is, for people and for programs: counted over all assignments, what was graded before included."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path

import pytest
from rich.console import Console

from autograder.commands.screen import Screen, duration
from autograder.records import Outcome, Result
from autograder.runs.events import Events, Tally


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def result(subject: str, outcome: Outcome = Outcome.GRADED) -> Result:
    return Result.model_validate(
        {"outcome": outcome, "subject": subject, "students": (subject,), "assignment": "tiny", "title": "Tiny",
         "notebook_sha256": "0" * 64, "attempt": 1, "graded_at": "2026-11-01T00:00:00Z", "score": 3.0,
         "max_score": 4.0, "reason": "" if outcome is Outcome.GRADED else "broken"}
    )  # fmt: skip


def test_the_rate_is_of_what_this_run_graded_and_the_rest_takes_as_long() -> None:
    clock = Clock()
    tally = Tally(clock)
    tally.plan(10)
    assert (tally.rate, tally.seconds_left) == (0.0, None)
    tally.skip(4)  # graded before: done, and no sign of how fast it goes
    assert (tally.done, tally.seconds_left) == (4, None)
    clock.now += 8.0
    tally.advance()
    tally.advance()
    assert tally.done == 6
    assert tally.rate == pytest.approx(0.25)
    assert tally.seconds_left == pytest.approx(16.0)


def test_events_are_counted_over_all_assignments() -> None:
    told: list[dict[str, object]] = []
    events = Events(lambda event: told.append(dict(event)))
    events.planned(5)
    events.starting("a", 1, 2)
    events.graded(result("s1"), 0.5)
    events.starting("b", 2, 0)
    events.graded(result("s2", Outcome.UNGRADABLE), 0.25)
    assert [event["event"] for event in told] == ["planned", "starting", "graded", "starting", "graded"]
    assert [(event["done"], event["total"]) for event in told if event["event"] == "graded"] == [(3, 5), (4, 5)]
    assert told[-1]["outcome"] == "ungradable"
    assert told[-1]["reason"] == "broken"
    json.dumps(told, allow_nan=False)


def test_without_a_terminal_there_is_a_line_for_each_submission() -> None:
    said = io.StringIO()
    with Screen(Console(file=said, width=120)) as screen:
        screen.planned(3)
        screen.starting("tiny", 2, 1)
        screen.graded(result("s1"), 0.5)
        screen.graded(result("s2", Outcome.UNGRADABLE), 0.25)
    lines = said.getvalue().splitlines()
    assert lines == [
        "tiny: 2 to grade, 1 graded before",
        "2/3  tiny  s1  3 of 4  0.50 s",
        "3/3  tiny  s2  ungradable: broken  0.25 s",
    ]


def test_at_a_terminal_only_what_went_wrong_has_a_line() -> None:
    said = io.StringIO()
    with Screen(Console(file=said, width=100, force_terminal=True)) as screen:
        screen.planned(2)
        screen.starting("tiny", 2, 0)
        screen.graded(result("s1"), 0.5)
        screen.graded(result("s2", Outcome.UNGRADABLE), 0.25)
    assert "s1" not in said.getvalue()
    assert "s2  ungradable: broken" in said.getvalue()
    assert "2/2" in said.getvalue()


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "0:00"), (61, "1:01"), (3599.6, "1:00:00"), (7384, "2:03:04")])
def test_durations_read_as_on_a_clock(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_the_command_says_json_lines_and_nothing_else(grade, course_root: Path, tmp_path: Path) -> None:
    (tmp_path / "in/s04").mkdir(parents=True)
    done: subprocess.CompletedProcess[str] = grade(
        tmp_path / "in", "-o", tmp_path / "out", "-a", "tiny", "--progress", "json"
    )
    assert done.stdout == ""
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert [event["event"] for event in events] == ["planned", "starting", "graded"]
    assert events[-1]["subject"] == "s04"
