"""The index of a run, for instructors and TAs."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.pages.templates import render
from autograder.pages.text import clean_line, moment
from autograder.records import Result
from autograder.reports.class_view import class_views
from autograder.reports.options import IndexOptions


def render_index(results: Iterable[Result], *, options: IndexOptions | None = None) -> str:
    """Return the run's submissions, what waits for a person, and where the class fails, as one HTML document."""
    options = options or IndexOptions()
    return render(
        "index.html",
        sheets=("staff.css",),
        views=class_views(results, options),
        course=clean_line(options.course),
        made_at=moment(options.made_at, options.zone) if options.made_at else "",
    )
