"""Which code is run of a notebook, in which order, and whose it is.

What was provided with the assignment (cells tagged `setup`, `given`, `check`) is graded as it was released: where the
student's copy is gone, was edited or is no code cell any more, the released cell runs at its place. An edited copy runs
first, as the student's own, so that what was added in it is there, too; then the released one has the last word.

A blank that is still as it was released never takes the place of an answer: below the answer it is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from autograder.course.releases import ReleasedCell
from autograder.notebooks.matching import CellMatch, Matching
from autograder.notebooks.read import Cell, Notebook
from autograder.notebooks.text import assigned_names, defined_names, essence

MAX_RUN_BYTES = 60_000  # of a cell's source as JSON: it travels in one frame header
PROVIDED = ("setup", "given", "check", "variant")  # tags of cells that are graded as they were released
_WORD = re.compile(r"\w+")

Role = Literal["own", "answer", "stub", "released", "check"]


@dataclass(frozen=True)
class PlannedCell:
    """Code, and what to do with it.

    index: the cell's position in the notebook; cells of the release that are run beside it have numbers after its last.
    source may differ from the notebook's: training lines left out. role: "own" is what a student wrote beside the
    blanks, "released" and "check" are as they were released; of answers and stubs, names are what the blanks ask for.
    added: it is not in the notebook, or not like this.
    """

    index: int
    source: str
    action: Literal["run", "skip"]
    reason: str = ""
    role: Role = "own"
    names: tuple[str, ...] = ()
    added: bool = False


@dataclass(frozen=True)
class Plan:
    """cells: in the order in which they are run. notices: for the student."""

    cells: tuple[PlannedCell, ...]
    notices: tuple[str, ...] = ()


def plan_execution(notebook: Notebook, matching: Matching) -> Plan:
    """Return all code of the notebook in its order, with what is run of the release beside it."""
    released = matching.release.cells if matching.release is not None else ()
    training = [cell.source for cell in released if _is_train(cell) and cell.source.count("\n") >= 2]
    blanks = _blanks(released, matching)
    beside = _Beside(notebook, matching, released)
    planned = list(beside.before_all())
    answered: dict[str, int] = {}  # name that a blank asks for -> the cell whose answer it is
    for cell in notebook.cells:
        if cell.kind == "code":
            planned.append(_plan_one(cell, matching.cells[cell.index], training, blanks, answered))
        planned += beside.after(cell)
    return Plan(tuple(planned), tuple(beside.notices()))


def _plan_one(
    cell: Cell, match: CellMatch, training: Sequence[str], blanks: dict[str, tuple[str, ...]], answered: dict[str, int]
) -> PlannedCell:
    """Return what is done with one cell; notes the answers in it."""
    if match.train:
        return PlannedCell(cell.index, cell.source, "skip", "Training cells are not run when graded.")
    if not cell.source.strip():
        return PlannedCell(cell.index, cell.source, "skip", "This cell is empty.")
    if match.retyped and match.questions:
        return PlannedCell(cell.index, cell.source, "skip", "This cell holds a written answer, which a person reads.")
    if len(json.dumps(cell.source)) > MAX_RUN_BYTES:
        reason = f"This cell is longer than {MAX_RUN_BYTES // 1000} thousand characters, more than can be run."
        return PlannedCell(cell.index, cell.source, "skip", reason)
    source = _without_training(cell.source, training)
    reason = "Training lines were left out." if source != cell.source else ""
    if not match.questions:
        role = _role(match.released) if match.released and _as_released(cell, match.released) else "own"
        return PlannedCell(cell.index, source, "run", reason, role)
    defined = {*defined_names(cell.source), *assigned_names(cell.source)}
    names = tuple(name for question in match.questions for name in blanks.get(question, ()) if name in defined)
    if match.stub:
        earlier = {answered[name] for name in names if name in answered}
        if names and all(name in answered for name in names):
            reason = f"This is the blank as it was released; the answer in cell {max(earlier) + 1} counts."
            return PlannedCell(cell.index, source, "skip", reason)
        return PlannedCell(cell.index, source, "run", reason, "stub", names)
    answered.update(dict.fromkeys(names, cell.index))
    return PlannedCell(cell.index, source, "run", reason, "answer", names)


def _blanks(released: Sequence[ReleasedCell], matching: Matching) -> dict[str, tuple[str, ...]]:
    """Return question -> the names that its blanks define."""
    found: dict[str, dict[str, None]] = {}
    for match in matching.cells:
        for question in match.questions:
            found.setdefault(question, {})
    for cell in released:
        for question, names in found.items():
            if cell.cell_type == "code" and re.fullmatch(re.escape(question) + r"(_\d+)?", cell.grade_id):
                names.update(dict.fromkeys(defined_names(cell.source) + assigned_names(cell.source)))
    return {question: tuple(names) for question, names in found.items()}


class _Beside:
    """Hold what of the release is run beside the notebook's own cells."""

    def __init__(self, notebook: Notebook, matching: Matching, released: Sequence[ReleasedCell]) -> None:
        self._number = len(notebook.cells)
        self._due: dict[int, list[ReleasedCell]] = {}  # position in the notebook -> what runs after it
        self._edited: list[int] = []
        self._gone: list[str] = []
        copies: dict[str, list[int]] = {}
        for match in matching.cells:
            if match.released is not None:
                copies.setdefault(_key(match.released), []).append(match.index)
        standing = {essence(cell.source) for cell in notebook.cells if cell.kind == "code"}
        users = _users(notebook, matching, released)
        place = -1  # after which of the notebook's cells the last released cell stands
        for cell in released:
            own = copies.get(_key(cell), [])
            if own:
                place = own[0]
            if cell.cell_type != "code" or not _is_provided(cell):
                continue
            whole = [index for index in own if _as_released(notebook.cells[index], cell)]
            changed = [index for index in own if index not in whole]
            if not own and essence(cell.source) in standing:  # too short to be recognised
                continue
            if "check" in cell.tags and not _is_needed(cell, users):
                continue
            for index in changed:
                self._due.setdefault(index, []).append(cell)
                self._edited.append(index)
            if not own:
                self._due.setdefault(place, []).append(cell)
                self._gone.append(cell.grade_id or cell.id)

    def before_all(self) -> Iterator[PlannedCell]:
        yield from self._planned(-1)

    def after(self, cell: Cell) -> Iterator[PlannedCell]:
        """Return what runs after a cell of the notebook."""
        yield from self._planned(cell.index)

    def _planned(self, place: int) -> Iterator[PlannedCell]:
        for cell in self._due.get(place, ()):
            yield PlannedCell(self._number, cell.source, "run", role=_role(cell), added=True)
            self._number += 1

    def notices(self) -> Iterator[str]:
        """Yield what the student should know about provided cells that are not as they were released."""
        if self._edited:
            cells = _listed([str(index + 1) for index in sorted(set(self._edited))])
            yield (
                f"Provided code was changed in {'cell' if len(set(self._edited)) == 1 else 'cells'} {cells}. It ran as "
                "you left it, and then as it was released, which is what counts."
            )
        if self._gone:
            what = "cell is" if len(self._gone) == 1 else "cells are"
            yield f"Provided {what} not in this notebook ({_listed(self._gone)}); the released code ran at its place."


