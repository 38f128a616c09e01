"""Which cells of an executed notebook nbgrader knows, by the matching that graded them.

The executed notebook keeps nothing of what a submission claims about itself, so the notebook as handed in is matched to
its release once more: by grade_id and cell id where they are left, else by likeness and by the names that are defined.
Its cells stand in the same order as the executed ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.course import Assignment
from autograder.matching import match_to_release
from autograder.notebooks import NotebookError, read_notebook
from autograder.records import Result
from autograder.releases import ReleaseDescriptor


def grade_ids(
    root: Path, result: Result, assignment: Assignment, releases: Sequence[ReleaseDescriptor]
) -> dict[int, str]:
    """Position in the notebook -> grade_id of the released cell; empty where the notebook cannot be read."""
    folder = root / "evidence" / result.assignment / result.subject
    try:
        data = (folder / f"attempt-{result.attempt:03d}.notebook.ipynb").read_bytes()
        notebook = read_notebook(data, result.subject)
    except (OSError, NotebookError):  # ungradable, or not kept: its result says why, and nothing is recognised
        return {}
    matching = match_to_release(notebook, releases, [question.id for question in assignment.questions])
    found: dict[int, str] = {}
    for cell in matching.cells:
        if cell.released is not None and cell.released.grade_id:
            found[cell.index] = cell.released.grade_id
        elif cell.questions:  # a cell into which blanks were merged or typed anew: the first one's
            found[cell.index] = cell.questions[0]
    if matching.release is None:  # nothing was released yet: what the cells say themselves
        found = {cell.index: cell.grade_id for cell in notebook.cells if cell.grade_id}
    return found
