"""What a run is asked to do, what it tells while it goes on, and what it did."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from autograder.course.course import Course
from autograder.course.roster import Roster
from autograder.records import Outcome, Result, Timings
from autograder.scoring.score import LEFT_OUT
from autograder.submissions.find import Submission
from autograder.submissions.layouts.base import LeftOver
from autograder.workers.pool import Pool


class Listener(Protocol):
    """Be told, by a run, how it goes."""

    def planned(self, total: int) -> None:
        """Tell how many submissions the run has, in all assignments."""

    def note(self, text: str) -> None:
        """Tell something that a person should know."""

    def starting(self, assignment: str, to_grade: int, kept: int) -> None:
        """Tell that workers are starting; `kept` submissions were graded before."""

    def ready(self, backend: str, unsafe: bool, seconds: float) -> None:
        """Tell that the first worker is ready, `seconds` after it was started."""

    def graded(self, result: Result, seconds: float) -> None:
        """Tell that one submission was graded and written, in `seconds` of its slot."""


@dataclass(frozen=True)
class RunPlan:
    """Hold what to grade, and how.

    class_files: whether index, grades.csv and summary are written at the end. open_pool: gives the pool for an
    assignment's name and a number of submissions; without it, workers of this process grade.
    """

    course: Course
    course_path: Path
    roster: Roster
    submissions: Sequence[Submission]
    output: Path
    jobs: int
    backend: str = "auto"
    image: str = ""
    force: bool = False
    gradebook: bool = True
    class_files: bool = True
    open_pool: Callable[[RunPlan, str, int], Pool] | None = None
    left_over: Sequence[LeftOver] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class ResultLine:
    """One submission's outcome. A run keeps no more than this of each, so that its memory stays as it is."""

    assignment: str
    subject: str
    outcome: Outcome
    score: float | None
    max_score: float
    needs_manual_grade: bool

    @classmethod
    def of(cls, result: Result) -> ResultLine:
        return cls(
            result.assignment, result.subject, result.outcome, result.score, result.max_score,
            result.needs_manual_grade,
        )  # fmt: skip


@dataclass
class Report:
    """Hold what a run did. lines: the submissions it was given, in no order."""

    lines: list[ResultLine] = field(default_factory=list)
    graded: int = 0
    kept: int = 0
    interrupted: bool = False
    seconds: list[float] = field(default_factory=list)  # of the slot, per submission
    writing: list[float] = field(default_factory=list)  # of this process, per submission
    start_up: float = 0.0
    gradebook: float = 0.0
    stages: list[Timings] = field(default_factory=list)  # of what was graded in this run
    problems: list[str] = field(default_factory=list)  # of submissions that have no result at all
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter)  # (assignment, why a question does not count)

    def add(self, result: Result) -> None:
        """Note one submission's outcome, and which of its questions count for nobody."""
        self.lines.append(ResultLine.of(result))
        self.left_out.update((result.assignment, flag) for flag in result.flags if LEFT_OUT in flag)

    @property
    def all_well(self) -> bool:
        return not self.interrupted and not self.problems and all(line.outcome is Outcome.GRADED for line in self.lines)

    def timings(self) -> dict[str, Any]:
        """Return medians over the submissions that were graded in this run, in seconds."""

        def median(values: Sequence[float]) -> float | None:
            return round(statistics.median(values), 4) if values else None

        return {
            "start_up": round(self.start_up, 3),
            "per_submission": {
                "fork": median([t.fork for t in self.stages]),
                "notebook": median([t.notebook for t in self.stages]),
                "tests": median([t.tests for t in self.stages]),
                "grading": median([t.total for t in self.stages]),
                "slot": median(self.seconds),
                "writing": median(self.writing),
            },
            "gradebook": round(self.gradebook, 3),
        }
