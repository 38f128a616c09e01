"""Pages from what a results folder holds: one student's, everybody's again, and those about the class and the term."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from autograder.course.adjustments import Adjustments, load_adjustments
from autograder.course.course import Assignment, Course
from autograder.course.deadlines import own_deadline
from autograder.course.releases import load_releases
from autograder.course.roster import Roster
from autograder.feedback import FeedbackOptions
from autograder.feedback.from_course import feedback_options
from autograder.feedback.page import render_student
from autograder.feedback.student_view import StudentView
from autograder.feedback.term import render_term, term_view
from autograder.feedback.view import student_view
from autograder.files import write_whole
from autograder.notebooks.read import NotebookError, read_notebook
from autograder.records import Outcome, Result
from autograder.reports.class_files import write_class_files
from autograder.results.counting import counting
from autograder.results.slim import slim_results
from autograder.results.store import Place, Store
from autograder.runs.publish import Page, TermPage


def page_options(
    course: Course, names: Sequence[str], roster: Roster, adjustments: Adjustments, now: datetime
) -> dict[str, FeedbackOptions]:
    """Return how the pages of each named assignment are rendered. Raises ReleasesError."""
    return {
        name: feedback_options(
            course,
            course.assignment(name),
            now=now,
            roster=roster,
            adjustments=adjustments,
            releases=load_releases(course.assignment(name).releases_path),
        )
        for name in names
    }


def view_of(store: Store, place: Place, result: Result, options: FeedbackOptions) -> StudentView:
    """Return the page of the attempt that the result was made of, which need not be the latest."""
    evidence = store.attempt(place, result.attempt)
    try:
        notebook = read_notebook(store.notebook(evidence))
    except NotebookError:
        notebook = None  # the result is `ungradable` and says why
    return student_view(result, notebook, store.outputs(evidence), options, store.events_of(place))


def student_pages(
    store: Store, course: Course, names: Sequence[str], roster: Roster, adjustments: Adjustments, now: datetime
) -> Iterator[Page]:
    """Return every page that may be published: of graded work of known students.

    What fits nobody in the roster belongs to nobody; what failed through our fault is graded again first.
    """
    options = page_options(course, names, roster, adjustments, now)
    for slim in counted(store):
        place = Place(slim.assignment, slim.subject)
        result = store.result(place) if place.assignment in options and slim.students else None
        if result is not None and result.outcome is not Outcome.NOT_GRADED:
            view = view_of(store, place, result, options[place.assignment])
            yield Page(result, view, result.students)


def term_pages(
    store: Store, course: Course, roster: Roster, adjustments: Adjustments, now: datetime
) -> Iterator[TermPage]:
    """Return the page over the term of everybody known, which speaks of published assignments only."""
    names = [assignment.name for assignment in course.assignments]
    options = page_options(course, names, roster, adjustments, now)
    for student, mine in _by_student(roster, counted(store)).items():

        def draw(published: Mapping[str, str], student: str = student, mine: Mapping[str, Result] = mine) -> str:
            own = _own_deadlines(course, roster, adjustments, student)
            held = [name for name in mine if name not in published]
            view = term_view(student, own, mine, options, lambda result: published[result.assignment], held)
            return render_term(view)

        yield TermPage(student, tuple(mine.values()), draw)


def counted(store: Store) -> list[Result]:
    """Return the results that count: one for each student and assignment, and those of nobody known.

    They are slim, as the whole class is in memory: what a student's own page shows is in `store.result` alone.
    """
    return counting(slim_results(store.results()), store.staff)


def write_page_again(store: Store, place: Place, options: FeedbackOptions) -> str | None:
    """Write one student's page from what is stored; returns its path in the results folder, None without a result."""
    result = store.result(place)
    if result is None:
        return None
    store.write_page(place, render_student(view_of(store, place, result, options)))
    return store.page(place).relative_to(store.root).as_posix()


def write_class_pages(store: Store, course: Course, roster: Roster, now: datetime) -> None:
    """Write the pages and tables about the class again from what is stored. Raises CourseError for a wrong
    adjustments.yaml.
    """
    results = counted(store)
    write_class_files(
        store.staff, course, results, now, store.page_link, store.term_link, None, roster, load_adjustments(course)
    )


def write_about_class(
    store: Store,
    course: Course,
    roster: Roster,
    adjustments: Adjustments,
    results: Sequence[Result],
    now: datetime,
    of_run: Mapping[str, Any] | None = None,
) -> None:
    """Write the files about the class, and everybody's page over the term. Raises ReleasesError.

    results: those that count (`counted`). of_run: see `write_class_files`.
    """
    write_class_files(store.staff, course, results, now, store.page_link, store.term_link, of_run, roster, adjustments)
    every = [assignment.name for assignment in course.assignments]
    options = page_options(course, every, roster, adjustments, now)
    _write_term_pages(store, course, roster, adjustments, options, results)


def _write_term_pages(
    store: Store,
    course: Course,
    roster: Roster,
    adjustments: Adjustments,
    options: Mapping[str, FeedbackOptions],
    results: Iterable[Result],
) -> None:
    """Write the page over the term of everybody in the roster and of whoever handed in.

    options: of every assignment of the course. Folders of earlier versions have no place for these pages.
    """
    if store.layout.old:
        return
    for student, mine in _by_student(roster, results).items():
        text = render_term(term_view(student, _own_deadlines(course, roster, adjustments, student), mine, options))
        path = store.layout.overview(student)
        path.parent.mkdir(parents=True, exist_ok=True)
        data = text.encode("utf-8", "replace")
        if not path.is_file() or path.read_bytes() != data:
            write_whole(path, data)


def _by_student(roster: Roster, results: Iterable[Result]) -> dict[str, dict[str, Result]]:
    """Return student -> assignment -> result, of everybody in the roster and of whoever handed in."""
    of_student: dict[str, dict[str, Result]] = {student.id: {} for student in roster.students}
    for result in results:
        for student in result.students:
            of_student.setdefault(student, {})[result.assignment] = result
    return of_student


def _own_deadlines(
    course: Course, roster: Roster, adjustments: Adjustments, student: str
) -> list[tuple[Assignment, datetime | None]]:
    return [(one, own_deadline([student], one, roster, adjustments)) for one in course.assignments]
