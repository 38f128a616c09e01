"""Slots for the tests of this folder. Code is run the way a notebook's cell is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from autograder.sandbox.choose import open_slot, open_template
from autograder.sandbox.interface import Limits, Slot, SlotConfig
from autograder.sandbox.student import StudentProcess

LIMITS = Limits(call_seconds=20.0, memory_bytes=256 << 20, processes=24, tmpfs_bytes=16 << 20, tmpfs_inodes=200)


def run_in(student: StudentProcess, source: str, seconds: float = 20.0) -> str:
    """What a cell printed. Fails the test where the cell raises."""
    reply = student.run_cell(source, 0, seconds)
    text = "".join(output.get("text", "") for output in reply.outputs if output.get("output_type") == "stream")
    assert reply.error is None, f"{reply.error}\n{text}"
    return text


@pytest.fixture(scope="session")
def limits() -> Limits:
    return LIMITS


@pytest.fixture(scope="session", params=["namespace", pytest.param("forked", marks=pytest.mark.long)])
def shared_slot(request: pytest.FixtureRequest) -> Iterator[Slot]:
    """A slot that was started by itself, and one that was forked from a template: the same rules hold in both."""
    config = SlotConfig(preload=["numpy"], public_files=[], limits=LIMITS)
    template = open_template("namespace", config) if request.param == "forked" else None
    slot = open_slot("namespace", config) if template is None else template.open(template.fork())
    yield slot
    slot.close()
    if template is not None:
        template.close()


@pytest.fixture
def slot(shared_slot: Slot) -> Iterator[Slot]:
    """A slot without a student process; the same for all tests, as it is for all submissions."""
    yield shared_slot
    shared_slot.end_student()


@pytest.fixture
def student(slot: Slot) -> StudentProcess:
    return StudentProcess(slot.start_student(), LIMITS)


@pytest.fixture
def run(student: StudentProcess) -> Callable[[str], str]:
    """Run a cell in a fresh student process and return what it printed."""
    return lambda source: run_in(student, source)


@pytest.fixture(scope="session")
def run_cell() -> Callable[[StudentProcess, str], str]:
    return run_in


@pytest.fixture
def as_root() -> None:
    if os.getuid() != 0:
        pytest.skip("needs root")
