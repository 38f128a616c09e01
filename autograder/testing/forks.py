"""Forks of the student process for tests: one for each question, as long as its tests pass.

No test sees what student code did in the tests of another question, or in a test that failed. Tests of
one question that pass share a fork, because a fork and its first touch of the memory cost several
times as much as the calls of a test. A fork that was only read from (a quiz answer, a prediction) ran
no student code, is as good as new, and is handed on across questions too.
"""

from __future__ import annotations

from autograder.sandbox.student import StudentProcess
from autograder.testing.session import TestSession

READS = {"get", "has", "names", "seed"}  # operations that run no student code


class Forks:
    """The forks of one run over one submission; at most one lives at a time."""

    def __init__(self, session: TestSession) -> None:
        self.session = session
        self._process: StudentProcess | None = None
        self._spent = False
        self._question = ""

    def begin(self, question: str) -> None:
        """The next test is of `question`: a fork in which student code ran for another one ends here."""
        if self._spent and question != self._question:
            self.end()
        self._question = question

    def take(self) -> StudentProcess:
        """A fork in which student code ran in the notebook's cells and in passed tests of this question only."""
        if self._process is None:
            self._process = self.session.fork()
            self._spent = False
        return self._process

    def used(self, op: str) -> None:
        """Told before every request."""
        self._spent = self._spent or op not in READS

    def settle(self, *, passed: bool) -> None:
        """The test is over: end its fork, unless the test passed or nothing happened in it."""
        if self._process is not None and (self._process.lost or (self._spent and not passed)):
            self.end()

    def end(self) -> None:
        """End the fork, if there is one."""
        if self._process is not None:
            self._process = None
            self._spent = False
            self.session.end_test()
