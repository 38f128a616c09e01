"""The sheets of single questions, from what is stored."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from autograder.course.course import Assignment, Course
from autograder.course.releases import load_releases
from autograder.files import write_whole
from autograder.notebooks.read import NotebookError, read_notebook
from autograder.pages.templates import render
from autograder.release.markers import regions
from autograder.release.starter import read_master
from autograder.reports.class_files import staff_options
from autograder.reports.questions import Submitted, sheet_view
from autograder.reports.staff_pages import frame_of
from autograder.results.store import Store


def write_sheets(
    store: Store, course: Course, assignment: Assignment, questions: Collection[str], now: datetime
) -> int:
    """Write the sheet of each question (of those named, if any are); returns how many.

    Raises StoreError, ReleasesError, and ReleaseError where the master, which has the mark schemes, cannot be read.
    """
    submitted = submitted_work(store, assignment)
    if not submitted:
        return 0
    schemes = _schemes(assignment)
    release = load_releases(assignment.releases_path).newest
    released = {cell.grade_id: cell.source for cell in release.cells if cell.grade_id} if release else {}
    options = replace(staff_options(store.staff, course, store.page_link, now), up="../../")
    folder = store.staff / "report" / assignment.name
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [question for question in assignment.questions if not questions or question.id in questions]
    there = {page.removeprefix("question-") for page in options.further.get(assignment.name, ())}
    row = [q for q in assignment.questions if q in wanted or q.id in there]  # those with a sheet, in their order
    for question in wanted:
        view = sheet_view(question, submitted, released, schemes.get(question.id, ""), options)
        place = row.index(question)
        text = render(
            "question.html",
            sheets=("staff.css",),
            view=view,
            before=row[place - 1] if place else None,
            after=row[place + 1] if place + 1 < len(row) else None,
            **frame_of(options, view.title, f"question-{question.id}", assignment.name, assignment.title),
        )
        write_whole(folder / f"question-{question.id}.html", text.encode("utf-8", "replace"))
    return len(wanted)


def submitted_work(store: Store, assignment: Assignment) -> list[Submitted]:
    """Return every submission of an assignment that can be read: the attempt that its result was made of."""
    submitted = []
    for place in store.places():
        result = store.result(place) if place.assignment == assignment.name else None
        if result is None:
            continue
        evidence = store.attempt(place, result.attempt)
        try:
            notebook = read_notebook(store.notebook(evidence))
        except NotebookError:
            continue  # it is listed among those that could not be graded
        submitted.append(Submitted(result, notebook, evidence.matched))
    return submitted


def _schemes(assignment: Assignment) -> dict[str, str]:
    """Return question id -> the mark scheme in the master."""
    schemes: dict[str, str] = {}
    for cell in read_master(assignment).notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        lines = [line for region, line in regions(cell.source) if region == "MARK SCHEME"]
        if grade_id and lines:
            schemes[grade_id] = "\n".join(lines).strip()
    return schemes
