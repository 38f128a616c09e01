"""Grades that people gave in the gradebook."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from nbgrader.api import (
    Assignment as AssignmentRow,
)
from nbgrader.api import (
    BaseCell,
    Comment,
    Grade,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import or_, select

from autograder.course.course import Assignment, question_of
from autograder.exchange.nbgrader.database import read_only
from autograder.scoring.score import ManualGrade

ManualGrades = Mapping[str, Mapping[str, ManualGrade]]
"""Student id -> question id -> what a person gave."""


def read_manual(path: Path, assignment: Assignment) -> dict[str, dict[str, ManualGrade]]:
    """Return all scores, extra credit and comments that people gave for an assignment; empty where there is no
    gradebook.

    Raises GradebookLocked and GradebookError.
    """
    if not path.exists():
        return {}
    points: dict[tuple[str, str], tuple[float | None, float]] = {}
    comments: dict[tuple[str, str], list[str]] = defaultdict(list)
    with read_only(path) as session:
        for model in (Grade, Comment):
            given = (
                or_(Grade.manual_score.is_not(None), Grade.extra_credit.is_not(None))
                if model is Grade
                else Comment.manual_comment.is_not(None)
            )
            rows = session.execute(
                select(SubmittedAssignment.student_id, BaseCell.name, model)
                .join(SubmittedNotebook, SubmittedNotebook.id == model.notebook_id)
                .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
                .join(AssignmentRow, AssignmentRow.id == SubmittedAssignment.assignment_id)
                .join(BaseCell, BaseCell.id == model.cell_id)
                .where(AssignmentRow.name == assignment.name, given)
                .order_by(SubmittedAssignment.student_id, BaseCell.name)
            )
            for student, cell, row in rows:
                question = question_of(cell.removeprefix("check_"), assignment)
                if question is None:
                    continue
                if model is Grade:
                    points[student, question.id] = (row.manual_score, row.extra_credit or 0.0)
                elif row.manual_comment.strip():
                    comments[student, question.id].append(row.manual_comment.strip())
    grades: dict[str, dict[str, ManualGrade]] = defaultdict(dict)
    for key in sorted({*points, *comments}):
        score, extra = points.get(key, (None, 0.0))
        grades[key[0]][key[1]] = ManualGrade(score, "\n".join(comments.get(key, [])), extra)
    return dict(grades)
