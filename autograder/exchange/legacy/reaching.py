"""Tests that reach into what student code uses: they count only where they share a process with it.

`reduce = None` in a test cell, before the student's function is called, means "you must not use reduce". The trusted
process calls the function from outside, where nothing changed, and would let it pass; and a module that a test changes
there (`functools.reduce = None`) would stay changed for everybody who comes after. So such a test runs beside.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from autograder.exchange.legacy.model import ForeignAssignment, ForeignItem
from autograder.exchange.legacy.provided import statements
from autograder.release.markers import solved

_MOCKS = ("mock", "patch")
CHANGES = "it changes "  # how the reason begins where the trusted process itself would be changed


def reached(draft: ForeignAssignment, item: ForeignItem) -> str:
    """Return what a test changes that student code may use, as a reason; "" where it changes nothing of the kind.

    Names of data are no reason: tests use `x` and `result` for their own.
    """
    tree = statements(item.source)
    modules, known = set(_modules(tree)), tools(draft)
    for cell in draft.cells:
        modules |= set(_modules(statements(cell.source))) if cell.kind == "code" else set()
    for node in (node for statement in tree for node in ast.walk(statement)):
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load) and _base(node) in modules:
            return f"{CHANGES}{ast.unparse(node)}, which student code may use"
        if isinstance(node, ast.Call) and _is_patch(node, modules):
            return f"{CHANGES}by {ast.unparse(node.func)} what student code may use"
    if item.form == "cell":  # otter gives each test names of its own
        for statement in tree:
            for name in _bound(statement):
                if name in known or hasattr(builtins, name):
                    return f"it binds {name} anew, which student code may use"
    return ""


def tools(draft: ForeignAssignment) -> set[str]:
    """Return the names of functions, classes and imports in a notebook, without its tests."""
    found: set[str] = set()
    for cell in draft.cells:
        if cell.kind == "code" and cell.role != "check":
            found |= set(_tools(statements(solved(cell.source))))
    return found


def _modules(tree: list[ast.stmt]) -> Iterator[str]:
    for statement in tree:
        for node in ast.walk(statement):
            if isinstance(node, ast.Import):
                yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)


def _tools(tree: list[ast.stmt]) -> Iterator[str]:
    """Yield the names of functions and classes, and of what is imported."""
    for statement in tree:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield statement.name
        elif isinstance(statement, ast.ImportFrom | ast.Import):
            yield from ((alias.asname or alias.name).partition(".")[0] for alias in statement.names)


def _bound(statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement at the top of a test binds to something else, or takes away."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
        return
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id


def _is_patch(call: ast.Call, modules: set[str]) -> bool:
    if isinstance(call.func, ast.Name) and call.func.id in ("setattr", "delattr") and call.args:
        return _base(call.args[0]) in modules
    return _base(call.func) in _MOCKS


def _base(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
