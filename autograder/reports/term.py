"""The term: everybody's share in every assignment, the trend, and who is falling behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean

from autograder.course.course import Course
from autograder.course.roster import Roster
from autograder.pages.text import aware, clean_line
from autograder.records import Result
from autograder.reports.class_view import share_of
from autograder.reports.options import IndexOptions, term_link

_FALL = 0.2  # below one's own mean so far
_LOW = 0.5


@dataclass(frozen=True)
class TermShare:
    """One student's share of one assignment. None: nothing handed in; due says whether that was due."""

    share: float | None
    due: bool
    waits: bool = False

    @property
    def text(self) -> str:
        if self.share is None:
            return "none" if self.due else ""
        return f"{100 * self.share:.0f}{'…' if self.waits else ''}"


@dataclass(frozen=True)
class TermRow:
    student: str
    section: str
    cells: tuple[TermShare, ...]
    mean: float | None
    points: str  # of an SVG polyline, 0 to 60 by 0 to 16
    behind: str  # why, "" where not
    link: str  # of the student's own page over the term, "" where there is none


@dataclass(frozen=True)
class TermView:
    titles: tuple[tuple[str, str], ...]  # name, title
    means: tuple[float | None, ...]
    rows: tuple[TermRow, ...]
    behind: int


def term_view(course: Course, roster: Roster, results: Sequence[Result], options: IndexOptions) -> TermView:
    """Return the table of all assignments that are due or have submissions."""
    shares: dict[str, dict[str, Result]] = {}
    for result in results:
        for student in result.students or (result.subject,):
            shares.setdefault(student, {})[result.assignment] = result
    handed_in = {result.assignment for result in results}
    over = {a.name: _over(a.due, options.made_at) for a in course.assignments}
    shown = [a for a in course.assignments if a.name in handed_in or over[a.name]]
    sections = {student.id: student.section for student in roster.students}
    people = {*sections, *(student for result in results for student in result.students)}
    everybody = list(dict.fromkeys([*sections, *sorted(shares)]))
    rows = tuple(
        _row(
            student,
            sections.get(student, ""),
            [(a.name, over[a.name]) for a in shown],
            shares.get(student, {}),
            term_link(student, options) if student in people else "",  # what is nobody's has no page over the term
        )
        for student in everybody
    )
    return TermView(
        titles=tuple((a.name, clean_line(a.title)) for a in shown),
        means=tuple(_mean([row.cells[i].share for row in rows]) for i in range(len(shown))),
        rows=rows,
        behind=sum(bool(row.behind) for row in rows),
    )


def _over(due: datetime | None, now: datetime | None) -> bool:
    return due is not None and now is not None and aware(now) > aware(due)


def _row(
    student: str, section: str, shown: Sequence[tuple[str, bool]], results: Mapping[str, Result], link: str
) -> TermRow:
    cells = tuple(_cell(results.get(name), due) for name, due in shown)
    known = [cell.share for cell in cells if cell.share is not None]
    step = 60 / (len(cells) - 1) if len(cells) > 1 else 0.0
    points = " ".join(f"{i * step:.0f},{16 - 16 * c.share:.0f}" for i, c in enumerate(cells) if c.share is not None)
    return TermRow(clean_line(student, 80), clean_line(section, 80), cells, _mean(known), points, _behind(cells), link)


def _cell(result: Result | None, due: bool) -> TermShare:
    if result is None or result.score is None or result.max_score <= 0:
        return TermShare(None, due)
    return TermShare(share_of(result), due, result.needs_manual_grade)


def _behind(cells: Sequence[TermShare]) -> str:
    """Return nothing handed in for the last assignment that was due, or far below one's own mean before it."""
    due = [cell for cell in cells if cell.due or cell.share is not None]
    if not due:
        return ""
    last, before = due[-1], [cell.share for cell in due[:-1] if cell.share is not None]
    missing = sum(cell.share is None for cell in due)
    if last.share is None:
        return "handed in nothing last time" if missing == 1 else f"handed in nothing {missing} times"
    if before and last.share < fmean(before) - _FALL:
        return f"{100 * (fmean(before) - last.share):.0f} below the mean before"
    if last.share < _LOW and before and before[-1] < _LOW:
        return "twice below one half"
    return ""


def _mean(shares: Sequence[float | None]) -> float | None:
    known = [share for share in shares if share is not None]
    return fmean(known) if known else None
