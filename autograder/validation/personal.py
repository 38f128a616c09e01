"""Are all personal variants right, and about equally hard?

The solution must earn everything in personal questions, and every wrong variant of the bank must lose points there,
with each code of the roster and with some random ones. How much a mistake costs with the easiest and with the hardest
code is compared: where that differs, one student is forgiven what another pays for.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.course.bank import Variant, insert_variant
from autograder.course.variant_codes import new_code
from autograder.grading.options import Focus
from autograder.validation.cases import Case
from autograder.validation.verdict import Verdict

RANDOM_CODES = 20


@dataclass(frozen=True)
class Difficulty:
    """Hold what one mistake costs, as a share of a question's points: with the code that forgives most, and least."""

    case: str
    question: str
    least: float
    least_code: str
    most: float
    most_code: str

    @property
    def differs(self) -> bool:
        """Return whether the mistake costs less with one code than with another."""
        return self.most - self.least > 1e-9

    def as_json(self) -> dict[str, Any]:
        return dict(vars(self))


def codes_to_try(of_roster: Iterable[str], name: str, count: int) -> tuple[str, ...]:
    """Return every code of the roster, and `count` others, which are the same ones each time for one assignment."""
    draw: Callable[[Sequence[str]], str] = random.Random(name).choice
    codes = list(dict.fromkeys(of_roster))
    for _ in range(count):
        codes.append(new_code(codes, draw))
    return tuple(codes)


def personal_cases(
    solution: bytes, bank: Sequence[Variant], questions: Sequence[str], codes: Sequence[str]
) -> list[Case]:
    """Return the solution, and every wrong variant of a personal question, with each code."""
    focus = Focus(questions=tuple(questions), remedies=False)
    wrong = [variant for variant in bank if variant.kind == "wrong" and set(variant.questions) & set(questions)]
    made = []
    for seed, code in enumerate(codes, start=1):
        made.append(
            Case(
                "solution",
                f"solution with code {code}",
                solution,
                seed=seed,
                variant=code,
                focus=focus,
                first="solution with personal codes",
            )
        )
        for variant in wrong:
            made.append(
                Case(
                    "wrong",
                    f"wrong_{variant.name} with code {code}",
                    insert_variant(solution, variant),
                    tuple(question for question in variant.questions if question in questions),
                    seed=seed,
                    escapes=variant.escapes,
                    variant=code,
                    focus=focus,
                    first=f"wrong_{variant.name} with personal codes",
                )
            )
    return made


def without_codes(names: Iterable[str]) -> tuple[str, ...]:
    """Return names of cases, those that differ in the personal code alone once."""
    return tuple(dict.fromkeys(name.split(" with ")[0] for name in names))


def difficulties(verdicts: Iterable[Verdict]) -> tuple[Difficulty, ...]:
    """Return what each mistake costs with the codes that were tried."""
    lost: dict[tuple[str, str], list[tuple[float, str]]] = {}
    for verdict in verdicts:
        case = verdict.case
        if case.kind != "wrong" or not case.variant or verdict.result is None:
            continue
        for question in verdict.result.questions:
            if question.id in case.questions and question.score is not None and question.max_score:
                share = 1 - question.score / question.max_score
                lost.setdefault((without_codes([case.name])[0], question.id), []).append((share, case.variant))
    return tuple(
        Difficulty(name, question, *min(shares), *max(shares)) for (name, question), shares in sorted(lost.items())
    )
