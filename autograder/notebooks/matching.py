"""Which cell of a submission is which cell of the released starter, and which of them to run.

A cell is recognised by its id or grade_id where it still has one, else by likeness to what was
released: students merge, copy, delete and move cells, and some editors lose all metadata. All
comparisons take time linear in the notebook: similarity is the overlap of runs of three tokens.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from autograder.course.course import question_id_of
from autograder.course.releases import ReleasedCell, ReleaseDescriptor
from autograder.notebooks.read import Cell, Notebook

MAX_RUN_BYTES = 60_000  # of a cell's source as JSON: it travels in one frame header
_MAX_COMPARED = 1_000_000  # characters of cells without ids that are compared, in all
_SAME = 0.75
_TOKEN = re.compile(r"\w+|[^\w\s]")
_DEFINED = re.compile(r"^(?:async\s+def|def|class)\s+(\w+)", re.MULTILINE)
_ASSIGNED = re.compile(r"^(quiz_\w+)\s*=", re.MULTILINE)


@dataclass(frozen=True)
class CellMatch:
    """What one submitted cell is. released: its counterpart in the release; questions: whose blanks it holds."""

    index: int
    released: ReleasedCell | None = None
    by: Literal["id", "grade_id", "likeness", "names", ""] = ""
    questions: tuple[str, ...] = ()
    train: bool = False


@dataclass(frozen=True)
class Matching:
    """A notebook set against the release it was made from."""

    release: ReleaseDescriptor | None
    cells: tuple[CellMatch, ...]
    missing: tuple[str, ...] = ()  # questions none of whose cells was found
    notices: tuple[str, ...] = ()  # for the student

    def cells_of(self, question: str) -> tuple[int, ...]:
        """Positions of the cells that hold this question's blanks."""
        return tuple(cell.index for cell in self.cells if question in cell.questions)


@dataclass(frozen=True)
class PlannedCell:
    """A code cell and what to do with it. `source` may differ from the notebook's: training lines left out."""

    index: int
    source: str
    action: Literal["run", "skip"]
    reason: str = ""


def match_to_release(
    notebook: Notebook, releases: Sequence[ReleaseDescriptor], questions: Sequence[str] = ()
) -> Matching:
    """Set a notebook against the release it names, or else against the one that fits best (the newest, if none does).

    releases: all releases of the assignment, oldest first; questions: the ids of its questions.
    """
    release, notices = _choose_release(notebook, releases)
    if release is None:
        own = tuple(
            CellMatch(cell.index, train=cell.kind == "code" and "train" in cell.tags) for cell in notebook.cells
        )
        return Matching(None, own, (), tuple(notices))
    matcher = _Matcher(release, questions)
    cells = tuple(matcher.match(cell) for cell in notebook.cells)
    found = {question for cell in cells for question in cell.questions}
    expected = [question for question in questions if question in matcher.blank_questions]
    missing = tuple(question for question in expected if question not in found)
    notices += [f"The cell of question '{question}' was not found in this notebook." for question in missing]
    return Matching(release, cells, missing, tuple(notices))


def plan_execution(notebook: Notebook, matching: Matching) -> list[PlannedCell]:
    """All code cells in the notebook's order: which are run, with what source, and why others are not."""
    released = matching.release.cells if matching.release is not None else ()
    training = [cell.source for cell in released if _is_train(cell) and cell.source.count("\n") >= 2]
    plan = []
    for cell in notebook.code_cells:
        if matching.cells[cell.index].train:
            plan.append(PlannedCell(cell.index, cell.source, "skip", "Training cells are not run when graded."))
        elif not cell.source.strip():
            plan.append(PlannedCell(cell.index, cell.source, "skip", "This cell is empty."))
        elif len(json.dumps(cell.source)) > MAX_RUN_BYTES:
            reason = f"This cell is longer than {MAX_RUN_BYTES // 1000} thousand characters, more than can be run."
            plan.append(PlannedCell(cell.index, cell.source, "skip", reason))
        else:
            source = _without_training(cell.source, training)
            reason = "Training lines were left out." if source != cell.source else ""
            plan.append(PlannedCell(cell.index, source, "run", reason))
    return plan


def likeness(first: str, second: str) -> float:
    """0 (nothing in common) to 1 (the same tokens in the same order), in time linear in both."""
    one, two = _shingles(first), _shingles(second)
    total = one.total() + two.total()
    return 2 * (one & two).total() / total if total else float(first.strip() == second.strip())


