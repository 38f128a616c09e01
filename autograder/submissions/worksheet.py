"""The list that says who is behind the numbers of one download, given as `--worksheet FILE`.

Moodle's grading worksheet (`Identifier` is `Participant 4711`; the number belongs to one student in one assignment),
or a list with a column `anonymous_id` for Canvas. Moodle writes titles and words in the language of whoever downloads,
so columns are also known by their place and by what stands in them. A row is matched with the roster by e-mail,
university number, login or id, in this order; a display name never matches anybody, it only must not contradict.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from autograder.course.aliases import normal
from autograder.course.roster import Match, Roster
from autograder.submissions.listing import folded, shown

_MOST_BYTES = 16 << 20
_KEYS = ("identifier", "anonymous_id", "anonymous id")
_MATCHED_BY = (  # (kind of name, titles of its column)
    ("email", ("email address", "email", "e-mail", "e-mail-adresse", "correo electrónico", "adresse de courriel")),
    ("sid", ("id number", "id-nummer", "matrikelnummer", "sid", "sis user id", "student number", "orgdefinedid")),
    ("login", ("username", "anmeldename", "login", "sis login id")),
    ("person", ("id",)),
)
_TIMES = ("last modified (submission)", "zuletzt geändert (abgabe)")


class WorksheetError(Exception):
    """The file cannot be used; the message says what was found and what was expected."""


@dataclass(frozen=True)
class WorksheetRow:
    """One person of a download. name, group, received: as written there, or empty. why: why nobody matched."""

    key: str
    match: Match | None
    name: str = ""
    group: str = ""
    received: str = ""
    why: str = ""


@dataclass(frozen=True)
class Worksheet:
    """rows: by the channel's own key. file: its name, empty where none was given."""

    file: str = ""
    rows: Mapping[str, WorksheetRow] = field(default_factory=dict)

    def of_group(self, name: str) -> tuple[WorksheetRow, ...]:
        """Return the rows of everybody in the group of that name."""
        return tuple(self._by_group.get(_letters(name), ()))

    @cached_property
    def _by_group(self) -> dict[str, list[WorksheetRow]]:
        found: dict[str, list[WorksheetRow]] = {}
        for row in self.rows.values():
            if row.group:
                found.setdefault(_letters(row.group), []).append(row)
        return found


NO_WORKSHEET = Worksheet()


def alike(first: str, second: str) -> bool:
    """Return whether two display names are the same but for what platforms change in file names."""
    return _letters(first) == _letters(second)


def read_worksheet(path: Path, roster: Roster) -> Worksheet:
    """Read a CSV file (`,`, `;` or tab between columns, UTF-8). Raises WorksheetError."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise WorksheetError(f"{path}: found more than {_MOST_BYTES >> 20} MiB, expected a worksheet")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise WorksheetError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise WorksheetError(f"{path}: found bytes that are not UTF-8, expected a CSV file saved as UTF-8") from error
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        lines = list(csv.reader(text.splitlines(), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise WorksheetError(f"{path}: found a broken line ({error}), expected comma-separated values") from error
    titles = _titled(lines)
    key = next((titles.index(title) for title in _KEYS if title in titles), None)
    if key is None:
        raise WorksheetError(
            f"{path}:1: found the columns {', '.join(map(shown, lines[0])) if lines else 'none'}, expected one called "
            "'Identifier' (Moodle's grading worksheet) or 'anonymous_id' (Canvas)"
        )
    if not any(title in titles for _, names in _MATCHED_BY for title in names):
        raise WorksheetError(f"{path}:1: found no column that the roster knows, expected Email address, ID number, "
                             "Username or id: show these fields before you download the worksheet")  # fmt: skip
    rows: dict[str, WorksheetRow] = {}
    for number, line in enumerate(lines[1:], start=2):
        if not any(value.strip() for value in line):
            continue
        row = _row(line, titles, key, roster)
        if row.key in rows:
            raise WorksheetError(f"{path}:{number}: found {shown(row.key)!r} a second time, expected each once")
        rows[row.key] = row
    return Worksheet(path.name, rows)


def _titled(lines: Sequence[Sequence[str]]) -> list[str]:
    """Return the titles, folded; of Moodle's columns in a language that is not known the English ones."""
    titles = [title.strip().casefold() for title in lines[0]] if lines else []
    rows = [line for line in lines[1:] if any(value.strip() for value in line)]

    def all_like(at: int, pattern: str) -> bool:
        values = [line[at].strip() for line in rows if at < len(line) and line[at].strip() not in ("", "-")]
        return bool(values) and all(re.fullmatch(pattern, value) for value in values)

    if not titles or set(titles) & set(_KEYS) or not all_like(0, r"[^\d@]+?\d+"):
        return titles
    titles[0] = "identifier"
    known = {name for _, names in _MATCHED_BY for name in names}
    addresses = [at for at in range(1, len(titles)) if all_like(at, r"[^@\s]+@[^@\s]+")]
    if len(addresses) == 1 and not known & set(titles):
        titles[addresses[0]] = "email address"
    if len(titles) > 1 and titles[1] not in known and "full name" not in titles and addresses[:1] != [1]:
        titles[1] = "full name"
    times = [at for at in range(2, len(titles)) if all_like(at, r".*\d{4}.*\d[:.]\d\d.*")]
    if times and not set(titles) & set(_TIMES):  # the submission's stands before the grade's
        titles[times[0]] = _TIMES[0]
    return titles


def _row(line: Sequence[str], titles: Sequence[str], key: int, roster: Roster) -> WorksheetRow:
    def value(names: Sequence[str]) -> str:
        at = next((titles.index(name) for name in names if name in titles), None)
        return line[at].strip() if at is not None and at < len(line) else ""

    text = line[key].strip() if key < len(line) else ""
    number = re.search(r"(\d+)$", text)
    found = {kind: value(names) for kind, names in _MATCHED_BY}
    matches = {
        match.match.subject: match.match for kind, name in found.items() if name for match in roster.who(kind, name)
    }
    why = ""
    if len(matches) > 1:
        why = f"its row in the worksheet fits {' and '.join(sorted(matches))}"
    elif not matches:
        words = ", ".join(shown(name) for name in found.values() if name) or "nothing"
        why = f"its row in the worksheet says {words}, which is nobody's in the roster"
    return WorksheetRow(
        key=number[1] if titles[key] == "identifier" and number else text,
        match=next(iter(matches.values())) if len(matches) == 1 else None,
        name=value(("full name", "vollständiger name", "nom complet", "nombre completo")),
        group=value(("group", "gruppe", "groupe", "grupo")),
        received=value(_TIMES),
        why=why,
    )


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", folded(normal(name)))
