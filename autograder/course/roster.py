"""roster.csv: who takes the course, under opaque ids.

Columns (a header line names them; only `id` is required):

    id          the opaque id; becomes part of paths and file names
    email       as the learning platform exports it
    aliases     other names a submission may come under, separated by `;`
    group       id of the group; whoever has the same group hands in together under that name
    section     for reports
    extensions  `03_separable=+24h; 04_distillation=2026-10-28T23:59+01:00`

People's names have no column: they belong to the learning platform, and never get into paths, logs or results.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from autograder.course.course import Assignment
from autograder.course.yaml_sections import did_you_mean

_COLUMNS = ("id", "email", "aliases", "group", "section", "extensions")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_EXTENSION = re.compile(r"([A-Za-z0-9_-]+)\s*=\s*(.+)")
_HOURS = re.compile(r"\+(\d+(?:\.\d+)?)h")
_MOST_BYTES = 16 << 20


class RosterError(Exception):
    """Everything that is wrong with a roster, one message a mistake."""

    def __init__(self, messages: Sequence[str]) -> None:
        self.messages = tuple(messages)
        super().__init__("\n".join(messages))


@dataclass(frozen=True)
class Extension:
    """One student's own deadline for one assignment: so many hours more, or a date of its own."""

    hours: float = 0.0
    until: datetime | None = None

    def applied_to(self, due: datetime) -> datetime:
        """The later of the common deadline and this one: an extension never takes time away."""
        return max(due, self.until or due + timedelta(hours=self.hours))


@dataclass(frozen=True)
class Student:
    id: str
    email: str = ""
    aliases: tuple[str, ...] = ()
    group: str = ""
    section: str = ""
    extensions: Mapping[str, Extension] = field(default_factory=dict)  # by assignment name


@dataclass(frozen=True)
class Match:
    """Whose submission it is. subject: id of the student or group; members: ids of the students who get the grade."""

    subject: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class Roster:
    """All students, in the order of the file."""

    students: tuple[Student, ...]
    _matches: Mapping[str, Match]

    def match(self, key: str) -> Match | None:
        """Whom a submission belongs to, by student id, email, alias or group id; None where nobody is called so.

        Upper and lower case, spaces around the key and the Unicode form do not matter.
        """
        return self._matches.get(_normal(key))

    def student(self, id: str) -> Student:
        """Raises KeyError where there is no such student."""
        for student in self.students:
            if student.id == id:
                return student
        raise KeyError(f"no student {id!r} in the roster")

    def due(self, members: Iterable[str], assignment: Assignment) -> datetime | None:
        """The deadline for these students: the latest of theirs, so that nobody loses an extension to a partner."""
        if assignment.due is None:
            return None
        wanted = set(members)
        extensions = [s.extensions[assignment.name] for s in self.students
                      if s.id in wanted and assignment.name in s.extensions]  # fmt: skip
        return max((extension.applied_to(assignment.due) for extension in extensions), default=assignment.due)


EMPTY_ROSTER = Roster((), {})


def load_roster(path: Path | str, assignments: Collection[str] | None = None) -> Roster:
    """Read a roster.csv in UTF-8 (with or without a byte order mark; `,` or `;` between columns).

    assignments: known assignment names, to check extensions against. Raises RosterError with one message per mistake.
    """
    path = Path(path)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise RosterError([f"{path}: found more than {_MOST_BYTES >> 20} MiB, expected a roster"])
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise RosterError([f"{path}: cannot be read ({error.strerror}); the roster is named in course.yaml"]) from error
    except UnicodeDecodeError as error:
        raise RosterError([f"{path}: found bytes that are not UTF-8, expected a CSV file saved as UTF-8"]) from error
    return _RosterReader(path.name, assignments).read(text)


