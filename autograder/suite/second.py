"""What is found out in a second student process, once all tests have run.

Two things must not happen near a hidden input. A *public twin* shows in full what student code gives; forks of one
student process can pass values to each other (a pipe made in a cell, a mapped file), so a twin in a fork of a process
that has seen hidden inputs could show those. And an *error carried forward* is judged by the student's earlier
functions, which must not have seen what the later one was asked or answered. So both wait until the tests are over, and
run in forks of a student process that has run the cells and nothing else: twins first, as the other shows them inputs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from autograder.records import TestOutcome, TestStatus, TwinOutcome
from autograder.sandbox.interface import ChannelClosed, ChannelTimeout, SandboxFault
from autograder.suite.outcomes import not_carried
from autograder.suite.prerequisites import earlier_questions
from autograder.testing.carry import NotCarried, PutOff
from autograder.testing.kinds import Mismatch
from autograder.testing.questions import TestInfo
from autograder.testing.session import TestSession
from autograder.testing.twins import run_twin


class Second:
    """Hold what is left to find out about the outcomes of one submission.

    put_off: test -> checks that wait. twins: whether public twins are wanted. `carries`, `twins`: the tests concerned.
    """

    def __init__(
        self,
        tests: Sequence[TestInfo],
        builds_on: Mapping[str, Collection[str]],
        outcomes: Mapping[str, TestOutcome],
        put_off: Mapping[str, Sequence[PutOff]],
        *,
        twins: bool,
    ) -> None:
        self._infos = {info.name: info for info in tests}
        self._outcomes = dict(outcomes)
        wrong = {outcome.question for outcome in outcomes.values() if outcome.status is not TestStatus.PASSED}
        self.carries = {
            name: checks
            for name, checks in put_off.items()
            if checks and name in outcomes and earlier_questions(self._infos[name], builds_on) & wrong
        }
        self.twins = [
            name
            for name, outcome in outcomes.items()
            if twins
            and self._infos[name].twin is not None
            and outcome.status not in (TestStatus.PASSED, TestStatus.TIMEOUT)
        ]

    def show_twins(self, session: TestSession) -> dict[str, TestOutcome]:
        """Return the outcomes that have a public twin now. Before `carry`."""
        for name in self.twins:
            self._outcomes[name] = _with_twin(self._outcomes[name], self._infos[name], session)
        return {name: self._outcomes[name] for name in self.twins}

    def carry(self, session: TestSession) -> dict[str, TestOutcome]:
        """Return the outcomes of the tests that waited for what the student's earlier functions give."""
        return {name: self._carried(name, checks, session) for name, checks in self.carries.items()}

    def _carried(self, name: str, checks: Sequence[PutOff], session: TestSession) -> TestOutcome:
        outcome = self._outcomes[name]
        try:
            for check in checks:
                check.judge(session, outcome.question, name)
        except NotCarried as reason:
            return not_carried(outcome, reason)
        except SandboxFault:
            raise
        except Mismatch:
            return outcome
        except (ChannelClosed, ChannelTimeout) as error:
            return _noted(outcome, f"(no error was carried forward: {error})")
        except Exception as error:  # noqa: BLE001 - a formula is the author's; its failure carries nothing
            return _noted(outcome, f"(no error was carried forward: {type(error).__name__}: {error})")
        passed = {"status": TestStatus.PASSED, "carried_forward": True, "message": "", "detail": "", "twin": None}
        return outcome.model_copy(update=passed)


def _with_twin(outcome: TestOutcome, info: TestInfo, session: TestSession) -> TestOutcome:
    twin: TwinOutcome | None = None
    try:
        twin = run_twin(info.twin, session, info.question, info.name) if info.twin is not None else None
    except SandboxFault:
        raise
    except (ChannelClosed, ChannelTimeout) as error:
        return _noted(outcome, f"(the public twin did not run: {error})")
    except Exception as error:  # noqa: BLE001 - a twin is the author's; its failure must not cost the outcome
        return _noted(outcome, f"(the public twin failed: {type(error).__name__}: {error})")
    return outcome.model_copy(update={"twin": twin})


def _noted(outcome: TestOutcome, text: str) -> TestOutcome:
    return outcome.model_copy(update={"detail": f"{outcome.detail}\n{text}".strip()})
