"""Tiny foreign notebooks, and a grader for what was made of them; one slot for all tests of a file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.course.course import load_course
from autograder.exchange.legacy.bring import bring
from autograder.exchange.legacy.model import ForeignAssignment
from autograder.grading.grader import Grader
from autograder.grading.machine_lock import MachineLock
from autograder.records import Evidence, SubmissionInfo
from autograder.release.files import write_release
from autograder.release.starter import build_release

Cell = dict[str, Any]


def code(source: str, outputs: list[Any] | None = None, **nbgrader: Any) -> Cell:
    metadata = {"nbgrader": {"schema_version": 3, **nbgrader}} if nbgrader else {}
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": outputs or [],
            "execution_count": None}  # fmt: skip


def text(source: str, **nbgrader: Any) -> Cell:
    metadata = {"nbgrader": {"schema_version": 3, **nbgrader}} if nbgrader else {}
    return {"cell_type": "markdown", "source": source, "metadata": metadata}


def raw(source: str) -> Cell:
    return {"cell_type": "raw", "source": source, "metadata": {}}


def shows(value: str) -> list[Any]:
    return [{"output_type": "execute_result", "data": {"text/plain": value}, "metadata": {}, "execution_count": 1}]


def answer(id: str, source: str) -> Cell:
    return code(source, grade_id=id, grade=False, solution=True, locked=False)


def checked(id: str, points: float, source: str) -> Cell:
    return code(source, grade_id=id, grade=True, solution=False, locked=True, points=points)


def notebook(*cells: Cell) -> bytes:
    kernel = {"language": "python", "name": "python3", "display_name": "Python 3"}
    document = {"cells": list(cells), "metadata": {"kernelspec": kernel},
                "nbformat": 4, "nbformat_minor": 4}  # fmt: skip
    return json.dumps(document).encode()


def written(folder: Path, *cells: Cell, name: str = "hw") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.ipynb"
    path.write_bytes(notebook(*cells))
    return path


class Course:
    """An imported assignment, released, and a grader for it."""

    def __init__(self, draft: ForeignAssignment, root: Path, grader: Grader) -> None:
        self.draft = draft
        self.root = root
        self.assignment = load_course(root).assignments[0]
        self._grader = grader

    def grade(self, *cells: Cell) -> Evidence:
        """Grade a notebook of these cells, as a student of the other grader's release hands it in."""
        data = notebook(*cells)
        info = SubmissionInfo(subject="s1", notebook_sha256=hashlib.sha256(data).hexdigest())
        return self._grader.grade(info, data).evidence

    def passed(self, *cells: Cell) -> set[str]:
        """Return the items that such a notebook passes."""
        return {test.name.removeprefix("test_") for test in self.grade(*cells).tests if test.status.value == "passed"}


@pytest.fixture(scope="module")
def slot_of(request: pytest.FixtureRequest) -> Iterator[Callable[[], Any]]:
    from autograder.sandbox.choose import open_slot
    from autograder.sandbox.interface import Limits, SlotConfig

    opened: list[Any] = []

    def get() -> Any:
        if not opened:
            opened.append(open_slot("auto", SlotConfig((), (), Limits(cell_seconds=20, call_seconds=5))))
        return opened[0]

    yield get
    for slot in opened:
        slot.close()


@pytest.fixture(scope="module")
def imported(
    slot_of: Callable[[], Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[ForeignAssignment], Course]]:
    """imported(draft): bring it into a course of its own, release it, and open a grader; all in one slot."""
    graders: list[Grader] = []
    with MachineLock(None) as lock:

        def make(draft: ForeignAssignment) -> Course:
            root = tmp_path_factory.mktemp("course")
            bring(draft, root, "hw", "Homework", slot=slot_of())
            assignment = load_course(root).assignments[0]
            write_release(build_release(assignment))
            graders.append(Grader(assignment, slot_of(), b"k" * 32, lock))
            return Course(draft, root, graders[-1])

        yield make
        for grader in graders:
            grader._suite.close()
