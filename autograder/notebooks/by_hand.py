"""Find what a person has to grade: the cells that answer a task, and answers that nobody has begun with.

A task's own cell says what to do and is the same in every notebook; its answer is whatever cells the student added
after it. An answer is untouched only where that is certain: nobody should get 0 for words that stand one cell further
down.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograder.course.releases import ReleasedCell
from autograder.notebooks.read import Cell, Notebook


def answers_to_tasks(
    notebook: Notebook, counterparts: Sequence[ReleasedCell | None], answers: Sequence[bool]
) -> dict[int, ReleasedCell]:
    """Return position -> released task, for the student's own cells between a task and the next released cell.

    counterparts and answers: for each cell of the notebook its released cell, and whether it holds an answer already.
    """
    found: dict[int, ReleasedCell] = {}
    task: ReleasedCell | None = None
    for cell in notebook.cells:
        released = counterparts[cell.index]
        if released is not None:
            task = released if released.task else None
        elif task is not None and not answers[cell.index] and _has_content(cell):
            found[cell.index] = task
    return found


def untouched_answers(
    notebook: Notebook, counterparts: Sequence[ReleasedCell | None], answers: Sequence[bool]
) -> Iterator[int]:
    """Yield the positions of answers that are as they were handed out, or empty.

    An answer with a cell of the student's own right before or after it is not among them, nor is a task where the
    student added any cell to the notebook at all: the answer may stand there.
    """
    own = {
        cell.index
        for cell in notebook.cells
        if counterparts[cell.index] is None and not answers[cell.index] and _has_content(cell)
    }
    answered = any(answers[cell.index] and counterparts[cell.index] is None for cell in notebook.cells)
    for cell in notebook.cells:
        released = counterparts[cell.index]
        if released is None or not answers[cell.index] or cell.attachments:
            continue
        if cell.source.strip() and _text(cell.source) != _text(released.source):
            continue
        near = own if released.task else own & {cell.index - 1, cell.index + 1}
        if not near and not (released.task and answered):
            yield cell.index


def _has_content(cell: Cell) -> bool:
    return bool(cell.source.strip() or cell.attachments)


def _text(source: str) -> str:
    """Return the text without spaces at line ends, which editors take away."""
    return "\n".join(line.rstrip() for line in source.strip().split("\n"))
