"""Canvas: the gradebook as it is exported (`Student, ID, …, Section, Title (assignment id), …`).

Seen in Canvas' own importer: it finds people by `ID`, then SIS number, then login, and *else by equal name*; it drops
columns by their title without a word; it offers to make a new assignment for a title without `(id)`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.exchange.platforms.sheet import (
    Sheet,
    SheetRow,
    Titles,
    column_titled,
    ids_of,
    label_of,
    names_in,
    number_in,
)
from autograder.exchange.platforms.table import PlatformFileError, PlatformTable, find_column

_ASSIGNMENT = re.compile(r"(?P<title>.*) \((?P<id>\d+)\)\s*")
_DROPPED = re.compile(r"\b(?:Current|Final|Override) (?:Score|Points|Grade)\b", re.IGNORECASE)
_IDS = (
    ("canvas", ("ID",)),
    ("sid", ("SIS User ID",)),
    ("login", ("SIS Login ID",)),
)
_TEST_STUDENT = "student, test"
_SHIFTED = re.compile(r"\d+,\d+")


def read_canvas(table: PlatformTable, titles: Titles, assignment: Sequence[str]) -> Sheet:
    """Find the column of the assignment (by its title there, `assignment` being ours) and the rows of people.

    Raises PlatformFileError where the file is not Canvas' export, or no column or several fit.
    """
    header = table.row(0)
    id_column = find_column(header, ["ID"])
    if id_column is None or not header[0].strip().casefold().startswith(("student", "lastname")):
        raise PlatformFileError(
            f"{table.path}: found the columns {', '.join(map(repr, header[:4]))}, …, expected a Canvas gradebook "
            "(Student, ID, …); export it under Grades > Export Entire Gradebook"
        )
    grade = column_titled(table, titles.grade, "the grade") if titles.grade else _column(table, assignment)
    title = header[grade]
    if _DROPPED.search(title):
        raise PlatformFileError(
            f"{table.path}: Canvas drops every column called like {title!r} without a word (Current, Final or Override "
            "before Score, Points or Grade); give the assignment another title there and export again"
        )
    if not _ASSIGNMENT.fullmatch(title):
        raise PlatformFileError(
            f"{table.path}: the column {title!r} has no assignment number in parentheses, so Canvas would make a new "
            "assignment; make the assignment there first and export again"
        )
    ids = ids_of(table, titles, _IDS)
    rows, notes, maximum = _rows(table, id_column, grade, ids)

    def refuses(line: int, points: float) -> str:
        there = table.value(line, grade).strip()
        if there.upper() == "EX":
            return "is excused in Canvas (EX)"
        return "is not assigned to this student (N/A): Canvas would skip it" if there.upper() == "N/A" else ""

    return Sheet(table, tuple(rows), grade, lambda line: maximum, refuses=refuses, notes=tuple(notes))


def _column(table: PlatformTable, names: Sequence[str]) -> int:
    header = table.row(0)
    there = [(i, m["title"].strip()) for i, text in enumerate(header) if (m := _ASSIGNMENT.fullmatch(text))]
    wanted = {name.casefold() for name in names}
    found = [i for i, title in there if title.casefold() in wanted]
    if len(found) != 1:
        raise PlatformFileError(
            f"{table.path}: found {len(found)} columns for {' or '.join(map(repr, names))}; name one with "
            f"--grade-column, of {', '.join(repr(header[i]) for i, _ in there) or 'none: the course has no assignment'}"
        )
    return found[0]


def _rows(
    table: PlatformTable, id_column: int, grade: int, ids: Sequence[tuple[str, int]]
) -> tuple[list[SheetRow], list[str], float | None]:
    """Return the rows of people, what Canvas would do unseen, and the maximum (from the row `    Points Possible`)."""
    rows: list[SheetRow] = []
    notes: list[str] = []
    maximum = None
    for line in range(1, len(table)):
        first = table.value(line, 0).strip()
        if not table.value(line, id_column).strip():
            possible = number_in(table.value(line, grade))
            if first.casefold().startswith("points possible") or (maximum is None and not rows and possible):
                maximum = possible
            elif first and rows:
                notes.append(f"row {line + 1} has no ID: Canvas would take it for whoever has this name; left as it is")
            continue
        if first.casefold() == _TEST_STUDENT:
            continue
        if _SHIFTED.fullmatch(table.value(line, grade).strip()):
            notes.append(
                f"row {line + 1} has {table.value(line, grade)!r}, whose comma Canvas reads as a decimal point"
            )
        names = names_in(table, line, ids)
        rows.append(SheetRow(line, names, label_of(line, names)))
    notes.append("what was changed in Canvas after this file was exported is set back by the import: import it soon")
    return rows, notes, maximum
