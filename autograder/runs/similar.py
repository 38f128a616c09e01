"""The pages of similar submissions, from what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from autograder.course.bank import read_bank
from autograder.course.course import Assignment, Course
from autograder.course.releases import load_releases
from autograder.files import write_whole
from autograder.pages.templates import render
from autograder.pages.text import clean_line
from autograder.release.starter import read_master
from autograder.reports.class_files import staff_options
from autograder.reports.similar import SimilarView, own_code, similar_view
from autograder.reports.staff_pages import SCRIPT, frame_of
from autograder.results.store import Store
from autograder.runs.sheets import submitted_work


def write_similar(store: Store, course: Course, assignment: Assignment, now: datetime) -> SimilarView | None:
    """Write the table of pairs and a page for each pair; None where nobody has handed in.

    What was there before is removed. Raises StoreError, ReleasesError, VariantError, and ReleaseError where the master
    cannot be read.
    """
    submitted = submitted_work(store, assignment)
    if not submitted:
        return None
    released = {cell.source.strip() for release in load_releases(assignment.releases_path).entries
                for cell in release.cells}  # fmt: skip
    options = replace(staff_options(store.staff, course, store.page_link, now), up="../../")
    beside = options.further.get(assignment.name, set())
    options = replace(options, further={**options.further, assignment.name: {*beside, "similar"}})
    view = similar_view(
        [own_code(one, assignment, released) for one in submitted], known_code(assignment, released), options
    )
    folder = store.staff / "report" / assignment.name
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("similar*.html"):
        old.unlink()
    title = clean_line(assignment.title)
    for pair in view.pairs:
        frame = frame_of(options, f"{pair.first.subject} and {pair.second.subject}", pair.file, assignment.name, title)
        text = render("pair.html", sheets=("staff.css",), pair=pair, **frame)
        write_whole(folder / f"{pair.file}.html", text.encode("utf-8", "replace"))
    text = render("similar.html", sheets=("staff.css",), script=SCRIPT, view=view,
                  **frame_of(options, title, "similar", assignment.name))  # fmt: skip
    write_whole(folder / "similar.html", text.encode("utf-8", "replace"))
    return view


def known_code(assignment: Assignment, released: set[str]) -> Iterator[str]:
    """Yield the code that says nothing of who wrote it: handed out, in the solution, in the bank."""
    yield from sorted(released)
    yield from (cell.source for cell in read_master(assignment).notebook.cells if cell.cell_type == "code")
    yield from (variant.code for variant in read_bank(assignment))
