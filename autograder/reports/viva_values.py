"""The questions of viva.yaml, checked, and the values that stand in them for one student."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograder.course.answer_keys import asked_items
from autograder.course.bank import read_bank
from autograder.course.course import Assignment
from autograder.course.public_files import working_beside
from autograder.course.viva import FILE, VivaQuestion, check_viva
from autograder.course.yaml_sections import CourseError, Problem
from autograder.release.starter import build_release
from autograder.reports.viva import shown_value
from autograder.suite.course_imports import forget_other_courses
from autograder.suite.reference import reference_namespace


def checked_viva(assignment: Assignment) -> tuple[VivaQuestion, ...]:
    """Return the questions of an assignment, whose names and values are all right.

    Raises CourseError for what is not, and VariantError and ReleaseError where the bank or the master cannot be read.
    """
    cells = build_release(assignment).descriptor.cells
    questions = check_viva(
        assignment,
        [cell.grade_id for cell in cells if cell.grade_id],
        [name for _, name, _ in asked_items(cells)],
        [variant.misconception for variant in read_bank(assignment) if variant.misconception],
    )
    viva_values(assignment, questions, "")
    return questions


def viva_values(
    assignment: Assignment, questions: Sequence[VivaQuestion], code: str
) -> Mapping[str, Mapping[str, str]]:
    """Return question id -> name -> value, with this code of a personal variant. Raises CourseError."""
    if not any(one.values for one in questions):
        return {}
    problems = []
    found: dict[str, dict[str, str]] = {}
    names = _names(assignment, code)
    for one in questions:
        for name, expression in one.values.items():
            try:
                found.setdefault(one.id, {})[name] = shown_value(eval(expression, names))  # noqa: S307 - the course's own
            except Exception as error:  # noqa: BLE001 - whatever the course's own expression raises is told
                problems.append(
                    Problem(
                        one.line,
                        f"{name} = {expression}, which raises {error!r}",
                        "an expression in the solution's names",
                    )
                )
    if problems:
        raise CourseError(FILE, problems)
    return found


def _names(assignment: Assignment, code: str) -> dict[str, Any]:
    """Return the solution's names with this code. What a cell raises is told where a value needs what it would bind."""
    folders = list(dict.fromkeys(path.parent for path in assignment.public_paths if path.suffix == ".py"))
    forget_other_courses([assignment.root, *folders])
    with working_beside(assignment.public_paths):
        return reference_namespace(assignment.solution_path, folders, code, raised={})
