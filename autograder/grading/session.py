"""What the hidden tests see of one submission: the grading side of `autograder.testing.session`."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any, ClassVar

from autograder.course.call_times import allowed_seconds
from autograder.grading.answers import Answer, AnswerBook
from autograder.grading.machine_lock import MachineLock
from autograder.grading.student_run import Budget, StudentRun
from autograder.sandbox.inside.wire.protocol import RawArray
from autograder.sandbox.interface import Channel, ChannelClosed, ChannelTimeout, Limits
from autograder.sandbox.student import StudentError, StudentProcess
from autograder.testing.forks import READS
from autograder.testing.randomness import derive_seed

MAX_TIMEOUTS = 2  # of one question, before its remaining tests are not started
_TIMED_OUT = "Two tests of this question took too long, so its remaining tests were not started."
_SPENT = "The time for the whole submission was used up before this test."
MARGIN_SECONDS = 2.0  # for the trusted side to finish what it is at when the budget ends
_LEAST_SECONDS = 0.05  # what a call is given at the very end of the budget


class TimedStudent(StudentProcess):
    """A student process that remembers how long its longest request took, in seconds, whether student code ran, and
    what it answered, where there is a book for that."""

    def __init__(self, channel: Channel, limits: Limits, book: AnswerBook | None = None) -> None:
        super().__init__(channel, limits)
        self.longest = 0.0
        self.used = False
        self._book = book

    def request(self, op: str, seconds: float | None = None, arrays: Sequence[RawArray] = (), **fields: Any) -> Any:
        self.used = self.used or op not in READS
        started = time.monotonic()
        try:
            value = super().request(op, seconds, arrays, **fields)
        except StudentError as error:
            self._note(Answer.of_error(op, error))
            raise
        except (ChannelClosed, ChannelTimeout):
            if self._book is not None:
                self._book.lose()
            raise
        finally:
            self.longest = max(self.longest, time.monotonic() - started)
        self._note(Answer(op, value))
        return value

    def seed_next(self, value: int) -> None:
        if self._book is not None:
            self._book.begin(value)
        super().seed_next(value)

    def count_answers(self) -> int:
        return self._book.count() if self._book is not None else 0

    def answers_since(self, count: int) -> tuple[Answer, ...] | None:
        return self._book.since(count) if self._book is not None else ()

    def answer_again(self, answers: tuple[Answer, ...] | None) -> None:
        if self._book is not None:
            self._book.add_again(answers)

    def _note(self, answer: Answer) -> None:
        if self._book is not None:
            self._book.add(answer, self.received)


class GradingSession:
    """One pass over hidden tests of one submission; every pass is a session of its own.

    alone: this pass runs while all other workers pause (its caller holds the lock then). Afterwards `measured` has
    each test's longest single call in seconds, and `inherited` the tests that ran in a fork which others had used.
    """

    __test__: ClassVar[bool] = False

    def __init__(
        self,
        *,
        run: StudentRun,
        limits: Limits,
        budget: Budget,
        quiet: MachineLock,
        alone: bool,
        call_times: Mapping[str, float],
        reference: Mapping[str, Any],
        probe_source: str,
        sources: Sequence[str],
        seed_key: bytes,
        notebook_sha256: str,
        artifacts: Mapping[str, bytes],
        book: AnswerBook | None = None,
        variant: str = "",
    ) -> None:
        self.variant = variant
        self.reference = reference
        self.seed_key = seed_key
        self.notebook_sha256 = notebook_sha256
        self.probe_source = probe_source
        self.artifacts = artifacts
        self.kept: dict[Any, Any] = {}
        self.measured: dict[str, float] = {}
        self.inherited: set[str] = set()
        self._book = book
        self._run = run
        self._limits = limits
        self._budget = budget
        self._quiet = quiet
        self._alone = alone
        self._call_times = call_times
        self._sources = sources
        self._timeouts: Counter[str] = Counter()
        self._test = ""
        self._current: TimedStudent | None = None
        self._turn = ExitStack()

    def cell_source(self, index: int) -> str:
        return self._sources[index] if 0 <= index < len(self._sources) else ""

    def fork(self) -> StudentProcess:
        if not self._alone:
            self._turn.enter_context(self._quiet.shared())
        try:
            self._current = TimedStudent(self._run.fork_test(), self._limits, self._book)
        except BaseException:
            self._turn.close()
            raise
        return self._current

    def end_test(self) -> None:
        self._note_longest_call()
        self._current, self._test = None, ""
        try:
            self._run.end_test()
        except (ChannelClosed, ChannelTimeout):
            self._run.end()  # the process itself is gone; the next test gets a replay
        finally:
            self._turn.close()

    def call_seconds(self, test: str) -> float:
        if test != self._test:
            self._note_longest_call()
            self._test = test
            if self._current is not None and self._current.used:
                self.inherited.add(test)
        allowed = allowed_seconds(self._call_times, test, self._limits.call_seconds)
        return max(_LEAST_SECONDS, min(allowed, self._budget.left))

    def _note_longest_call(self) -> None:
        if self._current is not None:
            if self._test:
                self.measured[self._test] = max(self.measured.get(self._test, 0.0), self._current.longest)
            self._current.longest = 0.0

    def seed_of(self, test: str) -> int:
        """Return what a test seeds its student process with."""
        return derive_seed(self.seed_key, self.notebook_sha256, test, "student")

    @property
    def seconds_left(self) -> float:
        return self._budget.left + MARGIN_SECONDS

    def timed_out(self, question: str) -> None:
        self._timeouts[question] += 1

    def blocked(self, question: str) -> str:
        if self._budget.left <= 0:
            return _SPENT
        return _TIMED_OUT if self._timeouts[question] >= MAX_TIMEOUTS else ""
