"""roster.csv: who takes the course, under opaque ids.

Columns (a header line names them; only `id` is required):

    id          the opaque id; becomes part of paths and file names
    email       as the learning platform exports it
    aliases     other names a submission may come under, with their kind: `canvas:10003; login:al815; github:ada-l`
    group       id of the group; whoever has the same group hands in together: one member's hand-in is the group's
    section     for reports
    extensions  `03_separable=+24h; 04_distillation=+1d; 05_robustness=2026-10-28T23:59+01:00`

People's names have no column: they belong to the learning platform, and never get into paths, logs or results.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path

from autograder.course.aliases import KINDS, Alias, asked, normal, read_alias, without_kind
from autograder.course.course import Assignment, Course
from autograder.course.extensions import EXAMPLES, Extension, read_extension
from autograder.course.yaml_sections import did_you_mean

__all__ = ["EMPTY_ROSTER", "Extension", "Match", "Roster", "RosterError", "Student", "course_roster", "load_roster"]

_COLUMNS = ("id", "email", "aliases", "group", "section", "extensions")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_EXTENSION = re.compile(r"([A-Za-z0-9_-]+)\s*=\s*(.+)")
_MOST_BYTES = 16 << 20


class RosterError(Exception):
    """Everything that is wrong with a roster, one message a mistake."""

    def __init__(self, messages: Sequence[str]) -> None:
        self.messages = tuple(messages)
        super().__init__("\n".join(messages))


_NO_EXTENSIONS: Mapping[str, Extension] = {}  # one for all: a large roster is in memory as a whole


@dataclass(frozen=True, slots=True)
class Student:
    id: str
    email: str = ""
    aliases: tuple[str, ...] = ()
    group: str = ""
    section: str = ""
    extensions: Mapping[str, Extension] = field(default_factory=dict)  # by assignment name


@dataclass(frozen=True, slots=True)
class Match:
    """Say whose submission it is. subject: id of the student or group; members: ids of the students who get the
    grade."""

    subject: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """A name of the roster that fits: whose it is, as which alias it stands there, and whether that names no kind."""

    match: Match
    alias: str
    without_kind: bool = False


@dataclass(frozen=True)
class Roster:
    """All students, in the order of the file. names: (kind, normal form) -> who is called so; see `aliases`."""

    students: tuple[Student, ...]
    names: Mapping[tuple[str, str], Match]

    def who(self, kind: str, value: str) -> tuple[Found, ...]:
        """Return everybody whom `value` may mean as a name of that kind, each once; see `aliases.asked`.

        Upper and lower case, spaces around the value and the Unicode form do not matter. Whoever is in a group is
        found as the group.
        """
        found: dict[str, Found] = {}
        for name_kind in asked(kind, self._kinds):
            match = self.names.get((name_kind, normal(value)))
            if match is not None and match.subject not in found:
                found[match.subject] = Found(match, value, without_kind(name_kind))
        return tuple(found.values())

    def match(self, key: str) -> Match | None:
        """Return whom a folder or file of this name belongs to, where no platform wrote it; None if it is nobody."""
        found = self.who("person", key)
        return found[0].match if len(found) == 1 else None

    def group(self, name: str) -> Match | None:
        """Return the group of this name, whose hand-in is all its members'; None if the roster has none."""
        return self.names.get(("_group", normal(name)))

    def hint(self, kind: str, value: str) -> str:
        """Return what to write into the roster where `value` is an alias there without its kind; else nothing."""
        match = next((m for k in ("_number", "_pair", "_text") if (m := self.names.get((k, normal(value))))), None)
        if match is None or kind not in KINDS:
            return ""
        return (
            f"the roster has {value!r} without its kind: write {kind}:{value} if that is the {KINDS[kind]} "
            f"of {', '.join(match.members)}"
        )

    @cached_property
    def _kinds(self) -> frozenset[str]:
        return frozenset(kind for kind, _ in self.names if not kind.startswith("_"))

    def student(self, id: str) -> Student:
        """Return the student with this id. Raises KeyError if there is none."""
        if id not in self._by_id:
            raise KeyError(f"no student {id!r} in the roster")
        return self._by_id[id]

    def called(self, id: str) -> Student | None:
        """Return the student with this id in whatever spelling (`aliases.normal`); None if there is none."""
        return self._by_normal_id.get(normal(id))

    def those(self, ids: Iterable[str]) -> list[Student]:
        """Return the students with these ids; others are left out."""
        return [self._by_id[id] for id in ids if id in self._by_id]

    @cached_property
    def _by_id(self) -> dict[str, Student]:
        """Asked for every submission: nobody goes through a large class for each of its members."""
        return {student.id: student for student in self.students}

    @cached_property
    def _by_normal_id(self) -> dict[str, Student]:
        return {normal(student.id): student for student in reversed(self.students)}

    def due(self, members: Iterable[str], assignment: Assignment) -> datetime | None:
        """Return the deadline for these students: the latest of theirs, so that nobody loses an extension to a
        partner.
        """
        if assignment.due is None:
            return None
        known = self.those(members)
        extensions = [one.extensions[assignment.name] for one in known if assignment.name in one.extensions]
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