def _users(notebook: Notebook, matching: Matching, released: Sequence[ReleasedCell]) -> dict[str, set[int]]:
    """Return name that a check defines -> which released cells the code cells that hold it are, by `id`; 0: none."""
    found: dict[str, set[int]] = {name: set() for cell in released if "check" in cell.tags for name in _names(cell)}
    for cell, match in zip(notebook.cells, matching.cells, strict=True):
        if cell.kind == "code":
            for word in found.keys() & set(_WORD.findall(cell.source)):
                found[word].add(id(match.released) if match.released is not None else 0)
    return found


def _is_needed(check: ReleasedCell, users: Mapping[str, set[int]]) -> bool:
    """Return whether other code uses what a check defines: else running it once more would change nothing."""
    return any(users[name] - {id(check)} for name in _names(check))


def _names(cell: ReleasedCell) -> set[str]:
    return {*defined_names(cell.source), *assigned_names(cell.source)}


def _listed(words: Sequence[str], most: int = 6) -> str:
    return ", ".join(words[:most]) + (f" and {len(words) - most} more" if len(words) > most else "")


def _as_released(cell: Cell, released: ReleasedCell) -> bool:
    return cell.kind == released.cell_type and essence(cell.source) == essence(released.source)


def _role(cell: ReleasedCell) -> Role:
    return "check" if "check" in cell.tags else "released"


def _is_provided(cell: ReleasedCell) -> bool:
    return not _is_train(cell) and any(tag in cell.tags for tag in PROVIDED)


def _is_train(cell: ReleasedCell) -> bool:
    return cell.cell_type == "code" and "train" in cell.tags


def _key(cell: ReleasedCell) -> str:
    return cell.grade_id or cell.id


def _without_training(source: str, training: Sequence[str]) -> str:
    """Return a cell into which a training cell was merged, with the training as comments: line numbers stay."""
    for text in training:
        block = text.strip("\n")
        place = f"\n{source}\n".find(f"\n{block}\n")
        if place >= 0 and block != source.strip("\n"):
            commented = "\n".join(f"# not run when graded: {line}" for line in block.split("\n"))
            source = source[:place] + commented + source[place + len(block) :]
    return source
