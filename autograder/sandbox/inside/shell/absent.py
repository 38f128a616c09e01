"""Which statement of a cell asked for something that is not there when notebooks are graded: a package, a GPU.

Such a statement is left out and the rest of its cell runs, or one missing package on the first line would cost all the
imports and functions below it. What it would have bound is absent from then on, in later cells too: a line that uses
such a name (`sns.set_theme()`) is left out likewise, and of a function whose decorators or annotations do
(`@njit`, `x: Float[Tensor, "b c"]`) only these.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence

_GPU = ("cuda", "gpu", "nvidia", "mps")
_SAYS_GPU = ("CUDA", "NVIDIA", "mps devices", "XPU enabled")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class AbsentNames:
    """The names that a notebook lacks because what they stand for is not there."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    def without(self, statements: Sequence[ast.stmt], error: BaseException, file: str) -> list[ast.stmt] | None:
        """Return what is still to be run of a cell that ended with `error`; None if the cell must end there.

        Of `import a, b, c` each is tried alone. `file` is the name of the cell in tracebacks.
        """
        line = _line(error, file)
        place = next((i for i, one in enumerate(statements) if _first(one) <= line <= (one.end_lineno or line)), None)
        if place is None:
            return None
        failed, rest = statements[place], list(statements[place + 1 :])
        if isinstance(failed, ast.Import) and len(failed.names) > 1:
            return [*(ast.copy_location(ast.Import([alias]), failed) for alias in failed.names), *rest]
        if isinstance(error, NameError) and error.name in self._names:
            bare = _bare(failed, self._names)
            if bare is not None:
                return [bare, *rest]
        elif not (
            isinstance(failed, (ast.Import, ast.ImportFrom))
            or (isinstance(error, ImportError) and any(map(_imports, ast.walk(failed))))
            or _needs_gpu(failed, error)
        ):
            return None
        self._names.update(_bound(failed))
        return rest


def _imports(node: ast.AST) -> bool:
    return isinstance(node, (ast.Import, ast.ImportFrom))


def _bound(failed: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement would have bound."""
    for node in ast.walk(failed):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            yield node.name


def _bare(failed: ast.stmt, names: set[str]) -> ast.stmt | None:
    """Return a function or class without the decorators and annotations that use `names`; None where it has none."""
    if not isinstance(failed, (*_FUNCTIONS, ast.ClassDef)):
        return None
    bare, before = copy.deepcopy(failed), ast.dump(failed)

    def uses(node: ast.expr | None) -> bool:
        return node is not None and any(isinstance(one, ast.Name) and one.id in names for one in ast.walk(node))

    for node in ast.walk(bare):
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            node.decorator_list = [one for one in node.decorator_list if not uses(one)]
        if isinstance(node, _FUNCTIONS) and uses(node.returns):
            node.returns = None
        if isinstance(node, ast.arg) and uses(node.annotation):
            node.annotation = None
        if isinstance(node, ast.AnnAssign) and uses(node.annotation):
            node.annotation = ast.copy_location(ast.Constant("what is not there"), node.annotation)
    return bare if ast.dump(bare) != before else None


def _needs_gpu(failed: ast.stmt, error: BaseException) -> bool:
    """Return whether a check for a GPU failed, or a call that needs one."""
    if not isinstance(error, (AssertionError, RuntimeError, SystemExit, OSError)):
        return False
    if isinstance(failed, (ast.Assert, ast.If)) and any(word in ast.unparse(failed).lower() for word in _GPU):
        return True
    said = str(error) if type(error) in (AssertionError, RuntimeError) else ""
    return any(word in said for word in _SAYS_GPU)


def _first(statement: ast.stmt) -> int:
    """Return the first line of a statement, with its decorators."""
    decorators = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(one.lineno for one in decorators)])


def _line(error: BaseException, file: str) -> int:
    """Return the line of the cell itself in which it ended; 0 where it did not begin."""
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == file and step.tb_frame.f_code.co_name == "<module>":
            return step.tb_lineno
        step = step.tb_next
    return 0
