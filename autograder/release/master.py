"""The master notebook of an assignment: solutions/<assignment>/solution.py in percent format.

Reading it checks everything that would otherwise surface in students' hands: markers without partner, blanks without
question, questions without blank, missing check cells. Every message names the line of the cell it is about.

Regions of a cell, each between a `### BEGIN …` and a `### END …` line of its own:

    SOLUTION      what students write; the starter has `raise NotImplementedError` there (nothing, in a quiz item)
    STARTER       what the starter has instead, each line commented out with `# ` (code that is wrong on purpose)
    HIDDEN TESTS  nbgrader's hidden tests; only in check cells
    MARK SCHEME   for those who grade by hand; only in written answers and tasks

A task is a Markdown cell that says what to do; the answer is whatever cells a student adds after it, and a person
grades it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext
from nbformat.notebooknode import NotebookNode

from autograder.course.course import Assignment, Question, question_of
from autograder.course.variant_codes import code_in, new_code
from autograder.release.markers import MARKER, MARKER_ANYWHERE, regions
from autograder.release.opening import opening_cells
from autograder.release.pictures import PictureError, with_pictures

__all__ = ["Master", "ReleaseError", "read_master"]

_CELL = re.compile(r"^# %%")
TAGS = ("train", "check", "figure", "given", "setup", "variant", "raises-exception")


class ReleaseError(Exception):
    """Say what has to be put right before an assignment can be released, one message a mistake."""

    def __init__(self, messages: Sequence[str]) -> None:
        self.messages = tuple(messages)
        super().__init__("\n".join(messages))


@dataclass(frozen=True)
class Master:
    """A checked master. notebook: with complete nbgrader metadata and points, markers still in it; lines: the line of
    solution.py at which each cell starts."""

    assignment: Assignment
    notebook: NotebookNode
    lines: tuple[int, ...]


def read_master(assignment: Assignment) -> Master:
    """Read and check solutions/<assignment>/solution.py. Raises ReleaseError with every mistake found."""
    path = assignment.solution_path
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ReleaseError(
            [f"{_place(path, assignment)}: cannot be read ({error}); it is the master notebook"]
        ) from error
    notebook = jupytext.reads(text, fmt="py:percent")
    starts = [number for number, line in enumerate(text.split("\n"), start=1) if _CELL.match(line)]
    # jupytext makes a cell of text before the first marker; its place is the file's first line.
    lines = [1] * max(0, len(notebook.cells) - len(starts)) + starts
    check = _MasterCheck(assignment, notebook, tuple(lines[: len(notebook.cells)]), text.split("\n"))
    check.run()
    if check.messages:
        raise ReleaseError(check.messages)
    opening = opening_cells(assignment)
    place = 1 if notebook.cells and notebook.cells[0].cell_type == "markdown" else 0  # after the title
    notebook.cells[place:place] = opening
    lines = [*check.lines[:place], *(check.lines[:1] * len(opening)), *check.lines[place:]]
    return Master(assignment, notebook, tuple(lines))


def _place(path: Path, assignment: Assignment) -> str:
    return str(path.relative_to(assignment.root)) if path.is_relative_to(assignment.root) else str(path)


@dataclass
class _MasterCheck:
    """Completes the nbgrader metadata of all cells in place, and collects what is wrong."""

    assignment: Assignment
    notebook: NotebookNode
    lines: tuple[int, ...]
    text: Sequence[str]

    def __post_init__(self) -> None:
        self.messages: list[str] = []
        self.blanks: dict[str, int] = {}  # question id -> index of its last blank
        self.checks: dict[str, int] = {}  # question id -> index of its check cell
        self.grade_ids: dict[str, int] = {}

    def wrong(self, index: int, message: str) -> None:
        """Note what is wrong at the index of a cell, or the number of cells for what concerns none of them."""
        line = f":{self.lines[index]}" if index < len(self.lines) else ""
        self.messages.append(f"{_place(self.assignment.solution_path, self.assignment)}{line}: {message}")

    def run(self) -> None:
        for index, cell in enumerate(self.notebook.cells):
            self._markers(index, cell)
            self._tags(index, cell)
            self._pictures(index, cell)
            if "nbgrader" in cell.metadata:
                self._metadata(index, cell)
            elif "nbgrader" in self.text[self.lines[index] - 1] and _CELL.match(self.text[self.lines[index] - 1]):
                self.wrong(index, 'found nbgrader metadata that is no JSON, expected nbgrader={"grade_id": …}')
        for question in self.assignment.questions:
            self._question(question)
        self._variant_cell()

    def _markers(self, index: int, cell: NotebookNode) -> None:
        current = ""
        kinds = set()
        for line in cell.source.split("\n"):
            marker = MARKER.match(line)
            if marker is None:
                if (near := MARKER_ANYWHERE.search(line)) is not None:
                    self.wrong(index, f"found {near[0]!r} inside a line, expected marker lines to hold nothing else")
                continue
            kinds.add(marker[2])
            if marker[1] == "BEGIN" and current:
                self.wrong(index, f"found BEGIN {marker[2]} inside {current}, expected END {current} before it")
            elif marker[1] == "END" and current != marker[2]:
                self.wrong(index, f"found END {marker[2]} without its BEGIN in this cell")
            current = marker[2] if marker[1] == "BEGIN" else ""
        if current:
            self.wrong(index, f"found BEGIN {current} without END {current} in this cell")
        nbgrader = cell.metadata.get("nbgrader", {})
        if kinds & {"SOLUTION", "STARTER"} and not (isinstance(nbgrader, dict) and nbgrader.get("solution")):
            self.wrong(index, "found a solution region in a cell that is no blank, expected nbgrader metadata with "
                       "\"solution\": true")  # fmt: skip
        solutions = sum(
            1 for line in cell.source.split("\n") if (m := MARKER.match(line)) and m[0].strip("# ") == "BEGIN SOLUTION"
        )
        if "STARTER" in kinds and solutions != 1:
            self.wrong(
                index, f"found a STARTER region beside {solutions} SOLUTION regions, expected the one it replaces"
            )

    def _tags(self, index: int, cell: NotebookNode) -> None:
        for tag in cell.metadata.get("tags", []):
            if tag not in TAGS:
                self.wrong(index, f"found the tag {tag!r}, expected one of {', '.join(TAGS)}")

    def _pictures(self, index: int, cell: NotebookNode) -> None:
        if cell.cell_type == "markdown":
            try:
                cell.source = with_pictures(cell.source, self.assignment.solution_dir)
            except PictureError as error:
                self.wrong(index, str(error))

    def _variant_cell(self) -> None:
        tagged = [i for i, cell in enumerate(self.notebook.cells) if "variant" in cell.metadata.get("tags", [])]
        for index in tagged[1:]:
            self.wrong(index, f"found a second cell with the tag 'variant' (first at line {self.lines[tagged[0]]})")
        if not tagged:
            return
        cell = self.notebook.cells[tagged[0]]
        if cell.cell_type != "code" or not code_in(cell.source):
            code = new_code((), random.Random(self.assignment.name).choice)
            self.wrong(tagged[0], f"found no code in the cell with the tag 'variant', expected code = \"{code}\" or so")
        if "nbgrader" in cell.metadata:
            self.wrong(tagged[0], "found nbgrader metadata on the cell with the tag 'variant', expected none: students "
                       "change it")  # fmt: skip

    def _metadata(self, index: int, cell: NotebookNode) -> None:
        given = cell.metadata["nbgrader"]
        id = given.get("grade_id") if isinstance(given, dict) else None
        if not isinstance(id, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,60}", id):
            self.wrong(index, f"found grade_id {id!r}, expected letters, digits, '_' and '-', at most 60")
            return
        if id in self.grade_ids:
            self.wrong(index, f"found grade_id {id!r} a second time (first at line {self.lines[self.grade_ids[id]]})")
            return
        self.grade_ids[id] = index
        if "points" in given:
            self.wrong(index, f"found points in {id!r}, expected none: they come from course.yaml")
        meta: dict[str, Any] = {key: bool(given.get(key, False)) for key in ("grade", "solution", "locked", "task")}
        meta.update(schema_version=3, grade_id=id)
        cell.metadata["nbgrader"] = meta
        if meta["task"]:
            self._task(index, cell, id)
        elif meta["solution"]:
            self._blank(index, cell, id)
        elif meta["grade"]:
            self._check_cell(index, cell, id)
        if "train" in cell.metadata.get("tags", []) and (meta["solution"] or meta["grade"]):
            self.wrong(
                index, f"found the tag 'train' on {id!r}: such cells are not run when graded, so it cannot count"
            )

    def _blank(self, index: int, cell: NotebookNode, id: str) -> None:
        question = question_of(id, self.assignment)
        if question is None:
            known = ", ".join(q.id for q in self.assignment.questions)
            self.wrong(index, f"found the blank {id!r}, which is no question of {self.assignment.name} in course.yaml "
                       f"({known})")  # fmt: skip
            return
        meta = cell.metadata["nbgrader"]
        if (cell.cell_type == "markdown") != (question.kind == "manual") and cell.cell_type != "code":
            self.wrong(index, f"found a Markdown cell as the blank of {id!r}, expected code (kind {question.kind})")
        if meta["grade"] != (question.kind == "manual"):
            expected = "true (a person grades it)" if question.kind == "manual" else "false (its check cell has it)"
            self.wrong(index, f"found grade: {str(meta['grade']).lower()} in the blank {id!r}, expected {expected}")
        if question.kind == "manual":
            if question.id in self.blanks:
                self.wrong(index, f"found a second cell for the question {question.id!r}, which a person grades in one")
            meta["points"] = _points(question)
        elif not any(region == "SOLUTION" for region, _ in regions(cell.source)):
            self.wrong(index, f"found no BEGIN SOLUTION in the blank {id!r}")
        meta["locked"] = False
        self.blanks[question.id] = index

    def _task(self, index: int, cell: NotebookNode, id: str) -> None:
        question = next((q for q in self.assignment.questions if q.id == id), None)
        if question is None or question.kind != "manual":
            self.wrong(index, f"found the task {id!r}, expected the id of a question of kind manual in course.yaml")
            return
        meta = cell.metadata["nbgrader"]
        if cell.cell_type != "markdown":
            self.wrong(index, f"found a {cell.cell_type} cell as the task {id!r}, expected Markdown")
        if meta["grade"] or meta["solution"]:
            self.wrong(index, f'found "grade" or "solution" beside "task" in {id!r}, expected "task": true alone')
        if any(region == "SOLUTION" for region, _ in regions(cell.source)):
            self.wrong(index, f"found BEGIN SOLUTION in the task {id!r}, expected BEGIN MARK SCHEME for who grades it")
        meta |= {"locked": True, "points": _points(question)}
        self.blanks[question.id] = index

    def _check_cell(self, index: int, cell: NotebookNode, id: str) -> None:
        question = next((q for q in self.assignment.questions if id == f"check_{q.id}" and q.kind != "manual"), None)
        if question is None:
            self.wrong(
                index, f"found the graded cell {id!r}, expected check_<question id> of a question of course.yaml"
            )
            return
        if cell.cell_type != "code":
            self.wrong(index, f"found a {cell.cell_type} cell as {id!r}, expected code")
        cell.metadata["nbgrader"] |= {"locked": True, "points": _points(question)}
        self.checks[question.id] = index

    def _question(self, question: Question) -> None:
        blank, check = self.blanks.get(question.id), self.checks.get(question.id)
        if question.kind == "artifact":
            return
        if blank is None:
            self.wrong(
                len(self.lines), f"found no blank with grade_id {question.id!r}, which course.yaml has as a question"
            )
        elif question.kind != "manual" and check is None:
            self.wrong(blank, f"found no check cell check_{question.id} after the blank {question.id!r}")
        elif check is not None and check < blank:
            self.wrong(check, f"found check_{question.id} before the last blank of {question.id!r}, expected it after")


def _points(question: Question) -> float | int:
    """Return whole points as integers, as nbgrader writes them."""
    return int(question.points) if float(question.points).is_integer() else question.points
