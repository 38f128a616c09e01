"""The executed notebook of one submission, and which of its cells nbgrader knows.

The executed notebook keeps nothing of what a submission claims about itself; where its writer marked a cell with the
grade_id it was matched to, that mark holds. Making it costs most of a sync, so nothing is made that was written before.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from autograder.course.course import Assignment
from autograder.course.releases import ReleaseDescriptor
from autograder.exchange.nbgrader.comments import harmless
from autograder.exchange.nbgrader.rubric import MasterNotebook
from autograder.records import Result

_FORM = 1  # raised where executed notebooks are made in another way, so that all are written again


class Executed:
    """One executed notebook. make: returns it as nbformat JSON; called at most once, and only where it is needed.

    fingerprint: changes with anything that it is made of.
    """

    def __init__(
        self,
        make: Callable[[], bytes],
        result: Result,
        assignment: Assignment,
        master: MasterNotebook,
        releases: Sequence[ReleaseDescriptor],
    ) -> None:
        self._make = make
        self._result = result
        by_hand = sorted(question.id for question in assignment.questions if question.kind == "manual")
        newest = releases[-1].release if releases else ""
        facts = [_FORM, result.notebook_sha256, result.attempt, result.graded_at.isoformat(), result.reason, newest,
                 by_hand, master.fingerprint]  # fmt: skip
        self.fingerprint = hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    @cached_property
    def cells(self) -> list[Mapping[str, Any]]:
        """Return its cells as nbformat has them, or one that says why there are none."""
        try:
            cells = json.loads(self._make())["cells"]
        except (ValueError, KeyError, TypeError):
            cells = []
        kept: list[Mapping[str, Any]] = [cell for cell in cells if isinstance(cell, dict)]
        reason = self._result.reason or "The notebook that was handed in has no cells."
        return kept or [{"cell_type": "markdown", "source": harmless(reason)}]

    @cached_property
    def grade_ids(self) -> Mapping[int, str]:
        """Position in the notebook -> grade_id of the released cell."""
        return {index: mark for index, cell in enumerate(self.cells) if (mark := _mark(cell))}


def _mark(cell: Mapping[str, Any]) -> str:
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return str(marks.get("grade_id", "")) if isinstance(marks, dict) else ""
