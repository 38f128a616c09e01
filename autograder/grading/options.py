"""Options of grading that validation uses: part of the tests only, and how far answers are from expectations.

Students' submissions are graded with the default focus: everything.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Focus(BaseModel):
    """questions: run their tests only; all where it is empty. first_failure: the first test that does not pass ends
    the run. distances: note how far answers are from what numeric checks expect. inputs: note what tests send for each
    argument. remedies: run what only helps the student, public twins and the search for misconceptions. draws: run the
    tests of the questions in `drawn` as many times more, each time with other hidden inputs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    questions: tuple[str, ...] = ()
    first_failure: bool = False
    distances: bool = False
    inputs: bool = False
    remedies: bool = True
    drawn: tuple[str, ...] = ()
    draws: int = 0
