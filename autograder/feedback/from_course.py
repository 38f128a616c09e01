"""What `course.yaml`, the roster and adjustments say about a page: visibility, when questions open, the late policy."""

from __future__ import annotations

from datetime import datetime

from autograder.course.adjustments import Adjustments, Extend
from autograder.course.course import Assignment, Course
from autograder.course.roster import EMPTY_ROSTER, Roster
from autograder.feedback.options import FeedbackOptions


def feedback_options(
    course: Course,
    assignment: Assignment,
    *,
    now: datetime,
    roster: Roster = EMPTY_ROSTER,
    adjustments: Adjustments | None = None,
) -> FeedbackOptions:
    """The options of every page of one assignment. They are the same for all students, so make them once a run."""
    return FeedbackOptions(
        course=course.title,
        visibility={question.id: question.visibility for question in assignment.questions},
        opens_at=last_deadline(assignment, roster, adjustments or Adjustments()),
        now=now,
        late_policy=course.late_policy.sentence(),
    )


def last_deadline(assignment: Assignment, roster: Roster, adjustments: Adjustments) -> datetime | None:
    """The latest deadline that anybody has; None where the assignment has none.

    What one student may see others may see, so questions that wait for the deadline wait for the last one.
    """
    due = roster.due((student.id for student in roster.students), assignment)
    if due is None:
        return None
    later = [e.until for e in adjustments.entries if isinstance(e, Extend) and e.assignment == assignment.name]
    return max([due, *(moment if moment.tzinfo else moment.replace(tzinfo=due.tzinfo) for moment in later)])
