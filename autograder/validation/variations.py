"""The solution in other arithmetic: how far do honest answers lie apart?

Right answers differ by rounding: other layouts choose other kernels, float64 rounds less, a machine without oneDNN adds
up in another order. The solution is graded in each of these forms as it is in its own, must earn everything, and shows
how much room each tolerance leaves (`autograder.validation.margins`). Where a function cannot be called in a form,
because it makes float32 numbers of its own or wants its input in order, it is called as it is: the text may allow that.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.release.master import Master
from autograder.validation.cases import NOTING, Case
from autograder.validation.mutants import with_cells
from autograder.validation.noops import blanks_of

_VARIED = """
def _varied(function):
    import contextlib
    import functools
    import torch

    def all_of(change, x):
        return type(x)(all_of(change, part) for part in x) if type(x) in (list, tuple) else change(x)

{form}
    @functools.wraps(function)
    def varied(*arguments, **named):
        try:
            return in_form(*arguments, **named)
        except Exception:
            return function(*arguments, **named)
    return varied
"""
_LAYOUTS = """
    def other(x):
        if not isinstance(x, torch.Tensor) or x.ndim < 2:
            return x
        back = tuple(reversed(range(x.ndim)))
        return x.permute(back).contiguous().permute(back) if x.is_contiguous() else x.contiguous()

    def in_form(*arguments, **named):
        return function(*map(other, arguments), **{name: other(x) for name, x in named.items()})
"""
_DOUBLE = """
    def wide(x):
        return x.double() if isinstance(x, torch.Tensor) and x.dtype == torch.float32 else x

    def narrow(x):
        if isinstance(x, torch.nn.Module):
            return x.float()
        return x.float() if isinstance(x, torch.Tensor) and x.dtype == torch.float64 else x

    def in_form(*arguments, **named):
        given = (*arguments, *named.values())
        single = [isinstance(x, torch.Tensor) and x.dtype == torch.float32 for x in given]
        if not any(single) or any(isinstance(x, torch.nn.Module) for x in given):
            return function(*arguments, **named)
        torch.set_default_dtype(torch.float64)
        try:
            found = function(*map(wide, arguments), **{name: wide(x) for name, x in named.items()})
        finally:
            torch.set_default_dtype(torch.float32)
        return all_of(narrow, found)
"""
_KERNELS = """
    def in_form(*arguments, **named):
        with torch.backends.mkldnn.flags(enabled=False):
            return function(*arguments, **named)
"""
FORMS = {"in other layouts": _LAYOUTS, "in float64": _DOUBLE, "without oneDNN": _KERNELS}


def variation_cases(master: Master, solution: bytes) -> Iterator[Case]:
    """Yield the solution with the functions of all blanks in each form, where its notebook has torch."""
    if not any("import torch" in cell.source for cell in master.notebook.cells if cell.cell_type == "code"):
        return
    cells = {index: source for sources in blanks_of(master).values() for index, source in sources.items()}
    for what in FORMS:
        varied = {index: in_form(source, what) for index, source in cells.items()}
        yield Case("solution", f"solution {what}", with_cells(solution, varied), focus=NOTING)


def in_form(source: str, what: str) -> str:
    """Return a cell's code in which every function at its top level, and `forward` of every class, has another form.

    what: a key of FORMS. Functions call each other in that form, too.
    """
    lines = [source, _VARIED.replace("{form}", FORMS[what])]
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            lines.append(f"{node.name} = _varied({node.name})")
        elif isinstance(node, ast.ClassDef):
            methods = {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
            lines += [f"{node.name}.{name} = _varied({node.name}.{name})" for name in sorted(methods & {"forward"})]
    return "\n".join(lines) + "\n"
