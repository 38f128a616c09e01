"""Cells before each of which a variable is set to a seed, as otter does for an assignment that asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from autograder.course.imported import CellSeed
from autograder.grading.student_run import Step


def with_seeds(steps: Sequence[Step], seed: CellSeed) -> list[Step]:
    """Return the steps, before each a further one that sets the variable; none before a cell of another language."""
    sets = f"{seed.variable} = {seed.value}"
    return [
        one
        for step in steps
        for one in (
            [step]
            if step.added or step.source.startswith("%%")
            else [replace(step, source=sets, added=True, role="released", names=()), step]
        )
    ]
