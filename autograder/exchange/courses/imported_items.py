"""The tests that an import wrote into `hidden_tests.py`, read back as data; nothing of the file is run."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from autograder.course.course import Assignment


@dataclass(frozen=True)
class ImportedItem:
    """One test of another grader's. form: cell, examples or function; function: its name, for the last."""

    question: str
    name: str
    form: str
    source: str
    function: str = ""
    weight: float = 1.0
    all_or_nothing: bool = False
    success: str = ""
    failure: str = ""


def imported_items(assignment: Assignment) -> list[ImportedItem]:
    """Return the imported tests of an assignment, in order; none where its hidden tests are its own."""
    path = assignment.solution_dir / "hidden_tests.py"
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return []
    return [item for node in tree.body if isinstance(node, ast.FunctionDef) and (item := _item(node)) is not None]


def _item(node: ast.FunctionDef) -> ImportedItem | None:
    marks = next((mark for mark in node.decorator_list if isinstance(mark, ast.Call)), None)
    last = node.body[-1]
    call = last.value if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call) else None
    if marks is None or call is None or not isinstance(call.func, ast.Attribute):
        return None
    if ast.unparse(call.func.value) != "IMPORTED":
        return None
    try:
        (question,) = (ast.literal_eval(argument) for argument in marks.args)
        marked = _named(marks)
        arguments, named = [ast.literal_eval(argument) for argument in call.args], _named(call)
    except ValueError:
        return None
    return ImportedItem(
        str(question), node.name, call.func.attr, str(arguments[1]), str(arguments[2]) if len(arguments) > 2 else "",
        float(marked.get("weight", 1.0)), bool(marked.get("all_or_nothing", False)),
        str(named.get("success", "")), str(named.get("failure", "")),
    )  # fmt: skip


def _named(call: ast.Call) -> dict[str, Any]:
    return {word.arg: ast.literal_eval(word.value) for word in call.keywords if word.arg is not None}
