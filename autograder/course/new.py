"""A new course or assignment, written as files that an instructor goes on from: it validates as it is.

Assumptions of the templates in `starting_point/`: plain Python, no library, one question of each kind that needs no
file. `$name`, `$title` and the like are filled in here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from string import Template

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, SequenceNode

from autograder.course.course import load_course
from autograder.files import write_whole

TEMPLATES = Path(__file__).parent / "starting_point"
ASSIGNMENT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
PINNED = ("ipykernel", "notebook")  # what a student needs to open a notebook
_COURSE_FILES = {  # template -> its name in a course
    "constraints.txt.txt": "constraints.txt",
    "LICENSE.txt": "LICENSE",
    "gitignore.txt": ".gitignore",
    "roster.csv.txt": "roster.csv",
}


class NewError(Exception):
    """Say that what was asked for cannot be made here. The message says why, and what to do."""


def new_course(folder: Path, title: str, assignment: str) -> list[Path]:
    """Write a course with one assignment into `folder`, which must be empty or not there. Returns what was written."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise NewError(f"{folder}: is there already and not empty; give a folder that is new or empty")
    entry = _entry(assignment, "A first assignment")
    texts = bare_course(title)
    texts["course.yaml"] += _indented(entry, 2)
    texts |= _solution_files(assignment, "A first assignment")
    return _write(folder, texts)


def bare_course(title: str) -> dict[str, str]:
    """Return the files of a course without assignments: what course.yaml says before its `assignments`, and the
    rest."""
    today = date.today()
    term = f"{'spring' if 2 <= today.month <= 7 else 'autumn'} {today.year}"
    texts = {"course.yaml": _filled("course.yaml.txt", title=_quoted(title), term=term)}
    return texts | {name: _filled(template, title=title, pins=_pins()) for template, name in _COURSE_FILES.items()}


def new_assignment(course_file: Path, name: str, title: str) -> list[Path]:
    """Add an assignment to the end of course.yaml's list, and write its master, hidden tests and bank.

    Raises NewError if there is one of this name, and CourseError where course.yaml is wrong already.
    """
    root = course_file.parent
    course = load_course(course_file)
    if name in {known.name for known in course.assignments} or (root / "solutions" / name).exists():
        raise NewError(f"{name}: course.yaml or solutions/ has an assignment of this name; choose another")
    entry = _entry(name, title)
    text = course_file.read_text(encoding="utf-8")
    written = _write(root, _solution_files(name, title))
    write_whole(course_file, with_entry(text, entry).encode())
    return [course_file, *written]


def with_entry(text: str, entry: str) -> str:
    """Return course.yaml's text with one more item after the last of its `assignments`, comments as they were."""
    node = YAML(typ="safe", pure=True).compose(text)
    assert isinstance(node, MappingNode)  # load_course read it
    [assignments] = [value for key, value in node.value if key.value == "assignments"]
    if not isinstance(assignments, SequenceNode) or assignments.flow_style:
        raise NewError("course.yaml: `assignments` is written in brackets; write one item a line, each after a `- `")
    lines = text.splitlines(keepends=True)
    last = max(_last_line(item) for item in assignments.value)
    if not lines[last].endswith("\n"):
        lines[last] += "\n"
    indent = assignments.value[0].start_mark.column - 2
    return "".join([*lines[: last + 1], "\n", _indented(entry, max(0, indent)), *lines[last + 1 :]])


def _last_line(node: object) -> int:
    """Return the line, from 0, on which a node's last scalar or bracket ends; a block ends where the next begins."""
    if isinstance(node, MappingNode) and not node.flow_style and node.value:
        return _last_line(node.value[-1][1])
    if isinstance(node, SequenceNode) and not node.flow_style and node.value:
        return _last_line(node.value[-1])
    end = node.end_mark  # type: ignore[attr-defined]
    return int(end.line if end.column or end.line == node.start_mark.line else end.line - 1)  # type: ignore[attr-defined]


def _entry(name: str, title: str) -> str:
    if not ASSIGNMENT_NAME.fullmatch(name):
        raise NewError(f"{name!r}: expected a name of letters, digits, '_' and '-', at most 64, such as 01_first")
    return _filled("entry.yaml.txt", name=name, title=_quoted(title), year=str(date.today().year))


def _solution_files(name: str, title: str) -> dict[str, str]:
    folder = TEMPLATES / "assignment"
    return {
        f"solutions/{name}/{path.relative_to(folder).with_suffix('').as_posix()}": _filled(
            path.relative_to(TEMPLATES).as_posix(), name=name, title=title
        )
        for path in sorted(folder.rglob("*.txt"))
    }


def _filled(template: str, **values: str) -> str:
    return Template((TEMPLATES / template).read_text(encoding="utf-8")).substitute(values)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a JSON string is a YAML string


def _indented(text: str, spaces: int) -> str:
    return "".join(" " * spaces + line if line.strip() else line for line in text.splitlines(keepends=True))


def _pins() -> str:
    """Return what of PINNED is installed, at its version."""
    found = []
    for name in PINNED:
        try:
            found.append(f"{name}=={version(name)}")
        except PackageNotFoundError:
            found.append(f"# {name}: not installed here, and needed to open a notebook; pin it")
    return "\n".join(found)


def _write(root: Path, texts: Mapping[str, str]) -> list[Path]:
    paths = []
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())
        paths.append(path)
    return paths
