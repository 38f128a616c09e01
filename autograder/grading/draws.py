"""Is a known mistake caught whatever the hidden inputs are? One question's tests, again and again with other inputs.

The notebook's cells ran once; each draw is a pass of the question's tests over forks of that process, with inputs
drawn for another notebook hash, and ends at its first failure. The tests that failed before go first, so most draws
are one test long.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from autograder.grading.session import GradingSession
from autograder.records import TestOutcome, TestStatus
from autograder.suite.suite import Suite

_WRONG = (TestStatus.FAILED, TestStatus.ERROR, TestStatus.NOT_RUN)


def draw_again(
    suite: Suite,
    session_for: Callable[[str], GradingSession],
    sha256: str,
    outcomes: Sequence[TestOutcome],
    questions: Iterable[str],
    draws: int,
) -> dict[str, tuple[str, ...]]:
    """Return for each question which test failed in each draw, "" where none did. Fewer than `draws`: time ran out.

    session_for: a session whose hidden inputs follow from this hash. outcomes: of the tests as they ran first. A
    question in which a test took too long then is left out: its mistake shows in time, not in answers.
    """
    found = {}
    for question in questions:
        own = [outcome for outcome in outcomes if outcome.question == question]
        if any(outcome.status is TestStatus.TIMEOUT for outcome in own):
            continue
        likely = [outcome.name for outcome in own if outcome.status in _WRONG]
        others = [outcome.name for outcome in own if outcome.status not in _WRONG]
        caught: list[str] = []
        for number in range(1, draws + 1):
            drawn_from = hashlib.sha256(f"{sha256}\0draw {number}".encode()).hexdigest()
            failed = _first_failure(suite, partial(session_for, drawn_from), likely, others)
            if failed is None:
                break
            caught.append(failed)
        found[question] = tuple(caught)
    return found


def _first_failure(
    suite: Suite, session: Callable[[], GradingSession], likely: Sequence[str], others: Sequence[str]
) -> str | None:
    """Return the first test that fails in a fork of its own; "" where none does, None if there is no time left."""
    for tests in (likely, others):
        remaining = list(tests)
        while remaining:
            pass_ = session()
            outcomes = suite.run(pass_, remaining, first_failure=True)
            last = outcomes[-1]
            if last.status is TestStatus.TIMEOUT:
                return None if pass_.blocked(last.question) else last.name
            if last.status is TestStatus.PASSED:
                break
            if last.name not in pass_.inherited:
                return last.name
            # What another test left behind may be why: alone, it has nothing but the notebook's own cells before it.
            alone = suite.run(session(), [last.name])
            if alone[0].status is not TestStatus.PASSED:
                return last.name
            remaining = remaining[remaining.index(last.name) + 1 :]
    return ""
