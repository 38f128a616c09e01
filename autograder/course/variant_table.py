"""variants.csv: who has which personal variant. `autograder variants` writes it, beside course.yaml.

    code     what stands in the student's notebook
    kind     `student` or `group`; `retired` for a code of an earlier year or of somebody who was erased, which nobody
             gets again
    subject  id of the student or group in the roster
    names    what else they are called there (e-mail address, aliases; of a group its members), so that the row is
             found again when the roster gets another id for them

A group has one code for all its members. A row is never taken away: a code that somebody had once is never another's.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from autograder.course.aliases import normal
from autograder.course.roster import Roster, Student
from autograder.course.variant_codes import is_code, new_code
from autograder.files import write_whole

FILE = "variants.csv"
_COLUMNS = ("code", "kind", "subject", "names")
_KINDS = ("student", "group", "retired")
_SUBJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")  # becomes a file's name
_MOST_BYTES = 16 << 20


class VariantTableError(Exception):
    """variants.csv cannot be used. The message says where, what was found and what is expected."""


@dataclass(frozen=True)
class Row:
    """One code, and whose it is."""

    code: str
    kind: str
    subject: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Subject:
    kind: str
    id: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class VariantTable:
    """All codes, in the order in which they were given; each once."""

    rows: tuple[Row, ...] = ()

    def code_of(self, subject: str, roster: Roster) -> str:
        """Return the code of a student or group of the roster; "" if they have none yet."""
        return self.codes(roster).get(subject, "")

    def codes(self, roster: Roster) -> dict[str, str]:
        """Return id of a student or group of the roster -> their code, "" where they have none yet."""
        found: dict[str, str] = {}
        for subject, row in self._owners(roster).items():
            found.setdefault(subject.id, row.code if row is not None else "")
        return found

    def who(self, code: str) -> Row | None:
        """Return the row of a code; None where nobody has it."""
        return next((row for row in self.rows if row.code == code.strip().upper()), None)

    def completed(self, roster: Roster) -> VariantTable:
        """Return the table with a code for everybody of the roster, and with the names that they have there now."""
        rows = {row.code: row for row in self.rows}
        for subject, row in self._owners(roster).items():
            if row is None:
                code = new_code(rows.keys())
                rows[code] = Row(code, subject.kind, subject.id, subject.names)
            else:
                names = tuple(dict.fromkeys((*subject.names, *row.names, row.subject)))
                names = tuple(name for name in names if name != subject.id)
                rows[row.code] = replace(row, subject=subject.id, names=names)
        return VariantTable(tuple(rows.values()))

    def _owners(self, roster: Roster) -> dict[_Subject, Row | None]:
        """Return whose each row is: one subject's at most. None: they have no row yet.

        Where a student's id went to somebody else, the row stays with the one who has its e-mail address or aliases.
        """
        owners = {subject: self._row_of(subject) for subject in _subjects(roster)}
        claims = Counter(row.code for row in owners.values() if row is not None)
        for subject, row in owners.items():
            by_id = row is not None and normal(row.subject) == normal(subject.id)
            if row is not None and claims[row.code] > 1 and by_id == (subject.kind == "student"):
                owners[subject] = None
        return owners

    def rows_of(self, student: str, roster: Roster) -> tuple[Row, ...]:
        """Return the student's own row, and those of groups that name them; a student who has left counts, too."""
        entry = roster.called(student)
        names = tuple(filter(None, (entry.email, *entry.aliases))) if entry is not None else ()
        own = self._row_of(_Subject("student", student, names))
        groups = self._by_name.get(("group", normal(student)), ())
        found = {row for row in groups if normal(student) in map(normal, row.names)}
        found |= {own} if own is not None else set()
        return tuple(sorted(found, key=lambda row: self._places[row.code]))

    def without(self, student: str, roster: Roster) -> VariantTable:
        """Return the table without a student's name: their code is retired, and a group of others keeps its own."""
        rows = {row.code: row for row in self.rows}
        for row in self.rows_of(student, roster):
            left = tuple(name for name in row.names if normal(name) != normal(student))
            stays = row.kind == "group" and bool(left)
            rows[row.code] = replace(row, names=left) if stays else Row(row.code, "retired", "")
        return VariantTable(tuple(rows.values()))

    def retired(self) -> VariantTable:
        """Return the table for another year: nobody's name, and no code that can be given again."""
        return VariantTable(tuple(Row(row.code, "retired", "") for row in self.rows))

    def as_csv(self) -> str:
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows((row.code, row.kind, row.subject, "; ".join(row.names)) for row in self.rows)
        return stream.getvalue()

    @cached_property
    def _places(self) -> dict[str, int]:
        return {row.code: place for place, row in enumerate(self.rows)}

    @cached_property
    def _by_subject(self) -> dict[tuple[str, str], Row]:
        return {(row.kind, normal(row.subject)): row for row in self.rows if row.kind != "retired"}

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], list[Row]]:
        found: dict[tuple[str, str], list[Row]] = {}
        for row in self.rows:
            for name in (row.subject, *row.names):
                found.setdefault((row.kind, normal(name)), []).append(row)
        return found

    def _row_of(self, subject: _Subject) -> Row | None:
        """Return the row of this id, or else the only one that shares a name with it."""
        if (row := self._by_subject.get((subject.kind, normal(subject.id)))) is not None:
            return row
        names = (subject.id, *subject.names)
        shared = {row for name in names for row in self._by_name.get((subject.kind, normal(name)), ())}
        return shared.pop() if len(shared) == 1 else None


