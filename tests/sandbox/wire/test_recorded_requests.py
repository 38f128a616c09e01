"""`make bench` asks again what was asked in a grading: of one process, where objects have other numbers."""

from __future__ import annotations

import time
from collections.abc import Callable

from autograder.sandbox.student import StudentProcess
from benchmarks.overhead import TimedInterpreter, answer_all, recording
from tests.sandbox.wire.conftest import MinimalShell

CELL = """
seen = []
class Counter:
    def add(self, number):
        seen.append(number)
        return sum(range(200_000))
"""


def test_what_was_recorded_is_answered_again(start: Callable[..., StudentProcess]) -> None:
    with recording() as asked:
        student = start(CELL)
        counter = student.ask("call", name="Counter")
        student.seed_next(7)
        student.ask("method", [3], handle=counter.number, name="add")
        assert student.request("has", name="seen")
    assert [one.op for one in asked] == ["run_cell", "call", "method", "has"]
    assert asked[2].fields["seed"] == 7
    asked[1] = asked[1]._replace(handles=(5,))  # as in a fork that had other objects
    asked[2].fields["handle"] = 5
    shell, began = MinimalShell(), time.process_time()
    interpreter = TimedInterpreter(shell)
    answer_all(interpreter, asked)
    assert shell.namespace["seen"] == [3]
    assert 0 < interpreter.own < time.process_time() - began


def test_nobody_is_recorded_afterwards(start: Callable[..., StudentProcess]) -> None:
    with recording() as asked:
        pass
    assert start("x = 1").request("has", name="x")
    assert asked == []
