"""The variant cell: a released cell that holds the code of a student's personal variant.

Whoever grades takes the code from the table, since a cell says what a student typed. So this cell is the one provided
cell that may differ from its release: what stands in it is read, and then it runs with the code that counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from autograder.course.releases import ReleasedCell, ReleaseDescriptor
from autograder.course.variant_codes import code_in, with_code
from autograder.notebooks.matching import Matching
from autograder.notebooks.read import Notebook
from autograder.notebooks.text import assigned_names

TAG = "variant"


@dataclass(frozen=True)
class VariantCell:
    """index: where it stands in the notebook, None if it is gone. typed: the code in it, "" if there is none.
    handed_out: the code that it was released with."""

    released: ReleasedCell
    index: int | None
    typed: str

    @property
    def handed_out(self) -> str:
        return code_in(self.released.source)


def variant_cell_of(cells: Sequence[ReleasedCell]) -> ReleasedCell | None:
    """Return the variant cell of a release; None where nothing in it is personal."""
    return next((cell for cell in cells if TAG in cell.tags), None)


def find_variant_cell(notebook: Notebook, matching: Matching) -> VariantCell | None:
    """Return the notebook's variant cell: the one it was released as, or else the first that sets the same name.

    Before the first release, as in validation, the cell's own tag says which it is.
    """
    if matching.release is None:
        tagged = next((cell for cell in notebook.code_cells if TAG in cell.tags), None)
        if tagged is None:
            return None
        as_it_is = ReleasedCell(tagged.id, tagged.grade_id, "code", (TAG,), tagged.source)
        return VariantCell(as_it_is, tagged.index, code_in(tagged.source))
    released = variant_cell_of(matching.release.cells)
    if released is None:
        return None
    index = next((match.index for match in matching.cells if match.released == released), None)
    if index is None:
        names = set(assigned_names(released.source))
        index = next((cell.index for cell in notebook.code_cells if names & set(assigned_names(cell.source))), None)
    return VariantCell(released, index, code_in(notebook.cells[index].source) if index is not None else "")


def with_variant(
    notebook: Notebook, release: ReleaseDescriptor | None, cell: VariantCell, code: str
) -> tuple[Notebook, list[ReleaseDescriptor]]:
    """Return notebook and release (none, where there is none) with this code in the variant cell of both."""
    source = with_code(cell.released.source, code)
    released = replace(cell.released, source=source)
    releases = []
    if release is not None:
        cells = tuple(released if one == cell.released else one for one in release.cells)
        releases = [replace(release, cells=cells)]
    if cell.index is None:
        return notebook, releases
    own = tuple(
        replace(one, kind="code", source=source, id=one.id or released.id) if one.index == cell.index else one
        for one in notebook.cells
    )
    return replace(notebook, cells=own), releases
