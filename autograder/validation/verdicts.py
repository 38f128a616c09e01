"""Is this hidden-test suite right? The suite, tested.

The solution, the untouched starter and every variant of the bank are graded by the same workers in the
same sandbox as students' notebooks, each with hidden inputs of its own. The rules:

- the solution and every right variant earn all points of every question that tests grade;
- the starter earns nothing in questions of kind `tests`;
- nor does a blank that does nothing (`autograder.validation.noops`), unless it is listed with a reason;
- a wrong variant loses points in each question its header names and in no other, and leaves no other
  question's test `not_run`: one mistake is paid for once;
- the tests of each question send what the file declares in its `INPUTS`, and blanks that refuse a view lose points
  where one is declared (`autograder.validation.inputs`);
- in further draws of hidden inputs, too, a wrong variant fails a test (`autograder.validation.power`);
- a wrong variant's misconception is recognised in each of these questions, as that one and no other;
- the same holds of two wrong variants of different questions in one notebook;
- no case raises a flag: what honest people hand in must not be suspected;
- every question that tests grade has a test;
- every automatic mutant fails a test of its question, or is reviewed (`autograder.validation.mutant_verdicts`).

The solution and the starter are graded several times, with other hidden inputs each time, and with expected
values computed by one and by several threads; the bank as many times as is asked for. A test that fails for no wrong
variant is named, as a note, and so is one that is never the only test to fail for a variant: they may be worth their
seconds, or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.course.course import Assignment
from autograder.records import InputsMet, TestStatus
from autograder.validation.gaps import passed_by_nobody, without_right_variant
from autograder.validation.gathered import gathered
from autograder.validation.margins import Margin, margins
from autograder.validation.mutant_verdicts import MutantReport
from autograder.validation.noops import Excused, stale
from autograder.validation.personal import Difficulty, difficulties
from autograder.validation.power import Power
from autograder.validation.rewrite_verdicts import Rewrites
from autograder.validation.verdict import GRADED_BY_TESTS, WITH_MISTAKES, Verdict


@dataclass(frozen=True)
class Validation:
    """Hold what became of one assignment's suite. catches: test -> the wrong variants it failed for, which no other
    test of their question has to have missed; mutants, rewrites: None if they were left out."""

    assignment: Assignment
    verdicts: tuple[Verdict, ...]
    problems: tuple[str, ...]  # of the suite as a whole
    catches: Mapping[str, tuple[str, ...]]
    questions: Mapping[str, str]  # test -> question
    margins: tuple[Margin, ...] = ()
    mutants: MutantReport | None = None
    rewrites: Rewrites | None = None

    @property
    def ok(self) -> bool:
        return (
            not self.problems
            and not any(verdict.problems for verdict in self.verdicts)
            and not (self.mutants is not None and self.mutants.problems)
            and not (self.rewrites is not None and self.rewrites.problems)
        )

    @property
    def all_problems(self) -> tuple[tuple[str, str], ...]:
        """Return (what it is about, message) of everything that is off, each message once."""
        return (
            *(("suite", problem) for problem in self.problems),
            *gathered(self.verdicts),
            *(("mutants", problem) for problem in (self.mutants.problems if self.mutants is not None else ())),
            *(("rewrites", problem) for problem in (self.rewrites.problems if self.rewrites is not None else ())),
        )

    @property
    def powers(self) -> tuple[Power, ...]:
        """Return the powers of all wrong variants, the least sure first."""
        found = [power for verdict in self.verdicts for power in verdict.powers]
        return tuple(sorted(found, key=lambda power: power.caught / power.draws if power.draws else 0.0))

    @property
    def inputs(self) -> tuple[InputsMet, ...]:
        """Return what the tests sent to the solution in their first draw, argument by argument."""
        return next((v.inputs for v in self.verdicts if v.case.kind == "solution" and v.inputs), ())

    @property
    def difficulties(self) -> tuple[Difficulty, ...]:
        """Return what each mistake costs in personal questions, with the easiest and the hardest code."""
        return difficulties(self.verdicts)

    @property
    def catch_nothing(self) -> tuple[str, ...]:
        """Tests that failed for no wrong variant, and for no mutant either."""
        by_mutants = {v.killed_by.name for v in self.mutants.verdicts if v.killed_by} if self.mutants else set()
        return tuple(test for test, caught in self.catches.items() if not caught and test not in by_mutants)

    @property
    def catch_nothing_alone(self) -> tuple[str, ...]:
        """Tests without which every wrong variant would still fail a test: never the only one to see a mistake."""
        alone = {tests[0] for tests in self._caught_by.values() if len(tests) == 1}
        return tuple(test for test, caught in self.catches.items() if caught and test not in alone)

    @property
    def without_right_variant(self) -> tuple[str, ...]:
        """Return the questions for which the bank has no other right answer."""
        return without_right_variant(self.assignment, self.verdicts)

    @property
    def passed_by_nobody(self) -> tuple[str, ...]:
        """Return the tests that no variant of their question passed."""
        return tuple(test for test in passed_by_nobody(self.verdicts) if test in self.questions)

    @property
    def _caught_by(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for test, caught in self.catches.items():
            for name in caught:
                found.setdefault(name, []).append(test)
        return found

    def count(self, kind: str) -> int:
        return sum(verdict.case.kind == kind for verdict in self.verdicts)

    def as_json(self) -> dict[str, Any]:
        return {
            "schema_version": 2,
            "assignment": self.assignment.name,
            "ok": self.ok,
            "problems": list(self.problems),
            "cases": [_case_json(verdict) for verdict in self.verdicts],
            "tests": [
                {"name": test, "question": self.questions[test], "catches": list(caught)}
                for test, caught in self.catches.items()
            ],
            "catch_nothing": list(self.catch_nothing),
            "catch_nothing_alone": list(self.catch_nothing_alone),
            "without_right_variant": list(self.without_right_variant),
            "passed_by_nobody": list(self.passed_by_nobody),
            "inputs": [entry.model_dump() for entry in self.inputs],
            "power": [power.as_json() for power in self.powers],
            "personal": [difficulty.as_json() for difficulty in self.difficulties],
            "margins": [margin.as_json() for margin in self.margins],
            "mutants": self.mutants.as_json() if self.mutants is not None else None,
            "rewrites": self.rewrites.as_json() if self.rewrites is not None else None,
        }


def conclude(
    assignment: Assignment,
    verdicts: Sequence[Verdict],
    mutants: MutantReport | None = None,
    excused: Sequence[Excused] = (),
    rewrites: Rewrites | None = None,
) -> Validation:
    """Return all verdicts together: which test caught which variant, and what the suite lacks."""
    ordered = sorted(verdicts, key=lambda verdict: _ORDER.index(verdict.case.kind))
    # Nothing is handed in beside these notebooks, so what tests of artifacts say of them is nothing.
    by_tests = {question.id for question in assignment.questions if question.kind in GRADED_BY_TESTS}
    questions = {test.name: test.question for verdict in ordered for test in verdict.tests if test.question in by_tests}
    catches: dict[str, list[str]] = {test: [] for test in questions}
    for verdict in ordered:
        if verdict.case.kind == "wrong" and verdict.case.seed == 0:
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
        problems=(*problems, *_stale(assignment, ordered, excused)),
        catches={test: tuple(caught) for test, caught in catches.items()},
        questions=questions,
        margins=_margins(assignment, ordered, mutants),
        mutants=mutants,
        rewrites=rewrites,
    )


def _stale(assignment: Assignment, verdicts: Sequence[Verdict], excused: Sequence[Excused]) -> list[str]:
    noops = [verdict for verdict in verdicts if verdict.case.kind == "noop" and verdict.result is not None]
    earned = {
        (question.id, verdict.case.answer): question.score
        for verdict in noops
        if verdict.result is not None
        for question in verdict.result.questions
        if question.id in verdict.case.questions
    }
    return stale(excused, earned, assignment) if noops else []


def _margins(assignment: Assignment, verdicts: Sequence[Verdict], mutants: MutantReport | None) -> tuple[Margin, ...]:
    honest = [(v.case.name, v.distances) for v in verdicts if v.case.kind in ("solution", "right")]
    wrong = [(v.case.name, v.distances) for v in verdicts if v.case.kind in WITH_MISTAKES]
    if mutants is not None:
        wrong += [(v.mutant.name, v.distances) for v in mutants.verdicts]
    order = {test.name: index for verdict in verdicts for index, test in enumerate(verdict.tests)}
    found = margins(honest, wrong)
    return tuple(sorted(found, key=lambda margin: (order.get(margin.test, len(order)), margin.line)))


_ORDER = ("solution", "starter", "noop", "refusing", "right", "wrong", "pair")


def _case_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "kind": verdict.case.kind,
        "name": verdict.case.name,
        "questions": list(verdict.case.questions),
        "problems": list(verdict.problems),
        "scores": {q.id: q.score for q in verdict.result.questions} if verdict.result is not None else {},
        "tests": {test.name: test.status.value for test in verdict.tests},
    }
