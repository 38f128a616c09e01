"""The items of a quiz in the released notebook's own words, and the answer that a student gave.

A quiz is a row of blanks that start as `None`. What is asked stands in the Markdown cell before the blank; where one
cell holds several blanks, each part of that Markdown begins with a number in bold (`**Prediction 2.** …`). Choices are
list items that begin with a bold letter. A test belongs to the item whose name ends in the test's parameter:
`test_quiz[4]` to `quiz_4`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from autograder.course.course import question_id_of
from autograder.course.releases import ReleaseDescriptor
from autograder.feedback.options import QuizItem, SubmittedNotebook
from autograder.pages.markdown import render_markdown
from autograder.pages.text import clean_line
from autograder.records import TestOutcome

_BLANK = re.compile(r"^([A-Za-z_]\w{0,63})\s*=\s*None\b", re.MULTILINE | re.ASCII)
_NUMBERED = re.compile(r"^\*\*[^*\n]*?\b(\d+)\b[^*\n]*\*\*", re.MULTILINE)
_CHOICE = re.compile(r"^[ \t]*[-*][ \t]+\*\*(\w{1,3})\*\*[).:]?[ \t]+(.+(?:\n[ \t]+\S.*)*)$", re.MULTILINE)
_FOLDED = re.compile(r"^<details>", re.MULTILINE)
_ANSWER_LENGTH = 200  # characters
_SOURCE_LENGTH = 100_000
_MARKUP = re.compile(r"[*_$]{1,2}(?=\S)|(?<=\S)[*_$]{1,2}")


@dataclass(frozen=True)
class QuizItemView:
    """One item as the page shows it. right: empty unless the course shows right answers now."""

    label: str  # one line, for lists
    prompt: Markup
    given: str
    given_text: Markup
    right: str = ""
    right_text: Markup | None = None


def quiz_items(
    release: ReleaseDescriptor | None, questions: Sequence[str], master: str = ""
) -> dict[str, tuple[QuizItem, ...]]:
    """Return the items of each question that has any, by question id.

    release: the notebook as students got it; master: the text of the master notebook, for the right answers.
    """
    items: dict[str, list[QuizItem]] = {}
    before = ""
    for cell in release.cells if release else ():
        if cell.cell_type == "markdown":
            before = cell.source
            continue
        question = question_id_of(cell.grade_id, questions) if cell.grade_id else ""
        names = _BLANK.findall(cell.source) if question else []
        for name in names:
            text = _part(before, name) if len(names) > 1 else before
            items.setdefault(question, []).append(_item(name, text, master))
        before = ""
    return {question: tuple(found) for question, found in items.items()}


def _part(text: str, name: str) -> str:
    """Return the part of a Markdown cell that is about the blank whose name ends in this part's number."""
    starts = list(_NUMBERED.finditer(text))
    for here, after in zip(starts, [*starts[1:], None], strict=True):
        if name.endswith(f"_{here[1]}"):
            return text[here.start() : after.start() if after else len(text)]
    return ""


def _item(name: str, text: str, master: str) -> QuizItem:
    folded = _FOLDED.search(text)
    text = text[: folded.start()] if folded else text
    choices = {found[1]: " ".join(found[2].split()) for found in _CHOICE.finditer(text)}
    return QuizItem(name, _CHOICE.sub("", text).strip(), choices, _assigned(master, name) if master else "")


def item_of(test: TestOutcome, items: Sequence[QuizItem]) -> QuizItem | None:
    """Return the item that a test is about; None if it is about none."""
    parameter = test.name[test.name.index("[") + 1 : -1] if "[" in test.name else ""
    if not parameter:
        return items[0] if len(items) == 1 else None
    return next((i for i in items if i.name == parameter or i.name.endswith(f"_{parameter}")), None)


def item_view(item: QuizItem, notebook: SubmittedNotebook | None, *, show_right: bool) -> QuizItemView:
    """Return what the page shows of an item: what was asked, and what this student answered."""
    given = given_answer(item.name, notebook)
    right = item.right if show_right else ""
    return QuizItemView(
        label=label(item),
        prompt=render_markdown(item.prompt) if item.prompt else Markup("<p>{}</p>").format(item.name),
        given=given,
        given_text=_choice(item.choices, given),
        right=right,
        right_text=_choice(item.choices, right),
    )


def label(item: QuizItem) -> str:
    """Return the question of an item on one line."""
    first = item.prompt.split("\n\n")[0] or item.name
    return clean_line(_MARKUP.sub("", first), 200)


def _choice(choices: Mapping[str, str], answer: str) -> Markup:
    return render_markdown(choices[answer]) if answer in choices else Markup("")


def given_answer(name: str, notebook: SubmittedNotebook | None) -> str:
    """Return what the notebook assigns to a blank last: a text as it is, other values as they were typed; else ""."""
    answer = ""
    for cell in notebook.cells if notebook is not None else ():
        if cell.kind == "code" and isinstance(cell.source, str):
            answer = _assigned(cell.source[:_SOURCE_LENGTH], name) or answer
    return answer


def _assigned(source: str, name: str) -> str:
    lines = re.findall(rf"^{re.escape(name)}[ \t]*(?::[^=\n]*)?=(?!=)[ \t]*(.*)$", source, re.MULTILINE)
    if not lines:
        return ""
    typed = lines[-1][:_ANSWER_LENGTH].strip()
    try:
        value = ast.literal_eval(typed)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return clean_line(typed, _ANSWER_LENGTH)
    if value is None:
        return ""
    return clean_line(value if isinstance(value, str) else repr(value), _ANSWER_LENGTH)