def course_roster(course: Course) -> Roster:
    """Return the roster that course.yaml names; an empty one where it names none. Raises RosterError."""
    if course.roster_path is None:
        return EMPTY_ROSTER
    roster = load_roster(course.roster_path, [assignment.name for assignment in course.assignments])
    if course.zone is None:
        _refuse_days(roster, course.roster_path.name)
    return roster


def _refuse_days(roster: Roster, file: str) -> None:
    for student in roster.students:
        for name, extension in student.extensions.items():
            if extension.days:
                found = f"{file}: found {name}=+{extension.days}d for {student.id}"
                advice = f"or write +{24 * extension.days}h, which is elapsed time"
                reason = "the same clock time on a later day depends on when clocks change"
                expected = "'time_zone' in course.yaml with it, as in 'time_zone: Europe/Berlin'"
                raise RosterError([f"{found}, expected {expected}: {reason}; {advice}"])


class _RosterReader:
    """Collects students and mistakes line by line."""

    def __init__(self, file: str, assignments: Collection[str] | None) -> None:
        self.file = file
        self.assignments = assignments
        self.messages: list[str] = []
        self.keys: dict[tuple[str, str], tuple[str, int]] = {}  # (kind, normal form) -> (what it names, line)

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
            if normal(value).startswith("unmatched-"):
                self.wrong(line, f"{what} {value!r}", "one that does not start with 'unmatched-'")
                return None
        if email and not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
            self.wrong(line, f"email {email!r}", "name@host")
        aliases = tuple(alias for part in row.get("aliases", "").split(";") if (alias := part.strip()))
        for alias in aliases:
            try:
                read_alias(alias)
            except ValueError as error:
                self.wrong(line, error.args[0], error.args[1])
                return None
        extensions = self._extensions(row.get("extensions", ""), line) or _NO_EXTENSIONS
        return Student(id, email, aliases, group, row.get("section", ""), extensions)

    def _extensions(self, text: str, line: int) -> dict[str, Extension]:
        found: dict[str, Extension] = {}
        for part in filter(None, (part.strip() for part in text.split(";"))):
            match = _EXTENSION.fullmatch(part)
            extension = read_extension(match[2].strip()) if match else None
            if match is None or extension is None:
                self.wrong(line, f"extension {part!r}", EXAMPLES)
            elif self.assignments is not None and match[1] not in self.assignments:
                hint = did_you_mean(match[1], self.assignments)
                self.wrong(line, f"an extension for {match[1]!r}{hint}", f"one of {', '.join(self.assignments)}")
            elif match[1] in found:
                self.wrong(line, f"two extensions for {match[1]!r}", "one for each assignment")
            else:
                found[match[1]] = extension
        return found

    def _matches(self, students: Sequence[Student], lines: Mapping[str, int]) -> dict[tuple[str, str], Match]:
        """Return everything a submission may be called by. Two people under one name would swap grades: that is
        refused.
        """
        members: dict[str, list[str]] = defaultdict(list)
        for student in students:
            members[student.group].append(student.id)
        groups = {normal(group): Match(group, tuple(ids)) for group, ids in reversed(members.items()) if group}
        matches: dict[tuple[str, str], Match] = {}
        for student in students:
            match = groups.get(normal(student.group)) or Match(student.id, (student.id,))
            aliases = [read_alias(alias) for alias in student.aliases]
            claimed: set[tuple[str, str]] = set()
            for alias in (Alias("_id", student.id), Alias("_email", student.email), *aliases):
                key = (alias.kind, normal(alias.value))
                own = _space(key) in claimed  # an alias may repeat the student's own id or email, as platforms do
                claimed.add(_space(key))
                if key[1] and (own or self._claim(key, f"student {student.id}", lines[student.id])):
                    matches[key] = match
        for student in students:
            key = ("_group", normal(student.group))
            if key[1] and self._claim(key, f"group {student.group}", lines[student.id]):
                matches[key] = groups[key[1]]
        return matches

    def _claim(self, key: tuple[str, str], owner: str, line: int) -> bool:
        """Note whose a name is; False, and a mistake, where it is another's already."""
        space = _space(key)
        if space not in self.keys:
            self.keys[space] = (owner, line)
            return True
        other, other_line = self.keys[space]
        if other == owner and owner.startswith("group "):
            return True
        found = (
            owner.replace(" ", " '", 1) + "'"
            if owner.startswith("group ")
            else f"{str(Alias(*key))!r} as a name of {owner}"
        )
        same = ", in the same spelling for all members" if {other[:6], owner[:6]} == {"group "} else ""
        self.wrong(line, found, f"one that {other} (line {other_line}) does not have{same}")
        return False


def _space(key: tuple[str, str]) -> tuple[str, str]:
    """Return the name with the space it must be alone in: ids, addresses, groups and bare aliases share one."""
    return ("", key[1]) if key[0].startswith("_") else key
