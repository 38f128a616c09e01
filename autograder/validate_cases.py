"""The notebooks that validation grades, each with what is known of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from autograder.course import Assignment
from autograder.focus import Focus
from autograder.jobs import Job
from autograder.pool import Done, WorkerPool
from autograder.records import SubmissionInfo
from autograder.variants import Variant, insert_variant, read_bank

NOTING = Focus(distances=True)


@dataclass(frozen=True)
class Case:
    """One notebook of which it is known how it must be graded.

    questions: where a wrong one must lose points. misconception: the one that must be recognised there. seed: other
    hidden inputs for another number. focus: which tests, and what is noted.
    """

    kind: Literal["solution", "starter", "right", "wrong", "mutant"]
    name: str
    notebook: bytes
    questions: tuple[str, ...] = ()
    misconception: str = ""
    seed: int = 0
    focus: Focus = NOTING

    def job(self) -> Job:
        # Hidden inputs follow from the notebook's hash; another number here is another draw of them.
        drawn_from = self.notebook if self.seed == 0 else self.notebook + f"\0{self.seed}".encode()
        sha = hashlib.sha256(drawn_from).hexdigest()
        info = SubmissionInfo(subject=self.name, notebook_sha256=sha)
        return Job(key=self.name, submission=info, notebook=self.notebook, focus=self.focus)


def cases(
    assignment: Assignment,
    solution: bytes,
    starter: bytes,
    bank: Sequence[Variant] | None = None,
    seeds: int = 1,
) -> list[Case]:
    """All notebooks to grade. `solution`, `starter`: nbformat 4 JSON. Raises VariantError."""
    variants = read_bank(assignment) if bank is None else bank
    return [
        *repeated(solution, starter, seeds),
        *(
            Case(
                variant.kind,
                f"{variant.kind}_{variant.name}",
                insert_variant(solution, variant),
                variant.questions,
                variant.misconception,
            )
            for variant in variants
        ),
    ]


def repeated(solution: bytes, starter: bytes, seeds: int, threads: int = 1) -> Iterator[Case]:
    """The solution and the starter, each `seeds` times with other hidden inputs. threads: those of the pool."""
    for seed in range(seeds):
        with_threads = f"with {threads} threads" if threads > 1 else ""
        suffix = " ".join(filter(None, ["", f"seed {seed + 1}" if seed else "", with_threads]))
        # misconceptions are sought in a fork of the worker, which a worker with threads of its own cannot make
        focus = NOTING if threads == 1 else NOTING.model_copy(update={"remedies": False})
        yield Case("solution", f"solution{suffix}", solution, seed=seed, focus=focus)
        yield Case("starter", f"starter{suffix}", starter, seed=seed, focus=focus)


def run_cases(pool: WorkerPool, wanted: Sequence[Case]) -> Iterator[tuple[Case, Done]]:
    """Grade all cases; in order of completion."""
    by_name = {case.name: case for case in wanted}
    for done in pool.run([case.job() for case in wanted]):
        yield by_name[done.job.key], done
