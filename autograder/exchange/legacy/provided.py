"""Which names of a notebook came with the assignment, so that a trusted test takes them from the reference.

Everything that a blank defines is the student's, and so is what provided code computes from it. A name that is neither
is the instructor's: modules, helper functions, data. Where code changes an object in place (`rows.append(...)`,
`table["x"] = ...`), the name counts as set there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from autograder.exchange.legacy.model import DraftCell
from autograder.release.markers import solved


def provided_names(cells: Iterable[DraftCell]) -> tuple[str, ...]:
    """Return the names, sorted."""
    provided: set[str] = set()
    modules: set[str] = set()
    students: set[str] = set()
    for own, statement in _statements_of(cells):
        if isinstance(statement, ast.Import | ast.ImportFrom):
            modules |= _imported(statement)
            continue
        sets, loads = _names(statement)
        if own or loads & students:
            students |= sets
        else:
            provided |= sets
    return tuple(sorted(modules | (provided - students)))


def asked_names(cells: Iterable[DraftCell]) -> tuple[str, ...]:
    """Return the names that only blanks import, sorted: students have to import them."""
    asked: set[str] = set()
    given: set[str] = set()
    for own, statement in _statements_of(cells):
        if isinstance(statement, ast.Import | ast.ImportFrom):
            (asked if own else given).update(_imported(statement))
    return tuple(sorted(asked - given - {"*"}))


def _statements_of(cells: Iterable[DraftCell]) -> Iterator[tuple[bool, ast.stmt]]:
    """Yield the statements of code cells in order, and whether a student writes each; blanks as solved."""
    for cell in cells:
        if cell.kind == "code":
            own = cell.role in ("blank", "manual")
            for statement in statements(solved(cell.source) if own else cell.source):
                yield own, statement


def _imported(statement: ast.Import | ast.ImportFrom) -> set[str]:
    return {(alias.asname or alias.name).partition(".")[0] for alias in statement.names}


def shared_by_tests(sources: Iterable[str], provided: Iterable[str], tools: Iterable[str] = ()) -> str:
    """Return what tests import and define for those behind them, as code: only what is provided, each text once.

    tools: functions, classes and imports of the notebook, which a test may take away for itself and not for others.
    """
    names = set(provided)
    kept: dict[str, None] = {}
    for source in sources:
        for statement in statements(source):
            defines = isinstance(statement, ast.FunctionDef | ast.ClassDef) or (
                isinstance(statement, ast.Assign)
                and all(isinstance(target, ast.Name) for target in statement.targets)
                and not _set_by(statement) & set(tools)
            )
            if isinstance(statement, ast.Import | ast.ImportFrom) or (defines and _set_by(statement) <= names):
                kept[ast.unparse(statement)] = None
    return "\n".join(kept)


def statements(source: str) -> list[ast.stmt]:
    """Return the statements of a cell, without its line magics; none where it is no Python."""
    plain = "\n".join("pass" if line.startswith(("%", "!")) else line for line in source.split("\n"))
    try:
        return ast.parse(plain).body
    except (SyntaxError, ValueError):
        return []


def defined(source: str) -> list[str]:
    """Return the names that a cell's code sets at its top level, in order, without modules."""
    found: dict[str, None] = {}
    for statement in statements(source):
        if not isinstance(statement, ast.Import | ast.ImportFrom):
            found.update(dict.fromkeys(sorted(_set_by(statement))))
    return list(found)


def _names(statement: ast.stmt) -> tuple[set[str], set[str]]:
    """Return (names that it sets or changes in place, names that it uses)."""
    loads = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    sets = _set_by(statement)
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return sets, loads
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            sets |= _base(node)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        sets |= _base(statement.value.func) if isinstance(statement.value.func, ast.Attribute) else set()
    return sets, loads


def _set_by(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    inner = {node.name for node in ast.walk(statement) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    return inner | {
        node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }


def _base(node: ast.expr) -> set[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()
