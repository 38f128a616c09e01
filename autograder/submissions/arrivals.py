"""intake.json in a results folder: everything that came in, and who has handed in nothing.

Results say what was graded. This file says the rest, so that every file has a row somewhere, and everybody of the
roster has one for each assignment: what was set aside and why, which hand-in counts instead of which, who is missing.
A run adds what it took in to what earlier runs had taken in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from autograder.course.roster import Roster
from autograder.files import write_whole
from autograder.submissions.layouts.base import LeftOver
from autograder.submissions.submission import Submission

FILE_NAME = "intake.json"
Standing = Literal["taken", "set_aside", "superseded"]
NOTHING = "nothing handed in"
MOST_BESIDE = 200


class Arrival(BaseModel):
    """One hand-in, or a file that is nobody's. why: empty for one that was taken to be graded.

    beside: its other files, the artifacts and what was not opened among them; at most MOST_BESIDE, then how many more.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    standing: Standing
    source: str
    assignment: str = ""
    subject: str = ""
    members: tuple[str, ...] = ()
    received_at: datetime | None = None
    why: str = ""
    beside: tuple[str, ...] = ()


class Arrivals(BaseModel):
    """students: the roster's ids when the last run took something in."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    schema_version: int = 1
    students: tuple[str, ...] = ()
    arrivals: tuple[Arrival, ...] = Field(default=())

    def merged(self, later: Arrivals) -> Arrivals:
        """Return these with those of a later run, which takes the place of what it says of the same file or student."""
        again = {(assignment, one.source) for one in later.arrivals for assignment in ("", one.assignment)}
        counted = {(one.assignment, one.subject) for one in later.arrivals if one.subject and one.standing == "taken"}
        kept = [
            one
            for one in self.arrivals
            if (one.assignment, one.source) not in again and (one.assignment, one.subject) not in counted
        ]
        return Arrivals(students=later.students, arrivals=(*kept, *later.arrivals))


@dataclass(frozen=True)
class Absent:
    """Somebody without a result for an assignment, or a file without one. student: empty where a file is nobody's.
    assignment: empty where a file does not say which it is of."""

    assignment: str
    student: str
    standing: Literal["nothing_handed_in", "set_aside", "waits"]
    why: str
    source: str = ""


def arrivals_of(submissions: Iterable[Submission], left_over: Iterable[LeftOver], roster: Roster) -> Arrivals:
    """Return what one run took in."""
    found = [_arrival(submission) for submission in submissions]
    found += [Arrival(standing="set_aside", source=left.source, why=left.why) for left in left_over]
    return Arrivals(students=tuple(student.id for student in roster.students), arrivals=tuple(found))


def read_arrivals(root: Path) -> Arrivals:
    """Return what earlier runs took in; nothing where there is no such file, or a damaged one, which the next run
    replaces.
    """
    try:
        return Arrivals.model_validate_json((root / FILE_NAME).read_bytes())
    except (OSError, ValidationError):
        return Arrivals()


def write_arrivals(root: Path, arrivals: Arrivals) -> None:
    text = json.dumps(arrivals.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"
    write_whole(root / FILE_NAME, text.encode("utf-8", "replace"))


def absent(arrivals: Arrivals, assignments: Sequence[str], with_result: Iterable[tuple[str, str]]) -> list[Absent]:
    """Return everybody and everything without a result, for the assignments that came in at all.

    with_result: (assignment, student) of all results.
    """
    have = set(with_result)
    found: list[Absent] = []
    for assignment in assignments:
        aside: dict[str, Arrival] = {}
        taken: set[str] = set()
        for one in arrivals.arrivals:
            if one.assignment == assignment and one.standing == "taken":
                taken.update(one.members)
            elif one.assignment == assignment and one.standing == "set_aside":
                aside.update(dict.fromkeys(one.members, one))
        for student in arrivals.students:
            if (assignment, student) in have:
                continue
            if student in taken:
                found.append(Absent(assignment, student, "waits", "handed in, not graded yet"))
            elif student in aside:
                found.append(Absent(assignment, student, "set_aside", aside[student].why, aside[student].source))
            else:
                found.append(Absent(assignment, student, "nothing_handed_in", NOTHING))
    for one in arrivals.arrivals:
        if one.standing == "set_aside" and (not one.assignment or (not one.members and one.assignment in assignments)):
            found += [Absent(one.assignment, who, "set_aside", one.why, one.source) for who in one.members or ("",)]
    return found


def _arrival(submission: Submission) -> Arrival:
    aside = submission.set_aside or not submission.assignment
    standing: Standing = "set_aside" if aside else "superseded" if submission.superseded_by else "taken"
    return Arrival(
        standing=standing,
        source=submission.source,
        assignment=submission.assignment,
        subject=submission.subject,
        members=submission.members,
        received_at=submission.received_at,
        why=submission.problem,
        beside=_bounded(submission.beside),
    )


def _bounded(files: tuple[str, ...]) -> tuple[str, ...]:
    more = len(files) - MOST_BESIDE
    return files if more <= 0 else (*files[:MOST_BESIDE], f"and {more} more")
