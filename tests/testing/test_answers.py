"""Whether two answers are the same but for rounding, and what an answer book keeps."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy
import pytest
import torch

from autograder.grading import answers
from autograder.grading.answers import Answer, AnswerBook, agree
from autograder.sandbox.inside.wire.values import HandleRef, Other
from autograder.sandbox.student import StudentError

X = torch.linspace(-3, 3, 24).reshape(4, 6)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1.0, 1.0 + 1e-7),
        (float("nan"), float("nan")),
        (X, X * (1 + 1e-6)),
        (torch.tensor([float("nan"), 1.0]), torch.tensor([float("nan"), 1.0])),
        (X.softmax(1), X.exp() / X.exp().sum(1, keepdim=True)),
        (numpy.array([1.0, 2.0]), numpy.array([1.0, 2.0 + 1e-7])),
        ({"a": [X, 1]}, {"a": [X.clone(), 1]}),
        ((1, "a", None, True), (1, "a", None, True)),
        (HandleRef(1, "module", "Net"), HandleRef(7, "module", "MyNet")),
    ],
)
def test_the_same_but_for_rounding(left: Any, right: Any) -> None:
    assert agree(left, right)
    assert agree(right, left)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (1.0, 1.001),
        (1, 1.0),
        (True, 1),
        (X, X + 1e-3),
        (X, X.double()),
        (X, X.reshape(6, 4)),
        (X, X.tolist()),
        (torch.tensor([1, 2]), torch.tensor([1, 3])),
        (X, torch.full_like(X, float("nan"))),
        (numpy.array([1, 2]), numpy.array([1.0, 2.0])),
        ([1, 2], (1, 2)),
        ([1, 2], [1, 2, 3]),
        ({"a": 1}, {"b": 1}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (HandleRef(1, "module", "Net"), HandleRef(1, "optimizer", "Net")),
        (HandleRef(1, "module", "Net"), 1),
        (Other("set"), {1}),
    ],
)
def test_not_the_same(left: Any, right: Any) -> None:
    assert not agree(left, right)
    assert not agree(right, left)


def test_names_of_a_modules_parts_are_free_and_its_numbers_are_not() -> None:
    mine, theirs = {"depthwise.weight": X}, {"0.weight": X.clone()}
    assert Answer("state_dict", mine).agrees_with(Answer("state_dict", theirs))
    assert not Answer("state_dict", mine).agrees_with(Answer("state_dict", {"0.weight": X + 1}))
    assert not Answer("call", mine).agrees_with(Answer("call", theirs))


def test_errors_agree_by_type_and_message() -> None:
    def error(kind: str, message: str) -> Answer:
        return Answer.of_error("call", StudentError(type=kind, message=message))

    assert error("ValueError", "no").agrees_with(error("ValueError", "no"))
    assert not error("ValueError", "no").agrees_with(error("ValueError", "never"))
    assert not error("ValueError", "no").agrees_with(Answer("call", None))


def test_what_refuses_to_be_compared_agrees_with_nothing() -> None:
    signalling = Answer("call", [Decimal("sNaN")])
    assert not signalling.agrees_with(signalling)


def test_a_book_keeps_the_answers_of_each_test_and_none_of_its_public_twin() -> None:
    book = AnswerBook()
    book.add(Answer("call", 0))  # before any test: nobody's
    book.begin(11)
    book.add(Answer("call", 1))
    book.begin(12)
    book.add(Answer("call", 2))
    book.begin(12)  # the twin of the second test, which seeds its process alike
    book.add(Answer("call", 3))
    assert book.of(11) == (Answer("call", 1),)
    assert book.of(12) == (Answer("call", 2),)
    assert book.of(13) == ()


def test_what_is_lost_or_too_much_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MOST_BYTES", 100)
    book = AnswerBook()
    book.begin(1)
    book.add(Answer("call", torch.zeros(10)), size=60)
    book.begin(2)
    book.lose()
    book.add(Answer("call", 1))
    book.begin(3)
    book.add(Answer("call", [torch.zeros(20)]), size=120)
    assert book.of(1) is not None
    assert book.of(2) is None
    assert book.of(3) is None
