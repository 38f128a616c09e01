"""The notebooks that validation grades, each with what is known of it."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from autograder.course.bank import Variant, insert_variant, read_bank
from autograder.course.course import Assignment
from autograder.grading.options import Focus
from autograder.records import SubmissionInfo
from autograder.workers.messages import Job
from autograder.workers.pool import Done, WorkerPool

NOTING = Focus(distances=True)
WITH_INPUTS = Focus(distances=True, inputs=True)


@dataclass(frozen=True)
class Case:
    """One notebook of which it is known how it must be graded.

    questions: where a wrong one must lose points. misconceptions: question -> the one that must be recognised there.
    seed: other hidden inputs for another number. answer: what everything returns in one that does nothing. escapes: why
    it may pass by luck. focus: which tests, and what is noted. variant: the code of the personal variant to grade with.
    first: the name of the first draw, where this is a further one of the same notebook.
    """

    kind: Literal["solution", "starter", "right", "wrong", "pair", "mutant", "noop", "refusing", "rewrite"]
    name: str
    notebook: bytes
    questions: tuple[str, ...] = ()
    misconceptions: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    answer: str = ""
    escapes: str = ""
    focus: Focus = NOTING
    variant: str | None = None
    first: str = ""

    @property
    def drawn_from(self) -> str:
        """Return the name that all draws of this notebook share."""
        return self.first or self.name

    def job(self) -> Job:
        # Hidden inputs follow from the notebook's hash; another number here is another draw of them.
        drawn_from = self.notebook if self.seed == 0 else self.notebook + f"\0{self.seed}".encode()
        sha = hashlib.sha256(drawn_from).hexdigest()
        info = SubmissionInfo(subject=self.name, notebook_sha256=sha, variant=self.variant)
        return Job(key=self.name, submission=info, notebook=self.notebook, focus=self.focus)


def cases(
    assignment: Assignment,
    solution: bytes,
    starter: bytes,
    bank: Sequence[Variant] | None = None,
    seeds: int = 1,
    bank_seeds: int = 1,
    draws: int = 0,
) -> list[Case]:
    """Return all notebooks to grade. `solution`, `starter`: nbformat 4 JSON; draws: further hidden inputs for wrong
    variants.

    Raises VariantError.
    """
    variants = read_bank(assignment) if bank is None else bank
    banked = [
        *(_drawn(_case(v.kind, f"{v.kind}_{v.name}", solution, v), draws) for v in variants),
        *(
            _case("pair", f"{first.name} with {second.name}", solution, first, second)
            for first, second in _pairs(assignment, variants)
        ),
    ]
    again = (
        replace(case, name=f"{case.name} seed {s + 1}", first=case.name, seed=s, focus=NOTING)
        for s in range(1, bank_seeds)
        for case in banked
    )
    return [*repeated(solution, starter, seeds), *banked, *again]


def _case(kind: Literal["right", "wrong", "pair"], name: str, solution: bytes, *variants: Variant) -> Case:
    notebook = solution
    for variant in variants:
        notebook = insert_variant(notebook, variant)
    return Case(
        kind,
        name,
        notebook,
        tuple(question for variant in variants for question in variant.questions),
        {q: v.misconception for v in variants if v.misconception and not v.unrecognisable for q in v.questions},
        escapes=variants[0].escapes,
    )


def _drawn(case: Case, draws: int) -> Case:
    if case.kind != "wrong" or not draws:
        return case
    return replace(case, focus=case.focus.model_copy(update={"drawn": case.questions, "draws": draws}))


def _pairs(assignment: Assignment, variants: Sequence[Variant]) -> Iterator[tuple[Variant, Variant]]:
    """Yield, for every two questions that follow each other, a wrong variant of each: the same ones every time."""
    draw = random.Random(assignment.name)
    wrong = [variant for variant in variants if variant.kind == "wrong" and len(variant.questions) == 1]
    of_question = [[v for v in wrong if v.questions == (question.id,)] for question in assignment.questions]
    for earlier, later in pairwise(filter(None, of_question)):
        yield draw.choice(earlier), draw.choice(later)


def repeated(solution: bytes, starter: bytes, seeds: int, threads: int = 1) -> Iterator[Case]:
    """Yield the solution and the starter, each `seeds` times with other hidden inputs. threads: those of the pool."""
    for seed in range(seeds):
        suffix = f" seed {seed + 1}" if seed else ""
        suffix += f" with {threads} threads" if threads > 1 else ""
        # misconceptions are sought in a fork of the worker, which a worker with threads of its own cannot make
        without = {"remedies": threads == 1}
        focus = WITH_INPUTS.model_copy(update=without)
        yield Case("solution", f"solution{suffix}", solution, seed=seed, focus=focus, first="solution")
        yield Case(
            "starter", f"starter{suffix}", starter, seed=seed, focus=NOTING.model_copy(update=without), first="starter"
        )


def run_cases(pool: WorkerPool, wanted: Sequence[Case]) -> Iterator[tuple[Case, Done]]:
    """Grade all cases; in order of completion."""
    by_name = {case.name: case for case in wanted}
    for done in pool.run([case.job() for case in wanted]):
        yield by_name[done.job.key], done
