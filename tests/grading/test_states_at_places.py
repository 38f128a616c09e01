"""Tests that are scored at a cell: the notebook's cells run once, or again where their state could not be kept."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from autograder.grading.machine_lock import MachineLock
from autograder.grading.student_run import Budget, Step, StudentRun
from autograder.sandbox.choose import open_slot
from autograder.sandbox.interface import ChannelClosed, Limits, Slot, SlotConfig
from autograder.sandbox.student import StudentProcess

LIMITS = Limits(cell_seconds=2.0, call_seconds=5.0)
COUNT = "counted = open('runs', 'a').write('x') and len(open('runs').read())"


@pytest.fixture(scope="module")
def slot() -> Iterator[Slot]:
    with open_slot("namespace", SlotConfig((), (), LIMITS)) as opened:
        yield opened


def run_of(slot: Slot, lock: MachineLock, *cells: str, places: tuple[int, ...] = (1, 2)) -> StudentRun:
    steps = [Step(index, source) for index, source in enumerate(cells)]
    run = StudentRun(slot, LIMITS, steps, 1, lock, Budget(60.0), places)
    run.run_notebook()
    return run


def read(run: StudentRun, name: str) -> Any:
    test = StudentProcess(run.fork_test(), LIMITS)
    found = test.request("get", name=name) if test.request("has", name=name) else None
    run.end_test()
    return found


def test_the_states_at_the_places_and_the_last_one_are_tested_while_cells_run_once(slot: Slot) -> None:
    with MachineLock(None) as lock:
        run = run_of(slot, lock, f"{COUNT}\nx = 1", "x = 2", "x = 3", places=(1, 1, 2, 3))
        assert read(run, "x") == 3
        for place in (1, 2, 3):
            for _ in range(2):  # as where a test that took too long runs once more
                assert run.advance_to(place)
                assert (read(run, "x"), read(run, "counted")) == (place, 1)
        run.end()


@pytest.mark.parametrize(
    ("cell", "status"),
    [
        ("import threading, time\nthreading.Thread(target=time.sleep, args=(9,), daemon=True).start()", "ok"),
        ("import os\nif not os.path.exists('died'):\n    open('died', 'w').close()\n    os._exit(3)", "error"),
        ("while True: pass", "timeout"),
    ],
)
def test_what_was_not_kept_is_made_by_running_the_cells_again(slot: Slot, cell: str, status: str) -> None:
    with MachineLock(None) as lock:
        run = run_of(slot, lock, "x = 1", cell, "x = 2", places=(1, 2, 3))
        assert run.cells[1].status == status
        for place, expected in ((1, 1), (2, 1), (3, 2)):
            assert run.advance_to(place)
            assert read(run, "x") == expected
        run.end()


def test_a_test_that_ends_the_kept_states_costs_nothing_but_time(slot: Slot) -> None:
    with MachineLock(None) as lock:
        run = run_of(slot, lock, "import os\nx = 1\ndef fell(): os.kill(-1, 9)", "x = 2", "x = 3")
        assert run.advance_to(1)
        test = StudentProcess(run.fork_test(), LIMITS)
        test.ask("call", name="fell")
        with contextlib.suppress(ChannelClosed):
            run.end_test()
        assert read(run, "x") == 1
        assert run.advance_to(2)
        assert read(run, "x") == 2
        run.end()


def test_a_cell_that_finds_its_name_later_was_not_run_again_at_its_place(slot: Slot) -> None:
    """It runs a second time at the end, and a test at a place in between sees what was there then."""
    with MachineLock(None) as lock:
        run = run_of(slot, lock, "y = later", "z = 1", "later = 5", places=(1, 2))
        assert read(run, "y") == 5
        assert run.advance_to(2)
        assert (read(run, "y"), read(run, "z")) == (None, 1)
        run.end()
