"""What grading one submission gives, and what it is while it is being gathered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from autograder.grading.answers import Answer
from autograder.records import (
    CellOutcome,
    Distance,
    Evidence,
    InputsMet,
    MatchedCell,
    Misconception,
    Outcome,
    TestOutcome,
    VariantUse,
)


class GradedSubmission(BaseModel):
    """Hold what grading one submission gave.

    outputs: cell index -> nbformat outputs. call_seconds: test -> its longest single call, in seconds.
    distances: numeric check -> how far the answers were from what it expects, where the focus asks for it.
    alike: failed question -> wrong variants of the bank that give the same answers.
    draws: question -> the test that failed in each further draw of hidden inputs, where the focus asks for some.
    inputs: what was sent for each argument that the hidden tests name, where the focus asks for it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    evidence: Evidence
    outputs: dict[int, list[dict[str, Any]]] = Field(default_factory=dict)
    call_seconds: dict[str, float] = Field(default_factory=dict)
    distances: dict[str, Distance] = Field(default_factory=dict)
    alike: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    draws: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    inputs: tuple[InputsMet, ...] = ()


@dataclass
class Draft:
    """The evidence of one submission while it is being gathered."""

    outcome: Outcome = Outcome.GRADED
    reason: str = ""
    broke_before: bool = False
    release: str = ""
    compared_with: str = ""
    variant: VariantUse | None = None
    tests: list[TestOutcome] = field(default_factory=list)
    cells: tuple[CellOutcome, ...] = ()
    matched: tuple[MatchedCell, ...] = ()
    flags: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)
    restarts: int = 0
    peak_memory_bytes: int = 0
    outputs: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    call_seconds: dict[str, float] = field(default_factory=dict)
    distances: dict[str, Distance] = field(default_factory=dict)
    answers: dict[str, tuple[Answer, ...] | None] = field(default_factory=dict)
    misconceptions: tuple[Misconception, ...] = ()
    alike: dict[str, tuple[str, ...]] = field(default_factory=dict)
    draws: dict[str, tuple[str, ...]] = field(default_factory=dict)
    inputs: tuple[InputsMet, ...] = ()
