"""Do the hidden tests notice small mistakes that nobody thought of? Every automatic mutant must fail a test.

A mutant is graded like a submission, in the same sandbox, with hidden inputs of its own, by the tests of its own
question only, up to the first that it fails: one mistake must be caught where it is made. What survives is either
caught by a better test, or listed with the reason why it is no mistake (`autograder.validation.equivalents`); at most
one mutant in ten may be so listed. A mutant that hangs ends at the limit of a call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.course.course import Assignment
from autograder.grading.options import Focus
from autograder.records import Distance, Outcome, TestOutcome, TestStatus
from autograder.validation.cases import Case
from autograder.validation.equivalents import Equivalent, equivalents_path, stale
from autograder.validation.mutants import Mutant, insert_mutant
from autograder.workers.pool import Done, WorkerPool

MOST_LISTED = 10  # at most one mutant in ten may be listed as equivalent


@dataclass(frozen=True)
class MutantVerdict:
    """Hold what became of one mutant. killed_by: the outcome it did not survive; problem: it could not be graded."""

    mutant: Mutant
    killed_by: TestOutcome | None = None
    problem: str = ""
    distances: Mapping[str, Distance] = field(default_factory=dict)


@dataclass(frozen=True)
class MutantReport:
    """All mutants of an assignment. reviewed: id of a survivor -> why it is equivalent."""

    verdicts: tuple[MutantVerdict, ...]
    reviewed: Mapping[str, str]
    problems: tuple[str, ...]

    @property
    def survivors(self) -> tuple[Mutant, ...]:
        return tuple(v.mutant for v in self.verdicts if v.killed_by is None and not v.problem)

    @property
    def alive(self) -> tuple[Mutant, ...]:
        """Return the survivors that nobody has found to be equivalent."""
        return tuple(mutant for mutant in self.survivors if mutant.id not in self.reviewed)

    @property
    def killed(self) -> int:
        return sum(verdict.killed_by is not None for verdict in self.verdicts)

    @property
    def timeouts(self) -> int:
        """Mutants that hung, and ended at the limit of a call."""
        return sum(v.killed_by is not None and v.killed_by.status is TestStatus.TIMEOUT for v in self.verdicts)

    @property
    def raw_rate(self) -> float:
        """Return the share of all mutants that a test caught, before any review."""
        return self.killed / len(self.verdicts) if self.verdicts else 1.0

    @property
    def rate(self) -> float:
        """Return the share caught among those that are not listed as equivalent."""
        meant = len(self.verdicts) - len(self.reviewed)
        return self.killed / meant if meant else 1.0

    def as_json(self) -> dict[str, Any]:
        return {
            "made": len(self.verdicts),
            "killed": self.killed,
            "raw_rate": round(self.raw_rate, 4),
            "equivalent": len(self.reviewed),
            "rate": round(self.rate, 4),
            "timeouts": self.timeouts,
            "killed_by": {v.mutant.id: v.killed_by.name for v in self.verdicts if v.killed_by is not None},
            "survivors": [
                {
                    "id": mutant.id,
                    "question": mutant.question,
                    "line": mutant.line,
                    "operator": mutant.operator,
                    "before": mutant.before,
                    "after": mutant.after,
                    "diff": mutant.diff,
                    "reason": self.reviewed.get(mutant.id, ""),
                }
                for mutant in self.survivors
            ],
        }


def run_mutants(pool: WorkerPool, solution: bytes, mutants: Sequence[Mutant]) -> Iterator[MutantVerdict]:
    """Grade all mutants of a solution notebook; in order of completion."""
    by_name = {mutant.name: mutant for mutant in mutants}
    jobs = (mutant_case(solution, mutant).job() for mutant in mutants)
    for done in pool.run(jobs):
        yield judge_mutant(by_name[done.job.key], done)


def mutant_case(solution: bytes, mutant: Mutant) -> Case:
    focus = Focus(questions=(mutant.question,), first_failure=True, distances=True, remedies=False)
    return Case("mutant", mutant.name, insert_mutant(solution, mutant), (mutant.question,), focus=focus)


def judge_mutant(mutant: Mutant, done: Done) -> MutantVerdict:
    evidence = done.graded.evidence if done.graded is not None else None
    if done.graded is None or evidence is None or evidence.outcome is not Outcome.GRADED:
        return MutantVerdict(mutant, problem=f"{mutant.name}: could not be graded: {done.reason}")
    failed = [test for test in evidence.tests if test.status is not TestStatus.PASSED]
    return MutantVerdict(mutant, failed[0] if failed else None, distances=done.graded.distances)


def review(assignment: Assignment, verdicts: Sequence[MutantVerdict], listed: Sequence[Equivalent]) -> MutantReport:
    """Hold what survived against the reviewed list."""
    ordered = sorted(verdicts, key=lambda verdict: (verdict.mutant.line, verdict.mutant.id))
    path = equivalents_path(assignment)
    problems = [verdict.problem for verdict in ordered if verdict.problem]
    problems += stale(listed, [verdict.mutant for verdict in ordered], assignment)
    reviewed: dict[str, str] = {}
    for verdict in ordered:
        entry = next((entry for entry in listed if entry.fits(verdict.mutant)), None)
        if entry is None:
            continue
        if verdict.killed_by is None:
            reviewed[verdict.mutant.id] = entry.reason
        else:
            problems.append(
                f"{path}:{entry.line}: found a mutant that {verdict.killed_by.name} catches, expected one that no test "
                "can catch; remove the entry"
            )
    if len(reviewed) * MOST_LISTED > len(ordered):
        problems.append(
            f"{path}: found {len(reviewed)} of {len(ordered)} mutants listed as equivalent, expected at most one in "
            f"{MOST_LISTED}"
        )
    report = MutantReport(tuple(ordered), reviewed, tuple(dict.fromkeys(problems)))
    if report.alive:
        survived = f"{len(report.alive)} of {len(ordered)} mutants survive the tests of their question"
        problems.append(f"{survived}: strengthen a test, or list them with a reason in {path}")
    return MutantReport(tuple(ordered), reviewed, tuple(dict.fromkeys(problems)))
