"""Forks of the student process for tests: one for all, as long as they pass.

A fork and its first touch of the memory cost several times as much as the calls of a test, so tests
share one. Where a test fails, its fork ends with it, and the next test gets a fresh one. What another
test left behind can therefore make a test fail that would have passed alone: grading runs what failed
in a used fork once more in a fresh one, and only that counts (`autograder.grading.grader`).
"""

from __future__ import annotations

from typing import Any

from autograder.sandbox.student import StudentProcess
from autograder.testing.session import TestSession

READS = {"get", "has", "names", "seed"}  # operations that run no student code


class Forks:
    """The forks of one run over one submission; at most one lives at a time."""

    def __init__(self, session: TestSession) -> None:
        self.session = session
        self._process: StudentProcess | None = None
        self._spent = False
        # name -> what a test made in the living fork for those after it, and what was answered meanwhile
        self.kept: dict[str, tuple[Any, Any]] = {}

    def take(self) -> StudentProcess:
        """A fork in which student code ran in the notebook's cells and in passed tests only."""
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
            self.kept.clear()
            self.session.end_test()
