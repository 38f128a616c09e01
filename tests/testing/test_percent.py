"""Workers read masters without jupytext; what they read is what jupytext reads."""

from __future__ import annotations

from pathlib import Path

import jupytext
import pytest

from autograder.suite.percent import code_cells

MASTERS = sorted((Path(__file__).parents[2] / "solutions").glob("*/solution.py"))


def plain(source: str) -> str:
    """Without magics, which jupytext uncomments and nobody runs."""
    return "\n".join(line for line in source.splitlines() if not line.lstrip("# ").startswith(("%", "!")))


@pytest.mark.parametrize("master", MASTERS, ids=lambda path: path.parent.name)
def test_masters_are_read_as_jupytext_reads_them(master: Path) -> None:
    expected = [
        (index, set(cell.metadata.get("tags", ())), plain(cell.source))
        for index, cell in enumerate(jupytext.read(master, fmt="py:percent").cells)
        if cell.cell_type == "code"
    ]
    found = [(cell.index, set(cell.tags), plain(cell.source)) for cell in code_cells(master.read_text("utf-8"))]
    assert found == expected


def test_code_before_the_first_marker_is_a_cell() -> None:
    found = code_cells('# a header\n\nx = 1\n\n# %% [markdown]\n# text\n\n# %% title tags=["given"]\ny = 2\n')
    assert [(cell.index, sorted(cell.tags), cell.source) for cell in found] == [
        (0, [], "# a header\n\nx = 1"),
        (2, ["given"], "y = 2"),
    ]


def test_a_file_without_code_has_no_cells() -> None:
    assert code_cells("# ---\n# jupyter:\n# ---\n") == []
