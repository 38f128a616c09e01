"""A known mistake takes a student's place: hidden tests run against it here, and stop where it answers otherwise.

It is the course's own code, so it runs without a sandbox, in a fork of the worker (`grading.misconceptions`).
Requests still pass through frames as they do to a student process: arguments are copies, and answers are made in the
same way. Both sides would draw from the same generators here, so each has its own state of them.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy

from autograder.grading.answers import Answer
from autograder.sandbox.inside.answers.requests import Interpreter
from autograder.sandbox.inside.wire.protocol import RawArray, read_frame_of
from autograder.sandbox.inside.wire.values import HandleRef
from autograder.sandbox.interface import Limits
from autograder.sandbox.student import StudentError, StudentProcess


class Disagrees(BaseException):
    """The answers are not the student's. No test may take it for an outcome of its own, so it is no Exception."""


class _Loopback:
    """A Channel to an interpreter in this process."""

    def __init__(self, interpreter: Interpreter) -> None:
        self._interpreter = interpreter
        self._generators = _Generators()
        self._reply = memoryview(b"")

    def send(self, data: bytes, deadline: float) -> None:
        header, arrays = read_frame_of(data, strides=True)
        self._generators.swap()
        try:
            self._reply = memoryview(self._interpreter.answer(header, arrays))
        finally:
            self._generators.swap()

    def receive(self, size: int, deadline: float) -> bytes:
        data, self._reply = self._reply[:size], self._reply[size:]
        return bytes(data)

    def pending(self) -> bool:
        return bool(self._reply)


class _Generators:
    """The states of all generators on the side that has no turn."""

    def __init__(self) -> None:
        self._kept = _states()

    def swap(self) -> None:
        taken, self._kept = self._kept, _states()
        random.setstate(taken[0])
        numpy.random.set_state(taken[1])
        if taken[2] is not None:
            sys.modules["torch"].default_generator.set_state(taken[2])


def _states() -> tuple[Any, Any, Any]:
    torch = sys.modules.get("torch")
    ours = torch.default_generator.get_state() if torch is not None else None
    return random.getstate(), numpy.random.get_state(), ours


class _Comparing(StudentProcess):
    """Stops at the first answer that is not the next one expected.

    Names that a probe lists (which functions of torch were called) tell the wording of a mistake and not the mistake:
    they need not be the same, and `by_wording` is told that what the test makes of them must decide.
    """

    def __init__(
        self, channel: _Loopback, limits: Limits, expected: list[Answer], by_wording: Callable[[], None]
    ) -> None:
        super().__init__(channel, limits)
        self._expected = expected
        self._by_wording = by_wording
        self._probes: set[int] = set()

    def request(self, op: str, seconds: float | None = None, arrays: Sequence[RawArray] = (), **fields: Any) -> Any:
        try:
            value = super().request(op, seconds, arrays, **fields)
        except StudentError as error:
            self._compare(Answer.of_error(op, error))
            raise
        if op == "add_probe" and isinstance(value, HandleRef):
            self._probes.add(value.number)
        self._compare(Answer(op, value), of_probe=op == "method" and fields.get("handle") in self._probes)
        return value

    def _compare(self, answer: Answer, *, of_probe: bool = False) -> None:
        if not self._expected:
            raise Disagrees
        expected = self._expected.pop(0)
        if of_probe and expected.op == answer.op and _are_names(answer.value) and _are_names(expected.value):
            self._by_wording()
        elif not answer.agrees_with(expected):
            raise Disagrees


def _are_names(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value)


class ReplaySession:
    """Be what hidden tests see of a known mistake (`autograder.testing.session`).

    namespace: of the solution with the mistake in it. answers: test -> what the student answered.
    """

    __test__: ClassVar[bool] = False

    def __init__(
        self,
        *,
        namespace: dict[str, Any],
        answers: Mapping[str, Sequence[Answer]],
        limits: Limits,
        reference: Mapping[str, Any],
        seed_key: bytes,
        notebook_sha256: str,
        probe_source: str,
        variant: str = "",
    ) -> None:
        self.variant = variant
        self.reference = reference
        self.seed_key = seed_key
        self.notebook_sha256 = notebook_sha256
        self.probe_source = probe_source
        self.artifacts: Mapping[str, bytes] = {}
        self.kept: dict[Any, Any] = {}
        self._namespace = namespace
        self._fresh = dict(namespace)
        self._answers = answers
        self._limits = limits
        self._expected: list[Answer] = []
        self.by_wording = False  # names that a probe lists were not compared: what the test made of them decides

    def expect(self, test: str) -> None:
        """Expect `test` as the next to run."""
        self.by_wording = False
        self._expected = list(self._answers[test])

    @property
    def answered_all(self) -> bool:
        """Return whether as many answers were asked for as the student gave."""
        return not self._expected

    def cell_source(self, index: int) -> str:
        return ""

    def fork(self) -> StudentProcess:
        """Return this process, not a fork: names are as before, which is all that tests of one variant may have
        changed."""
        self._namespace.clear()  # another test may have left stand-ins
        self._namespace.update(self._fresh)
        interpreter = Interpreter(SimpleNamespace(namespace=self._namespace, run_cell=None))
        return _Comparing(_Loopback(interpreter), self._limits, self._expected, self._told_wording)

    def _told_wording(self) -> None:
        self.by_wording = True

    def end_test(self) -> None:
        pass

    def call_seconds(self, test: str) -> float:
        return self._limits.call_seconds

    @property
    def seconds_left(self) -> float:
        return self._limits.submission_seconds

    def timed_out(self, question: str) -> None:
        pass

    def blocked(self, question: str) -> str:
        return ""
