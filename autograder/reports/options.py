"""What the pages for teachers are told beside the results."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from urllib.parse import quote

from autograder.course.adjustments import Adjustments
from autograder.feedback.items import item_of, label
from autograder.feedback.options import QuizItem
from autograder.pages.text import clean_line
from autograder.records import Result, TestOutcome
from autograder.submissions.arrivals import Absent

_TABS = (("students", "Students"), ("mistakes", "Mistakes"), ("items", "Items"))
_SIMILAR = ("similar", "Similar")


def no_link(result: Result) -> str | None:
    """Return the default of `IndexOptions.link`: no page to link to."""
    return None


def no_term_link(student: str) -> str | None:
    """Return the default of `IndexOptions.term_link`: no page to link to."""
    return None


@dataclass(frozen=True)
class IndexOptions:
    """Say how pages for teachers are rendered.

    link: the path of the page of a submission relative to the staff's folder. term_link: of a student's page over the
    term. up: the way from the page to that folder.
    """

    course: str = ""
    link: Callable[[Result], str | None] = no_link
    term_link: Callable[[str], str | None] = no_term_link
    made_at: datetime | None = None
    zone: tzinfo | None = None  # in which times are shown; None: as they are
    up: str = ""
    absent: Sequence[Absent] = ()  # who and what has no result
    adjustments: Adjustments | None = None  # whose extensions move deadlines
    further: Mapping[str, Collection[str]] = field(default_factory=dict)  # assignment -> pages that lie beside its own
    items: Mapping[str, Mapping[str, Sequence[QuizItem]]] = field(default_factory=dict)  # assignment -> question -> …


def tabs(assignment: str, options: IndexOptions) -> tuple[tuple[str, str], ...]:
    """Return the pages of an assignment that one goes between: (file name without its ending, word)."""
    return (*_TABS, _SIMILAR) if "similar" in options.further.get(assignment, ()) else _TABS


def sheet_name(question: str, assignment: str, options: IndexOptions) -> str:
    """Return the file name, without its ending, of the sheet of all answers to a question; "" where there is none."""
    name = f"question-{question}"
    return name if name in options.further.get(assignment, ()) else ""


def test_title(assignment: str, question: str, test: TestOutcome, options: IndexOptions) -> str:
    """Return what a test is called: the words of the quiz item that it is about, else its title and parameters."""
    item = item_of(test, options.items.get(assignment, {}).get(question, ()))
    if item is not None:
        return label(item)
    parameters = test.name[test.name.index("[") :] if "[" in test.name else ""
    return clean_line(f"{test.title or test.name} {parameters}")


def page_link(result: Result, options: IndexOptions, anchor: str = "") -> str:
    """Return a relative path as a link; whatever could leave the results folder is no link."""
    return _inside(options.link(result) or "", options, anchor)


def term_link(student: str, options: IndexOptions) -> str:
    """Return the link to a student's page over the term, as `page_link` does."""
    return _inside(options.term_link(student) or "", options)


def _inside(path: str, options: IndexOptions, anchor: str = "") -> str:
    inside = path.removeprefix("../")  # students' pages lie beside the staff's folder
    if not path or inside.startswith(("/", "\\")) or ".." in inside.split("/"):
        return ""
    return options.up + quote(path.encode("utf-8", "replace"), safe="/") + anchor
