"""Does a mistake keep its name however it is written, and does right code never get one?

Every variant of the bank and every blank of the solution is written again in other words
(`autograder.validation.rewrites`) and graded by the tests of its question, with the search for misconceptions. What
becomes of a form:

- kept: a wrong one fails and has the name of its variant;
- lost: it fails and has no name, so its student reads less than is known;
- misnamed: it has another name, or a right one has any: its student reads what is not so;
- cured: a wrong one passes, because other words change what it computes;
- refused: a right one loses points, because a test is too strict or the other words are wrong themselves.

Misnamed forms are off. The others are counted and listed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from autograder.course.bank import Variant, insert_variant
from autograder.course.course import question_of
from autograder.grading.options import Focus
from autograder.records import Outcome, TestStatus
from autograder.release.markers import solved
from autograder.release.master import Master
from autograder.validation.cases import Case
from autograder.validation.mutants import with_cells
from autograder.validation.rewrites import rewritten
from autograder.workers.pool import Done

Fate = Literal["kept", "lost", "misnamed", "cured", "refused", "accepted", "not graded"]
LISTED: tuple[Fate, ...] = ("misnamed", "lost", "refused", "cured", "not graded")


@dataclass(frozen=True)
class Form:
    """One variant, or one blank of the solution, in other words. why: what was found instead of what was expected."""

    name: str
    question: str
    fate: Fate
    why: str = ""


@dataclass(frozen=True)
class Rewrites:
    """All forms of an assignment."""

    forms: tuple[Form, ...]

    @property
    def counts(self) -> Counter[str]:
        return Counter(form.fate for form in self.forms)

    @property
    def listed(self) -> tuple[Form, ...]:
        """Return what deserves a look, the worst first."""
        return tuple(sorted((f for f in self.forms if f.fate in LISTED), key=lambda f: LISTED.index(f.fate)))

    @property
    def problems(self) -> tuple[str, ...]:
        return tuple(
            f"{form.name}: {form.question}: {form.why}"
            for form in self.forms
            if form.fate in ("misnamed", "not graded")
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "counts": dict(self.counts),
            "listed": [
                {"name": form.name, "question": form.question, "fate": form.fate, "why": form.why}
                for form in self.listed
            ],
        }


def rewrite_cases(master: Master, solution: bytes, variants: Sequence[Variant]) -> Iterator[Case]:
    """Yield a case for each form of each blank of the solution and of each variant of the bank."""
    for index, cell in enumerate(master.notebook.cells):
        nbgrader = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and nbgrader.get("solution"):
            question = question_of(str(nbgrader["grade_id"]), master.assignment)
            if question is not None and question.kind == "tests":
                for what, code in rewritten(solved(cell.source)):
                    notebook = with_cells(solution, {index: code})
                    yield _case(f"solution of {question.id}, {what}", notebook, (question.id,), {})
    for variant in variants:
        named = {q: variant.misconception for q in variant.questions if variant.kind == "wrong"}
        if variant.unrecognisable:
            continue
        for what, code in rewritten(variant.code):
            notebook = insert_variant(solution, replace(variant, code=code))
            yield _case(f"{variant.kind}_{variant.name}, {what}", notebook, variant.questions, named)


def _case(name: str, notebook: bytes, questions: tuple[str, ...], misconceptions: dict[str, str]) -> Case:
    return Case("rewrite", name, notebook, questions, misconceptions, focus=Focus(questions=questions))


def judge_rewrites(graded: Iterable[tuple[Case, Done]]) -> Rewrites:
    """Say what became of each form, in the order of their names."""
    forms = [form for case, done in graded for form in _forms(case, done)]
    return Rewrites(tuple(sorted(forms, key=lambda form: (form.name, form.question))))


def _forms(case: Case, done: Done) -> Iterator[Form]:
    evidence = done.graded.evidence if done.graded is not None else None
    if evidence is None or evidence.outcome is not Outcome.GRADED:
        yield Form(case.name, ", ".join(case.questions), "not graded", f"could not be graded: {done.reason}")
        return
    recognised = {found.question: found.id for found in evidence.misconceptions}
    for question in case.questions:
        failed = [test for test in evidence.tests if test.question == question and test.status is not TestStatus.PASSED]
        found, expected = recognised.get(question), case.misconceptions.get(question)
        first = failed[0] if failed else None
        said = f"{first.name} {first.status.value}: {first.detail or first.message}"[:200] if first else ""
        if found is not None and found != expected:
            yield Form(case.name, question, "misnamed", f"expected {expected or 'no name'}, found {found}; {said}")
        elif expected is None:
            yield Form(case.name, question, "refused" if failed else "accepted", said)
        elif not failed:
            yield Form(case.name, question, "cured", "every test passes")
        else:
            yield Form(case.name, question, "lost" if found is None else "kept", "" if found else said)
