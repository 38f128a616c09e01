"""How one case was graded, and what is wrong with that: the verdict on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.course.course import Assignment, LatePolicy
from autograder.records import Distance, Evidence, InputsMet, Outcome, Result, TestOutcome, TestStatus
from autograder.scoring.score import score
from autograder.validation.cases import Case
from autograder.validation.inputs import unmet_inputs
from autograder.validation.noops import Excused, excused_path
from autograder.validation.power import Power, lucky, powers
from autograder.workers.pool import Done

GRADED_BY_TESTS = ("tests", "quiz")
WITH_MISTAKES = ("wrong", "pair")


@dataclass(frozen=True)
class Verdict:
    """Say how one case was graded, and what is wrong with that. No problems: as it must be."""

    case: Case
    evidence: Evidence | None
    result: Result | None
    problems: tuple[str, ...]
    distances: Mapping[str, Distance] = field(default_factory=dict)
    powers: tuple[Power, ...] = ()
    inputs: tuple[InputsMet, ...] = ()

    @property
    def tests(self) -> tuple[TestOutcome, ...]:
        return self.evidence.tests if self.evidence is not None else ()


def judge(case: Case, done: Done, assignment: Assignment, excused: Sequence[Excused] = ()) -> Verdict:
    """Hold one graded case against what is known of it. excused: of blanks that do nothing."""
    evidence = done.graded.evidence if done.graded is not None else None
    if evidence is None or evidence.outcome is not Outcome.GRADED:
        outcome = evidence.outcome.value if evidence is not None else Outcome.NOT_GRADED.value
        return Verdict(case, evidence, None, (f"is {outcome}: {done.reason}",))
    assert done.graded is not None
    if case.variant is not None and evidence.variant is not None:  # points are what is asked for here, not identity
        evidence = evidence.model_copy(update={"variant": evidence.variant.model_copy(update={"agrees": True})})
    result = score(evidence, assignment, LatePolicy())
    found = tuple(powers(case, done.graded.draws))
    problems = (
        *_problems(case, result, assignment, excused),
        *(message for power in found if (message := lucky(power, case.focus.draws))),
        *unmet_inputs(done.graded.inputs, assignment.hidden_tests_path),
        *_misconceptions(case, evidence, done.graded.alike),
        *(f"is honest, and raises a flag: {flag}" for flag in evidence.flags if not _of_variant(case, flag)),
    )
    return Verdict(case, evidence, result, problems, done.graded.distances, found, done.graded.inputs)


def _of_variant(case: Case, flag: str) -> bool:
    """Return whether a flag only says that the solution's notebook holds the master's code, and not the case's."""
    return case.variant is not None and flag.startswith("personal variant:")


def _problems(case: Case, result: Result, assignment: Assignment, excused: Sequence[Excused]) -> Iterator[str]:
    kinds = {question.id: question.kind for question in assignment.questions}
    for question in result.questions:
        if kinds[question.id] not in GRADED_BY_TESTS or not question.tests:
            continue
        points = f"{question.score:g} of {question.max_score:g}" if question.score is not None else "nothing"
        if case.kind == "starter":
            if kinds[question.id] == "tests" and question.score:
                passed = _names(question.tests, TestStatus.PASSED)
                yield f"{question.id}: expected 0 from an untouched blank, found {points}: {passed} passed"
        elif case.kind == "noop":
            listed = any((entry.question, entry.answer) == (question.id, case.answer) for entry in excused)
            if question.score and not listed:
                passed = _names(question.tests, TestStatus.PASSED)
                yield (
                    f"{question.id}: expected 0 from a blank that does nothing (it returns {case.answer}), found "
                    f"{points}: {passed} passed; mark what only forbids with forbids=True, choose inputs for which "
                    f"this answer is wrong, or list it with a reason in {excused_path(assignment)}"
                )
        elif case.kind == "refusing":
            if question.id in case.questions and question.score == question.max_score:
                yield (
                    f"{question.id}: expected a blank that refuses views to lose points, found {points}: send an "
                    "argument that is transposed, sliced or expanded to the function itself"
                )
        elif question.id in case.questions and case.kind in WITH_MISTAKES:
            if question.score == question.max_score:
                yield f"{question.id}: expected to lose points, found {points}: no test caught it"
        elif question.score != question.max_score:
            yield f"{question.id}: expected all points, found {points}: {_failures(question.tests)}"


def _misconceptions(case: Case, evidence: Evidence, alike: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Yield what was recognised, held against what must be."""
    recognised = {found.question: found.id for found in evidence.misconceptions}
    expected = case.misconceptions
    failed = {test.question for test in evidence.tests if test.status is not TestStatus.PASSED}
    for question in sorted({*recognised, *expected} & failed if case.focus.remedies else ()):
        found = recognised.get(question)
        if found != expected.get(question):
            yield (
                f"{question}: expected the misconception {expected.get(question, 'none')} to be recognised, found "
                f"{found or 'none'}: {_why_not(alike.get(question))}"
            )


def _why_not(alike: tuple[str, ...] | None) -> str:
    if alike is None:
        return "the search for it took too long, or the answers are not known to the end (a time-out, a crash)"
    if not alike:
        return "no variant gives these answers, so this one does not give the same answers twice"
    return (
        f"these variants all give its answers to every test: {', '.join(alike)}; write a test that tells them apart, "
        "or give them one misconception and sentence"
    )


def _names(tests: Iterable[TestOutcome], status: TestStatus) -> str:
    return ", ".join(test.name for test in tests if test.status is status)


def _failures(tests: Iterable[TestOutcome]) -> str:
    shown = [
        f"{test.name} {test.status.value}" + (f" ({text})" if (text := (test.detail or test.message)[:300]) else "")
        for test in tests
        if test.status is not TestStatus.PASSED
    ]
    return "; ".join(shown)
