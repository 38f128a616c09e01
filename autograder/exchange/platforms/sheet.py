"""The parts of a platform's table that an export fills, as each platform's reader finds them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from autograder.exchange.platforms.people import Name
from autograder.exchange.platforms.table import PlatformFileError, PlatformTable, find_column

Refuses = Callable[[int, float], str]
"""(line, grade in the platform's points) -> why the platform would pass over the row silently; "" if it takes it."""


@dataclass(frozen=True)
class Titles:
    """Titles of columns that a person named on the command line; "" where the reader is to find them."""

    grade: str = ""
    comment: str = ""
    maximum: str = ""
    locked: str = ""
    ids: Sequence[Name] = ()  # (kind, title)


@dataclass(frozen=True)
class SheetRow:
    """One person's row. names: by what it may be recognised; label: how to speak of it without a name."""

    line: int
    names: tuple[Name, ...]
    label: str


@dataclass(frozen=True)
class Sheet:
    """Say where a table has what. maximum: the platform's points by line; comment None: the file has no such column."""

    table: PlatformTable
    rows: tuple[SheetRow, ...]
    grade: int
    maximum: Callable[[int], float | None]
    comment: int | None = None
    refuses: Refuses = lambda line, grade: ""
    decimal: str = "."
    notes: tuple[str, ...] = ()
    participants: dict[int, str] = field(default_factory=dict)  # line -> number of the participant (Moodle)


def number_in(text: str) -> float | None:
    """Return a grade as platforms write it: `12`, `12.50`, `12,50`; None for anything else."""
    match = re.fullmatch(r"\s*([+-]?\d+(?:[.,]\d+)?)\s*", text)
    return float(match[1].replace(",", ".")) if match else None


def column_titled(table: PlatformTable, title: str, what: str) -> int:
    """Return the column that a person named. Raises PlatformFileError with the titles there are."""
    found = find_column(table.row(0), [title])
    if found is None:
        raise PlatformFileError(
            f"{table.path}: found no column {title!r} for {what}; there are {', '.join(map(repr, table.row(0)))}"
        )
    return found


def ids_of(table: PlatformTable, titles: Titles, known: Sequence[tuple[str, Sequence[str]]]) -> list[tuple[str, int]]:
    """Return (kind, column) of every column that identifies people: those that were named, else those with known
    titles.
    """
    if titles.ids:
        return [(kind, column_titled(table, title, f"names of kind {kind!r}")) for kind, title in titles.ids]
    found = ((kind, find_column(table.row(0), names)) for kind, names in known)
    return [(kind, column) for kind, column in found if column is not None]


def names_in(table: PlatformTable, line: int, ids: Sequence[tuple[str, int]]) -> tuple[Name, ...]:
    """Return the names of a row; one that holds an `@` is an e-mail address too."""
    names: list[Name] = []
    for kind, column in ids:
        value = table.value(line, column).strip()
        if value:
            names.append((kind, value))
            if kind == "login" and "@" in value:
                names.append(("email", value))
    return tuple(dict.fromkeys(names))


def label_of(line: int, names: Sequence[Name]) -> str:
    return f"row {line + 1}" + (f" ({names[0][0]}:{names[0][1]})" if names else "")
