"""Names that are bound again: which binding of an answer, or of provided code, stands when the notebook has run.

Theory of operation
-------------------
Hidden tests call functions by their names once all cells have run. An experiment at the end may have given such a name
another meaning (`MobileNet = MobileNet()`, `WIDTHS = (16, 32)`, `from torch import *`), and the check under the blank
passed long before. So after each cell it is noted who bound what, and `settle` puts back

- the answer, where what bound its name again is no answer: answers are made by `def`, `class` or an assignment that
  gives a function for a function, a class for a class, a value of the same type for a value. An untouched blank is
  never put in the place of an answer;
- what was provided, and Python's own functions, unless code that was written with the later binding or after it uses
  them: then the later meaning is the one its author saw.

All of it happens in the student's process and concerns only names that the student bound.
"""

from __future__ import annotations

import ast
import builtins
import dis
import types
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

MOST_TOLD = 40
_AT_ONCE = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")  # they run where they stand
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, partial)
_GONE = object()


@dataclass(frozen=True)
class _Bound:
    """A value, and the cell that bound it: its position in the notebook, and its turn among the cells that ran."""

    value: Any
    index: int
    turn: int
    weak: bool = False  # by a blank as it was released


class Bindings:
    """Watches one notebook's namespace, cell by cell."""

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._namespace = namespace
        self._first = frozenset(namespace)
        self._before: dict[str, Any] = {}
        self._turn = 0
        self._answers: dict[str, _Bound] = {}
        self._provided: dict[str, _Bound] = {}
        self._latest: dict[str, _Bound] = {}
        self._code: list[tuple[int, str, Sequence[types.CodeType]]] = []  # turn, role, code

    def begin(self) -> None:
        """Call before a cell runs."""
        self._before = dict(self._namespace)

    def end(
        self, index: int, role: str, names: Iterable[str], statements: Sequence[ast.stmt], code: list[types.CodeType]
    ) -> None:
        """Note what the cell at `index` bound. role and names: see `autograder.notebooks.plan`."""
        self._turn += 1
        self._code.append((self._turn, role, code))
        before, now = self._before, self._namespace
        changed = [name for name, value in now.items() if before.get(name, _GONE) is not value]
        changed += [name for name in before if name not in now]
        for name in changed:
            if not isinstance(name, str) or name in self._first:
                continue
            bound = _Bound(now.get(name, _GONE), index, self._turn, role == "stub")
            self._latest[name] = bound
            if role in ("released", "check"):
                self._provided[name] = bound
            elif name in names or name in self._answers:
                self._note_answer(name, bound, name in names, statements)

    def _note_answer(self, name: str, bound: _Bound, of_question: bool, statements: Sequence[ast.stmt]) -> None:
        standing = self._answers.get(name)
        if standing is None or standing.weak:
            counts = bound.value is not _GONE
        elif bound.weak:
            counts = False
        else:
            counts = of_question or _is_answer(name, standing.value, bound.value, statements)
        if counts:
            self._answers[name] = bound

    def settle(self) -> list[list[Any]]:
        """Put back what stands. Return a row for each name that is told: what it is ("answer", "provided", "python"),
        the name, the cell it stands in (-1 for Python itself), the cell that bound it again, and whether it was put
        back."""
        told: list[list[Any]] = []
        for name, standing in self._answers.items():
            if self._namespace.get(name, _GONE) is not standing.value:
                self._namespace[name] = standing.value
                told.append(["answer", name, standing.index, self._latest[name].index, True])
        for name, provided in self._provided.items():
            latest = self._latest[name]
            if name not in self._answers and latest is not provided and not _same(latest.value, provided.value):
                put_back = not self._used(name, latest.turn, None)
                if put_back:
                    self._namespace[name] = provided.value
                told.append(["provided", name, provided.index, latest.index, put_back])
        for name in [name for name in self._latest if name in vars(builtins) and name in self._namespace]:
            latest = self._latest[name]
            if name in self._answers or name in self._provided or not self._used(name, 0, latest.turn):
                continue
            put_back = not self._used(name, latest.turn, None)
            if put_back:
                del self._namespace[name]
            told.append(["python", name, -1, latest.index, put_back])
        return told[:MOST_TOLD]

    def _used(self, name: str, since: int, until: int | None) -> bool:
        """Return whether functions and classes in the student's cells from turn `since` up to, without, `until` use
        it.
        """
        return any(
            name in _used_later(one)
            for turn, role, code in self._code
            if role not in ("released", "check") and turn >= since and (until is None or turn < until)
            for one in code
        )


def _same(one: Any, other: Any) -> bool:
    """Return whether two bindings are one object, or plain values that are equal."""
    plain = type(one) is type(other) and type(one) in (bool, int, float, str, bytes)
    return one is other or (plain and one == other)


def _is_answer(name: str, before: Any, now: Any, statements: Sequence[ast.stmt]) -> bool:
    """Return whether a cell that is not the question's gives it another answer, and no other meaning to its name."""
    made = [statement for statement in _top_level(statements) if name in _made_by(statement)]
    if not made:
        return False  # an import, a loop, exec
    if isinstance(made[-1], (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return True
    if isinstance(before, type) or not callable(before):
        same = isinstance(now, (type, *_FUNCTIONS)) if isinstance(before, type) else type(now) is type(before)
        return same or (before is None and not callable(now))
    if isinstance(now, (type, *_FUNCTIONS)) or type(now).__name__ == "ScriptFunction":
        return True
    mentioned = {
        node.id for node in ast.walk(made[-1]) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    return callable(now) and name not in mentioned


def _top_level(statements: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements that run when the cell runs, those in `if`, `with` and `try` too."""
    for statement in statements:
        yield statement
        if isinstance(statement, (ast.If, ast.With, ast.Try)):
            yield from _top_level(statement.body)
            yield from _top_level(getattr(statement, "orelse", []))


def _made_by(statement: ast.stmt) -> list[str]:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return [statement.name]
    if isinstance(statement, ast.Assign):
        return [target.id for target in statement.targets if isinstance(target, ast.Name)]
    if isinstance(statement, ast.AnnAssign) and statement.value is not None and isinstance(statement.target, ast.Name):
        return [statement.target.id]
    return []


def _used_later(code: types.CodeType) -> set[str]:
    """Return the global names that functions and classes use that this code defines."""
    found: set[str] = set()
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            found |= _used_later(inner)
            if inner.co_name not in _AT_ONCE:
                loads = (one for one in dis.get_instructions(inner) if one.opname in ("LOAD_GLOBAL", "LOAD_NAME"))
                found.update(str(one.argval) for one in loads)
    return found