def _normal(key: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", key.strip()).casefold())


class _RosterReader:
    """Collects students and mistakes line by line."""

    def __init__(self, file: str, assignments: Collection[str] | None) -> None:
        self.file = file
        self.assignments = assignments
        self.messages: list[str] = []
        self.keys: dict[str, tuple[str, int]] = {}  # normal form -> (what it names, line)

    def wrong(self, line: int, found: str, expected: str) -> None:
        self.messages.append(f"{self.file}:{line}: found {found}, expected {expected}")

    def read(self, text: str) -> Roster:
        first = text.split("\n", 1)[0]
        rows = csv.reader(text.splitlines(), delimiter=";" if ";" in first and "," not in first else ",", strict=True)
        students: list[Student] = []
        lines: dict[str, int] = {}
        try:
            columns = self._columns(next(rows, []))
            for row in rows:
                if not any(value.strip() for value in row):
                    continue
                if len(row) != len(columns):
                    self.wrong(rows.line_num, f"{len(row)} values", f"{len(columns)}, one for each column")
                elif student := self._student(dict(zip(columns, map(str.strip, row), strict=True)), rows.line_num):
                    students.append(student)
                    lines[student.id] = rows.line_num
        except csv.Error as error:
            self.wrong(rows.line_num, f"a broken line ({error})", "comma-separated values")
        matches = self._matches(students, lines)
        if self.messages:
            raise RosterError(self.messages)
        return Roster(tuple(students), matches)

    def _columns(self, header: list[str]) -> list[str]:
        columns = [name.strip().lower() for name in header]
        for name in columns:
            if name not in _COLUMNS:
                self.wrong(1, f"the column {name!r}{did_you_mean(name, _COLUMNS)}", f"one of {', '.join(_COLUMNS)}")
            elif columns.count(name) > 1:
                self.wrong(1, f"the column {name!r} more than once", "each column once")
        if "id" not in columns:
            self.wrong(1, "no column 'id'", f"a header line with columns of {', '.join(_COLUMNS)}")
        if self.messages:
            raise RosterError(list(dict.fromkeys(self.messages)))
        return columns

    def _student(self, row: Mapping[str, str], line: int) -> Student | None:
        id, group, email = row["id"], row.get("group", ""), row.get("email", "")
        expected = "letters, digits, '_' and '-', at most 64"
        for what, value in (("id", id), ("group", group)):
            if (value or what == "id") and not _ID.fullmatch(value):
                self.wrong(line, f"{what} {value!r}", expected)
                return None
            if _normal(value).startswith("unmatched-"):
                self.wrong(line, f"{what} {value!r}", "one that does not start with 'unmatched-'")
                return None
        if email and not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
            self.wrong(line, f"email {email!r}", "name@host")
        aliases = tuple(alias for part in row.get("aliases", "").split(";") if (alias := part.strip()))
        return Student(id, email, aliases, group, row.get("section", ""),
                       self._extensions(row.get("extensions", ""), line))  # fmt: skip

    def _extensions(self, text: str, line: int) -> dict[str, Extension]:
        found: dict[str, Extension] = {}
        for part in filter(None, (part.strip() for part in text.split(";"))):
            match = _EXTENSION.fullmatch(part)
            extension = _extension(match[2].strip()) if match else None
            if match is None or extension is None:
                self.wrong(line, f"extension {part!r}", "assignment=+24h or assignment=2026-10-14T23:59+02:00")
            elif self.assignments is not None and match[1] not in self.assignments:
                hint = did_you_mean(match[1], self.assignments)
                self.wrong(line, f"an extension for {match[1]!r}{hint}", f"one of {', '.join(self.assignments)}")
            elif match[1] in found:
                self.wrong(line, f"two extensions for {match[1]!r}", "one for each assignment")
            else:
                found[match[1]] = extension
        return found

    def _matches(self, students: Sequence[Student], lines: Mapping[str, int]) -> dict[str, Match]:
        """Everything a submission may be called by. Two people under one key would swap grades, so that is refused."""
        matches: dict[str, Match] = {}
        for student in students:
            # An alias may repeat the student's own id or email, as platforms do.
            for key in dict.fromkeys(map(_normal, (student.id, student.email, *student.aliases))):
                if key:
                    self._claim(key, f"student {student.id}", lines[student.id])
                    matches.setdefault(key, Match(student.id, (student.id,)))
        for student in students:
            key = _normal(student.group)
            if key and key not in matches:
                members = tuple(other.id for other in students if _normal(other.group) == key)
                self.keys[key] = (f"group {student.group}", lines[student.id])
                matches[key] = Match(student.group, members)
            elif key and student.id and student.group != matches[key].subject:
                self.wrong(lines[student.id], f"group {student.group!r}", f"a name that {self.keys[key][0]} (line "
                           f"{self.keys[key][1]}) does not have, in the same spelling for all members")  # fmt: skip
            elif key and not self.keys[key][0].startswith("group "):
                self.wrong(lines[student.id], f"group {student.group!r}", f"a name that {self.keys[key][0]} (line "
                           f"{self.keys[key][1]}) does not have")  # fmt: skip
        return matches

    def _claim(self, key: str, owner: str, line: int) -> None:
        if key in self.keys:
            self.wrong(line, f"{key!r} as a name of {owner}", f"one that {self.keys[key][0]} (line "
                       f"{self.keys[key][1]}) does not have")  # fmt: skip
        else:
            self.keys[key] = (owner, line)


def _extension(text: str) -> Extension | None:
    if (hours := _HOURS.fullmatch(text)) is not None:
        return Extension(hours=float(hours[1]))
    try:
        until = datetime.fromisoformat(text)
    except ValueError:
        return None
    return Extension(until=until) if until.tzinfo is not None else None
