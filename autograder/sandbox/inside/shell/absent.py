"""Which statement of a cell asked for something that is not there when notebooks are graded: a package, a GPU.

Such a statement is left out and the rest of its cell runs, or one missing package on the first line would cost all the
imports and functions below it.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

_GPU = ("cuda", "gpu", "nvidia")


def without(statements: Sequence[ast.stmt], error: BaseException, file: str) -> list[ast.stmt] | None:
    """Return what is still to be run of a cell that ended with `error`; None if the cell must end there.

    Of `import a, b, c` each is tried alone. `file` is the name of the cell in tracebacks.
    """
    line = _line(error, file)
    place = next((i for i, one in enumerate(statements) if one.lineno <= line <= (one.end_lineno or line)), None)
    if place is None:
        return None
    failed, rest = statements[place], list(statements[place + 1 :])
    if isinstance(failed, ast.Import) and len(failed.names) > 1:
        return [*(ast.copy_location(ast.Import([alias]), failed) for alias in failed.names), *rest]
    if isinstance(failed, (ast.Import, ast.ImportFrom)):
        return rest
    if isinstance(error, ImportError) and any(
        isinstance(node, (ast.Import, ast.ImportFrom)) for node in ast.walk(failed)
    ):
        return rest
    return rest if _needs_gpu(failed, error) else None


def _needs_gpu(failed: ast.stmt, error: BaseException) -> bool:
    """Return whether a check for a GPU failed, or a call that needs one."""
    if not isinstance(error, (AssertionError, RuntimeError, SystemExit, OSError)):
        return False
    if isinstance(failed, (ast.Assert, ast.If)) and any(word in ast.unparse(failed).lower() for word in _GPU):
        return True
    said = str(error) if type(error) in (AssertionError, RuntimeError) else ""
    return "CUDA" in said or "NVIDIA" in said


def _line(error: BaseException, file: str) -> int:
    """Return the line of the cell itself in which it ended; 0 where it did not begin."""
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == file and step.tb_frame.f_code.co_name == "<module>":
            return step.tb_lineno
        step = step.tb_next
    return 0
