"""Takes the answers out of a master's cells, by nbgrader's own preprocessors in the order of its `generate_assignment`.

Importing this module loads nbgrader, which takes about a second: import it where it is used.
"""

from __future__ import annotations

import textwrap
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.nbgraderformat import ValidationError
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)

from autograder.course.course import Assignment, question_of
from autograder.release.markers import TEXT_STUB, regions, without_starter
from autograder.release.master import ReleaseError

CODE_STUB = "raise NotImplementedError"
_KEPT_METADATA = ("nbgrader", "tags", "deletable", "editable")


def without_answers(notebook: NotebookNode, assignment: Assignment) -> NotebookNode:
    """Return the cells as students get them: blanks instead of answers, no hidden test, locked where they are given.

    Raises ReleaseError with the step that refuses the notebook.
    """
    resources: dict[str, Any] = {}
    for step in (
        LockCells(),
        _ClearBlanks(assignment, text_stub=TEXT_STUB),
        ClearOutput(),
        CheckCellMetadata(),
        ClearHiddenTests(),
        ClearMarkScheme(
            enforce_metadata=False
        ),  # ours stand in written answers, too, and not in nbgrader's task cells alone
        ComputeChecksums(),
        CheckCellMetadata(),
    ):
        if isinstance(step, ComputeChecksums):
            _tidy(notebook)
        try:
            notebook, resources = step.preprocess(notebook, resources)
        except (ValidationError, RuntimeError) as error:
            name = type(step).__name__
            raise ReleaseError([f"{assignment.solution_path}: nbgrader's {name} refuses it: {error}"]) from error
    return notebook


class _ClearBlanks(ClearSolutions):
    """ClearSolutions with a stub for each kind of blank."""

    def __init__(self, assignment: Assignment, **traits: Any) -> None:
        super().__init__(**traits)
        self._assignment = assignment

    def preprocess_cell(self, cell: NotebookNode, resources: Any, cell_index: int) -> tuple[NotebookNode, Any]:
        nbgrader = cell.metadata.get("nbgrader", {})
        if not nbgrader.get("solution"):
            return super().preprocess_cell(cell, resources, cell_index)
        kinds = {region for region, _ in regions(cell.source)}
        if cell.cell_type == "markdown" and "MARK SCHEME" in kinds and "SOLUTION" not in kinds:
            # The question and room for the answer; nbgrader would replace all of it. ClearMarkScheme does the rest.
            return cell, resources
        question = question_of(str(nbgrader["grade_id"]), self._assignment)
        stub = "" if question is not None and question.kind == "quiz" else CODE_STUB
        if "STARTER" in kinds:
            stub = _uncomment([line for region, line in regions(cell.source) if region == "STARTER"])
            cell.source = without_starter(cell.source)
        self.code_stub = {"python": stub}
        return super().preprocess_cell(cell, resources, cell_index)


def _uncomment(lines: list[str]) -> str:
    """Return the lines of a STARTER region, one `# ` taken off each."""
    return "\n".join(
        line.removeprefix("# ") if line.startswith("# ") else line.removeprefix("#")
        for line in textwrap.dedent("\n".join(lines)).split("\n")
    )


def _tidy(notebook: NotebookNode) -> None:
    """Drop what cleared regions left behind (spaces, empty ends) and metadata of jupytext."""
    for cell in notebook.cells:
        cell.source = "\n".join(line.rstrip() for line in cell.source.split("\n")).strip("\n")
        cell.metadata = {key: cell.metadata[key] for key in _KEPT_METADATA if key in cell.metadata}
