"""A sheet of three questions about a student's own work, for three minutes face to face.

Which questions is drawn by a key of the course's: the same for the same student however often it is asked, and not to
be guessed. What fits the submission best (a mistake that was recognised, an answer that was given, a name in the
student's own code) comes first; the others are drawn among all that fit, each about something else.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from autograder.course.viva import ANSWER, For, VivaQuestion
from autograder.feedback.items import given_answer
from autograder.pages.code import highlight_lines
from autograder.pages.markdown import render_markdown
from autograder.pages.outputs import ImageBudget, output_blocks
from autograder.pages.png import Image
from autograder.pages.text import clean, clean_line, number
from autograder.reports.questions import Submitted

QUESTIONS = 3
_CODE = 6_000  # characters that are shown of one answer
_LINES = 30  # of code in the text
_VALUE = 200
_SHEET_BYTES = 4_000_000  # of pictures


@dataclass(frozen=True)
class AskedView:
    """One question on the sheet. lines: the student's own code; figures: of the cell that it is about."""

    id: str
    ask: Markup
    expect: Markup
    lines: tuple[Markup, ...] = ()
    figures: tuple[Image, ...] = ()
    why: str = ""  # why this student is asked it


@dataclass(frozen=True)
class VivaView:
    """One student's sheet. text: the same as plain text."""

    subject: str
    students: str
    title: str
    score: str
    code: str
    asked: tuple[AskedView, ...]
    text: str


@dataclass(frozen=True)
class Work:
    """Hold what is known of a submission when its questions are drawn.

    code: of the personal variant; changed: blanks of quizzes about which this notebook asks otherwise than the newest
    release. values: question id -> name -> what the solution makes of it with the student's code.
    """

    submitted: Submitted
    code: str = ""
    changed: Collection[str] = ()
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def source(self, about: str) -> str:
        """Return the student's code in the cells of a question, or in the cell with this grade_id."""
        cells = (
            self.submitted.notebook.cells[cell.index]
            for cell in self.submitted.matched or ()
            if (about in cell.questions or cell.grade_id == about)
            and 0 <= cell.index < len(self.submitted.notebook.cells)
        )
        return "\n".join(cell.source for cell in cells if cell.kind == "code")


def drawn(questions: Sequence[VivaQuestion], work: Work, key: bytes, count: int = QUESTIONS) -> list[VivaQuestion]:
    """Return the questions for one submission. key: the course's, for this assignment."""
    result = work.submitted.result

    def place(one: VivaQuestion) -> bytes:
        return hmac.digest(key, f"viva:{result.subject}:{one.id}".encode("utf-8", "replace"), "sha256")

    fit = sorted((one for one in questions if _fits(one, work)), key=place)
    first = sorted(fit, key=lambda one: -_closeness(one.whom))[:1]
    chosen: list[VivaQuestion] = []
    for other_subject in (True, False):  # each about something else, as far as there is something else
        for one in [*first, *fit]:
            subjects = {known.about for known in chosen}
            if len(chosen) < count and one not in chosen and not (other_subject and one.about in subjects):
                chosen.append(one)
    return chosen


def viva_view(questions: Sequence[VivaQuestion], work: Work, key: bytes, title: str) -> VivaView:
    """Return the sheet of one submission."""
    result = work.submitted.result
    budget = ImageBudget(_SHEET_BYTES)
    asked, plain = [], []
    for position, one in enumerate(drawn(questions, work, key), 1):
        values = dict(work.values.get(one.id, {}))
        if one.whom.answered is not None:
            values[ANSWER] = one.whom.answered[1]
        ask, expect = one.filled(one.ask, values), one.filled(one.expect, values)
        source = work.source(one.about)[:_CODE]
        why = _why(one.whom)
        lines = highlight_lines(source) if source.strip() else ()
        figures = _figures(one.about, work, budget)
        asked.append(AskedView(one.id, render_markdown(ask), render_markdown(expect), lines, figures, why))
        plain.append(f"{position}. {ask}\n\n{_indented(source)}   Expect: {expect}\n")
    code = f", code {work.code}" if work.code else ""
    who = clean_line(", ".join(result.students) or result.subject, 200)
    score = f"{'–' if result.score is None else number(result.score)} of {number(result.max_score)}"
    heading = f"{clean_line(title)} · {who}{code} · {score}\nFor teachers: not to be given to students.\n"
    return VivaView(
        clean_line(result.subject, 80), who, clean_line(title), score, work.code, tuple(asked),
        clean("\n".join([heading, *plain]), 20_000) + "\n",
    )  # fmt: skip


def _indented(source: str) -> str:
    lines = source.strip().splitlines()
    shown = [f"       {line}" for line in lines[:_LINES]] + (["       …"] if len(lines) > _LINES else [])
    return "\n".join([*shown, "", ""]) if shown else ""


def shown_value(value: object) -> str:
    """Return a value of the solution's as the sheet shows it."""
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return clean_line(text, _VALUE)


def _fits(one: VivaQuestion, work: Work) -> bool:
    whom, result = one.whom, work.submitted.result
    known = {found.misconception.id for found in result.questions if found.misconception is not None}
    if whom.misconception and whom.misconception not in known:
        return False
    scores = {found.id: (found.score, found.max_score) for found in result.questions}
    for question, whole in ((whom.lost, False), (whom.passed, True)):
        score, most = scores.get(question, (None, 0.0)) if question else (None, 0.0)
        if question and (score is None or (score >= most - 1e-9) is not whole):
            return False
    if whom.answered is not None:
        name, answer = whom.answered
        if name in work.changed or given_answer(name, work.submitted.notebook) != answer:
            return False
    if whom.code_has or whom.code_lacks:
        words = set(re.findall(r"\w+", work.source(one.about)))
        if not words or (whom.code_has and not words.intersection(whom.code_has)):
            return False
        if whom.code_lacks and words.intersection(whom.code_lacks):
            return False
    return True


def _closeness(whom: For) -> int:
    """Return how much of the submission a question speaks of."""
    if whom.misconception:
        return 3
    if whom.answered is not None or whom.lost:
        return 2
    return 0 if whom.anybody else 1


def _why(whom: For) -> str:
    said = []
    if whom.misconception:
        said.append(f"this mistake was recognised: {whom.misconception}")
    if whom.lost:
        said.append(f"points of {whom.lost} were lost")
    if whom.passed:
        said.append(f"{whom.passed} is right")
    if whom.answered is not None:
        said.append("{} was answered with {}".format(*whom.answered))
    if whom.code_has:
        said.append(f"the code has {', '.join(whom.code_has)}")
    if whom.code_lacks:
        said.append(f"the code has no {', '.join(whom.code_lacks)}")
    return "; ".join(said)


def _figures(about: str, work: Work, budget: ImageBudget) -> tuple[Image, ...]:
    """Return the pictures that the notebook was handed in with, in the cell with this grade_id."""
    found: list[Image] = []
    for cell in work.submitted.matched or ():
        if cell.grade_id == about and 0 <= cell.index < len(work.submitted.notebook.cells):
            blocks = output_blocks(work.submitted.notebook.cells[cell.index].outputs, budget, own_traceback=True)
            found += [block.image for block in blocks if block.image is not None]
    return tuple(found[:2])
