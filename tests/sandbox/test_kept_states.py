"""States of a notebook that are kept while its cells run, and tests that are forked from them afterwards."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace

import pytest

from autograder.sandbox.choose import open_slot
from autograder.sandbox.host_processes import is_frozen, living_below
from autograder.sandbox.interface import ChannelClosed, Limits, SlotConfig
from autograder.sandbox.stream_slot import MOST_KEPT, StreamSlot
from autograder.sandbox.student import StudentProcess

LEAVE = "import os, time\ndef leave():\n    if os.fork() == 0:\n        os.setsid(); time.sleep(600)\n    return value"


@pytest.fixture(params=["namespace", "none"])
def own_slot(request: pytest.FixtureRequest, limits: Limits) -> Iterator[StreamSlot]:
    slot = open_slot(request.param, SlotConfig(preload=[], public_files=[], limits=limits))
    assert isinstance(slot, StreamSlot)
    yield slot
    slot.close()


def begin(slot: StreamSlot, limits: Limits, *cells: str) -> tuple[StudentProcess, list[int]]:
    """Run the cells; return the process, and the number of the state that was kept behind each cell."""
    student, states = StudentProcess(slot.start_student(), limits), []
    for index, cell in enumerate(cells):
        assert student.run_cell(cell, index, 20.0).error is None
        state = slot.keep_state()
        assert state is not None
        states.append(state)
    return student, states


def test_each_state_is_what_it_was_at_its_cell(own_slot: StreamSlot, limits: Limits) -> None:
    _, states = begin(own_slot, limits, "value = 1\ndef bump():\n    global value\n    value += 1\n    return value",
                      "value = 10", "value = 100")  # fmt: skip
    for state, expected in zip(states, (1, 10, 100), strict=True):
        own_slot.go_back_to(state)
        for _ in range(2):
            test = StudentProcess(own_slot.fork_test(), limits)
            assert test.ask("call", name="bump") == expected + 1, "a test changes nothing for the next"
            own_slot.end_test()
    with pytest.raises(ChannelClosed):
        own_slot.go_back_to(states[0])  # given up
    own_slot.end_student()
    assert StudentProcess(own_slot.start_student(), limits).request("has", name="value") is False


def test_all_but_the_state_that_is_tested_stand_still(own_slot: StreamSlot, limits: Limits) -> None:
    _, states = begin(own_slot, limits, f"value = 1\n{LEAVE}", "value = 2\nif os.fork() == 0:\n    time.sleep(600)")
    assert all(map(is_frozen, states)), "as long as cells run, too"
    for state, value in zip(states, (1, 2), strict=True):
        own_slot.go_back_to(state)
        for _ in range(2):
            test = StudentProcess(own_slot.fork_test(), limits)
            running = [pid for pid in living_below(own_slot.student_pid()) if not is_frozen(pid)]
            assert state in running
            assert len(running) == 2, "the state and the fork for the test: nothing of cells, nothing of earlier tests"
            assert is_frozen(own_slot.student_pid())
            assert test.ask("call", name="leave") == value
            own_slot.end_test()
    own_slot.end_student()


def test_a_kept_state_that_runs_beside_a_test_ends_the_student(own_slot: StreamSlot, limits: Limits) -> None:
    _, states = begin(own_slot, limits, "value = 1", "value = 2")
    own_slot.go_back_to(states[0])
    own_slot.fork_test()
    own_slot.end_test()
    os.kill(states[1], signal.SIGCONT)  # a test's own code could do that
    with pytest.raises(ChannelClosed, match="beside"):
        own_slot.fork_test()


def test_a_state_that_was_killed_is_a_lost_process(own_slot: StreamSlot, limits: Limits) -> None:
    _, states = begin(own_slot, limits, "value = 1", "value = 2")
    os.kill(states[0], signal.SIGKILL)
    with pytest.raises(ChannelClosed):  # noqa: PT012 - whichever of the two finds it out
        own_slot.go_back_to(states[0])
        own_slot.fork_test()


def test_no_state_is_kept_where_threads_run_or_too_many_are_there(own_slot: StreamSlot, limits: Limits) -> None:
    student, _ = begin(own_slot, limits, "value = 1")
    thread = "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()"
    assert student.run_cell(thread, 1, 20.0).error is None
    assert own_slot.keep_state() is None
    own_slot.end_student()
    begin(own_slot, limits, "value = 1")
    most = min(MOST_KEPT, limits.processes // 2)
    assert [own_slot.keep_state() is not None for _ in range(most)] == [*[True] * (most - 1), False]


def test_memory_of_states_counts_for_the_student(limits: Limits) -> None:
    """What each state holds alone counts together, and the student's own process goes where it is too much."""
    narrow = replace(limits, memory_bytes=192 << 20)
    with open_slot("namespace", SlotConfig(preload=[], public_files=[], limits=narrow)) as slot:
        student = StudentProcess(slot.start_student(), narrow)
        with pytest.raises(ChannelClosed) as ended:  # noqa: PT012 - whichever cell is the last
            for index in range(8):
                student.run_cell("import time\nheld = bytearray(b'x' * (60 << 20)); time.sleep(0.5)", index, 20.0)
                slot.keep_state()
        assert ended.value.reason == "memory"
