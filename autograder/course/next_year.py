"""A course for another year: a copy with later deadlines, a new secret, and nothing of the people of this year.

Copied is what instructors wrote. Not copied is what belongs to a year: results, what was built, the secret, decisions
about single students, the roster's students, and which releases went out. Codes of personal variants go along as
retired ones, without names, so that none is given twice.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from autograder.course.adjustments import FILE_NAME as ADJUSTMENTS
from autograder.course.course import Course, load_course
from autograder.course.secret import FILE as SECRET
from autograder.course.variant_table import FILE as VARIANTS
from autograder.course.variant_table import read_variant_table, write_variant_table
from autograder.files import write_whole

_OF_A_YEAR = {ADJUSTMENTS, SECRET, VARIANTS, "assignments", "build", "releases.json"}
_NEVER = {"__pycache__", "node_modules", ".git", ".ipynb_checkpoints"}
_MOMENTS = ("due", "released")


class NextYearError(Exception):
    """The copy cannot be made. The message says why, and what to do."""


@dataclass(frozen=True)
class Shifted:
    """One date of course.yaml, before and after."""

    line: int
    key: str
    before: str
    after: str


def next_year(course: Course, course_file: Path, folder: Path, days: int, term: str = "") -> tuple[Shifted, ...]:
    """Copy the course into `folder`, which must be new or empty, with its dates `days` later.

    term: what course.yaml says of the new term; "" leaves it. Returns what became of each date. Raises NextYearError,
    and CourseError where the copy's course.yaml would not be one.
    """
    root, target = course.root.resolve(), folder.resolve()
    if target.is_relative_to(root) or root.is_relative_to(target):
        raise NextYearError(f"{folder}: lies inside this course, or around it; name a folder beside it")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise NextYearError(f"{folder}: is there already and not empty; name one that is new or empty")
    text, shifted = _shifted(course_file.read_text(encoding="utf-8"), course.zone, days, term)
    roster = course.roster_path.resolve() if course.roster_path is not None else None
    for path in _copied(root):
        place = target / path.relative_to(root)
        place.parent.mkdir(parents=True, exist_ok=True)
        if path == roster:
            header = path.read_text(encoding="utf-8-sig").split("\n", 1)[0].rstrip("\r")
            write_whole(place, f"{header}\n".encode())
        else:
            shutil.copy2(path, place)
    target.mkdir(parents=True, exist_ok=True)
    write_whole(target / course_file.name, text.encode())
    if (table := read_variant_table(root)) is not None:
        write_variant_table(target, table.retired())
    load_course(target / course_file.name)
    return shifted


def _copied(folder: Path) -> Iterator[Path]:
    """Yield the files to copy; no hidden folder, no results, and no link that could lead out of the course."""
    for path in sorted(folder.iterdir()):
        if path.name in _NEVER or path.name in _OF_A_YEAR or path.is_symlink():
            continue
        if path.is_file():
            yield path
        elif path.is_dir() and not path.name.startswith(".") and not _holds_results(path):
            yield from _copied(path)


def _holds_results(folder: Path) -> bool:
    """Return whether this is a results folder, of this layout or an earlier one, or an environment of Python."""
    return any((folder / name).exists() for name in ("staff", "evidence", "events.jsonl", "pyvenv.cfg"))


def _shifted(text: str, zone: ZoneInfo | None, days: int, term: str) -> tuple[str, tuple[Shifted, ...]]:
    """Return course.yaml's text with later dates and another term, everything else as it was."""
    node = YAML(typ="safe", pure=True).compose(text)
    lines = text.splitlines(keepends=True)
    changes: list[tuple[ScalarNode, str, str]] = []
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if key.value == "term" and term and isinstance(value, ScalarNode):
                changes.append((value, "term", f'"{term}"'))
            if key.value == "assignments" and isinstance(value, SequenceNode):
                changes += list(_moments(value.value, zone, days))
    made = []
    for scalar, key, after in reversed(changes):  # from the end, so that columns before it stay
        line, start, end = scalar.start_mark.line, scalar.start_mark.column, scalar.end_mark.column
        lines[line] = lines[line][:start] + after + lines[line][end:]
        made.append(Shifted(line + 1, key, str(scalar.value), after.strip('"')))
    return "".join(lines), tuple(reversed(made))


def _moments(assignments: list[Node], zone: ZoneInfo | None, days: int) -> Iterator[tuple[ScalarNode, str, str]]:
    for assignment in assignments:
        for key, value in assignment.value if isinstance(assignment, MappingNode) else ():
            if key.value in _MOMENTS and isinstance(value, ScalarNode) and value.value:
                yield value, str(key.value), later(datetime.fromisoformat(str(value.value)), zone, days).isoformat()


def later(moment: datetime, zone: ZoneInfo | None, days: int) -> datetime:
    """Return the same clock time `days` later; on the course's clock where it has one, which knows when clocks
    change."""
    if zone is None:
        return moment + timedelta(days=days)
    there = moment.astimezone(zone).replace(tzinfo=None) + timedelta(days=days)
    return there.replace(tzinfo=zone)
