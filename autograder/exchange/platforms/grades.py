"""What each student of the roster gets for one assignment, from a results folder: one grade, or why there is none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from autograder.course.roster import Roster
from autograder.feedback.options import FeedbackOptions
from autograder.feedback.view import is_open
from autograder.pages.text import aware, clean_line, number
from autograder.records import Outcome, Result

_FIRST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class StudentGrade:
    """One student's grade. score, max_score: points; score None: none goes out, and `problem` says why."""

    student: str
    score: float | None
    max_score: float
    problem: str = ""
    note: str = ""  # what the person who exports should know of a grade that does go out
    result: Result | None = None


@dataclass(frozen=True)
class Grades:
    """Hold the grades of the whole roster, in its order. strangers: subjects whose grade belongs to nobody in the
    roster."""

    assignment: str
    students: tuple[StudentGrade, ...]
    strangers: tuple[str, ...]

    def of(self, student: str) -> StudentGrade:
        return self._by_student[student]

    @cached_property
    def _by_student(self) -> dict[str, StudentGrade]:
        return {grade.student: grade for grade in self.students}


def collect_grades(
    results: Iterable[Result], roster: Roster, assignment: str, *, missing: float | None, open_too: bool
) -> Grades:
    """Return the grades of one assignment.

    Args:
        missing: the score of a student who handed in nothing; None: none goes out.
        open_too: whether a grade goes out that still waits for a person.
    """
    ours = [result for result in results if result.assignment == assignment]
    known = {student.id for student in roster.students}
    by_student: dict[str, list[Result]] = defaultdict(list)
    for result in ours:
        for student in result.students:
            by_student[student].append(result)
    strangers = [result.subject for result in ours if not known.intersection(result.students)]
    strangers += [s for result in ours for s in result.students if s not in known and known & set(result.students)]
    most = max((result.max_score for result in ours), default=0.0)
    grades = (_grade(s.id, by_student[s.id], most, missing, open_too) for s in roster.students)
    return Grades(assignment, tuple(grades), tuple(dict.fromkeys(strangers)))


def _grade(student: str, results: Sequence[Result], most: float, missing: float | None, open_too: bool) -> StudentGrade:
    if not results:
        return StudentGrade(student, missing, most, "" if missing is not None else "handed in nothing")
    latest = max(results, key=lambda r: (aware(r.received_at) if r.received_at else _FIRST, aware(r.graded_at)))
    note = ""
    if len(results) > 1:
        others = ", ".join(r.subject for r in results if r is not latest)
        note = f"has {len(results)} submissions: the latest ({latest.subject}) counts, not {others}"
    if latest.outcome is Outcome.NOT_GRADED or latest.score is None:
        return StudentGrade(
            student, None, latest.max_score, f"is not graded, by our fault: {latest.reason}", note, latest
        )
    if latest.needs_manual_grade and not open_too:
        return StudentGrade(student, None, latest.max_score, "waits for a person's grade", note, latest)
    return StudentGrade(student, latest.score, latest.max_score, "", note, latest)


def comment_of(result: Result, options: FeedbackOptions) -> str:
    """Return a few lines for the platform's comment: points by question, what a person wrote, the late penalty.

    Only what the student's feedback page shows now: a question that opens later is not named with its points.
    """
    if result.outcome is Outcome.UNGRADABLE:
        return clean_line(result.reason, 500)
    shown = [q for q in result.questions if is_open(q.id, options)]
    lines = []
    for question in shown:
        points = "waits to be graded" if question.score is None else number(question.score)
        line = f"{clean_line(question.title, 120)}: {points} of {number(question.max_score)}"
        lines.append(f"{line}. {clean_line(question.comment, 1_000)}" if question.comment else line)
    if len(shown) < len(result.questions):
        lines.append("Some questions are shown later.")
    elif result.late_penalty:
        lines.append(f"Late: {number(result.late_penalty)} points off.")
    return "\n".join(lines)
