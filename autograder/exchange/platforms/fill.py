"""Grades into a platform's own file: what is written, what is not, and what the platform would pass over silently."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from autograder.exchange.platforms.canvas import read_canvas
from autograder.exchange.platforms.grades import Grades, StudentGrade
from autograder.exchange.platforms.moodle import read_moodle
from autograder.exchange.platforms.others import read_any, read_blackboard, read_brightspace
from autograder.exchange.platforms.people import People
from autograder.exchange.platforms.sheet import Sheet, Titles, number_in
from autograder.exchange.platforms.table import PlatformTable, is_formula, plain_text

Reader = Callable[[PlatformTable, Titles, Sequence[str]], Sheet]
READERS: dict[str, Reader] = {
    "canvas": read_canvas,
    "moodle": read_moodle,
    "blackboard": read_blackboard,
    "brightspace": read_brightspace,
    "csv": read_any,
}
_HTML_COMMENTS = ("moodle",)
_SAME = 0.005  # platforms keep two decimals


@dataclass(frozen=True)
class Written:
    """One grade in the file: before and after as the platform writes them."""

    student: str
    row: str
    before: str
    after: str


@dataclass(frozen=True)
class LeftOut:
    """A student or a row without a grade in the file, and why."""

    who: str
    why: str


@dataclass(frozen=True)
class Filled:
    """Hold what became of a platform's file. rows: student -> line, of everybody who was found there."""

    sheet: Sheet
    written: tuple[Written, ...]
    unchanged: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    rows: dict[str, int]


def fill(
    platform: str,
    table: PlatformTable,
    grades: Grades,
    people: People,
    titles: Titles,
    assignment: Sequence[str],
    *,
    comment: Callable[[StudentGrade], str] | None = None,
    scale: bool = False,
) -> Filled:
    """Fill the table in place.

    Args:
        assignment: what the platform may call the assignment: our name and title.
        comment: the text for a grade; None leaves comments alone.
        scale: whether points are converted where the platform's maximum is another.

    Raises PlatformFileError where the file is not what the platform writes.
    """
    sheet = READERS[platform](table, titles, assignment)
    rows: dict[str, int] = {}
    left_out: list[LeftOut] = []
    labels: dict[str, str] = {}
    for row in sheet.rows:
        found = people.find(row.names)
        if found.student in rows:
            left_out.append(
                LeftOut(row.label, f"is a second row of {found.student}; the first ({labels[found.student]}) counts")
            )
        elif found.student:
            rows[found.student], labels[found.student] = row.line, row.label
        else:
            left_out.append(LeftOut(row.label, found.problem))
    written: list[Written] = []
    unchanged: list[str] = []
    notes = [*sheet.notes, *_formulas(sheet)]
    for grade in grades.students:
        if grade.note:
            notes.append(f"{grade.student} {grade.note}")
        if grade.student not in rows:
            left_out.append(LeftOut(grade.student, "is in the roster, and has no row in the file"))
            continue
        line = rows[grade.student]
        problem, points = _points(grade, sheet, line, scale)
        if problem:
            left_out.append(LeftOut(grade.student, problem))
            continue
        before, after = table.value(line, sheet.grade), _shown(points, sheet.decimal)
        there = number_in(before)
        if there is not None and abs(there - points) < _SAME:
            unchanged.append(grade.student)
        else:
            table.put(line, sheet.grade, after)
            written.append(Written(grade.student, labels[grade.student], before, after))
        if comment is not None and sheet.comment is not None and (text := comment(grade)):
            table.put(line, sheet.comment, _as_html(text) if platform in _HTML_COMMENTS else plain_text(text))
    left_out += [LeftOut(subject, "belongs to nobody in the roster") for subject in grades.strangers]
    if comment is not None and sheet.comment is None:
        notes.append("the file has no column for comments: none are in it")
    if platform == "moodle" and comment is not None and unchanged:
        notes.append(f"Moodle skips rows whose grade is unchanged, comment and all: {', '.join(unchanged)}")
    if table.lost:
        notes.append(f"the file is {table.encoding}, which has no {' '.join(sorted(table.lost))}: written as ?")
    return Filled(sheet, tuple(written), tuple(unchanged), tuple(left_out), tuple(notes), rows)


def _points(grade: StudentGrade, sheet: Sheet, line: int, scale: bool) -> tuple[str, float]:
    """Return (why nothing is written, the grade in the platform's points)."""
    if grade.score is None:
        return grade.problem or "has no grade", 0.0
    points, most = grade.score, sheet.maximum(line)
    if most is not None and abs(most - grade.max_score) > _SAME and grade.max_score:
        if not scale:
            return (
                f"has {_shown(grade.score)} of {_shown(grade.max_score)} points, and the platform counts to "
                f"{_shown(most)}: set the same maximum there, or convert with --scale"
            ), 0.0
        points = grade.score * most / grade.max_score
    points = float(_shown(points))
    refused = sheet.refuses(line, points)
    return (f"{_shown(points)} {refused}" if refused else ""), points


def _shown(points: float, decimal: str = ".") -> str:
    """Return a number with at most two decimals and no thousands separators."""
    text = f"{points + 0.0:.2f}".rstrip("0").rstrip(".")
    return ("0" if text in ("-0", "") else text).replace(".", decimal)


def _as_html(text: str) -> str:
    """Return plain text as the HTML that Moodle takes a comment for. It begins with a tag: no spreadsheet computes
    it."""
    return "<p>" + "<br>".join(html.escape(line) for line in text.replace("\0", "").splitlines()) + "</p>"


def _formulas(sheet: Sheet) -> list[str]:
    """Return cells of the platform's own that a spreadsheet would compute: names are what people called themselves."""
    table = sheet.table
    skipped = {sheet.grade, sheet.comment}
    hits = [
        f"row {row.line + 1}"
        for row in sheet.rows
        if any(
            is_formula(value) and not re.fullmatch(r"-+", value.strip())
            for column, value in enumerate(table.row(row.line))
            if column not in skipped
        )
    ]
    if not hits:
        return []
    return [
        f"{', '.join(hits[:20])}: a name there begins like a formula; look at the file as text, not in a spreadsheet"
    ]
