"""Grades into Canvas by its API, for one assignment of one Canvas course, through `canvasapi`.

Whom a Canvas user is in the roster is decided as for the gradebook file: by user id, SIS id, login or e-mail address,
never by a name. What is there is read first; only grades that differ are written, each with its comment, so a second
run writes nothing. Excused submissions stay excused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from autograder.exchange.platforms.grades import Grades, StudentGrade
from autograder.exchange.platforms.people import Name, People

_KINDS = (("canvas", "id"), ("sid", "sis_user_id"), ("login", "login_id"), ("email", "email"))


class CanvasError(Exception):
    """Canvas cannot be asked or refuses; the message says what was asked."""


@dataclass
class SentGrades:
    """written: (student, what was there, what is there now). left_out: (who, why)."""

    written: list[tuple[str, str, str]] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)


def connect(environment: Mapping[str, str]) -> Any:
    """Return a `canvasapi.Canvas` for CANVAS_URL and CANVAS_TOKEN. Raises CanvasError where something is missing."""
    try:
        from canvasapi import Canvas
    except ImportError as error:
        raise CanvasError("canvasapi is not installed; it is the extra `canvas` of this package") from error
    url, token = environment.get("CANVAS_URL", ""), environment.get("CANVAS_TOKEN", "")
    if not url or not token:
        raise CanvasError("set CANVAS_URL (https://canvas.example.edu) and CANVAS_TOKEN, an access token of yours")
    if not url.startswith("https://") and urlsplit(url).hostname not in ("127.0.0.1", "localhost"):
        raise CanvasError(f"CANVAS_URL is {url}; expected https, since the token would travel readable")
    return Canvas(url, token)


def send_grades(
    canvas: Any,
    course_id: int,
    assignment_id: int,
    grades: Grades,
    people: People,
    *,
    comment: Callable[[StudentGrade], str] | None = None,
    scale: bool = False,
    dry_run: bool = False,
) -> SentGrades:
    """Write the grades of the roster into a Canvas assignment.

    canvas: a `canvasapi.Canvas`. comment: what is said beside a grade that changes. scale: convert where Canvas counts
    to another maximum. dry_run: say what would be written, and write nothing. Raises CanvasError.
    """
    sent = SentGrades()
    course = _asked(lambda: canvas.get_course(course_id), f"the course {course_id}")
    assignment = _asked(lambda: course.get_assignment(assignment_id), f"the assignment {assignment_id}")
    if getattr(assignment, "grading_type", "points") != "points":
        raise CanvasError(f"the assignment {assignment_id} is graded by {assignment.grading_type}, expected points")
    most = float(getattr(assignment, "points_possible", 0) or 0)
    users = _asked(lambda: list(course.get_users(enrollment_type=["student"], include=["email"])), "its students")
    owners = _owners(users, people, sent)
    there = {
        int(submission.user_id): submission
        for submission in _asked(lambda: list(assignment.get_submissions()), "its submissions")
    }
    for grade in grades.students:
        _send(grade, owners.get(grade.student), there, most, sent, comment, scale=scale, dry_run=dry_run)
    sent.left_out += [(stranger, "belongs to nobody in the roster") for stranger in grades.strangers]
    return sent


def _asked(ask: Callable[[], Any], what: str) -> Any:
    from canvasapi.exceptions import CanvasException
    from requests import RequestException

    try:
        return ask()
    except (CanvasException, RequestException) as error:
        raise CanvasError(f"Canvas did not give {what} ({type(error).__name__}: {str(error)[:200]})") from error


def _owners(users: Iterable[Any], people: People, sent: SentGrades) -> dict[str, int]:
    """Return student -> Canvas's user id."""
    found: dict[str, int] = {}
    twice: set[str] = set()
    for user in users:
        names: list[Name] = [(kind, str(getattr(user, key, "") or "")) for kind, key in _KINDS]
        owner = people.find(names)
        if not owner.student:
            sent.left_out.append((f"canvas:{user.id}", owner.problem))
        elif owner.student in found:
            twice.add(owner.student)
        else:
            found[owner.student] = int(user.id)
    for student in sorted(twice):
        del found[student]
        sent.left_out.append((student, "is several users of the Canvas course"))
    return found


def _send(
    grade: StudentGrade,
    user: int | None,
    there: dict[int, Any],
    most: float,
    sent: SentGrades,
    comment: Callable[[StudentGrade], str] | None,
    *,
    scale: bool,
    dry_run: bool,
) -> None:
    problem, score = grade.problem, grade.score
    submission = there.get(user) if user is not None else None
    if not problem and user is None:
        problem = "is no student of the Canvas course"
    elif not problem and submission is None:
        problem = "has no place in the Canvas assignment: is it assigned to them?"
    elif not problem and getattr(submission, "excused", False):
        problem = "is excused there"
    elif not problem and abs(most - grade.max_score) > 1e-9 and not scale:
        problem = f"counts to {grade.max_score:g} here and to {most:g} there; --scale converts"
    if problem or score is None or submission is None:
        sent.left_out.append((grade.student, problem or "has no score"))
        return
    points = round(score * most / grade.max_score if scale and grade.max_score else score, 2)
    before = getattr(submission, "score", None)
    if before is not None and abs(float(before) - points) < 0.005:
        sent.unchanged.append(grade.student)
        return
    if not dry_run:
        said = {"comment": {"text_comment": comment(grade)}} if comment is not None else {}
        _asked(
            lambda: submission.edit(submission={"posted_grade": f"{points:g}"}, **said), f"a grade to {grade.student}"
        )
    sent.written.append((grade.student, "" if before is None else f"{float(before):g}", f"{points:g}"))
