"""A course of one assignment alone, with all that grading it reads: what a machine elsewhere is given."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML

from autograder.course.course import Assignment, Course
from autograder.course.own_modules import LEFT_OUT, own_modules


def course_files(course: Course, assignment: Assignment, course_file: Path) -> dict[str, bytes]:
    """Return path in the course -> bytes: a course of this assignment alone, with all that grading it reads."""
    root = course.root
    wanted = {*_below(assignment.solution_dir), *_below(assignment.starter_dir)}
    for path in assignment.public_paths:
        wanted |= set(_below(path) if path.is_dir() else [path])
    for model in assignment.weights:
        wanted |= {root / file for file in model.files}
    sources = [path for path in wanted if path.suffix == ".py"]
    wanted |= own_modules(root, sources)
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(wanted)}
    return {"course.yaml": _one_assignment(course_file, assignment), **files}


def _below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and not LEFT_OUT & set(path.parts):
            yield path


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
