"""The hidden tests over one submission: pass after pass, until nothing that is said of a test can be our fault.

1. Every test runs in forks that tests share while they pass. What failed in a fork which others had used runs again in
   a fresh one.
2. A second student process shows public twins of what failed, and decides what is carried forward.
3. What took too long runs once more, alone on the machine and with other inputs.
4. Tests that are scored at a cell (`autograder.grading.placed`) run in forks of the state that was kept there.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from autograder.grading.answers import AnswerBook
from autograder.grading.graded import Draft
from autograder.grading.machine_lock import MachineLock
from autograder.grading.options import Focus
from autograder.grading.session import GradingSession
from autograder.grading.student_run import Budget, StudentRun
from autograder.records import Distance, TestOutcome, TestStatus
from autograder.suite.suite import Suite
from autograder.testing.carry import PutOff
from autograder.testing.distances import noting

TWIN_SECONDS = 10.0  # cells that take longer are not run a second time for the sake of public examples
NO_TWINS = (
    "Public examples are not shown: the notebook's cells take more than {seconds:.0f} s, and would have to run again."
)


class SessionOver(Protocol):
    """Makes a session of tests over one student's run. key: what its hidden inputs follow from."""

    def __call__(
        self, key: bytes, *, alone: bool = False, book: AnswerBook | None = None, notebook_sha256: str = ...
    ) -> GradingSession: ...


class Passes:
    """All passes over one submission. What they note beside the outcomes goes into the draft."""

    def __init__(
        self,
        suite: Suite,
        run: StudentRun,
        session_over: SessionOver,
        quiet: MachineLock,
        budget: Budget,
        seed_key: bytes,
        focus: Focus,
        draft: Draft,
        places: Mapping[str, int] | None = None,
    ) -> None:
        """Take `places`: released cell -> the position before which tests of it are scored (`placed`)."""
        self._suite = suite
        self._run = run
        self._session_over = session_over
        self._quiet = quiet
        self._budget = budget
        self._seed_key = seed_key
        self._focus = focus
        self._draft = draft
        self._places = places or {}
        self._outcomes: dict[str, TestOutcome] = {}
        self._put_off: dict[str, tuple[PutOff, ...]] = {}

    def outcomes(self) -> list[TestOutcome]:
        """Run all passes. Return what is said of each test that was reached, in the order of the suite."""
        confirming = hmac.digest(self._seed_key, b"confirming", "sha256")  # other inputs than those known by then
        asked = self._focus.questions
        wanted = [info for info in self._suite.tests if not asked or info.question in asked]
        names, found = [info.name for info in wanted], self._outcomes
        at = {info.name: self._places[info.at] for info in wanted if info.at in self._places}
        waiting = [name for name in names if name not in at]
        while waiting:
            self._pass_fairly(waiting)
            begun = self._budget.left > 0 and self._ask_second(waiting, self._seed_key)
            late = [name for name in names if name in found and found[name].status is TestStatus.TIMEOUT]
            if late and self._budget.left > 0 and (begun or self._run.begin_again()):
                with self._quiet.alone():
                    self._pass(late, confirming, alone=True)
                self._ask_second(late, confirming)
            if not all(outcome.status is TestStatus.PASSED for outcome in found.values()):
                break
            # none, unless a failure was taken back
            waiting = [name for name in names if name not in found and name not in at]
        for position in sorted(set(at.values())):
            if self._focus.first_failure and any(one.status is not TestStatus.PASSED for one in found.values()):
                break
            self._at_place(position, [name for name in names if at.get(name) == position], confirming)
        return [found[name] for name in names if name in found]

    def _at_place(self, position: int, names: Collection[str], confirming: bytes) -> None:
        """Run the tests that are scored before the cell at this position, in a process that has got as far as that."""
        self._run.advance_to(position)
        self._pass_fairly(names)
        late = [n for n in names if n in self._outcomes and self._outcomes[n].status is TestStatus.TIMEOUT]
        if late and self._budget.left > 0:
            self._run.advance_to(position)
            with self._quiet.alone():
                self._pass(late, confirming, alone=True)

    def _pass_fairly(self, names: Collection[str]) -> None:
        """Run these tests, and once more in a fresh fork those that failed in a used one."""
        for name in sorted(self._pass(names, self._seed_key)):
            if self._outcomes[name].status in (TestStatus.FAILED, TestStatus.ERROR) and self._budget.left > 0:
                self._pass([name], self._seed_key)

    def _pass(self, only: Collection[str], key: bytes, *, alone: bool = False) -> set[str]:
        """Run these tests. Return those that ran in a fork which others had used before."""
        book, draft = AnswerBook(), self._draft
        session = self._session_over(key, alone=alone, book=book if self._focus.remedies else None)
        noted: AbstractContextManager[dict[str, Distance]] = noting() if self._focus.distances else nullcontext({})
        with noted as distances:
            found = self._suite.run(session, only, self._focus.first_failure, draft.broke_before)
        self._outcomes.update({outcome.name: outcome for outcome in found})
        for outcome in found:
            # answers to other inputs than those that a known mistake would be asked with are of no use
            own_inputs = key == self._seed_key
            draft.answers[outcome.name] = book.of(session.seed_of(outcome.name)) if own_inputs else None
            self._put_off[outcome.name] = self._suite.put_off.get(outcome.name, ())
        draft.distances = {
            check: distance for check, distance in draft.distances.items() if check.rpartition(":")[0] not in only
        } | distances
        for test, seconds in session.measured.items():
            draft.call_seconds[test] = max(seconds, draft.call_seconds.get(test, 0.0))
        draft.flags += self._suite.flags
        return session.inherited

    def _ask_second(self, of: Collection[str], key: bytes) -> bool:
        """Ask a second student process about those of these tests that failed. Return whether there was one."""
        slow, remedies = self._run.cell_seconds > TWIN_SECONDS, self._focus.remedies
        known = {name: checks for name, checks in self._put_off.items() if name in of}
        second = self._suite.second(self._outcomes, known, twins=remedies and key == self._seed_key and not slow)
        if slow and remedies and self._suite.second(self._outcomes, {}).twins:
            self._draft.notices.append(NO_TWINS.format(seconds=TWIN_SECONDS))
        if not (second.twins or second.carries) or not self._run.begin_again():
            return False
        session = self._session_over(key)
        self._outcomes.update(second.show_twins(session))
        self._outcomes.update(second.carry(session))
        return True
