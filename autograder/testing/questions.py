"""`@question`: which question a hidden test belongs to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from autograder.testing.twins import PublicTwin

MARKER = "question"


@dataclass(frozen=True)
class TestInfo:
    """One collected test."""

    __test__ = False

    name: str  # pytest's name, with parameters
    question: str
    builds_on: tuple[str, ...]
    weight: float
    title: str  # first sentence of the docstring
    twin: PublicTwin | None
    forbids: bool = False
    all_or_nothing: bool = False
    at: str = ""  # id of the released cell before which it is scored; "" after the last cell
    personal: bool = False  # it asks for the fixture `variant`


def question(
    id: str,
    *,
    builds_on: Sequence[str] = (),
    weight: float = 1.0,
    twin: PublicTwin | None = None,
    forbids: bool = False,
    all_or_nothing: bool = False,
    at: str = "",
) -> pytest.MarkDecorator:
    """Mark a hidden test as one of question `id`.

    builds_on: ids of the questions whose blanks this one calls; twin: the public example that is shown
    after a failure; weight: this test's share among the tests of its question (each case of a
    parametrised test counts once); forbids: a blank that does nothing passes this test, because it only forbids
    something (arguments stay as they are, a function is not called), so it counts only where another test of the
    question passed that is not so marked; all_or_nothing: it earns only where every test of the question passes; at:
    the id of a released cell, before which the notebook's state is tested (by default after the last cell). The
    test's docstring is what students read; its first sentence is the title.
    """
    if isinstance(builds_on, str):
        raise TypeError(f'@question("{id}"): builds_on is a list of question ids, found the text {builds_on!r}')
    if not weight >= 0:
        raise ValueError(f'@question("{id}"): weight is 0 or more, found {weight}')
    mark: Any = getattr(pytest.mark, MARKER)
    return mark(
        id,
        builds_on=tuple(builds_on),
        weight=float(weight),
        twin=twin,
        forbids=bool(forbids),
        all_or_nothing=bool(all_or_nothing),
        at=at,
    )


def first_sentence(docstring: str) -> str:
    """Return the first sentence: up to a full stop before white space, else the first paragraph."""
    paragraph = " ".join(docstring.strip().split("\n\n")[0].split())
    match = re.search(r"^(.*?[.!?])(?=\s+[A-ZÄÖÜ`])", paragraph)
    return match[1] if match else paragraph
