"""The executed notebook of one submission, and which of its cells nbgrader knows.

The executed notebook keeps nothing of what a submission claims about itself. Where its writer marked cells with the
grade_id they were matched to, those marks hold. A folder of an earlier version may have none; there the notebook as
handed in is matched to its release once more. Reading and matching cost most of a sync, so nothing is read that was
written before.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.course.course import Assignment
from autograder.course.releases import ReleaseDescriptor
from autograder.exchange.nbgrader.comments import harmless
from autograder.exchange.nbgrader.rubric import MasterNotebook
from autograder.notebooks.matching import match_to_release
from autograder.notebooks.read import NotebookError, read_notebook
from autograder.records import Result


class Executed:
    """One executed notebook. root: the results folder; path: where it is (missing: nothing could be read)."""

    def __init__(
        self,
        root: Path,
        path: Path,
        result: Result,
        assignment: Assignment,
        master: MasterNotebook,
        releases: Sequence[ReleaseDescriptor],
    ) -> None:
        self._root = root
        self._result = result
        self._questions = [question.id for question in assignment.questions]
        self._releases = releases
        try:
            self._data = path.read_bytes()
        except OSError:  # nothing could be read of the submission: its result says why
            self._data = b""
        whole = hashlib.sha256(self._data)
        newest = releases[-1].release if releases else ""
        facts = [result.notebook_sha256, result.attempt, result.reason, newest, master.fingerprint]
        whole.update(json.dumps(facts).encode())
        self.fingerprint = whole.hexdigest()

    @cached_property
    def cells(self) -> list[Mapping[str, Any]]:
        """Its cells as nbformat has them, or one that says why there are none."""
        try:
            cells = json.loads(self._data)["cells"]
        except (ValueError, KeyError, TypeError):
            cells = []
        kept: list[Mapping[str, Any]] = [cell for cell in cells if isinstance(cell, dict)]
        reason = self._result.reason or "The notebook that was handed in has no cells."
        return kept or [{"cell_type": "markdown", "source": harmless(reason)}]

    @cached_property
    def grade_ids(self) -> Mapping[int, str]:
        """Position in the notebook -> grade_id of the released cell."""
        marked = {index: _mark(cell) for index, cell in enumerate(self.cells)}
        if any(marked.values()):
            return {index: id for index, id in marked.items() if id}
        folder = self._root / "evidence" / self._result.assignment / self._result.subject
        try:
            data = (folder / f"attempt-{self._result.attempt:03d}.notebook.ipynb").read_bytes()
            notebook = read_notebook(data, self._result.subject, outputs=False)
        except (OSError, NotebookError):  # ungradable, or not kept: nothing is recognised, its cells are added
            return {}
        return match_to_release(notebook, self._releases, self._questions).grade_ids


def _mark(cell: Mapping[str, Any]) -> str:
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return str(marks.get("grade_id", "")) if isinstance(marks, dict) else ""
