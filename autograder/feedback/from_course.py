"""What `course.yaml`, the roster and adjustments say about a page: visibility, when questions open, the late policy."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from autograder.course.adjustments import Adjustments, Extend
from autograder.course.course import Assignment, Course, Visibility
from autograder.course.releases import ReleaseDescriptor, Releases
from autograder.course.roster import EMPTY_ROSTER, Roster
from autograder.feedback.items import quiz_items
from autograder.feedback.options import FeedbackOptions, QuizItem


def feedback_options(
    course: Course,
    assignment: Assignment,
    *,
    now: datetime,
    roster: Roster = EMPTY_ROSTER,
    adjustments: Adjustments | None = None,
    releases: Releases | None = None,
) -> FeedbackOptions:
    """Return the options of every page of one assignment. They are the same for all students, so make them once a run.

    releases: the notebook as students got it; its own words name the items of a quiz.
    """
    releases = releases or Releases()
    answers = {question.id: question.answers for question in assignment.questions}
    master = _master(assignment, answers.values())

    def items(release: ReleaseDescriptor | None) -> dict[str, tuple[QuizItem, ...]]:
        return quiz_items(release, list(answers), master, releases.newest)

    return FeedbackOptions(
        course=course.title,
        visibility={question.id: question.visibility for question in assignment.questions},
        opens_at=last_deadline(assignment, roster, adjustments or Adjustments()),
        now=now,
        late_policy=course.late_policy.sentence(),
        due=assignment.due,
        grace_minutes=course.late_policy.grace_minutes,
        zone=course_zone(course, assignment),
        items=items(releases.newest),
        earlier_items={entry.release: items(entry) for entry in releases.entries[:-1]},
        answers=answers,
    )


def course_zone(course: Course, assignment: Assignment | None = None) -> tzinfo | None:
    """Return the zone in which pages show times: the course's, else that of the assignment's deadline."""
    if course.time_zone:
        return ZoneInfo(course.time_zone)
    return assignment.due.tzinfo if assignment is not None and assignment.due is not None else None


def _master(assignment: Assignment, answers: Iterable[Visibility]) -> str:
    """Return the master notebook's text where a right answer may be shown some day; else nobody opens it."""
    if all(when == "never" for when in answers):
        return ""
    try:
        return assignment.solution_path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""  # pages are written without the right answers; `validate` and `release` report the file


def last_deadline(assignment: Assignment, roster: Roster, adjustments: Adjustments) -> datetime | None:
    """Return the latest deadline that anybody has; None if the assignment has none.

    What one student may see others may see, so questions that wait for the deadline wait for the last one.
    """
    due = roster.due((student.id for student in roster.students), assignment)
    if due is None:
        return None
    later = [e.until for e in adjustments.entries if isinstance(e, Extend) and e.assignment == assignment.name]
    return max([due, *(moment if moment.tzinfo else moment.replace(tzinfo=due.tzinfo) for moment in later)])
