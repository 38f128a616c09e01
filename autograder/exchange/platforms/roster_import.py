"""roster.csv from a platform's export: numbers, logins and e-mail addresses come in, people's names stay out.

A roster that exists keeps its ids, groups, extensions and every row; what the export knows more is added. New students
get ids in a random order: one in the order of the alphabet would give names away.
"""

from __future__ import annotations

import csv
import io
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from autograder.course.roster import Roster
from autograder.exchange.platforms.people import Name, People, normal
from autograder.exchange.platforms.sheet import column_titled
from autograder.exchange.platforms.table import PlatformFileError, PlatformTable, find_column

COLUMNS = ("id", "email", "aliases", "group", "section", "extensions")
_EMAIL = ("Email", "Email address", "E-mail", "E-Mail-Adresse", "email_address")
_SID = ("SIS User ID", "SID", "Student ID", "ID number", "ID-Nummer", "Matrikelnummer", "OrgDefinedId")
_LOGIN = ("SIS Login ID", "Username", "User name", "Anmeldename", "Login")
_GITHUB = ("github_username", "GitHub username")
_SECTION = ("Section", "Sections")
_TEST_STUDENT = "student, test"
_FIT = re.compile(r"[^;\s][^;]*")


@dataclass
class RosterRow:
    """One row of the roster to be."""

    id: str
    email: str = ""
    aliases: list[str] = field(default_factory=list)
    group: str = ""
    section: str = ""
    extensions: str = ""
    new: bool = False


@dataclass(frozen=True)
class Imported:
    """roster: the text of roster.csv. added, changed: ids; absent: ids of the old roster that the export has not
    (kept); skipped: rows that identify nobody."""

    roster: str
    added: tuple[str, ...]
    changed: tuple[str, ...]
    absent: tuple[str, ...]
    skipped: tuple[str, ...]


def import_roster(
    table: PlatformTable,
    known: Roster,
    known_rows: Sequence[RosterRow] = (),
    *,
    named: Sequence[tuple[str, str]] = (),
    group: str = "",
    section: str = "",
    prefix: str = "s",
) -> Imported:
    """Return the roster with everybody of a platform's table.

    Args:
        known: the roster there is; `known_rows` its rows as they stand in the file.
        named: (kind, title) of columns with names, where the titles are not known here.
        group, section: titles of columns to take these from.
        prefix: what ids of new students begin with.

    Raises PlatformFileError where no column identifies people.
    """
    columns = _columns(table, named)
    sections = [column_titled(table, section, "sections")] if section else _first(table, _SECTION)
    groups = [column_titled(table, group, "groups")] if group else []
    people = People(known)
    entries = {entry.id: entry for entry in known_rows}
    seen: set[str] = set()
    fresh: list[RosterRow] = []
    changed: list[str] = []
    skipped: list[str] = []
    taken: dict[Name, int] = {}
    for line in range(1, len(table)):
        if not any(value.strip() for value in table.row(line)):
            continue
        names = [(kind, value) for kind, column in columns if (value := _value(table, line, column))]
        names = [(("email" if kind == "login" and "@" in value else kind), value) for kind, value in names]
        if not names or table.value(line, 0).strip().casefold() == _TEST_STUDENT:
            skipped.append(f"row {line + 1}: {'the test student' if names else 'no number, login or e-mail address'}")
            continue
        twice = next((taken[kind, normal(value)] for kind, value in names if (kind, normal(value)) in taken), None)
        if twice is not None:
            skipped.append(f"row {line + 1}: has a name of row {twice + 1} again")
            continue
        taken.update({(kind, normal(value)): line for kind, value in names})
        found = people.find(names)
        if not found.student and "different students" in found.problem:
            skipped.append(f"row {line + 1}: {found.problem}")
            continue
        entry = entries.get(found.student) or RosterRow("", new=True)
        before = (entry.email, tuple(entry.aliases), entry.group, entry.section)
        _add(entry, names)
        entry.group = entry.group or (_value(table, line, groups[0]) if groups else "")
        entry.section = entry.section or (_value(table, line, sections[0]) if sections else "")
        if entry.new:
            fresh.append(entry)
        else:
            seen.add(entry.id)
            if (entry.email, tuple(entry.aliases), entry.group, entry.section) != before:
                changed.append(entry.id)
    _give_ids(fresh, set(entries), prefix)
    rows = [*entries.values(), *sorted(fresh, key=lambda entry: entry.id)]
    absent = tuple(id for id in entries if id not in seen)
    return Imported(_text(rows), tuple(sorted(e.id for e in fresh)), tuple(changed), absent, tuple(skipped))


