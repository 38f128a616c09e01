"""What `course.yaml`, the roster and adjustments say about a page: visibility, when questions open, the late policy."""

from __future__ import annotations

from datetime import datetime

from autograder.course.adjustments import Adjustments, Extension
from autograder.course.course import Assignment, Course, LatePolicy
from autograder.course.roster import EMPTY_ROSTER, Roster
from autograder.feedback.options import FeedbackOptions
from autograder.pages.text import number, plural


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
        late_policy=late_sentence(course.late_policy),
    )


def last_deadline(assignment: Assignment, roster: Roster, adjustments: Adjustments) -> datetime | None:
    """The latest deadline that anybody has; None where the assignment has none.

    What one student may see others may see, so questions that wait for the deadline wait for the last one.
    """
    due = roster.due((student.id for student in roster.students), assignment)
    if due is None:
        return None
    later = [e.until for e in adjustments.entries if isinstance(e, Extension) and e.assignment == assignment.name]
    return max([due, *(moment if moment.tzinfo else moment.replace(tzinfo=due.tzinfo) for moment in later)])


def late_sentence(policy: LatePolicy) -> str:
    """The policy in one sentence; empty where lateness costs nothing."""
    if policy.percent_per_day <= 0:
        return ""
    grace = f" after {plural(int(policy.grace_minutes), 'minute')} of grace" if policy.grace_minutes else ""
    most = f", at most {number(policy.maximum_percent)} %" if policy.maximum_percent < 100 else ""
    return f"Each day begun{grace} costs {number(policy.percent_per_day)} % of the points earned{most}."
