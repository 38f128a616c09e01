"""Until when a student or a group may hand in: the common deadline, and every extension that holds for them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from autograder.course.adjustments import Adjustments, Extend
from autograder.course.course import Assignment
from autograder.course.late_policy import aware
from autograder.course.roster import Roster


def own_deadline(
    students: Iterable[str], assignment: Assignment, roster: Roster, adjustments: Adjustments | None = None
) -> datetime | None:
    """Return the deadline of a hand-in of these students, in the zone of the assignment's; None if that has none.

    It is the latest that the roster and adjustments.yaml give to one of them or of their groups, since a member hands
    in for the group.
    """
    names = set(students)
    for student in roster.those(sorted(names)):
        if student.group and (match := roster.group(student.group)) is not None:
            names |= {match.subject, *match.members}
    due = roster.due(names, assignment)
    if due is None:
        return None
    applying = (adjustments or Adjustments()).applying_to(assignment.name, names)
    later = [entry.until for entry in applying.entries if isinstance(entry, Extend)]
    return max([due, *(aware(until) for until in later)]).astimezone(due.tzinfo)
