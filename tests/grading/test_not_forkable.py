"""Notebooks with a library that no fork survives: tests run in the process of the cells, each time a fresh one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import pytest

from autograder.course.course import Assignment
from autograder.grading.graded import GradedSubmission
from autograder.records import Evidence
from autograder.sandbox.choose import open_slot
from autograder.sandbox.interface import SandboxFault, Slot, SlotConfig
from tests.grading.conftest import _grading

# A filter is one of the calls that wait for threads, and a fork of a process that has made one has none of them.
FILTERS = """
import polars as pl

def kept(*numbers):
    return pl.DataFrame({"n": list(numbers)}).filter(pl.col("n") != 0)["n"].to_list()

kept(1, 2)
"""
ADD = ("add", "def add(a, b):\n    return sum(kept(a, b))")
TOTAL = ("total", "def total(values):\n    return sum(kept(*values))")


@pytest.fixture(scope="module")
def tiny(tiny: Assignment) -> Assignment:
    """With time to import polars anew for each test on a busy machine."""
    return replace(tiny, limits=replace(tiny.limits, call_seconds=20.0, cell_seconds=40.0, submission_seconds=200.0))


@pytest.fixture(scope="module")
def slot(tiny: Assignment) -> Iterator[Slot]:
    opened = _opened(tiny.preload, tiny)
    yield opened
    opened.close()


def _opened(preload: Sequence[str], tiny: Assignment) -> Slot:
    """A slot with the packages of this environment, among which polars is."""
    try:
        open_slot("namespace", SlotConfig([], [], tiny.limits)).close()
    except SandboxFault as fault:
        pytest.skip(f"no namespaces here: {fault}")
    return open_slot("namespace", SlotConfig(preload, tiny.public_paths, tiny.limits))


def statuses(graded: GradedSubmission) -> dict[str, set[str]]:
    evidence: Evidence = graded.evidence
    found: dict[str, set[str]] = {}
    for test in evidence.tests:
        found.setdefault(test.question, set()).add(str(test.status.value))
    return found


def test_calls_of_polars_answer_in_the_notebook_and_in_its_tests(grade: Callable[..., GradedSubmission]) -> None:
    assert statuses(grade(FILTERS, ADD, TOTAL, ("quiz", 'quiz_1 = "b"'))) == {
        "add": {"passed"}, "total": {"passed"}, "quiz": {"passed"}
    }  # fmt: skip


def test_a_failed_test_leaves_nothing_to_the_next(grade: Callable[..., GradedSubmission]) -> None:
    """Every test counts its calls: only in a fresh process does each begin at 1."""
    counting = "CALLS = []\n\ndef add(a, b):\n    CALLS.append(1)\n    return sum(kept(a, b)) + (len(CALLS) > 1)"
    graded = grade(FILTERS, ("add", counting), TOTAL)
    assert statuses(graded)["add"] == {"passed"}, "each was tried again in a process of its own"
    assert graded.evidence.sandbox.restarts == 0, "these are no restarts for what the notebook did"


def test_a_cell_that_ends_the_process_is_still_left_out(grade: Callable[..., GradedSubmission]) -> None:
    graded = grade(FILTERS, ADD, "import os\nos._exit(3)", TOTAL)
    assert statuses(graded)["total"] == {"passed"}
    assert [cell.status for cell in graded.evidence.cells] == ["ok", "ok", "error", "ok"]


def test_a_call_that_ends_the_process_costs_its_test_alone(grade: Callable[..., GradedSubmission]) -> None:
    ends = "import os\n\ndef add(a, b):\n    os._exit(1)"
    found = statuses(grade(FILTERS, ("add", ends), TOTAL, ("quiz", 'quiz_1 = "b"')))
    assert (found["add"], found["quiz"]) == ({"error"}, {"passed"})
    assert "passed" in found["total"]


ARROW = """
import pandas as pd

def kept(*numbers):
    names = pd.array(["a", "b", "b", "a", "a"][: len(numbers)], dtype="string[pyarrow]")
    frame = pd.DataFrame({"n": numbers, "name": names})
    return frame.groupby(frame["name"].str.upper())["n"].sum().astype("int64[pyarrow]").tolist()

kept(1, 2)
"""


def test_pandas_with_arrow_is_preloaded_and_forked(tiny: Assignment) -> None:
    """Arrow is no library of which a fork can do less, once its memory has no thread."""
    slot = _opened(("pandas", "pyarrow"), tiny)
    try:
        with _grading(tiny, slot) as grade:
            graded = grade(
                ARROW, ADD, ("total", "def total(values):\n    return sum(values)"), ("quiz", 'quiz_1 = "b"')
            )
    finally:
        slot.close()
    assert statuses(graded) == {"add": {"passed"}, "total": {"passed"}, "quiz": {"passed"}}
