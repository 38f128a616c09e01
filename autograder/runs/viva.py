"""The sheets of questions for a talk about each submission, from what is stored."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.course.answer_keys import asked_items
from autograder.course.course import Assignment, Course
from autograder.course.releases import load_releases
from autograder.course.secret import course_secret
from autograder.course.viva import FOLDER, VivaQuestion
from autograder.files import write_whole
from autograder.pages.templates import render
from autograder.reports.class_files import staff_options
from autograder.reports.staff_pages import frame_of
from autograder.reports.viva import VivaView, Work, viva_view
from autograder.reports.viva_values import checked_viva, viva_values
from autograder.results.store import Place, Store
from autograder.runs.sheets import submitted_work


def write_viva(
    store: Store, course: Course, assignment: Assignment, subjects: Collection[str], now: datetime
) -> list[Path]:
    """Write a page and a text for each submission (of those named, if any are); return the pages.

    Raises CourseError for a wrong viva.yaml, StoreError, ReleasesError, SecretError, and ReleaseError or VariantError
    where the master or the bank cannot be read.
    """
    questions = checked_viva(assignment)
    if not questions:
        return []
    key = hmac.digest(course_secret(course.root), b"viva:" + assignment.name.encode(), "sha256")
    options = replace(staff_options(store.staff, course, store.page_link, now), up="../../../")
    folder = store.staff / "report" / assignment.name / FOLDER
    written = []
    for work in works(store, assignment, questions, subjects):
        view = viva_view(questions, work, key, assignment.title)
        written.append(_write(folder, view, frame_of(options, f"{view.title}: questions for {view.subject}"), work))
    return written


def works(
    store: Store, assignment: Assignment, questions: Sequence[VivaQuestion], subjects: Collection[str] = ()
) -> list[Work]:
    """Return what is known of each submission of an assignment (of those named, if any are)."""
    releases = load_releases(assignment.releases_path)
    newest = {name: text for _, name, text in asked_items(releases.newest.cells)} if releases.newest else {}
    cached: dict[str, Mapping[str, Mapping[str, str]]] = {}
    found = []
    for one in submitted_work(store, assignment):
        if subjects and one.result.subject not in subjects and not set(one.result.students) & set(subjects):
            continue
        evidence = store.attempt(Place(assignment.name, one.result.subject), one.result.attempt)
        code = evidence.variant.code if evidence.variant is not None else ""
        if code not in cached:
            cached[code] = viva_values(assignment, questions, code)
        release = releases.get(one.result.compared_with) or releases.newest
        asked = {name: text for _, name, text in asked_items(release.cells)} if release else {}
        changed = [name for name, text in newest.items() if asked.get(name) != text]
        found.append(Work(one, code, changed, cached[code]))
    return found


def _write(folder: Path, view: VivaView, frame: Mapping[str, Any], work: Work) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    subject = work.submitted.result.subject
    page = folder / f"{subject}.html"
    text = render("viva.html", sheets=("staff.css",), view=view, **frame)
    write_whole(page, text.encode("utf-8", "replace"))
    write_whole(folder / f"{subject}.txt", view.text.encode("utf-8", "replace"))
    return page