def _subjects(roster: Roster) -> Iterator[_Subject]:
    """Yield whoever hands in: each group once, and the students without one."""
    groups: dict[str, list[Student]] = {}
    for student in roster.students:
        if student.group:
            groups.setdefault(student.group, []).append(student)
        else:
            yield _Subject("student", student.id, tuple(filter(None, (student.email, *student.aliases))))
    for group, members in groups.items():
        yield _Subject("group", group, tuple(member.id for member in members))


def read_variant_table(root: Path) -> VariantTable | None:
    """Return the table of the course in folder `root`; None where it has none. Raises VariantTableError."""
    path = root / FILE
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise VariantTableError(f"{FILE}: found more than {_MOST_BYTES >> 20} MiB, expected a table of codes")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise VariantTableError(f"{FILE}: cannot be read ({error}); restore it from a copy") from error
    try:
        rows = list(csv.reader(text.splitlines(), strict=True))
    except csv.Error as error:
        raise VariantTableError(f"{FILE}: found a broken line ({error}), expected comma-separated values") from error
    if not rows or tuple(rows[0]) != _COLUMNS:
        raise VariantTableError(f"{FILE}:1: expected the columns {','.join(_COLUMNS)}; restore it from a copy")
    return VariantTable(tuple(_rows(rows[1:])))


def _rows(lines: Sequence[Sequence[str]]) -> Iterator[Row]:
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, start=2):
        if not any(line):
            continue
        if len(line) != len(_COLUMNS) or line[1] not in _KINDS:
            raise VariantTableError(f"{FILE}:{number}: expected code, one of {', '.join(_KINDS)}, subject and names")
        code, kind, subject, names = line
        if not is_code(code):
            raise VariantTableError(f"{FILE}:{number}: found {code!r}, whose check digit is not right, expected a code")
        if code in seen:
            raise VariantTableError(f"{FILE}:{number}: found the code {code} again (first in line {seen[code]})")
        if kind != "retired" and not _SUBJECT.fullmatch(subject):
            raise VariantTableError(f"{FILE}:{number}: found the subject {subject!r}, expected an id as in the roster")
        seen[code] = number
        yield Row(code, kind, subject, tuple(name for part in names.split(";") if (name := part.strip())))


def write_variant_table(root: Path, table: VariantTable) -> Path:
    """Write the table whole, and return its path."""
    path = root / FILE
    write_whole(path, table.as_csv().encode())
    return path
