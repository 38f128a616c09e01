"""A foreign assignment, read: cells, questions and items, in the words of this project."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from autograder.course.imported import CellSeed
from autograder.testing.legacy import Form, Level

Role = Literal["text", "given", "plain", "blank", "manual", "check"]


class ImportFailed(Exception):
    """The foreign files cannot be imported: which file, where in it, what was found, what to do."""


@dataclass
class ForeignItem:
    """One test cell of nbgrader, or one test case of otter.

    source: the whole test, hidden lines included. visible: the part that students see, "" for none. at: id of the
    released cell before which it is scored, "" for after the last cell. points: its weight. level: None where neither
    the trusted process nor the student's can judge it (`why` says so).
    """

    id: str
    question: str
    title: str
    points: float
    form: Form
    source: str
    visible: str = ""
    function: str = ""
    success: str = ""
    failure: str = ""
    at: str = ""
    only_visible: bool = False  # the hidden part is not in what was imported
    level: Level | None = "trusted"
    why: str = ""
    forbids: bool = False


@dataclass
class DraftCell:
    """One cell of the master. source: as the master has it, markers included. grade_id: "" for a cell without one."""

    kind: Literal["code", "markdown"]
    source: str
    role: Role
    question: str = ""
    grade_id: str = ""
    original: str = ""  # its grade_id in the foreign notebook
    handed_out: str | None = None  # what students got in it there; None where that is not known
    solution: bool = False  # it holds a part of the answer that students do not get
    raises: bool = False  # it raises with the solution, where this was imported


@dataclass
class DraftQuestion:
    id: str
    title: str
    kind: Literal["tests", "manual"]
    points: float = 0.0
    all_or_nothing: bool = False


@dataclass(frozen=True)
class Note:
    """Something that did not come over as it was, or that a person should know. where: cell, question or setting."""

    where: str
    what: str


@dataclass
class ForeignAssignment:
    """A foreign assignment. copies: whether a test gets a copy of the notebook's names (otter)."""

    system: Literal["nbgrader", "otter"]
    source: Path
    cells: list[DraftCell] = field(default_factory=list)
    questions: list[DraftQuestion] = field(default_factory=list)
    items: list[ForeignItem] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)  # that students get beside the notebook
    copies: bool = False
    reference: bool = True  # whether there is a solution
    seed: CellSeed | None = None  # what happens before each code cell (otter)
    shown_anyway: tuple[str, ...] = ()  # lines of solutions that students see, as they did before

    def note(self, where: str, what: str) -> None:
        if (note := Note(where, what)) not in self.notes:
            self.notes.append(note)

    def question(self, id: str) -> DraftQuestion:
        return next(question for question in self.questions if question.id == id)


class Ids:
    """Makes ids of this project out of foreign names: each other name another id, the same name unchanged if it can
    be."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def new(self, name: str, prefix: str = "q") -> str:
        id = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:40]
        if not re.match(r"[a-z]", id) or id.startswith("check_"):
            id = f"{prefix}_{id}"[:40].strip("_")
        found, number = id, 2
        while found in self._taken:
            found, number = f"{id}_v{number}", number + 1
        self._taken.add(found)
        return found


def one_notebook(path: Path) -> Path:
    """Return the notebook at `path`, or the only one in the folder `path`. Raises ImportFailed."""
    if path.is_file():
        return path
    found = sorted(file for file in path.glob("*.ipynb"))
    if len(found) != 1:
        names = ", ".join(file.name for file in found[:5]) or "none"
        raise ImportFailed(f"{path}: expected one notebook in the folder, found {names}; name the one to import")
    return found[0]


def settle_blanks(draft: ForeignAssignment) -> None:
    """Give every blank a question that tests grade, and each such question its blanks and one check cell behind them.

    A blank without tests of its own belongs to the next tested question, behind the last one to the last. Tests
    before the first blank belong to the first question that has one. Raises ImportFailed where there is none.
    """
    tested = {item.question for item in draft.items}
    blanks = [cell for cell in draft.cells if cell.role == "blank"]
    following = ""
    for cell in reversed(draft.cells):
        if cell.role == "check" and cell.question in tested:
            following = cell.question
        if cell.role == "blank" and cell.question not in tested:
            if cell.question:
                draft.note(cell.original or cell.question, f"has no tests; its blank belongs to {following or 'the last question'}")  # fmt: skip  # noqa: E501
            cell.question = following
    last = next((cell.question for cell in reversed(draft.cells) if cell.role == "check"), "")
    for cell in blanks:
        cell.question = cell.question or last
    if draft.items and not blanks:
        raise ImportFailed(f"{draft.source}: found tests and no cell that students fill in; there is nothing to grade")
    with_blank = {cell.question for cell in blanks}
    order = [cell.question for cell in draft.cells if cell.question in with_blank and cell.role in ("blank", "check")]
    _merge_without_blank(draft, with_blank, order)
    for cell in blanks:
        if not cell.question:  # nothing in the notebook is tested
            cell.role, cell.question = "manual", Ids(q.id for q in draft.questions).new(cell.original or "answer")
            draft.questions.append(DraftQuestion(cell.question, cell.original or "Answer", "manual", 0.0))
            draft.note(cell.original or cell.question, "has no tests anywhere; a person grades it, for 0 points")
    used = {cell.question for cell in draft.cells if cell.role in ("blank", "manual")}
    draft.questions = [question for question in draft.questions if question.id in used]
    _number_blanks(draft)
    _one_check_each(draft)
    for question in draft.questions:
        if question.kind == "tests":
            items = [item for item in draft.items if item.question == question.id]
            question.points = round(sum(item.points for item in items), 6)
            question.all_or_nothing = question.all_or_nothing and len(items) > 1


def _merge_without_blank(draft: ForeignAssignment, with_blank: set[str], order: list[str]) -> None:
    """Let tests whose question has no blank belong to the question above, or else to the first one."""
    above: dict[str, str] = {}
    current = order[0] if order else ""
    for cell in draft.cells:
        if cell.role in ("blank", "check"):
            if cell.question in with_blank:
                current = cell.question
            elif cell.question:
                above.setdefault(cell.question, current)
                cell.question = current
    for item in draft.items:
        if item.question not in with_blank:
            draft.note(item.question, f"has no blank of its own; its tests belong to {above[item.question]}")
            item.question = above[item.question]


def _number_blanks(draft: ForeignAssignment) -> None:
    taken = {question.id for question in draft.questions}
    for question in draft.questions:
        own = [cell for cell in draft.cells if cell.role in ("blank", "manual") and cell.question == question.id]
        number = 0
        for cell in own:
            if len(own) == 1:
                cell.grade_id = question.id
                continue
            number += 1
            while f"{question.id}_{number}" in taken:
                number += 1
            cell.grade_id = f"{question.id}_{number}"


def _one_check_each(draft: ForeignAssignment) -> None:
    """Make the last check behind a question's last blank its check cell; the others are read-only cells."""
    for question in draft.questions:
        if question.kind != "tests":
            continue
        blank = max(i for i, cell in enumerate(draft.cells) if cell.role == "blank" and cell.question == question.id)
        behind = [i for i, c in enumerate(draft.cells) if c.role == "check" and c.question == question.id and i > blank]
        if not behind:
            made = DraftCell("code", "# This part of the question has hidden tests only.", "check", question.id)
            draft.cells.insert(blank + 1, made)
            behind = [blank + 1]
        check = draft.cells[behind[-1]]
        before, check.grade_id = check.grade_id, f"check_{question.id}"
        for item in draft.items:
            if before and item.at == before:
                item.at = check.grade_id
