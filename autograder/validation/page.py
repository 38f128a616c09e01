"""The page of `autograder validate`: which hidden test caught which wrong variant, what became of the automatic
mutants, and how much room each numeric check leaves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from autograder.pages.templates import render
from autograder.records import TestOutcome, TestStatus
from autograder.validation.margins import NARROW, Margin
from autograder.validation.mutant_verdicts import MutantReport
from autograder.validation.personal import without_codes
from autograder.validation.power import Power
from autograder.validation.verdict import Verdict
from autograder.validation.verdicts import Validation


@dataclass(frozen=True)
class Mark:
    """Say how one test ended on one wrong variant."""

    sign: str
    style: str
    words: str


_MARKS = {
    TestStatus.PASSED: Mark("·", "passed-by", "passed"),
    TestStatus.FAILED: Mark("●", "good", "failed"),
    TestStatus.ERROR: Mark("▲", "good", "error"),
    TestStatus.TIMEOUT: Mark("◆", "good", "timeout"),
    TestStatus.NOT_RUN: Mark("○", "bad", "not run"),
}


@dataclass(frozen=True)
class MatrixRow:
    """One test against all wrong variants. opens: it is the first of its question; a mark is None if it did
    not run at all."""

    question: str
    opens: bool
    test: str
    caught: int
    marks: tuple[Mark | None, ...]


@dataclass(frozen=True)
class Survivor:
    """A mutant that no test caught; `reason` where a person listed it as equivalent."""

    question: str
    line: int
    operator: str
    reason: str
    diff: str


@dataclass(frozen=True)
class MutantsView:
    questions: tuple[tuple[str, int, int], ...]  # question, made, caught
    survivors: tuple[Survivor, ...]


@dataclass(frozen=True)
class MarginRow:
    """A numeric check's room, in words."""

    test: str
    line: int
    narrow: bool
    honest: str
    honest_error: str
    honest_by: str
    wrong: str
    wrong_error: str
    wrong_by: str
    ratio: str


@dataclass(frozen=True)
class PowerRow:
    """In how many draws of hidden inputs a wrong variant was caught, and by which tests."""

    variant: str
    question: str
    caught: str
    sure: bool
    by: str
    reason: str


@dataclass(frozen=True)
class CaseRow:
    kind: str
    name: str
    questions: str
    points: str
    off: bool


@dataclass(frozen=True)
class ValidationView:
    """Everything the page shows."""

    name: str
    ok: bool
    counts: str
    catch_nothing: tuple[str, ...]
    catch_nothing_alone: tuple[str, ...]
    without_right_variant: tuple[str, ...]
    passed_by_nobody: tuple[str, ...]
    problems: tuple[tuple[str, str], ...]
    variants: tuple[str, ...]
    matrix: tuple[MatrixRow, ...]
    powers: tuple[PowerRow, ...]
    mutants: MutantsView | None
    margins: tuple[MarginRow, ...]
    narrow: str
    cases: tuple[CaseRow, ...]


def render_kill_matrix(validation: Validation) -> str:
    """Return one self-contained HTML document."""
    return render("validation.html", sheets=("validation.css",), view=validation_view(validation))


def validation_view(validation: Validation) -> ValidationView:
    """Return what the page of one validation shows."""
    every = [verdict for verdict in validation.verdicts if verdict.case.kind == "wrong"]
    wrong = [verdict for verdict in every if not verdict.case.variant]  # how codes differ is told elsewhere
    with_codes = f", {len(every) - len(wrong)} times more with personal codes" if len(every) > len(wrong) else ""
    mutants = f", {_rates(validation.mutants)}" if validation.mutants is not None else ""
    return ValidationView(
        name=validation.assignment.name,
        ok=validation.ok,
        counts=f"{len(validation.catches)} tests, {validation.count('right')} right and "
        f"{len(wrong)} wrong variants{with_codes}{mutants}",
        catch_nothing=tuple(validation.catch_nothing),
        catch_nothing_alone=tuple(validation.catch_nothing_alone),
        without_right_variant=validation.without_right_variant,
        passed_by_nobody=validation.passed_by_nobody,
        problems=tuple(validation.all_problems),
        variants=tuple(verdict.case.name.removeprefix("wrong_") for verdict in wrong),
        matrix=tuple(_matrix(validation, [{test.name: test for test in verdict.tests} for verdict in wrong])),
        powers=tuple(map(_power, validation.powers)),
        mutants=_mutants(validation.mutants) if validation.mutants is not None else None,
        margins=tuple(map(_margin, validation.margins)),
        narrow=f"{NARROW:g}",
        cases=tuple(map(_case, validation.verdicts)),
    )


def _matrix(validation: Validation, outcomes: list[dict[str, TestOutcome]]) -> Iterator[MatrixRow]:
    question = ""
    for test, caught in validation.catches.items():
        opens, question = validation.questions[test] != question, validation.questions[test]
        marks = tuple(_MARKS[found[test].status] if test in found else None for found in outcomes)
        yield MatrixRow(question, opens, test, len(without_codes(caught)), marks)


def _power(power: Power) -> PowerRow:
    by = ", ".join(f"{test} {count}" for test, count in power.by.items())
    caught = f"{power.caught} of {power.draws}"
    return PowerRow(power.variant.removeprefix("wrong_"), power.question, caught, power.sure, by, power.reason)


def _case(verdict: Verdict) -> CaseRow:
    questions = verdict.result.questions if verdict.result is not None else ()
    points = " ".join(f"{q.id} {q.score:g}/{q.max_score:g}" for q in questions if q.score is not None)
    case = verdict.case
    return CaseRow(case.kind, case.name, ", ".join(case.questions), points, bool(verdict.problems))


def _rates(report: MutantReport) -> str:
    return (
        f"{len(report.verdicts)} automatic mutants, {report.killed} of them caught ({report.raw_rate:.1%}), "
        f"{len(report.reviewed)} listed as equivalent, {report.rate:.1%} of the others caught"
    )


def _mutants(report: MutantReport) -> MutantsView:
    made: dict[str, list[bool]] = {}
    for verdict in report.verdicts:
        made.setdefault(verdict.mutant.question, []).append(verdict.killed_by is not None)
    return MutantsView(
        questions=tuple((question, len(killed), sum(killed)) for question, killed in made.items()),
        survivors=tuple(
            Survivor(mutant.question, mutant.line, mutant.operator, report.reviewed.get(mutant.id, ""), mutant.diff)
            for mutant in report.survivors
        ),
    )


def _margin(margin: Margin) -> MarginRow:
    return MarginRow(
        test=margin.test,
        line=margin.line,
        narrow=margin.narrow,
        honest=_number(margin.honest),
        honest_error=_number(margin.honest_error),
        honest_by=margin.honest_by or "–",
        wrong=_number(margin.wrong),
        wrong_error=_number(margin.wrong_error),
        wrong_by=margin.wrong_by or "–",
        ratio=_number(margin.ratio),
    )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2g}"
