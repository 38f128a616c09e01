"""Validation of one assignment from end to end: its cases, its mutants, and what they say of the hidden tests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from autograder.course.bank import read_bank
from autograder.course.call_times import write_call_times
from autograder.course.course import Assignment, Course
from autograder.course.secret import course_secret
from autograder.course.variant_table import read_variant_table
from autograder.files import write_whole
from autograder.release.starter import read_master, solution_notebook, starter_notebook
from autograder.reports.viva_values import checked_viva
from autograder.validation.cases import Case, cases, repeated, run_cases
from autograder.validation.equivalents import read_equivalents
from autograder.validation.examples import example_calls, examples_case, with_examples
from autograder.validation.inputs import refusing_cases
from autograder.validation.mutant_verdicts import MutantReport, review, run_mutants
from autograder.validation.mutants import make_mutants
from autograder.validation.noops import noop_cases, read_excused
from autograder.validation.page import render_kill_matrix
from autograder.validation.personal import codes_to_try, personal_cases
from autograder.validation.rewrite_verdicts import Rewrites, judge_rewrites, rewrite_cases
from autograder.validation.variations import variation_cases
from autograder.validation.verdict import Verdict, judge
from autograder.validation.verdicts import Validation, conclude
from autograder.workers.pool import WorkerPool, setup_for

T = TypeVar("T")


class Told(Protocol):
    """Yields the items, and tells somebody how many of `total` there have been."""

    def __call__(self, items: Iterable[T], total: int, about: str) -> Iterator[T]: ...


@dataclass(frozen=True)
class Extent:
    """Hold what to validate, as the options of the command say. threads: of the side that computes what is expected;
    codes: how many personal ones are tried beside those of the course's table."""

    jobs: int
    backend: str
    seeds: int
    bank_seeds: int
    codes: int
    threads: tuple[int, ...]
    draws: int
    bank: bool
    mutants: bool
    rewrites: bool
    update_timings: bool


def validate(course: Course, path: Path, assignment: Assignment, wanted: Extent, told: Told) -> Validation:
    """Grade everything of which it is known how it must be graded, and judge what came out.

    path: of course.yaml. told: passes on what it is given, and says how far it is. Raises ReleaseError, VariantError,
    CourseError, WorkerSetupError, VariantTableError or SecretError where the assignment cannot be validated.
    """
    checked_viva(assignment)
    setup = setup_for(path.resolve(), assignment.name, wanted.backend, course_secret(course.root))
    verdicts: list[Verdict] = []
    mutants: MutantReport | None = None
    rewrites: Rewrites | None = None

    def grade(pool: WorkerPool, some: Sequence[Case]) -> None:
        for case, done in told(run_cases(pool, some), len(some), f"{assignment.name}, notebooks"):
            verdicts.append(judge(case, done, assignment, excused))
            if wanted.update_timings and case.name == "solution" and done.graded is not None:
                write_call_times(assignment.solution_dir, done.graded.call_seconds)

    with WorkerPool(setup, assignment.limits, workers=wanted.jobs) as pool:  # starts while the notebooks are made
        master = read_master(assignment)
        solution, starter = solution_notebook(master), starter_notebook(master)
        listed, excused = read_equivalents(assignment), read_excused(assignment)
        grade(
            pool,
            cases(
                assignment,
                solution,
                starter,
                bank=None if wanted.bank else [],
                seeds=wanted.seeds,
                bank_seeds=wanted.bank_seeds,
                draws=wanted.draws,
            ),
        )
        if wanted.bank:
            grade(pool, list(noop_cases(master, solution)))
            sent = next((verdict.inputs for verdict in verdicts if verdict.inputs), ())
            grade(pool, [*refusing_cases(master, solution, sent), *variation_cases(master, solution)])
        questions = dict.fromkeys(test.question for verdict in verdicts for test in verdict.tests if test.personal)
        if questions and wanted.bank:
            table = read_variant_table(course.root)
            codes = codes_to_try(
                (row.code for row in table.rows if row.kind != "retired") if table else (),
                assignment.name,
                wanted.codes,
            )
            grade(pool, personal_cases(solution, read_bank(assignment), list(questions), codes))
        if calls := example_calls(verdicts):
            for case, done in run_cases(pool, [examples_case(solution, calls)]):
                verdicts.append(with_examples(judge(case, done, assignment), calls, solution))
        if wanted.mutants:
            made = make_mutants(master)
            graded = list(told(run_mutants(pool, solution, made), len(made), f"{assignment.name}, mutants"))
            mutants = review(assignment, graded, listed)
        if wanted.rewrites:
            forms = list(rewrite_cases(master, solution, read_bank(assignment) if wanted.bank else ()))
            rewrites = judge_rewrites(told(run_cases(pool, forms), len(forms), f"{assignment.name}, rewrites"))
    for threads in wanted.threads:
        if threads > 1:
            with WorkerPool(setup.model_copy(update={"threads": threads}), assignment.limits, workers=1) as pool:
                grade(pool, list(repeated(solution, starter, wanted.seeds, threads)))
    return conclude(assignment, verdicts, mutants, excused, rewrites)


def write_validation(validation: Validation, output: Path) -> None:
    """Write `validate.json` and `validate.html` into the assignment's folder below `output`."""
    folder = output / validation.assignment.name
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(validation.as_json(), ensure_ascii=False, indent=1) + "\n"
    write_whole(folder / "validate.json", text.encode())
    write_whole(folder / "validate.html", render_kill_matrix(validation).encode())
