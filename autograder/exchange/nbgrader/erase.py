"""Taking students out of nbgrader's gradebook and tree: the only time that what people gave is deleted."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection
from pathlib import Path

from nbgrader.api import MissingEntry
from sqlalchemy import text

from autograder.course.course import Course
from autograder.exchange.nbgrader.database import GRADEBOOK, open_gradebook
from autograder.files import write_whole

_TREE = ("autograded", "submitted", "feedback")
_RETIRED = "retired_grades.jsonl"


def forget_students(root: Path, course: Course, students: Collection[str]) -> None:
    """Remove everything of these students: rows, folders, and what they were given for questions that are gone.

    root: the folder of the gradebook. Raises GradebookError.
    """
    for student in students:
        for name in _TREE:
            _remove(root / name / student)
    _keep_lines(root / _RETIRED, lambda line: line.get("student") not in students)
    if (root / GRADEBOOK).exists():
        with open_gradebook(root / GRADEBOOK, course) as gradebook:
            for student in students:
                try:
                    gradebook.remove_student(student)
                except MissingEntry:
                    continue
            gradebook.db.execute(text("VACUUM"))  # what was deleted stays in the file until then


def forget_submissions(root: Path, course: Course, assignment: str, students: Collection[str]) -> None:
    """Remove these students' rows and folders of one assignment. Raises GradebookError."""
    for student in students:
        for name in _TREE:
            _remove(root / name / student / assignment)
    _keep_lines(
        root / _RETIRED, lambda line: line.get("assignment") != assignment or line.get("student") not in students
    )
    if (root / GRADEBOOK).exists():
        with open_gradebook(root / GRADEBOOK, course) as gradebook:
            for student in students:
                try:
                    gradebook.remove_submission(assignment, student)
                except MissingEntry:
                    continue
            gradebook.db.execute(text("VACUUM"))


def _remove(folder: Path) -> None:
    if folder.is_dir():
        shutil.rmtree(folder)


def _keep_lines(path: Path, keep: Callable[[dict[str, object]], bool]) -> None:
    if path.is_file():
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if keep(json.loads(line))]
        write_whole(path, "".join(f"{line}\n" for line in lines).encode())
