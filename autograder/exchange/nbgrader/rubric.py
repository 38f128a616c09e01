"""The master's rows of an assignment: nbgrader's cells, from the starter notebook and the rubric.

nbgrader refuses to change a rubric once there are submissions. Here rows are added and changed in place, so that
grades already given stay with their cells. The rows of a question that is no longer in the rubric go; where a person
had graded it, what they gave is first appended to `retired_grades.jsonl` beside the gradebook.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Comment, Grade, GradeCell, MissingEntry, SolutionCell, SourceCell, TaskCell
from nbgrader.utils import compute_checksum

from autograder.course.course import Assignment, Question, question_of
from autograder.exchange.nbgrader.database import GradebookError


@dataclass(frozen=True)
class MasterCell:
    """One cell of the starter that nbgrader knows."""

    grade_id: str
    cell_type: str
    source: str
    metadata: Mapping[str, Any]  # its complete nbgrader metadata, schema 3
    question: str = ""  # the question it answers or grades

    @property
    def grade(self) -> bool:
        return bool(self.metadata["grade"])

    @property
    def solution(self) -> bool:
        return bool(self.metadata["solution"])

    @property
    def task(self) -> bool:
        """Return whether a person grades what students add after it."""
        return bool(self.metadata["task"])


@dataclass(frozen=True)
class MasterNotebook:
    """Hold what nbgrader knows of an assignment's notebook. `name` is its file name without the ending."""

    name: str
    metadata: Mapping[str, Any]
    cells: tuple[MasterCell, ...]

    @cached_property
    def fingerprint(self) -> str:
        """Changes with anything that an autograded notebook takes from here."""
        facts = [dict(self.metadata), [[cell.source, dict(cell.metadata)] for cell in self.cells]]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()

    def grade_cell(self, question: str) -> MasterCell:
        return next(cell for cell in self.cells if (cell.grade or cell.task) and cell.question == question)

    def answers(self, question: str) -> list[MasterCell]:
        """Return the blanks of a question (or its task), in order; of an artifact perhaps none."""
        return [cell for cell in self.cells if (cell.solution or cell.task) and cell.question == question]


def read_master_notebook(assignment: Assignment, points: Mapping[str, float]) -> MasterNotebook:
    """Return the cells of the released starter, with the points of today's rubric (by question id).

    A question without a graded cell in the starter (an artifact, or one that came after the release) gets one named
    check_<id>, so that its points count. Raises GradebookError where the starter cannot be read.
    """
    path = assignment.starter_path
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        raw = [cell for cell in notebook["cells"] if "nbgrader" in cell["metadata"]]
        cells = [_master_cell(cell, assignment, points) for cell in raw]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GradebookError(
            f"{path}: cannot be read as a starter notebook ({type(error).__name__}: {error}); run `autograder release`"
        ) from error
    graded = {cell.question for cell in cells if cell.grade or cell.task}
    cells += [_added_cell(q, points[q.id]) for q in assignment.questions if q.id not in graded]
    known = [cell for cell in cells if cell.question or not (cell.grade or cell.solution or cell.task)]
    return MasterNotebook(path.stem, notebook.get("metadata", {}), tuple(known))


def _master_cell(cell: Mapping[str, Any], assignment: Assignment, points: Mapping[str, float]) -> MasterCell:
    given = cell["metadata"]["nbgrader"]
    grade_id = str(given["grade_id"])
    question = question_of(grade_id.removeprefix("check_") if given.get("grade") else grade_id, assignment)
    source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
    flags = {key: bool(given.get(key, False)) for key in ("grade", "solution", "locked", "task")}
    metadata = {"schema_version": 3, "grade_id": grade_id, "cell_type": cell["cell_type"], **flags}
    return _checked(question, cell["cell_type"], source, metadata, points)


def _added_cell(question: Question, points: float) -> MasterCell:
    metadata = {"schema_version": 3, "grade_id": f"check_{question.id}", "cell_type": "code",
                "grade": True, "solution": False, "locked": True, "task": False}  # fmt: skip
    return _checked(question, "code", f"# {question.title}", metadata, {question.id: points})


