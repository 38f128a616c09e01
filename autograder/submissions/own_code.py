"""The code of a personal variant in a notebook that is about to be handed in: it belongs there, and what is wrong with
it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from autograder.notebooks.matching import Matching, match_to_release
from autograder.notebooks.read import Notebook
from autograder.notebooks.variant_cell import find_variant_cell, with_variant

Said = tuple[Literal["problem", "note"], str, str]  # how bad it is, where, what


def with_own_code(
    notebook: Notebook, matching: Matching, questions: Sequence[str]
) -> tuple[Notebook, Matching, list[Said]]:
    """Return notebook and matching as grading has them, in which the variant cell counts as released with the code
    that stands in it, and what is to be said of the code.
    """
    cell = find_variant_cell(notebook, matching)
    if cell is None or matching.release is None:
        return notebook, matching, []
    said: list[Said] = []
    if cell.index is None:
        said.append(("problem", "", "The cell with your personal code is gone. Copy it from the starter."))
    else:
        place = f"cell {cell.index + 1}"
        if not cell.typed:
            said.append(("problem", place, "no code in it that can be read: type yours as you were given it"))
        elif cell.typed == cell.handed_out:
            said.append(("note", place, f"holds {cell.typed}, as everybody gets the notebook: put in your code"))
    notebook, releases = with_variant(notebook, matching.release, cell, cell.typed or cell.handed_out)
    again = match_to_release(notebook, releases, list(questions))
    return notebook, replace(again, notices=matching.notices), said
