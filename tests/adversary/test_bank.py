"""The bank itself: a case for every line of the list of attacks, and its table in the docs."""

from __future__ import annotations

import ast
import functools
import importlib

from bank import CASES, HERE
from table import PAGE, row, written

LINES = range(1, 53)  # of the list of attacks in docs/security.md
LEAST = 200


def test_every_line_of_the_list_has_a_case() -> None:
    assert len(CASES) >= LEAST
    assert set(LINES) == {number for case in CASES for number in case.attacks}
    assert len({case.name for case in CASES}) == len(CASES)
    assert all((HERE / folder).is_dir() for folder in ("cases", "handed_in"))


def test_what_a_case_takes_apart_of_the_engine_is_there() -> None:
    """A case that replaces a function which has moved since tries nothing, and passes."""
    looked_at = 0
    for case in CASES:
        trees = [ast.parse(cell) for cell in case.cells if "from inside" in cell]
        known: dict[str, object] = {}
        for node in (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)):
            if (node.module or "").split(".")[0] == "inside":
                module = f"autograder.sandbox.{node.module}"
                known |= {name.name: _of_engine(module, name.name) for name in node.names}
        for node in (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Assign)):
            for target in node.targets:
                first, *path = ast.unparse(target).split(".")
                if first in known and path:
                    functools.reduce(getattr, path, known[first])
        looked_at += len(known)
    assert looked_at >= 11


def _of_engine(module: str, name: str) -> object:
    """A module or what it holds. Raises ImportError where there is neither."""
    found = getattr(importlib.import_module(module), name, None)
    return found if found is not None else importlib.import_module(f"{module}.{name}")


def test_the_table_in_the_docs_is_the_bank() -> None:
    """Every case with its header; what it got is what the last whole runs wrote there."""
    page = PAGE.read_text()
    assert written(page).count("\n") == page.count("\n")
    for case in CASES:
        line = next(line for line in page.splitlines() if line.startswith(f"| `{case.name}` |"))
        assert line.startswith(row(case, [""])[:-3].rstrip()), f"{case.name}: run python tests/adversary/table.py"
        for got in line.strip("|").split(" | ")[4:]:
            assert got.strip() in ("refused", "–") or float(got.strip().rstrip("*")) <= case.at_most, line
