"""What a student is told about the notebook as it was found: sentences for the head of the page."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from autograder.notebooks.read import Notebook
from autograder.records import CellOutcome
from autograder.sandbox.student import Rebound
from autograder.suite.outcomes import NO_GPU

_MOST_NAMES = 5
_MOST_CELLS = 5
_MODULE = re.compile(r"No module named '([\w.]{1,100})'", re.ASCII)
_NEWER = re.compile(r"^\s*(?:type\s+\w+|(?:def|class|async\s+def)\s+\w+\s*\[|except\s+\w+\s*,)|\bt[\"']|f[\"']")


def not_there(cells: Sequence[CellOutcome], notebook: Notebook) -> list[str]:
    """Return a sentence for each cell that asked for a package or a GPU that is not there when notebooks are graded."""
    said = []
    for cell in cells:
        trace = cell.traceback
        if trace is None or not 0 <= cell.index < len(notebook.cells):
            continue
        lines = notebook.cells[cell.index].source.split("\n")
        own = [number for index, number, _ in trace.lines if index == cell.index and 0 < number <= len(lines)]
        line = lines[own[0] - 1].strip()[:100] if own else ""
        if trace.exception in ("ModuleNotFoundError", "ImportError"):
            said.append(_of_import(cell.index + 1, line, trace.message))
        elif needs_gpu(trace.message) or (trace.exception == "AssertionError" and needs_gpu(line)):
            said.append(f"Cell {cell.index + 1} failed at `{line}`: {NO_GPU}")
    return said[:_MOST_CELLS]


def newer_syntax(cells: Sequence[CellOutcome], notebook: Notebook) -> list[str]:
    """Return a sentence for each cell that this Python cannot read, where a newer one may."""
    ours = sys.version_info[:2]
    said = []
    for cell in cells:
        trace = cell.traceback
        if trace is None or trace.exception != "SyntaxError" or not 0 <= cell.index < len(notebook.cells):
            continue
        lines = notebook.cells[cell.index].source.split("\n")
        number = trace.lines[-1][1] if trace.lines else 0
        line = lines[number - 1] if 0 < number <= len(lines) else ""
        if notebook.python > ours or _NEWER.search(line[:200]):
            theirs = f" (it was written with {'.'.join(map(str, notebook.python))})" if notebook.python > ours else ""
            said.append(
                f"Cell {cell.index + 1}, line {number}, is no Python {ours[0]}.{ours[1]}, with which notebooks are "
                f"graded{theirs}: syntax of a newer version does not run here."
            )
    return said[:_MOST_CELLS]


def needs_gpu(text: str) -> bool:
    """Return whether an exception, or the line that raised it, is about a GPU."""
    return any(word in text.lower() for word in ("cuda", "nvidia", "gpu", "mps devices", "xpu enabled"))


def _of_import(cell: int, line: str, message: str) -> str:
    module = _MODULE.search(message)
    what = f"there is no `{module[1]}`" if module else "this is not there"
    went_on = " The cell went on without it." if line.startswith(("import ", "from ")) else ""
    failed = f"Cell {cell}: `{line}` failed" if line else f"Cell {cell} failed"
    return f"{failed}: {what} where notebooks are graded, and no network to install it.{went_on}"


def bound_again(found: Sequence[Rebound], cells: int) -> list[str]:
    """Return a sentence for each cell that bound names again which hidden tests, or answers, use.

    cells: how many the notebook has; released cells that ran beside it have later numbers.
    """
    groups: dict[tuple[str, int, bool], list[Rebound]] = {}
    for one in found:
        if 0 <= one.later < cells and one.what != "builtin":
            groups.setdefault((one.what, one.later, one.put_back), []).append(one)
    return [_sentence(what, later, put_back, group, cells) for (what, later, put_back), group in groups.items()]


def built_ins_replaced(found: Sequence[Rebound], cells: Sequence[CellOutcome]) -> list[str]:
    """Return a sentence for each cell that put something else in the place of Python's own functions, where a cell
    after it stopped with an error."""
    stopped = max((cell.index for cell in cells if cell.status == "error"), default=-1)
    groups: dict[int, list[str]] = {}
    for one in found:
        if one.what == "builtin" and 0 <= one.later < stopped:
            groups.setdefault(one.later, []).append(f"`{one.name}`")
    return [
        f"Cell {later + 1} puts something else in the place of Python's own {', '.join(names[:_MOST_NAMES])}"
        f"{' and others' if len(names) > _MOST_NAMES else ''}, for all code: what stops after it may stop for that."
        for later, names in groups.items()
    ][:_MOST_CELLS]


def _sentence(what: str, later: int, put_back: bool, group: Sequence[Rebound], cells: int) -> str:
    names = [f"`{one.name}`" for one in group]
    listed = ", ".join(names[:_MOST_NAMES]) + (" and others" if len(names) > _MOST_NAMES else "")
    several = len(names) > 1
    begin = f"Cell {later + 1} binds {listed} again"
    if what == "answer":
        where = sorted({one.cell + 1 for one in group if one.cell < cells})
        numbers = ", ".join(map(str, where))
        from_cell = f" from {'cell' if len(where) == 1 else 'cells'} {numbers}" if where else ""
        return f"{begin}, to something that is no answer; the {'answers' if several else 'answer'}{from_cell} counted."
    if not put_back:
        return (
            f"{begin}, and later code uses {'them' if several else 'it'}; answers above may work otherwise than before."
        )
    if what == "provided":
        return f"{begin}; what was provided under {'these names' if several else 'this name'} counted."
    return f"{begin}, {'names' if several else 'a name'} of Python's own that your answers use; Python's counted."
