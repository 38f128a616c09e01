"""Blackboard, Brightspace, and any other table: where their downloaded files have what."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.exchange.platforms.people import Name
from autograder.exchange.platforms.sheet import (
    Sheet,
    SheetRow,
    Titles,
    column_titled,
    ids_of,
    label_of,
    names_in,
)
from autograder.exchange.platforms.table import PlatformFileError, PlatformTable, find_column

_BLACKBOARD = re.compile(r"(?P<title>.*?)\s*\[Total Pts:\s*(?:up to )?(?P<most>[\d.,]+)[^\]]*\]\s*\|(?P<id>\d+)\s*")
_BLACKBOARD_IDS = (("login", ("Username",)), ("sid", ("Student ID",)))
_BRIGHTSPACE = re.compile(r"(?P<title>.*) Points Grade <Numeric MaxPoints:(?P<most>[\d.,]+)[^>]*>\s*")
_BRIGHTSPACE_IDS = (("sid", ("OrgDefinedId",)), ("login", ("Username",)))


def read_blackboard(table: PlatformTable, titles: Titles, assignment: Sequence[str]) -> Sheet:
    """Read Blackboard's 'Download grades': `Username`, and `Title [Total Pts: 12 Score] |column id`."""
    column, most = _titled(table, titles, assignment, _BLACKBOARD, "Title [Total Pts: 12 Score] |123")
    return Sheet(
        table,
        _people(table, ids_of(table, titles, _BLACKBOARD_IDS)),
        column,
        lambda line: most,
        find_column(table.row(0), [titles.comment or "Feedback to Learner"]),
    )


def read_brightspace(table: PlatformTable, titles: Titles, assignment: Sequence[str]) -> Sheet:
    """Read Brightspace's 'Export to CSV': `OrgDefinedId` or `Username` with `#` before them, and `End-of-Line
    Indicator`."""
    if find_column(table.row(0), ["End-of-Line Indicator"]) is None:
        raise PlatformFileError(
            f"{table.path}: found no last column 'End-of-Line Indicator', expected Brightspace's export; make it under "
            "Grades > Enter Grades > Export, with Points Grade"
        )
    column, most = _titled(table, titles, assignment, _BRIGHTSPACE, "Title Points Grade <Numeric MaxPoints:12>")

    def refuses(line: int, points: float) -> str:
        return f"is above the maximum {most:g}, to which Brightspace would cut it" if most and points > most else ""

    return Sheet(
        table, _people(table, ids_of(table, titles, _BRIGHTSPACE_IDS)), column, lambda line: most, refuses=refuses
    )


def read_any(table: PlatformTable, titles: Titles, assignment: Sequence[str]) -> Sheet:
    """Return a table of which a person named the columns."""
    if not titles.grade or not titles.ids:
        raise PlatformFileError(
            f"{table.path}: name its columns: --grade-column TITLE and --id-column KIND=TITLE, of "
            f"{', '.join(map(repr, table.row(0)))}"
        )
    return Sheet(
        table,
        _people(table, ids_of(table, titles, ())),
        column_titled(table, titles.grade, "the grade"),
        lambda line: None,
        column_titled(table, titles.comment, "the comment") if titles.comment else None,
    )


def _people(table: PlatformTable, ids: Sequence[tuple[str, int]]) -> tuple[SheetRow, ...]:
    if not ids:
        raise PlatformFileError(
            f"{table.path}: found no column that identifies people; name one with --id-column KIND=TITLE, of "
            f"{', '.join(map(repr, table.row(0)))}"
        )
    rows = []
    for line in range(1, len(table)):
        if any(value.strip() for value in table.row(line)):
            names: tuple[Name, ...] = tuple(
                (kind, value.removeprefix("#")) for kind, value in names_in(table, line, ids)
            )
            rows.append(SheetRow(line, names, label_of(line, names)))
    return tuple(rows)


def _titled(
    table: PlatformTable, titles: Titles, assignment: Sequence[str], form: re.Pattern[str], example: str
) -> tuple[int, float]:
    """Return the column of the assignment and its maximum, both from its title."""
    header = table.row(0)
    there = {i: match for i, text in enumerate(header) if (match := form.fullmatch(text))}
    if titles.grade:
        found = [column_titled(table, titles.grade, "the grade")]
    else:
        wanted = {name.casefold() for name in assignment}
        found = [i for i, match in there.items() if match["title"].strip().casefold() in wanted]
    if len(found) != 1 or found[0] not in there:
        what = f"{len(found)} columns for {' or '.join(map(repr, assignment))}"
        if titles.grade:
            what = f"the column {titles.grade!r}, which is no grade of the form {example!r}"
        raise PlatformFileError(
            f"{table.path}: found {what}; name one with --grade-column, of "
            f"{', '.join(repr(header[i]) for i in there) or f'none: no title has the form {example!r}'}"
        )
    return found[0], float(there[found[0]]["most"].replace(",", "."))
