"""Moodle: the offline grading worksheet of one assignment, and the zip of feedback files.

Moodle finds columns by their *translated* titles and skips rows without a word: a grade that is blank, negative, equal
or above the maximum, locked, or younger there than `Last modified (grade)` says. So the downloaded worksheet is filled,
never composed. English and German titles are known; others are named on the command line.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping, Sequence

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

_GRADE = ("Grade", "Bewertung")
_MAXIMUM = ("Maximum grade", "Bestwertung")
_LOCKED = ("Grade can be changed", "Bewertung kann geändert werden")
_MODIFIED = ("Last modified (grade)", "Zuletzt geändert (Bewertung)")
_COMMENT = ("Feedback comments", "Feedback als Kommentar")
_IDS = (
    ("sid", ("ID number", "ID-Nummer", "Matrikelnummer")),
    ("login", ("Username", "Anmeldename")),
    ("email", ("Email address", "E-Mail-Adresse")),
)
_NO = {"no", "nein", "non", "nee", "não", "nej", "nie", "ei"}
_PARTICIPANT = re.compile(r"\D+?\s*(\d+)")
_FIRST_DATE = (1980, 1, 1, 0, 0, 0)  # the same grades give the same bytes


def read_moodle(table: PlatformTable, titles: Titles, assignment: Sequence[str]) -> Sheet:
    """Find the worksheet's columns and people. Raises PlatformFileError where it is none, or a title is not known."""
    header = table.row(0)
    numbers = {line: m[1] for line in range(1, len(table)) if (m := _PARTICIPANT.fullmatch(table.value(line, 0)))}
    if len(table) > 1 and not numbers:
        raise PlatformFileError(
            f"{table.path}: found {table.value(1, 0)!r} in its first column, expected Moodle's worksheet of one "
            "assignment (Identifier: Participant 4711); download it with the assignment's action "
            "'Download grading worksheet'"
        )
    grade = _column(table, titles.grade, _GRADE, "the grade", "--grade-column")
    maximum = _column(table, titles.maximum, _MAXIMUM, "the maximum", "--maximum-column")
    locked = find_column(header, [titles.locked] if titles.locked else _LOCKED)
    comment = column_titled(table, titles.comment, "the comment") if titles.comment else find_column(header, _COMMENT)
    known = titles.grade or find_column(header, _MODIFIED) is not None
    if not known:
        raise PlatformFileError(
            f"{table.path}: found no column {_MODIFIED[0]!r}, without which Moodle takes no row; download the "
            "worksheet again"
        )
    ids = ids_of(table, titles, _IDS)
    if not ids:
        raise PlatformFileError(
            f"{table.path}: found no column that identifies people beside their names (e-mail address, ID number, user "
            "name); let Moodle show one under Site administration > Users > User policies > Show user identity, or "
            "name a column with --id-column"
        )
    rows = []
    for line in sorted(numbers):
        names = names_in(table, line, ids)
        rows.append(SheetRow(line, names, label_of(line, names)))
    most = [table.value(row.line, maximum) for row in rows]
    if rows and all(number_in(text) is None for text in most):
        raise PlatformFileError(
            f"{table.path}: found the maximum {most[0]!r}, expected points; an assignment graded by a scale or a "
            "rubric takes no worksheet"
        )

    def refuses(line: int, points: float) -> str:
        top = number_in(table.value(line, maximum))
        if locked is not None and table.value(line, locked).strip().casefold() in _NO:
            return "is locked in Moodle, which would skip it without a word"
        if top is not None and points > top + 1e-9:
            return f"is above the maximum {top:g}: Moodle would skip it without a word"
        if points < 0:
            return "is negative: Moodle would skip it without a word"
        return ""

    return Sheet(
        table,
        tuple(rows),
        grade,
        lambda line: number_in(table.value(line, maximum)),
        comment,
        refuses,
        decimal="," if any("," in text for text in most) else ".",
        notes=(
            "upload it soon, or tick 'Update even if the record was modified': Moodle skips without a word what was "
            "changed there after the download",
        ),
        participants={row.line: numbers[row.line] for row in rows},
    )


def _column(table: PlatformTable, named: str, known: Sequence[str], what: str, option: str) -> int:
    if named:
        return column_titled(table, named, what)
    found = find_column(table.row(0), known)
    if found is None:
        raise PlatformFileError(
            f"{table.path}: found no column for {what} ({' or '.join(map(repr, known))}); name it with {option}, of "
            f"{', '.join(map(repr, table.row(0)))}"
        )
    return found


def feedback_zip(pages: Mapping[str, tuple[str, bytes]]) -> bytes:
    """Return a zip for Moodle's 'Upload multiple feedback files in a zip'.

    pages: student id -> (number of the participant, feedback.html). One folder per *member*: Moodle looks the number
    up among the participants of this assignment, so a group's number could be somebody's. What stands before the
    number is not read, so it is our opaque id and no name (without `_`, which would end it). Before 4.1 Moodle took no
    folder without an `_` at its end; later ones take both.
    """
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for student, (participant, page) in sorted(pages.items()):
            name = f"{student.replace('_', '-')}_{participant}_assignfeedback_file_/feedback.html"
            entry = zipfile.ZipInfo(name, _FIRST_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, page)
    return data.getvalue()
