"""The reference namespace: the master's own cells, run as a notebook would run them."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.suite.reference import ReferenceFailed, reference_namespace

DATACLASS = """# %% tags=["given"]
from dataclasses import dataclass, fields

@dataclass
class Block:
    width: int = 3

kinds = [field.type for field in fields(Block)]
"""


def _master(folder: Path, text: str) -> Path:
    path = folder / "solution.py"
    path.write_text(text)
    return path


def test_annotations_are_values_as_in_a_notebook(tmp_path: Path) -> None:
    """The engine's own `from __future__ import annotations` does not reach into the course's cells."""
    assert reference_namespace(_master(tmp_path, DATACLASS))["kinds"] == [int]


def test_what_the_cells_print_is_no_output_of_the_grader(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    names = reference_namespace(_master(tmp_path, "# %%\nprint('parameters: 3 (expected 2)')\nx = 1\n"))
    assert names["x"] == 1
    print("ours")
    assert capfd.readouterr() == ("ours\n", "")


def test_a_cell_that_raises_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(ReferenceFailed, match=r"solution\.py: cell \d+, line 2 raised ZeroDivisionError"):
        reference_namespace(_master(tmp_path, "# %%\nx = 1\ny = x / 0\n"))