class _Matcher:
    def __init__(self, release: ReleaseDescriptor, questions: Sequence[str]) -> None:
        self._questions = questions
        self._by_id = {cell.id: cell for cell in release.cells if cell.id}
        self._by_grade_id = {cell.grade_id: cell for cell in release.cells if cell.grade_id}
        self._release = release
        self._names: dict[str, str] = {}
        self.blank_questions: set[str] = set()
        for cell in release.cells:
            question = question_id_of(cell.grade_id, questions)
            if question:
                self.blank_questions.add(question)
                if cell.cell_type == "code":
                    self._names.update(dict.fromkeys(_names(cell.source), question))
        self._compared = 0

    @cached_property
    def _shapes(self) -> list[tuple[ReleasedCell, Counter[tuple[str, ...]]]]:
        """Needed only for a notebook whose cells have lost their ids."""
        return [(cell, _shingles(cell.source)) for cell in self._release.cells]

    def match(self, cell: Cell) -> CellMatch:
        released, by = self._counterpart(cell)
        questions = {question_id_of(released.grade_id, self._questions)} if released is not None else set()
        if cell.kind == "code":  # merged and retyped cells are known by what they define
            named = {self._names[name] for name in _names(cell.source) if name in self._names}
            by = "names" if named and released is None else by
            questions |= named
        questions.discard("")
        train = _is_train(released) if released is not None else "train" in cell.tags
        # A blank is never skipped, even where someone tagged it or merged it into the training.
        train = train and cell.kind == "code" and not questions
        ordered = tuple(question for question in self._questions if question in questions)
        return CellMatch(cell.index, released, by, ordered, train)

    def _counterpart(
        self, cell: Cell
    ) -> tuple[ReleasedCell | None, Literal["id", "grade_id", "likeness", "names", ""]]:
        candidates: tuple[tuple[ReleasedCell | None, Literal["id", "grade_id"]], ...] = (
            (self._by_grade_id.get(cell.grade_id), "grade_id"),
            (self._by_id.get(cell.id), "id"),
        )
        for found, by in candidates:
            if found is not None and found.cell_type == cell.kind:
                return found, by
        found = self._alike(cell)
        return (found, "likeness") if found is not None else (None, "")

    def _alike(self, cell: Cell) -> ReleasedCell | None:
        self._compared += len(cell.source)
        if self._compared > _MAX_COMPARED:
            return None
        shape = _shingles(cell.source)
        size = shape.total()
        if size < 8:
            return None
        best, best_score = None, _SAME
        for released, other in self._shapes:
            if released.cell_type != cell.kind or not other:
                continue
            common = (shape & other).total()
            score = 2 * common / (size + other.total())
            if _is_train(released) and size >= 20:  # a part of a training cell is still training
                score = max(score, 0.9 * common / size)
            if score > best_score:
                best, best_score = released, score
        return best


def _choose_release(
    notebook: Notebook, releases: Sequence[ReleaseDescriptor]
) -> tuple[ReleaseDescriptor | None, list[str]]:
    if not releases:
        return None, []
    for release in releases:
        if notebook.release and release.release == notebook.release:
            return release, []
    ids = {cell.id for cell in notebook.cells if cell.id}
    texts = {cell.source.strip() for cell in notebook.cells}

    def fit(release: ReleaseDescriptor) -> int:
        return sum((cell.id in ids) + (cell.source.strip() in texts) for cell in release.cells)

    best = max(reversed(releases), key=fit)  # of equals the newest
    said = (
        f"names the release '{notebook.release[:40]}', which is not known" if notebook.release else "names no release"
    )
    return best, [f"The notebook {said}; it was compared with the one that fits best."]


def _is_train(cell: ReleasedCell) -> bool:
    return cell.cell_type == "code" and "train" in cell.tags


def _names(source: str) -> set[str]:
    """What a cell defines at its top level: functions, classes, quiz answers."""
    return set(_DEFINED.findall(source)) | set(_ASSIGNED.findall(source))


def _shingles(source: str) -> Counter[tuple[str, ...]]:
    tokens = _TOKEN.findall(source[:50_000])
    return Counter(zip(tokens, tokens[1:], tokens[2:], strict=False))


def _without_training(source: str, training: Sequence[str]) -> str:
    """A cell into which a training cell was merged, with the training's lines as comments: line numbers stay."""
    for text in training:
        block = text.strip("\n")
        place = f"\n{source}\n".find(f"\n{block}\n")
        if place >= 0 and block != source.strip("\n"):
            commented = "\n".join(f"# not run when graded: {line}" for line in block.split("\n"))
            source = source[:place] + commented + source[place + len(block) :]
    return source
