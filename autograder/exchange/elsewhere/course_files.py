"""A course of one assignment alone, with all that grading it reads: what a machine elsewhere is given."""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML

from autograder.course.course import Assignment, Course

_ENGINE = "autograder"
_IGNORED = {"__pycache__", ".ipynb_checkpoints"}


def course_files(course: Course, assignment: Assignment, course_file: Path) -> dict[str, bytes]:
    """Return path in the course -> bytes: a course of this assignment alone, with all that grading it reads."""
    root = course.root
    wanted = {*_below(assignment.solution_dir), *_below(assignment.starter_dir)}
    for path in assignment.public_paths:
        wanted |= set(_below(path) if path.is_dir() else [path])
    for model in assignment.weights:
        wanted |= {root / file for file in model.files}
    sources = [path for path in wanted if path.suffix == ".py"]
    wanted |= set(_imported(root, sources))
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(wanted)}
    return {"course.yaml": _one_assignment(course_file, assignment), **files}


def _below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and not _IGNORED & set(path.parts):
            yield path


def _imported(root: Path, sources: list[Path]) -> Iterator[Path]:
    """Yield the files of the course's own modules that these files import, and those that they import."""
    seen: set[str] = set()
    waiting = list(sources)
    while waiting:
        for name in _imports(waiting.pop()):
            if name in seen or name == _ENGINE:
                continue
            seen.add(name)
            package = [path for path in _below(root / name) if path.suffix == ".py"] if (root / name).is_dir() else []
            found = [*package, *([root / f"{name}.py"] if (root / f"{name}.py").is_file() else [])]
            waiting += found
            yield from found


def _imports(path: Path) -> set[str]:
    """Return the first parts of the names of imported modules; nothing where the file is no plain Python."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return set()
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def _one_assignment(course_file: Path, assignment: Assignment) -> bytes:
    """Return course.yaml with this assignment only, and a roster that is written for each submission."""
    yaml = YAML()
    found = yaml.load(course_file.read_text(encoding="utf-8"))
    found["assignments"] = [entry for entry in found["assignments"] if entry["name"] == assignment.name]
    found["roster"] = "roster.csv"
    used = {model.name for model in assignment.weights}
    if "reference_models" in found:
        found["reference_models"] = [entry for entry in found["reference_models"] if entry.get("name") in used]
        if not found["reference_models"]:
            del found["reference_models"]
    found.pop("samples", None)
    text = io.StringIO()
    yaml.dump(found, text)
    return text.getvalue().encode()
