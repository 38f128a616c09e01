"""The pages for teachers: an index, for each assignment students, mistakes and items, and the term.

Plain HTML that opens at once; one script sorts and filters tables. Pages lie in `report/` below the index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from autograder.course.course import Assignment, Course
from autograder.course.roster import Roster
from autograder.pages.templates import render
from autograder.pages.text import clean_line, moment
from autograder.records import Result
from autograder.reports.items import items_view
from autograder.reports.mistakes import cluster_views, mistake_views
from autograder.reports.options import IndexOptions
from autograder.reports.people import people_view
from autograder.reports.term import term_view

SCRIPT = "tables.js"
TABS = (("students", "Students"), ("mistakes", "Mistakes"), ("items", "Items"))


def staff_pages(
    course: Course, roster: Roster, results: Sequence[Result], options: IndexOptions, earlier: Sequence[Result] = ()
) -> dict[str, str]:
    """Return the pages of all assignments that have results, by path relative to the index.

    earlier: results of other terms, which `items` compares with.
    """
    by_assignment: dict[str, list[Result]] = {}
    for result in sorted(results, key=lambda result: result.subject):
        by_assignment.setdefault(result.assignment, []).append(result)
    pages = {}
    for assignment in course.assignments:
        group = by_assignment.get(assignment.name, [])
        if group or any(one.assignment == assignment.name for one in options.absent):
            before = [result for result in earlier if result.assignment == assignment.name]
            for name, text in _assignment_pages(assignment, roster, group, options, before).items():
                pages[f"report/{assignment.name}/{name}.html"] = text
    below = replace(options, up="../")
    pages["report/term.html"] = render(
        "term.html",
        sheets=("staff.css",),
        script=SCRIPT,
        view=term_view(course, roster, results, below),
        **_frame(below, "The term", ""),
    )
    return pages


def _assignment_pages(
    assignment: Assignment,
    roster: Roster,
    results: Sequence[Result],
    options: IndexOptions,
    earlier: Sequence[Result],
) -> dict[str, str]:
    below = replace(options, up="../../")
    title = clean_line(assignment.title)
    drawn = {}
    for name, view in (
        ("students", people_view(assignment, roster, results, below)),
        ("mistakes", {"known": mistake_views(results, below), "clusters": cluster_views(results)}),
        ("items", items_view(results, earlier)),
    ):
        script = "" if name == "mistakes" else SCRIPT
        frame = _frame(below, title, name)
        drawn[name] = render(f"{name}.html", sheets=("staff.css",), script=script, view=view, **frame)
    return drawn


def _frame(options: IndexOptions, title: str, tab: str) -> dict[str, object]:
    return {
        "course": clean_line(options.course),
        "title": title,
        "tab": tab,
        "tabs": TABS if tab else (),
        "up": options.up,
        "made_at": _made(options.made_at),
    }


def _made(when: datetime | None) -> str:
    return moment(when) if when is not None else ""
