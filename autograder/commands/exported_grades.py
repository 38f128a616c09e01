"""What every export of grades asks for: the roster, the assignment, the grades, the comments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from autograder.course.course import Assignment, Course
    from autograder.course.roster import Roster
    from autograder.exchange.platforms.grades import Grades, StudentGrade


def roster_of(course: Course) -> Roster:
    """Return the roster. Ends the command where there is none."""
    from autograder.course.roster import load_roster

    if course.roster_path is None:
        raise click.ClickException("course.yaml names no roster, and grades go to the students of the roster only")
    return load_roster(course.roster_path, [assignment.name for assignment in course.assignments])


def choose_graded(course: Course, graded: set[str], wanted: str | None) -> Assignment:
    """Return the assignment to export. Ends the command where it is unknown, was not graded, or several are there."""
    names = [assignment.name for assignment in course.assignments if assignment.name in graded]
    if wanted is None and len(names) == 1:
        return course.assignment(names[0])
    if wanted is None or wanted not in names:
        found = f"has no results of {wanted}" if wanted else f"has results of {len(names)} assignments"
        raise click.ClickException(f"the folder {found}; choose with -a, of {', '.join(names) or 'none'}")
    return course.assignment(wanted)


def comments_of(course: Course, assignment: Assignment, roster: Roster) -> Callable[[StudentGrade], str]:
    """Return what says a platform's comment on a grade."""
    from autograder.course.adjustments import load_adjustments
    from autograder.course.course import CourseError
    from autograder.exchange.platforms.grades import comment_of
    from autograder.feedback.from_course import feedback_options

    try:
        adjustments = load_adjustments(course)
    except CourseError as error:
        raise click.ClickException(str(error)) from error
    options = feedback_options(course, assignment, now=datetime.now(UTC), roster=roster, adjustments=adjustments)
    return lambda grade: "Nothing was handed in." if grade.result is None else comment_of(grade.result, options)


def graded_for_export(
    course: Course, results: Path, assignment: str | None, *, missing: str, open_too: bool
) -> tuple[Assignment, Roster, Grades]:
    """Return the assignment, the roster and everybody's grade in the folder `results`.

    missing: `zero` gives 0 to who handed in nothing. An unknown assignment ends the command.
    Raises RosterError and StoreError.
    """
    from autograder.exchange.platforms.grades import collect_grades
    from autograder.results.store import Store
    from autograder.runs.pages import counted

    roster = roster_of(course)
    with Store(results.resolve(), write=False) as store:
        found = counted(store)
    chosen = choose_graded(course, {result.assignment for result in found}, assignment)
    grades = collect_grades(found, roster, chosen.name, missing=0.0 if missing == "zero" else None, open_too=open_too)
    return chosen, roster, grades
