"""Which cell of a submission is which cell of the released starter. Done once; evidence keeps what was found.

A cell is recognised by its id or grade_id where it still has one, else by likeness to what was
released: students merge, copy, delete and move cells, and some editors lose all metadata. What is still
missing then is looked for by what it defines, and a written answer, whose text is all its own, by its
place between its neighbours. All comparisons take time linear in the notebook: similarity is the
overlap of runs of three tokens.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from autograder.course.course import question_id_of
from autograder.course.releases import ReleasedCell, ReleaseDescriptor
from autograder.notebooks.by_hand import answers_to_tasks, untouched_answers
from autograder.notebooks.places import written_answers
from autograder.notebooks.read import Cell, Notebook
from autograder.notebooks.text import assigned_names, defined_names, essence, remembered
from autograder.records import MatchedCell

_MAX_COMPARED = 1_000_000  # characters of cells without ids that are compared, in all
_SAME = 0.75
_TOKEN = re.compile(r"\w+|[^\w\s]")

By = Literal["id", "grade_id", "likeness", "names", "place", ""]


@dataclass(frozen=True)
class CellMatch:
    """Hold what one submitted cell is.

    released: its counterpart in the release. questions: whose blanks it holds. grade_id: of the released cell that it
    stands for, which may have been typed anew in it. stub: it holds nothing but a blank as it was released.
    retyped: it is of another type (code, Markdown, raw) than its counterpart.
    untouched: it is the cell of a question as it was handed out, and no cell of the student's own stands in for it.
    """

    index: int
    released: ReleasedCell | None = None
    by: By = ""
    questions: tuple[str, ...] = ()
    train: bool = False
    grade_id: str = ""
    stub: bool = False
    retyped: bool = False
    untouched: bool = False


@dataclass(frozen=True)
class Matching:
    """A notebook set against the release it was made from."""

    release: ReleaseDescriptor | None
    cells: tuple[CellMatch, ...]
    missing: tuple[str, ...] = ()  # questions none of whose cells was found: `not_found` says so
    notices: tuple[str, ...] = ()  # for the student

    @cached_property
    def grade_ids(self) -> Mapping[int, str]:
        """Position -> grade_id, each grade_id once: at the cell that counts for it.

        Of several cells that stand for one released cell, that is the last one with an answer of the right type; of
        cells without an answer the first.
        """
        chosen: dict[str, CellMatch] = {}
        for cell in self.cells:
            before = chosen.get(cell.grade_id)
            later = before is not None and _rank(cell) == _rank(before) and _rank(cell) >= (True, False)
            if cell.grade_id and (before is None or later or _rank(cell) > _rank(before)):
                chosen[cell.grade_id] = cell
        return {cell.index: grade_id for grade_id, cell in sorted(chosen.items(), key=lambda item: item[1].index)}


def not_found(matching: Matching, answered: Collection[str] = ()) -> list[str]:
    """Return a sentence for the student for each question none of whose cells was found.

    answered: questions that earned something all the same, wherever their code stands.
    """
    missing = (question for question in matching.missing if question not in answered)
    return [f"The cell of question '{question}' was not found in this notebook." for question in missing]


def matched_cells(matching: Matching) -> tuple[MatchedCell, ...]:
    """Return what evidence keeps of a matching: every cell of which something is known."""
    known = ((cell, matching.grade_ids.get(cell.index, "")) for cell in matching.cells)
    return tuple(
        MatchedCell(index=cell.index, grade_id=grade_id, questions=cell.questions, untouched=cell.untouched)
        for cell, grade_id in known
        if grade_id or cell.questions
    )


def _rank(cell: CellMatch) -> tuple[bool, bool]:
    """Return whether a cell holds an answer, and whether it is of the right type."""
    return (not cell.stub and bool(cell.questions), not cell.retyped)


def match_to_release(
    notebook: Notebook, releases: Sequence[ReleaseDescriptor], questions: Sequence[str] = ()
) -> Matching:
    """Set a notebook against the release it names, or else against the one that fits best (the newest, if none does).

    releases: all releases of the assignment, oldest first; questions: the ids of its questions.
    """
    release, notices = _choose_release(notebook, releases)
    if release is None:
        own = tuple(
            CellMatch(cell.index, train=cell.kind == "code" and "train" in cell.tags, grade_id=cell.grade_id)
            for cell in notebook.cells
        )
        return Matching(None, own, (), tuple(notices))
    matcher = _Matcher(release, questions)
    cells = [matcher.match(cell) for cell in notebook.cells]
    for index, blank in written_answers(notebook, *_standing(cells), release, matcher.written).items():
        question = question_id_of(blank.grade_id, questions)
        retyped = notebook.cells[index].kind != blank.cell_type
        cells[index] = CellMatch(index, blank, "place", (question,), grade_id=blank.grade_id, retyped=retyped)
    for index, task in answers_to_tasks(notebook, *_standing(cells)).items():
        cells[index] = replace(cells[index], by="place", questions=(question_id_of(task.grade_id, questions),))
    found = {question for cell in cells for question in cell.questions}
    for cell in notebook.cells:
        if cell.kind != "code" and cells[cell.index].released is None and not cells[cell.index].questions:
            cells[cell.index] = matcher.code_as_text(cell, found)
    found = {question for cell in cells for question in cell.questions}
    expected = [question for question in questions if question in matcher.blank_questions]
    missing = tuple(question for question in expected if question not in found)
    notices += _of_retyped(notebook, cells)
    for index in untouched_answers(notebook, *_standing(cells)):
        cells[index] = replace(cells[index], untouched=True)
    return Matching(release, tuple(cells), missing, tuple(notices))


def _standing(cells: Sequence[CellMatch]) -> tuple[list[ReleasedCell | None], list[bool]]:
    """Return of each cell its counterpart, and whether it holds an answer."""
    return [cell.released for cell in cells], [bool(cell.questions) for cell in cells]


def _of_retyped(notebook: Notebook, cells: Sequence[CellMatch]) -> list[str]:
    """Return a sentence for each blank for code that is no code cell any more and that no other cell fills."""
    filled = {cell.grade_id for cell in cells if cell.questions and not cell.retyped and not cell.stub}
    said = []
    for cell in cells:
        if cell.retyped and cell.questions and cell.released is not None and cell.released.cell_type == "code":
            if cell.grade_id in filled:
                continue
            kind = "Markdown" if notebook.cells[cell.index].kind == "markdown" else "raw text"
            said.append(
                f"Cell {cell.index + 1} holds the answer to '{cell.questions[0]}' as {kind}, not as code, so it was "
                "not run. Change the cell's type back to Code."
            )
    return said


class _Matcher:
    def __init__(self, release: ReleaseDescriptor, questions: Sequence[str]) -> None:
        self._questions = questions
        self._by_id = {cell.id: cell for cell in release.cells if cell.id}
        self._by_grade_id = {cell.grade_id: cell for cell in release.cells if cell.grade_id}
        self._release = release
        self._defined: dict[str, ReleasedCell] = {}  # names of functions and classes -> the blank that asks for them
        self._assigned: dict[str, ReleasedCell] = {}  # of variables
        self.blank_questions: set[str] = set()
        self.written: list[ReleasedCell] = []  # blanks for text
        for cell in release.cells:
            question = question_id_of(cell.grade_id, questions)
            if question:
                self.blank_questions.add(question)
                if cell.cell_type == "code":
                    self._defined.update(dict.fromkeys(defined_names(cell.source), cell))
                    self._assigned.update(dict.fromkeys(assigned_names(cell.source), cell))
                else:
                    self.written.append(cell)
        self._stubs = {essence(cell.source) for cell in release.cells if question_id_of(cell.grade_id, questions)}
        self._compared = 0
        self._same: dict[tuple[str, str], ReleasedCell] = {}  # type and text -> the first such cell
        for cell in release.cells:
            self._same.setdefault((cell.cell_type, cell.source), cell)
        # A heading is too short to be alike: the same words are the released cell.
        self._texts = {cell.source.strip(): cell for cell in release.cells if cell.cell_type == "markdown"}

    @cached_property
    def _shapes(self) -> list[tuple[ReleasedCell, Counter[tuple[str, ...]]]]:
        """Needed only for a notebook whose cells have lost their ids."""
        return [(cell, _shingles(cell.source)) for cell in self._release.cells]

    def match(self, cell: Cell) -> CellMatch:
        released, by = self._counterpart(cell)
        retyped = released is not None and released.cell_type != cell.kind
        questions = {question_id_of(released.grade_id, self._questions)} if released is not None else set()
        blanks = self._blanks_in(cell.source) if cell.kind == "code" else []
        if blanks and released is None:
            by = "names"
        questions |= {question_id_of(blank.grade_id, self._questions) for blank in blanks}
        questions.discard("")
        train = _is_train(released) if released is not None else "train" in cell.tags
        # A blank is never skipped, even where someone tagged it or merged it into the training.
        train = train and cell.kind == "code" and not questions
        stands_for = released.grade_id if released is not None else ""
        if blanks and not (stands_for and question_id_of(stands_for, self._questions)):
            stands_for = blanks[0].grade_id  # blanks were merged into this cell or typed anew in it: the first one's
        return CellMatch(
            cell.index,
            released,
            by,
            self._ordered(questions),
            train,
            stands_for,
            stub=bool(questions) and essence(cell.source) in self._stubs,
            retyped=retyped,
        )

    def code_as_text(self, cell: Cell, found: set[str]) -> CellMatch:
        """Match a cell of text that holds the code of blanks which no other cell holds."""
        blanks = [
            blank
            for blank in self._blanks_in(cell.source)
            if question_id_of(blank.grade_id, self._questions) not in found
        ]
        if not blanks:
            return CellMatch(cell.index)
        questions = self._ordered({question_id_of(blank.grade_id, self._questions) for blank in blanks})
        return CellMatch(cell.index, blanks[0], "names", questions, grade_id=blanks[0].grade_id, retyped=True)

    def _blanks_in(self, source: str) -> list[ReleasedCell]:
        """Return the blanks whose functions, classes or variables this code defines, in the order of the release."""
        names = [self._defined[name] for name in defined_names(source) if name in self._defined]
        names += [self._assigned[name] for name in assigned_names(source) if name in self._assigned]
        wanted = {blank.grade_id for blank in names}
        return [cell for cell in self._release.cells if cell.grade_id in wanted and cell.cell_type == "code"]

    def _ordered(self, questions: set[str]) -> tuple[str, ...]:
        return tuple(question for question in self._questions if question in questions)

    def _counterpart(self, cell: Cell) -> tuple[ReleasedCell | None, By]:
        candidates: tuple[tuple[ReleasedCell | None, By], ...] = (
            (self._by_grade_id.get(cell.grade_id), "grade_id"),
            (self._by_id.get(cell.id), "id"),
        )
        for found, by in candidates:
            if found is not None and found.cell_type == cell.kind:
                return found, by
        same = self._texts.get(cell.source.strip()) if cell.kind == "markdown" and not cell.attachments else None
        alike = same if same is not None else self._alike(cell)
        if alike is not None:
            return alike, "likeness"
        for found, by in candidates:  # its type was changed
            if found is not None and "train" not in found.tags:
                return found, by
        return None, ""

    def _alike(self, cell: Cell) -> ReleasedCell | None:
        self._compared += len(cell.source)
        if self._compared > _MAX_COMPARED:
            return None
        shape = _shingles(cell.source)
        size = shape.total()
        if size < 8:
            return None
        if (same := self._same.get((cell.kind, cell.source))) is not None:
            return same
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


@remembered
def _shingles(source: str) -> Counter[tuple[str, ...]]:
    tokens = _TOKEN.findall(source[:50_000])
    return Counter(zip(tokens, tokens[1:], tokens[2:], strict=False))
