"""The files of a results folder that are about the whole class: grades.csv, summary.json, and pages for teachers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.course.course import Course
from autograder.course.roster import EMPTY_ROSTER, Roster
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
    of_run: Mapping[str, Any] | None = None,
    roster: Roster = EMPTY_ROSTER,
) -> None:
    """Write all of them, each whole or not at all.

    root: where they go; link: the path from there to a student's page.
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

    options = IndexOptions(course.title, link, now, absent=without, further=further_pages(root))
    pages = staff_pages(course, roster, results, options, read_earlier(root))
    pages["index.html"] = render_index(results, options=options)
    for name, text in pages.items():
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, text.encode("utf-8", "replace"))


def further_pages(root: Path) -> dict[str, set[str]]:
    """Return assignment -> pages that lie below `report/`, written by whichever command; without their ending."""
    found: dict[str, set[str]] = {}
    for path in (root / "report").glob("*/*.html"):
        found.setdefault(path.parent.name, set()).add(path.stem)
    return found


def without_result(root: Path, results: Sequence[Result]) -> list[Absent]:
    """Everybody of the roster, and everything that came in, without a result for an assignment of this folder."""
    arrivals = read_arrivals(root)
    names = {result.assignment for result in results} | {one.assignment for one in arrivals.arrivals if one.assignment}
    have = ((result.assignment, student) for result in results for student in result.students)
    return absent(arrivals, sorted(names), have)
