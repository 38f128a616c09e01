"""The items of a quiz in the released notebook's own words, and the answer that a student gave.

What is asked, and where, `course.answer_keys` reads. Choices are list items that begin with a bold letter. A test
belongs to the item whose name ends in the test's parameter: `test_quiz[4]` to `quiz_4`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from autograder.course.answer_keys import asked_items, own_key, typed_answer
from autograder.course.course import question_id_of
from autograder.course.releases import ReleaseDescriptor
from autograder.feedback.options import QuizItem, SubmittedNotebook
from autograder.pages.markdown import render_markdown
from autograder.pages.text import clean_line
from autograder.records import TestOutcome

_CHOICE = re.compile(r"^[ \t]*[-*][ \t]+\*\*(\w{1,3})\*\*[).:]?[ \t]+(.+(?:\n[ \t]+\S.*)*)$", re.MULTILINE)
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
    release: ReleaseDescriptor | None,
    questions: Sequence[str],
    master: str = "",
    newest: ReleaseDescriptor | None = None,
) -> dict[str, tuple[QuizItem, ...]]:
    """Return the items of each question that has any, by question id.

    release: the notebook as students got it; master: the text of the master notebook, for the right answers; newest:
    the release that the master made, where `release` is an earlier one with a key of its own.
    """
    items: dict[str, list[QuizItem]] = {}
    own, unknown = own_key(release, newest)
    for grade_id, name, text in asked_items(release.cells if release else ()):
        if question := question_id_of(grade_id, questions):
            right = own[name] if name in own else _literal(typed_answer(master, name))
            shown = _shown(repr(right)) if master and name not in unknown else ""  # computed: everybody has another
            items.setdefault(question, []).append(_item(name, text, shown))
    return {question: tuple(found) for question, found in items.items()}


def _item(name: str, text: str, right: str) -> QuizItem:
    choices = {found[1]: " ".join(found[2].split()) for found in _CHOICE.finditer(text)}
    return QuizItem(name, _CHOICE.sub("", text).strip(), choices, right)


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
        if cell.kind == "code" and isinstance(cell.source, str) and name in cell.source:
            answer = _assigned(cell.source[:_SOURCE_LENGTH], name) or answer
    return answer


def _assigned(source: str, name: str) -> str:
    return _shown(typed_answer(source, name))


def _shown(typed: str) -> str:
    """Return a typed answer as the page shows it: a text as it is, another value as it was typed, None as nothing."""
    typed = typed[:_ANSWER_LENGTH].strip()
    value = _literal(typed)
    if value is None:
        return "" if typed.partition("#")[0].strip() == "None" else clean_line(typed, _ANSWER_LENGTH)
    return clean_line(value if isinstance(value, str) else repr(value), _ANSWER_LENGTH)


def _literal(typed: str) -> object:
    """Return the value of a literal; None for None, and for what is no literal."""
    try:
        return ast.literal_eval(typed)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
