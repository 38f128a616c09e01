"""Is this hidden-test suite right? The suite, tested.

The solution, the untouched starter and every variant of the bank are graded by the same workers in the
same sandbox as students' notebooks, each with hidden inputs of its own. The rules:

- the solution and every right variant earn all points of every question that tests grade;
- the starter earns nothing in questions of kind `tests`;
- a wrong variant loses points in each question its header names and in no other, and leaves no other
  question's test `not_run`: one mistake is paid for once;
- no case raises a flag: what honest people hand in must not be suspected;
- every question that tests grade has a test.

A test that fails for no wrong variant is named, as a note: it may be worth its seconds, or not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from autograder.course import Assignment, LatePolicy
from autograder.jobs import Job
from autograder.pool import Done, WorkerPool
from autograder.records import Evidence, Outcome, Result, SubmissionInfo, TestOutcome, TestStatus
from autograder.scoring import score
from autograder.variants import Variant, insert_variant, read_bank

GRADED_BY_TESTS = ("tests", "quiz")


@dataclass(frozen=True)
class Case:
    """One notebook of which it is known how it must be graded. `questions`: where a wrong one must lose points."""

    kind: Literal["solution", "starter", "right", "wrong"]
    name: str
    notebook: bytes
    questions: tuple[str, ...] = ()

    def job(self) -> Job:
        sha = hashlib.sha256(self.notebook).hexdigest()
        return Job(
            key=self.name, submission=SubmissionInfo(subject=self.name, notebook_sha256=sha), notebook=self.notebook
        )


@dataclass(frozen=True)
class Verdict:
    """How one case was graded, and what is wrong with that. No problems: as it must be."""

    case: Case
    evidence: Evidence | None
    result: Result | None
    problems: tuple[str, ...]

    @property
    def tests(self) -> tuple[TestOutcome, ...]:
        return self.evidence.tests if self.evidence is not None else ()


@dataclass(frozen=True)
class Validation:
    """What became of one assignment's suite. `catches`: test -> the wrong variants it failed for."""

    assignment: Assignment
    verdicts: tuple[Verdict, ...]
    problems: tuple[str, ...]  # of the suite as a whole
    catches: Mapping[str, tuple[str, ...]]
    questions: Mapping[str, str]  # test -> question

    @property
    def ok(self) -> bool:
        return not self.problems and not any(verdict.problems for verdict in self.verdicts)

    @property
    def catch_nothing(self) -> tuple[str, ...]:
        return tuple(test for test, caught in self.catches.items() if not caught)

    def as_json(self) -> dict[str, Any]:
        return {
            "schema_version": 1,
            "assignment": self.assignment.name,
            "ok": self.ok,
            "problems": list(self.problems),
            "cases": [_case_json(verdict) for verdict in self.verdicts],
            "tests": [
                {"name": test, "question": self.questions[test], "catches": list(caught)}
                for test, caught in self.catches.items()
            ],
            "catch_nothing": list(self.catch_nothing),
        }


def cases(assignment: Assignment, solution: bytes, starter: bytes, bank: Sequence[Variant] | None = None) -> list[Case]:
    """All notebooks to grade. `solution`, `starter`: nbformat 4 JSON. Raises VariantError."""
    variants = read_bank(assignment) if bank is None else bank
    return [
        Case("solution", "solution", solution),
        Case("starter", "starter", starter),
        *(
            Case(variant.kind, f"{variant.kind}_{variant.name}", insert_variant(solution, variant), variant.questions)
            for variant in variants
        ),
    ]


def run_cases(pool: WorkerPool, wanted: Sequence[Case]) -> Iterator[tuple[Case, Done]]:
    """Grade all cases; in order of completion."""
    by_name = {case.name: case for case in wanted}
    for done in pool.run([case.job() for case in wanted]):
        yield by_name[done.job.key], done


def judge(case: Case, done: Done, assignment: Assignment) -> Verdict:
    """Hold one graded case against what is known of it."""
    evidence = done.graded.evidence if done.graded is not None else None
    if evidence is None or evidence.outcome is not Outcome.GRADED:
        outcome = evidence.outcome.value if evidence is not None else Outcome.NOT_GRADED.value
        return Verdict(case, evidence, None, (f"is {outcome}: {done.reason}",))
    result = score(evidence, assignment, LatePolicy())
    suspected = (f"is honest, and raises a flag: {flag}" for flag in evidence.flags)
    return Verdict(case, evidence, result, (*_problems(case, result, assignment), *suspected))


def _problems(case: Case, result: Result, assignment: Assignment) -> Iterator[str]:
    kinds = {question.id: question.kind for question in assignment.questions}
    for question in result.questions:
        if kinds[question.id] not in GRADED_BY_TESTS or not question.tests:
            continue
        points = f"{question.score:g} of {question.max_score:g}" if question.score is not None else "nothing"
        if case.kind == "starter":
            if kinds[question.id] == "tests" and question.score:
                passed = _names(question.tests, TestStatus.PASSED)
                yield f"{question.id}: expected 0 from an untouched blank, found {points}: {passed} passed"
        elif question.id in case.questions and case.kind == "wrong":
            if question.score == question.max_score:
                yield f"{question.id}: expected to lose points, found {points}: no test caught it"
        elif question.score != question.max_score:
            yield f"{question.id}: expected all points, found {points}: {_failures(question.tests)}"


def _names(tests: Iterable[TestOutcome], status: TestStatus) -> str:
    return ", ".join(test.name for test in tests if test.status is status)


def _failures(tests: Iterable[TestOutcome]) -> str:
    shown = [
        f"{test.name} {test.status.value}" + (f" ({text})" if (text := (test.detail or test.message)[:300]) else "")
        for test in tests
        if test.status is not TestStatus.PASSED
    ]
    return "; ".join(shown)


def conclude(assignment: Assignment, verdicts: Sequence[Verdict]) -> Validation:
    """All verdicts together: which test caught which variant, and what the suite lacks."""
    ordered = sorted(verdicts, key=lambda verdict: _ORDER.index(verdict.case.kind))
    # Nothing is handed in beside these notebooks, so what tests of artifacts say of them is nothing.
    by_tests = {question.id for question in assignment.questions if question.kind in GRADED_BY_TESTS}
    questions = {test.name: test.question for verdict in ordered for test in verdict.tests if test.question in by_tests}
    catches: dict[str, list[str]] = {test: [] for test in questions}
    for verdict in ordered:
        if verdict.case.kind == "wrong":
            for test in verdict.tests:
                if test.name in catches and test.status is not TestStatus.PASSED:
                    catches[test.name].append(verdict.case.name)
    problems = [
        f"{question.id}: has {question.points:g} points and no hidden test"
        for question in assignment.questions
        if questions and question.kind in GRADED_BY_TESTS and question.id not in questions.values()
    ]
    return Validation(
        assignment=assignment,
        verdicts=tuple(ordered),
        problems=tuple(problems),
        catches={test: tuple(caught) for test, caught in catches.items()},
        questions=questions,
    )


_ORDER = ("solution", "starter", "right", "wrong")


def _case_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "kind": verdict.case.kind,
        "name": verdict.case.name,
        "questions": list(verdict.case.questions),
        "problems": list(verdict.problems),
        "scores": {q.id: q.score for q in verdict.result.questions} if verdict.result is not None else {},
        "tests": {test.name: test.status.value for test in verdict.tests},
    }
