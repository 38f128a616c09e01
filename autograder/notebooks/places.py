"""Find written answers whose cells lost their metadata: by their place between cells that were recognised.

The text of a written answer is the student's own, so nothing of the release is left in it to be recognised by.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograder.course.releases import ReleasedCell, ReleaseDescriptor
from autograder.notebooks.read import Notebook


def written_answers(
    notebook: Notebook,
    counterparts: Sequence[ReleasedCell | None],
    answers: Sequence[bool],
    release: ReleaseDescriptor,
    written: Sequence[ReleasedCell],
) -> dict[int, ReleasedCell]:
    """Return position -> released blank, for cells that stand where blanks for text are missing.

    counterparts and answers: for each cell of the notebook its released cell, and whether it holds an answer already.
    written: the blanks for text. Blanks that stood side by side are filled in order; what is left over goes to
    the last.
    """
    order = {_key(cell): place for place, cell in enumerate(release.cells)}
    place_of: dict[int, int] = {}
    for index, counterpart in enumerate(counterparts):
        if counterpart is not None:
            place_of.setdefault(order[_key(counterpart)], index)
    gaps: dict[tuple[int, int], list[ReleasedCell]] = {}
    for blank in written:
        place = order[_key(blank)]
        if place not in place_of:
            before = place_of.get(max((other for other in place_of if other < place), default=-1), -1)
            after = place_of.get(min((other for other in place_of if other > place), default=-1), len(notebook.cells))
            gaps.setdefault((before, after), []).append(blank)
    found: dict[int, ReleasedCell] = {}
    for (before, after), blanks in gaps.items():
        free = [
            cell.index
            for cell in notebook.cells[before + 1 : after]
            if cell.kind != "code" and counterparts[cell.index] is None and not answers[cell.index]
            if cell.source.strip() or cell.attachments
        ]
        for number, index in enumerate(free):
            found[index] = blanks[min(number, len(blanks) - 1)]
    return found


def _key(cell: ReleasedCell) -> str:
    return cell.grade_id or cell.id
