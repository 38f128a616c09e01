"""What validation asks of grading beyond a grade: part of the tests only, and how far answers are from expectations.

Students' submissions are graded with the default focus: everything.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

FARTHEST = 1e30  # stands for infinitely far: JSON has no word for infinity


class Focus(BaseModel):
    """questions: run their tests only; all where it is empty. first_failure: the first test that does not pass ends
    the run. distances: note how far answers are from what numeric checks expect. remedies: run what only helps the
    student, public twins and the search for misconceptions."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    questions: tuple[str, ...] = ()
    first_failure: bool = False
    distances: bool = False
    remedies: bool = True


class Distance(BaseModel):
    """How far an answer was from what one check expects. ratio: the largest |got - expected| over what is allowed
    there (1 is the limit); error: the largest |got - expected|."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ratio: float
    error: float
