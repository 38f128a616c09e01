"""Automatic mutants: the solution notebook with one small mistake in the code of one blank.

A mutant is made wherever an operator (`autograder.validation.operators`) applies inside a function or class of a
blank's solution region. Left alone are what tests cannot see and nobody means to test: docstrings, annotations, the
text of exceptions and messages. Mutants that are no Python, or the same as another one, are dropped.

What is mutated is found again by its text and not by its line, so that the reviewed list of equivalent mutants
(`autograder.validation.equivalents`) outlives edits elsewhere in the master.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider

from autograder.course.course import question_of
from autograder.release.markers import solution_lines, solved
from autograder.release.master import Master
from autograder.validation.operators import mutations

_SHOWN_ELSEWHERE = ("check", "figure", "train")  # cells whose output no hidden test looks at


@dataclass(frozen=True)
class Mutant:
    """One changed blank. cell: index in the master; line: of solution.py; original, source: the whole cell's code."""

    question: str
    cell: int
    line: int
    operator: str
    original: str
    source: str

    @cached_property
    def _changes(self) -> tuple[str, str]:
        before, after = self.original.split("\n"), self.source.split("\n")
        taken, put = [], []
        for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            if tag != "equal":
                taken += [line.strip() for line in before[i1:i2]]
                put += [line.strip() for line in after[j1:j2]]
        return "\n".join(taken), "\n".join(put)

    @property
    def before(self) -> str:
        """Return the changed lines as they were, without their indentation."""
        return self._changes[0]

    @property
    def after(self) -> str:
        return self._changes[1]

    @property
    def id(self) -> str:
        """Return the same as long as the changed cell is: eight hex digits."""
        return hashlib.sha256("\0".join((self.question, self.original, self.source)).encode()).hexdigest()[:8]

    @property
    def name(self) -> str:
        return f"mutant_{self.question}_{self.id}"

    @property
    def diff(self) -> str:
        """Return a unified diff of the changed lines, with their neighbours."""
        lines = difflib.unified_diff(self.original.split("\n"), self.source.split("\n"), lineterm="", n=1)
        return "\n".join(list(lines)[2:])


def make_mutants(master: Master) -> tuple[Mutant, ...]:
    """Return all mutants of all blanks of kind `tests`, in the order of the notebook."""
    found = []
    for index, cell in enumerate(master.notebook.cells):
        nbgrader = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code" or not nbgrader.get("solution"):
            continue
        question = question_of(str(nbgrader["grade_id"]), master.assignment)
        if question is not None and question.kind == "tests":
            found += list(_mutants_of_cell(question.id, index, master.lines[index] + 1, cell.source))
    return tuple(found)


def insert_mutant(solution: bytes, mutant: Mutant) -> bytes:
    """Return the solution notebook (`release.solution_notebook`) with the mutant's cell in place of the solution's."""
    return with_cells(solution, {mutant.cell: solved(mutant.source)})


def with_cells(solution: bytes, sources: Mapping[int, str]) -> bytes:
    """Return the solution notebook with other code in some cells (index in the master -> code).

    Visible checks, figures and training are left out: no hidden test looks at them, and the former would stop at the
    mistake that is to be caught by the latter.
    """
    document: dict[str, Any] = json.loads(solution)
    cells = document["cells"]
    for index, source in sources.items():
        cells[index]["source"] = source.rstrip()
    document["cells"] = [
        cell
        for cell in cells
        if not (cell["cell_type"] == "code" and set(cell["metadata"].get("tags", ())).intersection(_SHOWN_ELSEWHERE))
    ]
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _mutants_of_cell(question: str, index: int, first_line: int, source: str) -> Iterator[Mutant]:
    for operator, line, mutated in mutated_sources(source, solution_lines(source)):
        yield Mutant(question, index, first_line + line - 1, operator, source, mutated)


def mutated_sources(source: str, lines: set[int]) -> Iterator[tuple[str, int, str]]:
    """Yield (operator, line, code) for each mutant of functions and classes on the given lines, each code once."""
    wrapper = MetadataWrapper(cst.parse_module(source))
    collector = _Collector(lines)
    wrapper.visit(collector)
    seen = {ast.dump(ast.parse(source))}
    for node, line in collector.nodes:
        for operator, changed in mutations(node):
            mutated = _replaced(wrapper.module, node, changed)
            try:
                tree = ast.dump(ast.parse(mutated))
            except (SyntaxError, ValueError):
                continue
            if tree not in seen:
                seen.add(tree)
                yield operator, line, mutated


def _replaced(module: cst.Module, node: cst.CSTNode, changed: cst.CSTNode) -> str:
    result = module.deep_replace(node, changed)
    assert isinstance(result, cst.Module)
    return result.code


class _Collector(cst.CSTVisitor):
    """Nodes inside functions and classes that start on one of the given lines."""

    METADATA_DEPENDENCIES = (PositionProvider, ParentNodeProvider)

    def __init__(self, lines: set[int]) -> None:
        super().__init__()
        self.nodes: list[tuple[cst.CSTNode, int]] = []
        self._lines = lines
        self._depth = 0

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, (cst.Annotation, cst.Raise, cst.Decorator)) or _is_docstring(node):
            return False
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            self._depth += 1
        elif self._depth and isinstance(
            node, (cst.BaseExpression, cst.BaseStatement, cst.BaseSmallStatement, cst.ComparisonTarget)
        ):
            line = self.get_metadata(PositionProvider, node).start.line
            if line in self._lines:
                self.nodes.append((node, line))
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, (cst.FunctionDef, cst.ClassDef)):
            self._depth -= 1


def _is_docstring(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Expr) and isinstance(node.value, (cst.SimpleString, cst.ConcatenatedString))
