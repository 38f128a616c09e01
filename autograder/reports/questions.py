"""All answers to one question on one sheet, with the mark scheme beside them.

Answers of figures and texts are a contact sheet; code that is the same is shown once, with everybody who wrote it.
The order follows a hash of the subject, not the id, so that nobody is always first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from autograder.course.course import Question
from autograder.notebooks.read import Notebook
from autograder.pages.code import highlight_lines
from autograder.pages.markdown import render_markdown
from autograder.pages.outputs import ImageBudget, output_blocks
from autograder.pages.png import Image
from autograder.pages.text import clean_line, number
from autograder.records import MatchedCell, QuestionResult, Result
from autograder.reports.mistakes import Who
from autograder.reports.options import IndexOptions, page_link

_FIGURES = 3  # of one answer
_SHEET_BYTES = 40_000_000  # of pictures on one sheet
_SCROLLED = 1_500  # lines of code on a sheet that are shown unfolded
_TEXT = 12_000  # characters of one answer


@dataclass(frozen=True)
class Submitted:
    """One submission with what its cells were recognised as. matched None: evidence that does not say."""

    result: Result
    notebook: Notebook
    matched: tuple[MatchedCell, ...] | None


@dataclass(frozen=True)
class AnswerView:
    """One answer, and whose it is: several people's where it is the same code."""

    who: tuple[Who, ...]
    score: str
    status: str
    figures: tuple[Image, ...]
    text: Markup | None
    lines: tuple[Markup, ...]


@dataclass(frozen=True)
class SheetView:
    """All answers to one question."""

    title: str
    points: str
    scheme: str
    answers: tuple[AnswerView, ...]
    blank: tuple[Who, ...]
    unknown: int  # submissions of which nothing says where the answer is

    @property
    def unfolded(self) -> bool:
        """Return whether all code is in sight at once: on a sheet that is short enough to be scrolled through."""
        return sum(len(answer.lines) for answer in self.answers) <= _SCROLLED


def sheet_view(
    question: Question,
    submitted: Iterable[Submitted],
    released: Mapping[str, str],
    scheme: str,
    options: IndexOptions,
) -> SheetView:
    """Return the sheet of one question. released: grade_id -> source as students got it; scheme: for whom grades."""
    budget = ImageBudget(_SHEET_BYTES)
    answers: dict[object, list[tuple[Who, AnswerView]]] = {}
    blank, unknown = [], 0
    for one in sorted(submitted, key=lambda one: _order(question.id, one.result.subject)):
        asked = next(((i, q) for i, q in enumerate(one.result.questions, 1) if q.id == question.id), None)
        if asked is None or one.matched is None:
            unknown += 1
            continue
        who = Who(clean_line(one.result.subject, 80), page_link(one.result, options, f"#question-{asked[0]}"))
        cells = [cell for cell in one.matched if question.id in cell.questions]
        view = _answer(who, asked[1], one, cells, released, budget)
        if _is_blank(one.notebook, cells, released) and not view.figures:
            blank.append(who)
            continue
        key = tuple(view.lines) if view.lines and not view.figures and view.text is None else who
        answers.setdefault(key, []).append((who, view))
    return SheetView(
        title=clean_line(question.title) or question.id,
        points=number(question.points),
        scheme=scheme,
        answers=tuple(_together(group) for group in sorted(answers.values(), key=lambda group: -len(group))),
        blank=tuple(blank),
        unknown=unknown,
    )


def _order(question: str, subject: str) -> str:
    return hashlib.sha256(f"{question}\0{subject}".encode("utf-8", "replace")).hexdigest()


def _together(group: Sequence[tuple[Who, AnswerView]]) -> AnswerView:
    first = group[0][1]
    scores = tuple(dict.fromkeys(view.score for _, view in group))
    return AnswerView(
        tuple(who for who, _ in group), " or ".join(scores), first.status, first.figures, first.text, first.lines
    )


def _is_blank(notebook: Notebook, cells: Sequence[MatchedCell], released: Mapping[str, str]) -> bool:
    """Return whether every cell of the answer is as it was handed out."""
    sources = (
        (notebook.cells[cell.index].source, released.get(cell.grade_id)) for cell in cells if _inside(cell, notebook)
    )
    return all(before is not None and source.strip() == before.strip() for source, before in sources)


def _inside(cell: MatchedCell, notebook: Notebook) -> bool:
    return 0 <= cell.index < len(notebook.cells)


def _answer(
    who: Who,
    question: QuestionResult,
    one: Submitted,
    cells: Sequence[MatchedCell],
    released: Mapping[str, str],
    budget: ImageBudget,
) -> AnswerView:
    text: list[Markup] = []
    lines: list[Markup] = []
    for cell in cells:
        if not _inside(cell, one.notebook):
            continue
        found = one.notebook.cells[cell.index]
        if released.get(cell.grade_id) == found.source and len(cells) > 1:
            continue  # a task, which says the same in every notebook
        if found.kind == "markdown":
            text.append(render_markdown(found.source[:_TEXT]))
        elif found.kind == "code":
            lines += highlight_lines(found.source[:_TEXT])
    figures = _figures(one, cells, budget) if question.kind == "manual" else ()
    score = f"{'–' if question.score is None else number(question.score)} of {number(question.max_score)}"
    return AnswerView((who,), score, question.status, figures, Markup("").join(text) if text else None, tuple(lines))


def _figures(one: Submitted, cells: Sequence[MatchedCell], budget: ImageBudget) -> tuple[Image, ...]:
    """Return pictures in the answer's own cells and in those before them, back to the answer of another question."""
    others = {cell.index for cell in one.matched or () if cell.questions and cell not in cells}
    found: list[Image] = []
    places = [cell.index for cell in cells if _inside(cell, one.notebook)]
    for index in range(max(places, default=-1), -1, -1):
        if index in others and index not in places:
            break
        cell = one.notebook.cells[index]
        blocks = output_blocks(cell.outputs, budget, own_traceback=True) if cell.kind == "code" else ()
        found[:0] = [block.image for block in blocks if block.image is not None]
    return tuple(found[-_FIGURES:])
