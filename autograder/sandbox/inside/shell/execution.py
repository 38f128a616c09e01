"""Compile and run a cell's source, and say where in the student's own lines it failed."""

from __future__ import annotations
import __future__ as future

import ast
import asyncio
import inspect
import linecache
import re
import types
from collections.abc import Callable, Coroutine
from typing import Any

from IPython.core.displayhook import DisplayHook

from .absent import AbsentNames
from .built_ins import BuiltIns
from .streams import plain_text

MAX_LINES = 20
MAX_MESSAGE = 2000
MAX_SOURCE_LINE = 300
NOTHING = object()  # the cell ended without a last expression to show
CELL_FILE = re.compile(r"<cell (\d+)>")

_FUTURE = 0
for _name in future.all_feature_names:
    if _name not in ("nested_scopes", "generators"):  # always on; their flags mean something else in code objects
        _FUTURE |= getattr(future, _name).compiler_flag
del _name


class CellTimeout(BaseException):
    """The soft time limit of a cell. Not an Exception: `except Exception` must not swallow it."""


def cell_file(index: int) -> str:
    return f"<cell {index}>"


def register_source(index: int, source: str) -> None:
    """Let tracebacks and `inspect.getsource` find the student's own lines."""
    name = cell_file(index)
    # A modification time of None keeps linecache.checkcache from dropping the entry.
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)