def _checked(
    question: Question | None,
    cell_type: str,
    source: str,
    metadata: dict[str, Any],
    points: Mapping[str, float],
) -> MasterCell:
    """Return a cell with its points and nbgrader's checksum, which covers both."""
    if (metadata["grade"] or metadata["task"]) and question is not None:
        metadata["points"] = points[question.id]
    if not (metadata["grade"] or metadata["task"]) or question is not None:
        cell = {"cell_type": cell_type, "source": source, "metadata": {"nbgrader": metadata}}
        metadata["checksum"] = compute_checksum(nbformat.from_dict(cell))  # type: ignore[no-untyped-call]
    return MasterCell(metadata["grade_id"], cell_type, source, metadata, question.id if question else "")


def write_rubric(gradebook: Any, assignment: Assignment, master: MasterNotebook, retired: Path) -> Any:
    """Create or bring up to date the rows of one assignment. Returns nbgrader's Notebook row.

    `retired` is the file that keeps what people gave for questions that are gone.
    """
    gradebook.update_or_create_assignment(assignment.name, duedate=assignment.due)
    try:
        row = gradebook.find_notebook(master.name, assignment.name)
    except MissingEntry:
        kernelspec = json.dumps(master.metadata.get("kernelspec", {}))
        row = gradebook.add_notebook(master.name, assignment.name, kernelspec=kernelspec)
    wanted = {
        GradeCell: [c for c in master.cells if c.grade],
        SolutionCell: [c for c in master.cells if c.solution],
        SourceCell: list(master.cells),
        TaskCell: [c for c in master.cells if c.task],
    }
    existing = {
        GradeCell: row.grade_cells,
        SolutionCell: row.solution_cells,
        SourceCell: row.source_cells,
        TaskCell: row.task_cells,
    }
    for model, cells in wanted.items():
        names = {cell.grade_id for cell in cells}
        gone = [cell for cell in existing[model] if cell.name not in names]
        _retire(gradebook.db, assignment.name, gone, retired)
        rows = {cell.name: cell for cell in existing[model]}
        for cell in cells:
            if cell.grade_id not in rows:
                rows[cell.grade_id] = model(name=cell.grade_id, notebook=row)
                gradebook.db.add(rows[cell.grade_id])
            _fill(rows[cell.grade_id], model, cell)
    gradebook.db.commit()
    gradebook.db.refresh(row)
    return row


def _fill(row: Any, model: type[Any], cell: MasterCell) -> None:
    if model in (GradeCell, TaskCell):
        row.max_score = float(cell.metadata["points"])
        row.cell_type = cell.cell_type
    elif model is SourceCell:
        row.source = cell.source
        row.cell_type = cell.cell_type
        row.locked = bool(cell.metadata["locked"])
        row.checksum = cell.metadata["checksum"]


def _retire(session: Any, assignment: str, cells: Sequence[Any], retired: Path) -> None:
    """Remove cells with the grades and comments on them; what a person gave is written down first."""
    lines = []
    for cell in cells:
        grades = session.query(Grade).filter(Grade.cell_id == cell.id).all()
        comments = session.query(Comment).filter(Comment.cell_id == cell.id).all()
        for grade in grades:
            if grade.manual_score is not None or grade.extra_credit is not None:
                given = {"manual_score": grade.manual_score, "extra_credit": grade.extra_credit}
                lines.append({"student": grade.student.id, "cell": cell.name, **given})
        lines += [
            {"student": comment.student.id, "cell": cell.name, "comment": comment.manual_comment}
            for comment in comments
            if comment.manual_comment
        ]
        for gone in (*grades, *comments, cell):
            session.delete(gone)
    if lines:
        when = datetime.now(UTC).isoformat(timespec="seconds")
        with retired.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps({"when": when, "assignment": assignment, **line}) + "\n" for line in lines)
