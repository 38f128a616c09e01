"""What has been kept as long as course.yaml says, and its erasure. Counts and sums stay, which name nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.course.adjustments import Adjustments
from autograder.course.course import Course
from autograder.course.deadlines import own_deadline
from autograder.course.retention import Retention
from autograder.course.roster import Roster
from autograder.results.store import Place, Store
from autograder.runs.personal_data import Erased, count_sums, erase_in_nbgrader, forget_sheets, require_folder
from autograder.runs.publish import TERM, Register, withdraw
from autograder.submissions.arrivals import read_arrivals, write_arrivals


@dataclass(frozen=True)
class Due:
    """One submission that is due to be erased. since: from when on; students: whose it is."""

    place: Place
    since: datetime
    students: tuple[str, ...]


def due_for_erasure(
    store: Store, course: Course, roster: Roster, adjustments: Adjustments, retention: Retention, now: datetime
) -> list[Due]:
    """Return what is due, the longest due first. Assignments that course.yaml has no more have no deadline.

    Deadlines and times of receipt are those that count for the grade: with extensions and what people decided.
    """
    known = {assignment.name: assignment for assignment in course.assignments}
    found = []
    for place in store.places():
        evidence = store.latest(place)
        assert evidence is not None  # a place is what has evidence
        students = evidence.submission.members
        names = {place.subject, *students}
        assignment = known.get(place.assignment)
        deadline = own_deadline(names, assignment, roster, adjustments) if assignment is not None else None
        received = adjustments.applying_to(place.assignment, names).received(evidence.submission.received_at)
        since = retention.over(received or evidence.graded_at, deadline)
        if since <= now:
            found.append(Due(place, since, students))
    return sorted(found, key=lambda one: (one.since, one.place.assignment, one.place.subject))


def erase_due(store: Store, course: Course, due: Sequence[Due], published: Path | None, now: datetime) -> Erased:
    """Remove everything of these submissions, and the pages over the term that speak of them.

    May be repeated where it was interrupted. Pages about the class are written again by whoever calls. Raises
    PublishError where pages are out and nobody said where, and StoreError where the gradebook cannot be opened.
    """
    register = Register.read(store.staff)
    of_assignment: dict[str, set[str]] = {}
    for one in due:
        of_assignment.setdefault(one.place.assignment, set()).update(one.students)
    out = {
        (student, entry)
        for assignment, students in of_assignment.items()
        for student in students
        for entry in (assignment, TERM)
        if (student, entry) in register.entries
    }
    missing = require_folder(register, out, published)
    for assignment, students in of_assignment.items():
        erase_in_nbgrader(store.staff, course, students, assignment)
    for one in due:
        count_sums(store.staff, store.result(one.place))
        store.forget_events_of(one.place)
        store.forget_submission(one.place)
    forget_sheets(store, of_assignment)
    gone = {(one.place.assignment, one.place.subject) for one in due}
    arrivals = read_arrivals(store.staff)
    kept = tuple(one for one in arrivals.arrivals if (one.assignment, one.subject) not in gone)
    write_arrivals(store.staff, arrivals.model_copy(update={"arrivals": kept}))
    pages = sum(
        withdraw(students, published or store.staff, register, now, assignment)
        for assignment, students in of_assignment.items()
    )
    return Erased(tuple(one.place for one in due), (), pages, missing)
