"""The files of a results folder that are about the whole class: grades.csv, summary.json, and pages for teachers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.course.adjustments import Adjustments
from autograder.course.course import Course
from autograder.course.releases import ReleasesError, load_releases
from autograder.course.roster import EMPTY_ROSTER, Roster
from autograder.feedback.from_course import course_zone
from autograder.feedback.items import quiz_items
from autograder.feedback.options import QuizItem
from autograder.files import write_whole
from autograder.records import Result
from autograder.reports.earlier import read_earlier
from autograder.reports.index import render_index
from autograder.reports.options import IndexOptions
from autograder.reports.staff_pages import staff_pages
from autograder.reports.summary import grades_csv, summarise
from autograder.submissions.arrivals import Absent, absent, read_arrivals


def write_class_files(
    root: Path,
    course: Course,
    results: Sequence[Result],
    now: datetime,
    link: Callable[[Result], str],
    term_link: Callable[[str], str | None],
    of_run: Mapping[str, Any] | None = None,
    roster: Roster = EMPTY_ROSTER,
    adjustments: Adjustments | None = None,
) -> None:
    """Write all of them, each whole or not at all.

    root: where they go. link, term_link: the path from there to the page of a submission, and to a student's page over
    the term.
    of_run: what summary.json says of the run itself (engine, timings). None, where nothing ran, keeps what it said.
    """
    without = without_result(root, results)
    write_whole(root / "grades.csv", grades_csv(results, without).encode())
    path = root / "summary.json"
    if of_run is None:
        try:
            of_run = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):  # missing or damaged: all but the account of a run that is over is made again
            of_run = {}
    summary = {**of_run, "course": course.title, **summarise(results, without)}
    write_whole(path, (json.dumps(summary, ensure_ascii=False, indent=1) + "\n").encode())

    options = staff_options(root, course, link, now)
    options = replace(options, term_link=term_link, absent=without, adjustments=adjustments)
    pages = staff_pages(course, roster, results, options, read_earlier(root))
    pages["index.html"] = render_index(results, options=options)
    for name, text in pages.items():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, text.encode("utf-8", "replace"))


def staff_options(root: Path, course: Course, link: Callable[[Result], str], now: datetime) -> IndexOptions:
    """Return how pages for teachers in the folder `root` are made. link: the path from there to a student's page."""
    return IndexOptions(
        course=course.title,
        link=link,
        made_at=now,
        zone=course_zone(course),
        further=further_pages(root),
        items=items_of_quizzes(course),
    )


def items_of_quizzes(course: Course) -> dict[str, dict[str, tuple[QuizItem, ...]]]:
    """Return assignment -> question -> items, in the words of the newest release; none where that cannot be read."""
    found = {}
    for assignment in course.assignments:
        try:
            release = load_releases(assignment.releases_path).newest
        except ReleasesError:  # what is graded names it
            continue
        found[assignment.name] = quiz_items(release, [question.id for question in assignment.questions])
    return found


def further_pages(root: Path) -> dict[str, set[str]]:
    """Return assignment -> pages that lie below `report/`, written by whichever command; without their ending."""
    found: dict[str, set[str]] = {}
    for path in (root / "report").glob("*/*.html"):
        found.setdefault(path.parent.name, set()).add(path.stem)
    return found


def without_result(root: Path, results: Sequence[Result]) -> list[Absent]:
    """Return everybody of the roster, and everything that came in, without a result for an assignment of this
    folder."""
    arrivals = read_arrivals(root)
    names = {result.assignment for result in results} | {one.assignment for one in arrivals.arrivals if one.assignment}
    have = ((result.assignment, student) for result in results for student in result.students)
    return absent(arrivals, sorted(names), have)
