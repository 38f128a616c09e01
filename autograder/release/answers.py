"""Does what students get answer a blank of its own or of a later assignment?

`leaks` holds one master against its own release. Here the files of a release are held against every master from its
own to the last of the course, in the order of course.yaml: the network that assignment 3 hands out may be the answer
to assignment 6. A definition answers a blank where it bears the blank's name and has a body, or where it holds more
than half of the telling lines of the blank's solution, whatever it is called. Earlier assignments do not count: their
answers are what later ones build on.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograder.release.leaks import secrets, shared_lines
from autograder.release.markers import solved
from autograder.release.master import Master


@dataclass(frozen=True)
class Blank:
    """Hold what one blank asks for. names: functions and classes it defines; lines: telling lines of its solution."""

    assignment: str
    grade_id: str
    names: frozenset[str]
    lines: tuple[str, ...]


def blanks(master: Master) -> tuple[Blank, ...]:
    """Return the code blanks of a master that define something, or whose solution has telling lines."""
    lines = {secret.cell: secret.lines for secret in secrets(master) if secret.kind == "solution"}
    found = []
    for cell in master.notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            code = solved(cell.source)
            names = frozenset(node.name for node in _definitions(code))
            if names or grade_id in lines:
                found.append(Blank(master.assignment.name, grade_id, names, lines.get(grade_id, ())))
    return tuple(found)


def answers(files: Mapping[str, bytes], asked: Sequence[Blank]) -> list[str]:
    """Return one message for each definition in `files` (Python and notebooks, by name) that answers one of the
    blanks.
    """
    messages = []
    for place, id, source in _sources(files):
        for blank in asked:
            for node in _definitions(source):
                if node.name in blank.names and id != blank.grade_id and not _is_stub(node):
                    messages.append(
                        f"{place}: found a definition of {node.name}, which {blank.assignment} asks for "
                        f"({blank.grade_id}); take the file out of public_files, or load weights without it"
                    )
            if len(seen := shared_lines(blank.lines, source)) * 2 > len(set(blank.lines)):
                messages.append(
                    f"{place}: found {len(seen)} lines of the solution that {blank.assignment} asks for "
                    f"({blank.grade_id}), such as {seen[0]!r}"
                )
    return list(dict.fromkeys(messages))


def asked_from(name: str, masters: Sequence[Master]) -> tuple[Blank, ...]:
    """Return the blanks of the assignment called `name` and of all after it. masters: all, in the course's order."""
    names = [master.assignment.name for master in masters]
    return tuple(blank for master in masters[names.index(name) :] for blank in blanks(master))


def _sources(files: Mapping[str, bytes]) -> Iterator[tuple[str, str, str]]:
    """Yield (place, cell id or empty, Python source) of every Python file and every code cell.

    A blank's own cell may define its name: a stub, or code that is wrong on purpose, which `leaks` looks at.
    """
    for name, data in sorted(files.items()):
        if name.endswith(".py"):
            yield name, "", data.decode("utf-8", "replace")
        elif name.endswith(".ipynb"):
            for cell in json.loads(data)["cells"]:
                if cell["cell_type"] == "code":
                    yield f"{name}, cell {cell['id']}", str(cell["id"]), "".join(cell["source"])


def _definitions(source: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Return functions and classes at the top level; none where the source is no plain Python (magics)."""
    plain = "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in source.split("\n"))
    try:
        body = ast.parse(plain).body
    except (SyntaxError, ValueError):
        return
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node


def _is_stub(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Return whether some method (or the function itself) still raises NotImplementedError, as a starter does."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Raise) and isinstance(inner.exc, ast.Name) and inner.exc.id == "NotImplementedError":
            return True
    return False
