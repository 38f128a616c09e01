"""Blanks that do nothing: what each question's functions and classes could be if nobody had thought about them.

A submission that returns its first argument, zero, zeros of its first argument's shape or None from everything that a
question asks for must earn nothing there. Where it earns something, a test only forbids (mark it `forbids=True`), or
its inputs are such that nothing is the right answer. What must stay so is listed with the reason in
`doing_nothing.yaml` beside the hidden tests:

    - question: soften
      answer: zero
      reason: The softened logits of equal logits are zero, and the text asks for that case by itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.course import Assignment, question_of
from autograder.course.yaml_sections import read_section_list
from autograder.grading.options import Focus
from autograder.release.markers import solved
from autograder.release.master import Master
from autograder.validation.cases import Case
from autograder.validation.mutants import with_cells

FILE = "doing_nothing.yaml"
_KEYS = ("question", "answer", "reason")
_FIRST = "next(iter((*arguments, *named.values())), None)"
ANSWERS = {  # what everything returns -> the expression for it
    "first argument": _FIRST,
    "zero": "0.0",
    "zeros like the first argument": f"(lambda x: x.new_zeros(x.shape) if hasattr(x, 'new_zeros') else 0)({_FIRST})",
    "None": "None",
}


@dataclass(frozen=True)
class Excused:
    """One reviewed entry: this question may give points to this answer. line: where it begins in the file, from 1."""

    question: str
    answer: str
    reason: str
    line: int


def noop_cases(master: Master, solution: bytes) -> Iterator[Case]:
    """Yield a case for each question of kind `tests` and each answer: the solution with that question's blanks empty.

    A question whose blanks define neither function nor class has none.
    """
    for question_id, sources in blanks_of(master).items():
        if not any(_defines(source) for source in sources.values()):
            continue
        for answer in ANSWERS:
            emptied = {index: does_nothing(source, answer) for index, source in sources.items()}
            focus = Focus(questions=(question_id,), remedies=False)
            name = f"{question_id} returns {answer}"
            yield Case("noop", name, with_cells(solution, emptied), (question_id,), answer=answer, focus=focus)


def blanks_of(master: Master) -> dict[str, dict[int, str]]:
    """Return question of kind `tests` -> index of a cell of its blanks -> the code that solves it."""
    blanks: dict[str, dict[int, str]] = {}
    for index, cell in enumerate(master.notebook.cells):
        nbgrader = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and nbgrader.get("solution"):
            question = question_of(str(nbgrader["grade_id"]), master.assignment)
            if question is not None and question.kind == "tests":
                blanks.setdefault(question.id, {})[index] = solved(cell.source)
    return blanks


def does_nothing(source: str, answer: str) -> str:
    """Return a cell's code in which every function and class at its top level takes anything and returns `answer`.

    `answer` is a key of ANSWERS. Imports, constants and calls stay.
    """
    tree = ast.parse(source)
    tree.body = [_emptied(node, answer) for node in tree.body]
    return ast.unparse(ast.fix_missing_locations(tree))


def read_excused(assignment: Assignment) -> tuple[Excused, ...]:
    """Return the reviewed list of an assignment; empty where it has none. Raises CourseError."""
    path = excused_path(assignment)
    if not path.exists():
        return ()
    sections, notes = read_section_list(path, _KEYS, "entry")
    entries = tuple(
        Excused(**{key: section.text(key).strip() for key in _KEYS}, line=section.line) for section in sections
    )
    for entry in entries:
        if entry.answer not in ANSWERS:
            notes.add(entry.line, f"the answer {entry.answer!r}", f"one of {', '.join(ANSWERS)}")
    notes.raise_if_any()
    return entries


def excused_path(assignment: Assignment) -> Path:
    return assignment.solution_dir / FILE


def stale(
    listed: Sequence[Excused], earned: Mapping[tuple[str, str], float | None], assignment: Assignment
) -> list[str]:
    """Return a message for each entry that fits no case, or one that earns nothing. earned: (question, answer) ->
    points.
    """
    path = excused_path(assignment)
    problems = []
    for entry in listed:
        if (entry.question, entry.answer) not in earned:
            found = f"found no question {entry.question!r} whose blanks could return {entry.answer}"
        elif not earned[entry.question, entry.answer]:
            found = f"found that {entry.question} gives nothing to {entry.answer}"
        else:
            continue
        problems.append(f"{path}:{entry.line}: {found}, expected an answer that earns points; remove the entry")
    return problems


def _defines(source: str) -> bool:
    return any(isinstance(node, (ast.FunctionDef, ast.ClassDef)) for node in ast.parse(source).body)


def _emptied(node: ast.stmt, answer: str) -> ast.stmt:
    if isinstance(node, ast.FunctionDef):
        return _function(node.name, answer, "*arguments, **named")
    if isinstance(node, ast.ClassDef):
        methods: list[Any] = [
            _function(part.name, answer, "self, *arguments, **named")
            for part in node.body
            if isinstance(part, ast.FunctionDef) and part.name != "__init__"
        ]
        begin = "super().__init__()" if node.bases else "pass"
        start = ast.parse(f"def __init__(self, *arguments, **named):\n    {begin}").body
        node.body, node.decorator_list = [*start, *methods], []
    return node


def _function(name: str, answer: str, parameters: str) -> ast.stmt:
    return ast.parse(f"def {name}({parameters}):\n    return {ANSWERS[answer]}").body[0]
