"""Tests that are scored at a cell: where in a submitted notebook that is.

Imported tests are scored on the state that the notebook has when their cell is reached, not on what it has after the
last one (nbgrader scores at the test cell, otter at the check). A place is the id of a released cell. In a submission
it is before the copy of that cell, whatever else stands there. Where there is no copy, it is behind the copy of the
released code cell above it, or, if that has none either (an answer typed anew), before that of the next one.

The tests of a place run in forks of the state that was kept there (`autograder.grading.kept_states`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograder.grading.student_run import Step
from autograder.notebooks.matching import Matching


def positions_of_places(matching: Matching, steps: Sequence[Step]) -> Mapping[str, int]:
    """Return for each released cell, by id, how many of the steps come before it. Empty where there is no release."""
    if matching.release is None:
        return {}
    copies: dict[str, list[int]] = {}
    for cell in matching.cells:
        if id := cell.released.id if cell.released is not None else cell.grade_id:  # an answer typed anew has no copy
            copies.setdefault(id, []).append(cell.index)
    found: dict[str, int] = {}
    above = -1  # the notebook's cell behind which the next released one stands
    waiting: list[str] = []  # released cells that stand before the next one that has a copy
    lost = False  # the released code cell above has no copy
    for released in matching.release.cells:
        own = copies.get(released.id) or copies.get(released.grade_id, [])
        if own:
            found[released.id] = _before(own[-1], steps)
            above = max(above, own[-1])
            found.update(dict.fromkeys(waiting, found[released.id]))
            waiting, lost = [], False
        elif lost and released.cell_type == "code":
            waiting.append(released.id)
            found[released.id] = len(steps)  # unless one follows that has a copy
        else:
            found[released.id] = _behind(above, steps)
            lost = lost or (released.cell_type == "code" and "check" not in released.tags)
    return found


def _before(index: int, steps: Sequence[Step]) -> int:
    """Return the position of the first step that stands at or behind a cell of the notebook."""
    return next((p for p, step in enumerate(steps) if not step.added and step.index >= index), len(steps))


def _behind(index: int, steps: Sequence[Step]) -> int:
    """Return the position behind a cell of the notebook and all that was added there."""
    return next((p for p, step in enumerate(steps) if not step.added and step.index > index), len(steps))
