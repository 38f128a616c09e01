"""One student's page over the term: every assignment, the trend, and what is still open.

It says of each assignment what its own page says and no more: while a question is closed, its points are in no total.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from autograder.course.course import Assignment
from autograder.feedback.options import FeedbackOptions
from autograder.feedback.view import is_open
from autograder.pages.templates import render
from autograder.pages.text import aware, clean_line, moment, number, plural
from autograder.records import Outcome, Result

_WIDTH, _HEIGHT = 240, 60


@dataclass(frozen=True)
class AssignmentRow:
    """One assignment: how it stands. share: of the points that are decided, None if there are none."""

    title: str
    link: str
    due: str
    score: str
    share: float | None
    word: str


@dataclass(frozen=True)
class StudentTermView:
    """Everything the page shows. open: what is still to be done or to come."""

    course: str
    student: str
    rows: tuple[AssignmentRow, ...]
    points: str  # of an SVG polyline
    open: tuple[str, ...]


def term_view(
    student: str,
    assignments: Sequence[tuple[Assignment, datetime | None]],
    results: Mapping[str, Result],
    options: Mapping[str, FeedbackOptions],
    link: Callable[[Result], str] = lambda result: f"../{result.assignment}/{result.subject}/feedback.html",
    held: Collection[str] = (),
) -> StudentTermView:
    """Return one student's term.

    assignments: each with this student's own deadline; results: by assignment. link: from this page to a result's own.
    held: assignments of which the page says nothing yet, since they were not given back.
    """
    rows, still = [], []
    for assignment, due in assignments:
        if assignment.name in held:
            when = moment(due, options[assignment.name].zone) if due is not None else ""
            rows.append(AssignmentRow(clean_line(assignment.title), "", when, "–", None, "Not given back yet"))
            continue
        row, to_come = _row(assignment, due, results.get(assignment.name), options[assignment.name], link)
        rows.append(row)
        if to_come:
            still.append(f"{row.title}: {to_come}")
    shares = [row.share for row in rows if row.share is not None]
    step = _WIDTH / (len(shares) - 1) if len(shares) > 1 else 0.0
    points = " ".join(f"{i * step:.0f},{_HEIGHT - _HEIGHT * share:.0f}" for i, share in enumerate(shares))
    first = next(iter(options.values()), None)
    return StudentTermView(
        course=clean_line(first.course) if first else "",
        student=clean_line(student, 80),
        rows=tuple(rows),
        points=points if len(shares) > 1 else "",
        open=tuple(still),
    )


def render_term(view: StudentTermView) -> str:
    """Return the page that shows `view`, and nothing that is not in it."""
    return render("student_term.html", page=view)


def _row(
    assignment: Assignment,
    due: datetime | None,
    result: Result | None,
    options: FeedbackOptions,
    link: Callable[[Result], str],
) -> tuple[AssignmentRow, str]:
    """Return the row, and what is still open about it."""
    title = clean_line(assignment.title)
    when = moment(due, options.zone) if due is not None else ""
    if result is None:
        over = due is not None and options.now is not None and aware(options.now) > aware(due)
        to_come = "" if over else f"hand in until {when}" if when else "not handed in"
        return AssignmentRow(title, "", when, "–", None, "Nothing handed in" if over else "Not handed in yet"), to_come
    target = link(result)
    if result.outcome is Outcome.NOT_GRADED:
        return AssignmentRow(
            title, target, when, "–", None, "Not graded yet"
        ), "is graded again, through a fault of ours"
    shown = [question for question in result.questions if is_open(question.id, options)]
    closed = len(result.questions) - len(shown)
    waiting = sum(question.status == "needs_manual_grade" for question in shown)
    if result.outcome is Outcome.UNGRADABLE and all(q.status != "graded_by_hand" for q in result.questions):
        return AssignmentRow(title, target, when, "–", None, "Could not be read"), "hand in a file that can be read"
    scored = [question for question in shown if question.score is not None]
    of = sum(question.max_score for question in scored) if closed or waiting else result.max_score
    score = sum(question.score or 0.0 for question in scored) if closed else result.score
    parts = []
    if waiting:
        parts.append(f"{plural(waiting, 'question')} {'waits' if waiting == 1 else 'wait'} for a person")
    if closed:
        parts.append(f"{plural(closed, 'question')} {'opens' if closed == 1 else 'open'} later")
    share = min(1.0, max(0.0, (score or 0.0) / of)) if score is not None and of > 0 else None
    said = f"{number(score)} of {number(of)}" if score is not None else "–"
    return AssignmentRow(title, target, when, said, share, "So far" if parts else "Graded"), " and ".join(parts)