def read_entries(text: str) -> list[RosterRow]:
    """Return the rows of a roster.csv that `load_roster` accepts, as they stand there."""
    first = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in first and "," not in first else ",")
    rows = [{(key or "").strip().lower(): (value or "").strip() for key, value in row.items()} for row in reader]
    return [
        RosterRow(
            row["id"], row.get("email", ""), [a.strip() for a in row.get("aliases", "").split(";") if a.strip()],
            row.get("group", ""), row.get("section", ""), row.get("extensions", ""),
        )
        for row in rows if row.get("id")
    ]  # fmt: skip


def _columns(table: PlatformTable, named: Sequence[tuple[str, str]]) -> list[tuple[str, int]]:
    if named:
        return [(kind, column_titled(table, title, f"names of kind {kind!r}")) for kind, title in named]
    header = table.row(0)
    canvas = find_column(header, ["SIS Login ID"]) is not None or header[0].strip().casefold() == "student"
    known = (
        ("canvas", ("ID",) if canvas else ()),
        ("sid", _SID),
        ("login", _LOGIN),
        ("email", _EMAIL),
        ("github", _GITHUB),
    )
    found = [(kind, column) for kind, titles in known if (column := find_column(header, titles)) is not None]
    if not found:
        raise PlatformFileError(
            f"{table.path}: found no column that identifies people (an ID, a login, an e-mail address); name one with "
            f"--id-column KIND=TITLE, of {', '.join(map(repr, header))}"
        )
    return found


def _first(table: PlatformTable, titles: Sequence[str]) -> list[int]:
    found = find_column(table.row(0), titles)
    return [] if found is None else [found]


def _value(table: PlatformTable, line: int, column: int) -> str:
    """Return a cell that a roster can hold: Brightspace's `#` before ids goes, `;` would end an alias."""
    value = table.value(line, column).strip().removeprefix("#")
    return value if _FIT.fullmatch(value) else ""


def _add(entry: RosterRow, names: Sequence[Name]) -> None:
    have = {normal(alias) for alias in entry.aliases} | {normal(f"email:{entry.email}"), normal(f"id:{entry.id}")}
    for kind, value in names:
        alias = f"{kind}:{value}"
        if normal(alias) in have:
            continue
        have.add(normal(alias))
        if kind == "email" and not entry.email and re.fullmatch(r"[^@\s]+@[^@\s]+", value):
            entry.email = value
        elif kind != "id":
            entry.aliases.append(alias)


def _give_ids(fresh: Sequence[RosterRow], taken: set[str], prefix: str) -> None:
    numbers: list[str] = []
    number, width = 0, max(3, len(str(len(fresh) + len(taken))))
    while len(numbers) < len(fresh):
        number += 1
        id = f"{prefix}{number:0{width}d}"
        if normal(id) not in {normal(other) for other in taken}:
            numbers.append(id)
    secrets.SystemRandom().shuffle(numbers)
    for entry, id in zip(fresh, numbers, strict=True):
        entry.id = id


def _text(rows: Sequence[RosterRow]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow((row.id, row.email, "; ".join(row.aliases), row.group, row.section, row.extensions))
    return text.getvalue()
