"""What an import noted beside the master: how the cells were called and what they held in another grader's release.

`solutions/<assignment>/imported.json` is written by `autograder import`. With it, notebooks that students made from
the other grader's release are matched cell by cell, too, and what they never touched is known as such.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.course.course import Assignment

FILE = "imported.json"


@dataclass(frozen=True)
class CellSeed:
    """Hold what otter's configuration lets happen before each code cell: generators are seeded with `value`, or where
    there is a `variable`, it is set to it."""

    value: int
    variable: str = ""


@dataclass(frozen=True)
class ForeignCells:
    """The cells of another grader's release; empty for an assignment that was not imported.

    grade_ids: its grade_id -> ours. handed_out: our grade_id -> the text that students got in an answer cell there.
    """

    grade_ids: Mapping[str, str] = field(default_factory=dict)
    handed_out: Mapping[str, str] = field(default_factory=dict)
    seed: CellSeed | None = None


def foreign_cells(assignment: Assignment) -> ForeignCells:
    """Return what the import of an assignment noted. Raises ValueError where that cannot be read."""
    path = assignment.solution_dir / FILE
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        seed = _seed(document)
        found = [{str(a): str(b) for a, b in document.get(part, {}).items()} for part in ("grade_ids", "handed_out")]
    except FileNotFoundError:
        return ForeignCells()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: cannot be read; import the assignment again ({type(error).__name__})") from error
    grade_ids, handed_out = found
    return ForeignCells(grade_ids, handed_out, seed)


def cell_seed(solution_dir: Path) -> CellSeed | None:
    """Return what happens before each code cell of the assignment in this folder; None for most."""
    try:
        return _seed(json.loads((solution_dir / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # whoever grades says what is wrong with it


def _seed(document: Any) -> CellSeed | None:
    found = document.get("seed")
    return None if found is None else CellSeed(int(found["value"]), str(found["variable"]))
