"""adjustments.yaml: every decision of a person that changes a score after the tests have run.

The file lies beside course.yaml. Each entry says who decided, why and when, so that a grade can be explained a
year later. Entries are applied in the order of the file; of two that say different things about the same test or
question, the later one holds. `autograder.scoring` applies them; nothing here runs or reads student code.

    adjustments:
      - kind: drop_test               # the test leaves the denominator of its question
        assignment: 03_separable
        question: mobilenet
        test: test_shapes[odd]        # or test_shapes: with all its parameters
        who: anna
        why: the text does not say what happens for odd sizes
        when: 2026-10-20

Kinds: drop_test, reweight_test (`weight`), reweight_question (`points`), excuse (a question), points (`points` of one
question), extension (`until`), waive_late. `students:` narrows an entry to some students or groups; excuse, drop_test,
reweight_test and waive_late hold for everyone without it, and points and extension need it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    assignment: Annotated[str, Field(min_length=1)]
    who: Annotated[str, Field(min_length=1)]
    why: Annotated[str, Field(min_length=1)]
    when: datetime | date
    students: tuple[str, ...] = ()  # ids of students or groups; empty means everyone

    def concerns(self, names: Collection[str]) -> bool:
        """Whether this entry holds for a submission by any of `names` (subject and members)."""
        return not self.students or any(name in names for name in self.students)


class _TestEntry(_Entry):
    question: Annotated[str, Field(min_length=1)]
    test: Annotated[str, Field(min_length=1)]

    def matches(self, question: str, test: str) -> bool:
        """Whether this entry is about the test of that name: exactly, or with any parameters."""
        return self.question == question and self.test in (test, test.split("[", 1)[0])


class DropTest(_TestEntry):
    kind: Literal["drop_test"]


class ReweightTest(_TestEntry):
    kind: Literal["reweight_test"]
    weight: Annotated[float, Field(ge=0, allow_inf_nan=False)]


class ReweightQuestion(_Entry):
    kind: Literal["reweight_question"]
    question: Annotated[str, Field(min_length=1)]
    points: Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Excuse(_Entry):
    """The question leaves the denominator."""

    kind: Literal["excuse"]
    question: Annotated[str, Field(min_length=1)]


class Points(_Entry):
    """The question's points as a person decided them, whatever the tests say."""

    kind: Literal["points"]
    question: Annotated[str, Field(min_length=1)]
    points: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    students: Annotated[tuple[str, ...], Field(min_length=1)]


class Extension(_Entry):
    kind: Literal["extension"]
    until: datetime
    students: Annotated[tuple[str, ...], Field(min_length=1)]


class WaiveLate(_Entry):
    kind: Literal["waive_late"]


Adjustment = Annotated[
    DropTest | ReweightTest | ReweightQuestion | Excuse | Points | Extension | WaiveLate, Field(discriminator="kind")
]
ADJUSTMENT: TypeAdapter[Adjustment] = TypeAdapter(Adjustment)


@dataclass(frozen=True)
class Adjustments:
    """All entries of one adjustments.yaml, in file order. `Adjustments()` changes nothing."""

    entries: tuple[Adjustment, ...] = ()

    def applying_to(self, assignment: str, names: Collection[str]) -> Adjustments:
        """The entries about one assignment that hold for a submission of `names` (subject id and member ids)."""
        return Adjustments(tuple(e for e in self.entries if e.assignment == assignment and e.concerns(names)))
