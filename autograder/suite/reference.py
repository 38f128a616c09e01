"""The reference: the solution's own functions, in the trusted process only."""

from __future__ import annotations

import contextlib
import io
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.course.imported import cell_seed
from autograder.course.variant_codes import with_code
from autograder.sandbox.inside.shell.stand_ins import standing_in
from autograder.suite.percent import code_cells
from autograder.testing.randomness import seed_trusted

GIVEN_TAGS = {"given", "setup", "variant"}
RAISES = "raises-exception"  # Jupyter's own tag: the cell may raise, and what it did until then stands


class ReferenceFailed(Exception):
    """A cell of the master notebook raised."""


def reference_namespace(
    solution: Path, extra_path: Sequence[Path] = (), variant: str = "", *, raised: dict[int, str] | None = None
) -> dict[str, Any]:
    """Run the master notebook's untagged, `given`, `setup` and `variant` code cells and return their namespace.

    variant: the code that stands in the `variant` cell instead of the master's; "" leaves it. raised: gets the index
    of each cell that raises, and what it raised, instead of an end at the first.

    Cells with any other tag (`train`, `check`, `figure`) are not run. `extra_path` are folders that the
    notebook's own imports may come from (the public files). A cell tagged `raises-exception` may raise. What the cells
    print is for students, and printed nowhere. Raises ReferenceFailed naming cell, line and exception.
    """
    namespace: dict[str, Any] = {"__name__": "reference"}
    seed = cell_seed(solution.parent)
    added = [str(folder) for folder in extra_path if str(folder) not in sys.path]
    sys.path[:0] = added
    try:
        with standing_in(), contextlib.redirect_stdout(io.StringIO()):
            for cell in code_cells(solution.read_text(encoding="utf-8")):
                if cell.tags - GIVEN_TAGS - {RAISES}:
                    continue
                source = with_code(cell.source, variant) if variant and "variant" in cell.tags else cell.source
                if seed is not None and seed.variable:
                    namespace[seed.variable] = seed.value
                elif seed is not None:
                    seed_trusted(seed.value)
                try:
                    _run(source, f"{solution.name}: cell {cell.index}", namespace)
                except ReferenceFailed as error:
                    if raised is not None:
                        raised[cell.index] = str(error)
                    elif RAISES not in cell.tags:
                        raise
    finally:
        for folder in added:
            sys.path.remove(folder)
    return namespace


def has_variant_cell(solution: Path) -> bool:
    """Return whether the master has a cell that holds the code of a personal variant."""
    return any("variant" in cell.tags for cell in code_cells(solution.read_text(encoding="utf-8")))


def _run(source: str, name: str, namespace: dict[str, Any]) -> None:
    plain = "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in source.splitlines())
    try:
        exec(compile(plain, name, "exec", dont_inherit=True), namespace)  # noqa: S102 - the course's own solution
    except SyntaxError as error:
        raise ReferenceFailed(f"{name}, line {error.lineno}: {error.msg}") from error
    except Exception as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == name]
        place = f"{name}, line {lines[-1]}" if lines else name
        raise ReferenceFailed(f"{place} raised {type(error).__name__}: {error}") from error
