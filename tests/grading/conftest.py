"""A released copy of the tiny course, and one grader with a real slot for all tests of a file."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from autograder.course.course import Assignment, load_course
from autograder.grading.graded import GradedSubmission
from autograder.grading.grader import Grader
from autograder.grading.machine_lock import MachineLock
from autograder.records import SubmissionInfo
from autograder.release.files import write_release
from autograder.release.starter import build_release
from autograder.sandbox.choose import open_slot
from autograder.sandbox.interface import Slot, SlotConfig

SOLUTION = {
    "add": "def add(a, b):\n    return a + b",
    "total": "def total(values):\n    result = 0\n    for value in values:\n        result = add(result, value)\n"
    "    return result",
    "quiz": 'quiz_1 = "b"',
}


def notebook_of(*cells: str | tuple[str, str]) -> bytes:
    """A notebook of code cells: sources, or (grade_id, source)."""
    written = []
    for cell in cells:
        grade_id, source = cell if isinstance(cell, tuple) else ("", cell)
        metadata = {"nbgrader": {"grade_id": grade_id, "solution": True}} if grade_id else {}
        written.append(
            {"cell_type": "code", "execution_count": None, "metadata": metadata, "outputs": [], "source": source}
        )
    return json.dumps({"cells": written, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


@pytest.fixture(scope="session")
def tiny_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("course") / "tiny_course"
    shutil.copytree(Path(__file__).parent / "tiny_course", root)
    write_release(build_release(load_course(root).assignment("tiny")))
    return root


@pytest.fixture(scope="session")
def tiny(tiny_root: Path) -> Assignment:
    return load_course(tiny_root).assignment("tiny")


@pytest.fixture(scope="module")
def slot(tiny: Assignment) -> Iterator[Slot]:
    opened = open_slot("auto", SlotConfig((*tiny.preload, "numpy.random"), tiny.public_paths, tiny.limits))
    yield opened
    opened.close()


@contextmanager
def _grading(assignment: Assignment, slot: Slot) -> Iterator[Callable[..., GradedSubmission]]:
    with MachineLock(None) as quiet, Grader(assignment, slot, b"k" * 32, quiet) as grader:

        def run(*cells: str | tuple[str, str], data: bytes | None = None) -> GradedSubmission:
            notebook = notebook_of(*cells) if data is None else data
            sha = hashlib.sha256(notebook).hexdigest()
            return grader.grade(SubmissionInfo(subject="s1", notebook_sha256=sha), notebook)

        yield run


@pytest.fixture(scope="module")
def grade(tiny: Assignment, slot: Slot) -> Iterator[Callable[..., GradedSubmission]]:
    """grade(*cells) or grade(data=bytes)."""
    with _grading(tiny, slot) as run:
        yield run


@pytest.fixture
def grade_in(slot: Slot) -> Callable[[Path], AbstractContextManager[Callable[..., GradedSubmission]]]:
    """The same for a changed copy of the course, in the same slot: `with grade_in(root) as grade`."""
    return lambda root: _grading(load_course(root).assignment("tiny"), slot)


@pytest.fixture
def grade_with(tiny: Assignment, slot: Slot) -> Callable[..., GradedSubmission]:
    """grade_with(secret, *cells): by a grader of its own."""

    def run(secret: bytes, *cells: str | tuple[str, str]) -> GradedSubmission:
        notebook = notebook_of(*cells)
        with MachineLock(None) as quiet, Grader(tiny, slot, secret, quiet) as grader:
            sha = hashlib.sha256(notebook).hexdigest()
            return grader.grade(SubmissionInfo(subject="s1", notebook_sha256=sha), notebook)

    return run


@pytest.fixture
def copy_course(tiny_root: Path, tmp_path: Path) -> Callable[[], Path]:
    """A copy of the released tiny course, to be changed."""

    def copy() -> Path:
        return Path(shutil.copytree(tiny_root, tmp_path / "changed_course"))

    return copy