class Executor:
    """Runs source text in one namespace: magics translated, `await` allowed, the last expression returned.

    `translate` turns IPython's notation into Python. It is asked only about source that Python itself
    refuses, which is cheap and keeps a student's broken input transformer away from plain code.
    """

    def __init__(self, namespace: dict[str, Any], translate: Callable[[str], str]) -> None:
        self.namespace = namespace
        self._translate = translate
        self._absent = AbsentNames()
        self._built_ins = BuiltIns()
        self._flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self._loop: asyncio.AbstractEventLoop | None = None
        self.statements: list[ast.stmt] = []  # of the cell at hand, as far as it was compiled
        self.code: list[types.CodeType] = []
        self._compiled: tuple[ast.stmt, ...] = ()  # of the source at hand

    @property
    def replaced(self) -> list[str]:
        """Return which of Python's own functions the notebook has replaced."""
        return self._built_ins.replaced

    def begin(self) -> None:
        """Forget what was compiled for the cell before."""
        self.statements, self.code = [], []

    def run(self, source: str, index: int, offset: int = 0, namespace: dict[str, Any] | None = None) -> Any:
        """Run `source`; return the value of its last expression, or NOTHING.

        `offset` is how many lines of cell `index` come before it. Raises whatever the code raises; where a package or
        a GPU is missing, after the rest of the code has run.
        """
        space = self.namespace if namespace is None else namespace
        body, last = self.compile(source, index, offset)
        first: Exception | None = None
        left = list(self._compiled)
        while True:
            try:
                if body is not None:
                    self.execute(body, space)
                value = NOTHING if last is None else self.execute(last, space)
            except Exception as error:  # noqa: BLE001 - student code
                rest = self._absent.without(left, error, cell_file(index))
                first = first or error
                if not rest:
                    raise first from None
                left, last = rest, None
                body = self._code(ast.Module(left, []), cell_file(index), "exec")
            else:
                if first is not None:
                    raise first
                return value

    def compile(self, source: str, index: int, offset: int = 0) -> tuple[types.CodeType | None, types.CodeType | None]:
        """Return the code of all but the last expression, and of the last expression where its value is to be shown."""
        tree, shift = self._parse(source, cell_file(index), offset)
        if offset + shift:
            ast.increment_lineno(tree, offset + shift)
        statements = tree.body
        self._compiled = tuple(statements)
        self.statements += statements
        last: ast.Expr | None = None
        if statements and isinstance(statements[-1], ast.Expr) and not _silenced(source):
            last = statements.pop()  # type: ignore[assignment]
        name = cell_file(index)
        body_code = self._code(ast.Module(statements, []), name, "exec") if statements else None
        last_code = self._code(ast.Expression(last.value), name, "eval") if last is not None else None
        return body_code, last_code

    def _parse(self, source: str, name: str, offset: int) -> tuple[ast.Module, int]:
        try:
            return self._tree(source, name), 0
        except SyntaxError as refused:
            plain = refused
        try:
            translated = self._translate(source)
        except Exception as broken:
            _move(plain, offset)
            raise plain from broken
        blank = len(source) - len(source.lstrip("\r\n\t \f"))
        shift = source[:blank].count("\n")  # IPython drops leading blank lines
        try:
            return self._tree(translated, name), shift
        except SyntaxError as error:
            _move(error, offset + shift)
            raise error from None

    def _tree(self, source: str, name: str) -> ast.Module:
        tree = compile(source, name, "exec", self._flags | ast.PyCF_ONLY_AST, dont_inherit=True)
        assert isinstance(tree, ast.Module)
        return tree

    def _code(self, tree: Any, name: str, mode: str) -> types.CodeType:
        code: types.CodeType = compile(tree, name, mode, self._flags, dont_inherit=True)
        self.code.append(code)
        self._flags |= code.co_flags & _FUTURE  # `from __future__ import …` holds for later cells too
        return code

    def execute(self, code: types.CodeType, namespace: dict[str, Any]) -> Any:
        self._built_ins.give()
        try:
            value = eval(code, namespace)  # noqa: S307 - running student code is what this process is for
            if code.co_flags & inspect.CO_COROUTINE:
                return self._await(value)
            return value
        finally:
            self._built_ins.lay_aside()

    def _await(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        if self._loop is None or self._loop.is_closed() or self._loop.is_running():
            self._loop = asyncio.new_event_loop()
        return self._loop.run_until_complete(coroutine)


def _silenced(source: str) -> bool:
    """Return whether the last expression ends in a semicolon, as in `plt.plot(x);`."""
    tail = source.rstrip().rpartition("\n")[2]
    return ";" in tail and bool(DisplayHook.semicolon_at_end_of_expression(source))  # type: ignore[no-untyped-call]


def _move(error: SyntaxError, lines: int) -> None:
    if error.lineno is not None:
        error.lineno += lines


def describe(error: BaseException) -> dict[str, Any]:
    """Type, message and the student's own lines of an exception: `lines` holds [cell, line number, source line].

    Runs `__str__` of the exception, which is student code: call it under the cell's time limit.
    """
    try:
        message = str(error)
    except Exception as broken:  # noqa: BLE001 - student code
        message = f"<its message cannot be shown: __str__ raised {type(broken).__name__}>"
    if len(message) > MAX_MESSAGE:
        message = message[: MAX_MESSAGE - 20] + " [... cut short]"
    lines = _student_lines(error)
    if isinstance(error, SyntaxError):
        found = CELL_FILE.fullmatch(str(error.filename))
        if found and isinstance(error.lineno, int):
            lines.append([int(found[1]), error.lineno, _source_line(str(error.filename), error.lineno)])
        message = str(error.msg)[:MAX_MESSAGE]
    return {
        "type": plain_text(str(type.__getattribute__(type(error), "__name__")))[:200],
        "message": plain_text(message),
        "lines": lines,
        "where": "student",
    }


def _student_lines(error: BaseException) -> list[list[Any]]:
    """Return the innermost frame last. Of a deep recursion the outermost three and the innermost frames stay."""
    frames: list[tuple[str, int]] = []
    step = error.__traceback__
    while step is not None:
        name = step.tb_frame.f_code.co_filename
        if CELL_FILE.fullmatch(name):
            frames.append((name, step.tb_lineno))
        step = step.tb_next
    if len(frames) > MAX_LINES:
        frames = frames[:3] + frames[3 - MAX_LINES :]
    return [[int(name[6:-1]), line, _source_line(name, line)] for name, line in frames]


def _source_line(name: str, line: int) -> str:
    return plain_text(linecache.getline(name, line).strip("\r\n")[:MAX_SOURCE_LINE])


def error_output(error: dict[str, Any]) -> dict[str, Any]:
    """Return the nbformat output that shows `error` (of `describe`) in an executed notebook."""
    trace = [f"cell {cell}, line {line}: {source.strip()}" for cell, line, source in error["lines"]]
    trace.append(f"{error['type']}: {error['message']}")
    return {"output_type": "error", "ename": error["type"], "evalue": error["message"], "traceback": trace}
