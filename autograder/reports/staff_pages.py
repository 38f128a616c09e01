"""The pages for teachers: an index, for each assignment students, mistakes and items, and the term.

Plain HTML that opens at once; one script sorts and filters tables. Pages lie in `report/` below the index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from autograder.course.course import Assignment, Course
from autograder.course.roster import Roster
from autograder.pages.templates import render
from autograder.pages.text import clean_line, moment
from autograder.records import Result
from autograder.reports.earlier import EarlierTerms
from autograder.reports.items import items_view
from autograder.reports.mistakes import cluster_views, mistake_views
from autograder.reports.options import IndexOptions, tabs
from autograder.reports.people import people_view
from autograder.reports.term import term_view

SCRIPT = "tables.js"


def staff_pages(
    course: Course,
    roster: Roster,
    results: Sequence[Result],
    options: IndexOptions,
    earlier: EarlierTerms | None = None,
) -> dict[str, str]:
    """Return the pages of all assignments that have results, by path relative to the index.

    earlier: what other terms showed, which `items` compares with.
    """
    by_assignment: dict[str, list[Result]] = {}
    for result in sorted(results, key=lambda result: result.subject):
        by_assignment.setdefault(result.assignment, []).append(result)
    pages = {}
    for assignment in course.assignments:
        group = by_assignment.get(assignment.name, [])
        if group or any(one.assignment == assignment.name for one in options.absent):
            for name, text in _assignment_pages(assignment, roster, group, options, earlier).items():
                pages[f"report/{assignment.name}/{name}.html"] = text
    below = replace(options, up="../")
    pages["report/term.html"] = render(
        "term.html",
        sheets=("staff.css",),
        script=SCRIPT,
        view=term_view(course, roster, results, below),
        **frame_of(below, "The term"),
    )
    return pages


def _assignment_pages(
    assignment: Assignment,
    roster: Roster,
    results: Sequence[Result],
    options: IndexOptions,
    earlier: EarlierTerms | None,
) -> dict[str, str]:
    below = replace(options, up="../../")
    title = clean_line(assignment.title)
    drawn = {}
    for name, view in (
        ("students", people_view(assignment, roster, results, below)),
        ("mistakes", {"known": mistake_views(results, below), "clusters": cluster_views(results, below)}),
        ("items", items_view(results, below, earlier)),
    ):
        script = "" if name == "mistakes" else SCRIPT
        frame = frame_of(below, title, name, assignment.name)
        drawn[name] = render(f"{name}.html", sheets=("staff.css",), script=script, view=view, **frame)
    return drawn


def frame_of(options: IndexOptions, title: str, tab: str = "", assignment: str = "", about: str = "") -> dict[str, Any]:
    """Return what the frame of a page for teachers shows.

    tab: its file name without the ending, where its assignment has several. about: the assignment's title, where the
    page's own is another.
    """
    return {
        "course": clean_line(options.course),
        "title": title,
        "tab": tab,
        "about": clean_line(about),
        "tabs": tabs(assignment, options) if tab else (),
        "up": options.up,
        "made_at": moment(options.made_at, options.zone) if options.made_at is not None else "",
    }
