"""Forks of the student process for tests: one for all, as long as they pass.

A fork and its first touch of the memory cost several times as much as the calls of a test, so tests
share one. Where a test fails, its fork ends with it, and the next test gets a fresh one. Between two
questions the process is asked whether the first one's tests left anything behind; where they did, the
next question gets a fresh fork, too. What another test of the same question left can still make a test
fail that would have passed alone: grading runs what failed in a used fork once more in a fresh one, and
only that counts (`autograder.grading.grader`).
"""

from __future__ import annotations

from typing import Any

from autograder.sandbox.student import StudentProcess
from autograder.testing.session import TestSession

READS = {"get", "has", "seed"}  # operations that run no student code


class Forks:
    """The forks of one run over one submission; at most one lives at a time."""

    def __init__(self, session: TestSession) -> None:
        self.session = session
        self._process: StudentProcess | None = None
        self._spent = False
        self._retired = False
        self._question = ""
        self.shared = False  # whether the running test began in a fork that others had used
        # name -> what a test made in the living fork for those after it, and what was answered to it
        self.kept: dict[str, tuple[Any, Any]] = {}

    def take(self) -> StudentProcess:
        """Return a fork in which student code ran in the notebook's cells and in passed tests only."""
        if self._process is None:
            self._process = self.session.fork()
            self._spent = False
        return self._process

    def begin(self, question: str) -> None:
        """Make ready for a test of this question. It does not see what another question's tests left behind: where they
        did, or where that cannot be said, it gets a fresh fork."""
        if question != self._question and self._process is not None and self._spent:
            self.kept.clear()
            if not self._process.left_nothing():
                self.end()
        self._question = question
        self.shared = self._process is not None and self._spent

    def used(self, op: str) -> None:
        """Note a request, before each."""
        self._spent = self._spent or op not in READS

    def settle(self, *, passed: bool) -> None:
        """End the fork of the test that is over, unless the test passed or nothing happened in it."""
        retired, self._retired = self._retired, False
        if self._process is not None and (self._process.lost or retired or (self._spent and not passed)):
            self.end()

    def raise_if_lost(self) -> None:
        """Raise ChannelClosed or ChannelTimeout where the living fork is lost."""
        if self._process is not None and self._process.lost:
            self._process.request("names")  # says again what it was lost by

    def retire(self) -> None:
        """Let the fork of the running test end with it, passed or not."""
        self._retired = True

    def end(self) -> None:
        """End the fork, if there is one."""
        if self._process is not None:
            self._process = None
            self._spent = False
            self.kept.clear()
            self.session.end_test()
