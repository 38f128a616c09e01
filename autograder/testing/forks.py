"""Forks of the student process for tests: one each, but an unused one is handed on.

A test that only read variables (a quiz answer, a prediction) ran no student code, so its fork is
as good as new and serves the next test; a fork costs as much as several such tests.
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

    def take(self) -> StudentProcess:
        """A fork in which no student code has run since the notebook's cells."""
        if self._process is None:
            self._process = self.session.fork()
            self._spent = False
        return self._process

    def used(self, op: str) -> None:
        """Told before every request."""
        self._spent = self._spent or op not in READS

    def give_back(self) -> None:
        """The test is over: end its fork, unless nothing happened in it."""
        if self._process is not None and (self._spent or self._process.lost):
            self.end()

    def end(self) -> None:
        """End the fork, if there is one."""
        if self._process is not None:
            self._process = None
            self.session.end_test()
