"""A solved notebook of otter's and its test files, where the master is lost: questions are where checks are.

The code cell above `grader.check("q1")`, or the one whose metadata names the test, is taken for the answer. Students
get it empty, so what otter's own students get may say more.
"""

from __future__ import annotations

import re
from pathlib import Path

from autograder.exchange.legacy.foreign_notebook import ForeignCell, read_foreign, runnable
from autograder.exchange.legacy.model import DraftCell, ForeignAssignment, ImportFailed

CHECK = re.compile(r"""^\s*grader\.check\(\s*["']([^"']+)["']\s*\)\s*$""")


def has_blocks(path: Path) -> bool:
    """Return whether a notebook is a master, with question blocks."""
    return any("BEGIN QUESTION" in cell.source for cell in read_foreign(path))


def read_cells(draft: ForeignAssignment, path: Path) -> list[tuple[str, int]]:
    """Read the cells of a solved notebook into the draft. Returns (otter's name of a question, the number of cells up
    to its check), in order. Raises ImportFailed where there is no check."""
    checks: list[tuple[str, int]] = []
    answer: DraftCell | None = None
    for cell in read_foreign(path):
        source = cell.source.strip("\n")
        if cell.kind == "code" and (check := CHECK.match(source)) is not None:
            _end(checks, check[1], answer, draft)
            answer = None
        elif cell.kind == "markdown" and source.strip():
            draft.cells.append(DraftCell("markdown", source, "text"))
        elif cell.kind == "code" and (code := runnable(draft, f"cell {cell.index + 1}", source)):
            answer = DraftCell("code", code, "plain", solution=True)
            draft.cells.append(answer)
            for name in _named(cell):
                _end(checks, name, answer, draft)
    if not checks:
        raise ImportFailed(f"{path}: found neither question blocks nor grader.check(…); it is no notebook of otter's")
    return checks


def _end(checks: list[tuple[str, int]], name: str, answer: DraftCell | None, draft: ForeignAssignment) -> None:
    if answer is not None and answer.role == "plain":
        answer.role, answer.question = "blank", name
        answer.source = f"### BEGIN SOLUTION\n{answer.source}\n### END SOLUTION"
    checks.append((name, len(draft.cells)))


def _named(cell: ForeignCell) -> list[str]:
    found = cell.metadata.get("otter")
    tests = found.get("tests") if isinstance(found, dict) else None
    return [str(name) for name in tests] if isinstance(tests, list) else []
