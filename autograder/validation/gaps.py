"""What a bank leaves unproven: it has no other right answer, or its answers never pass a test.

These are warnings. A test that refuses everything but the reference passes every other check of validation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autograder.course.course import Assignment
from autograder.records import TestStatus
from autograder.validation.verdict import Verdict

_OF_BANK = ("right", "wrong")
_ONLY_WITH_BANK = (*_OF_BANK, "noop")  # such cases are graded only where the bank is


def without_right_variant(assignment: Assignment, verdicts: Iterable[Verdict]) -> tuple[str, ...]:
    """Return the questions graded by tests for which the bank has no right variant; none where the bank was left
    out.
    """
    cases = [verdict.case for verdict in verdicts]
    if not any(case.kind in _ONLY_WITH_BANK for case in cases):
        return ()
    right = {question for case in cases if case.kind == "right" for question in case.questions}
    return tuple(q.id for q in assignment.questions if q.kind == "tests" and q.id not in right)


def passed_by_nobody(verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    """Return the tests that no variant of their question passed, of questions for which there are at least two.

    With one variant alone, which is wrong as a rule, it says nothing about the test.
    """
    met: dict[str, set[str]] = {}
    passed: set[str] = set()
    for verdict in verdicts:
        if verdict.case.kind not in _OF_BANK:
            continue
        for test in verdict.tests:
            if test.question in verdict.case.questions:
                met.setdefault(test.name, set()).add(verdict.case.drawn_from)
                if test.status is TestStatus.PASSED:
                    passed.add(test.name)
    return tuple(test for test, variants in met.items() if len(variants) > 1 and test not in passed)
