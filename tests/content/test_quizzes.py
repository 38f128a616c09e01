"""Quizzes give nothing away by their form, and every release keeps the key of its own words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course.answer_keys import own_key
from autograder.course.course import Assignment, load_course
from autograder.course.releases import load_releases
from autograder.feedback.items import quiz_items
from autograder.feedback.options import QuizItem

COURSE = load_course(Path(__file__).resolve().parents[2])


def items(assignment: Assignment) -> Iterator[QuizItem]:
    """Yield the items with choices; questions with everybody's own numbers have none."""
    release = load_releases(assignment.releases_path).newest
    quizzes = [question.id for question in assignment.questions if question.kind == "quiz"]
    for found in quiz_items(release, quizzes, assignment.solution_path.read_text("utf-8")).values():
        yield from (item for item in found if item.choices)


@pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda one: one.name)
def test_each_letter_is_right_as_often_as_any_other(assignment: Assignment) -> None:
    right = Counter(item.right for item in items(assignment))
    assert set(right) == set("abcd")
    assert max(right.values()) - min(right.values()) <= 1


def extreme(item: QuizItem, sign: int) -> bool:
    """Whether the right choice alone is the longest (sign 1) or the shortest (-1)."""
    lengths = {letter: sign * len(text) for letter, text in item.choices.items()}
    return all(lengths[item.right] > length for letter, length in lengths.items() if letter != item.right)


@pytest.mark.parametrize("sign", [1, -1], ids=["longest", "shortest"])
def test_length_does_not_give_the_right_choice_away(sign: int) -> None:
    every = [item for assignment in COURSE.assignments for item in items(assignment)]
    assert 4 * sum(extreme(item, sign) for item in every) <= len(every)
    for assignment in COURSE.assignments:
        own = list(items(assignment))
        assert sum(extreme(item, sign) for item in own) <= len(own) / 2, assignment.name


@pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda one: one.name)
def test_every_release_keeps_the_key_of_what_it_asks_otherwise(assignment: Assignment) -> None:
    releases = load_releases(assignment.releases_path)
    asked = {item.name for item in items(assignment)}
    for entry in releases.entries:
        _, unknown = own_key(entry, releases.newest)
        assert unknown == [], entry.release
        assert asked <= entry.key.keys(), "also what is asked in today's words: those of tomorrow may be others"


def test_changed_choices_left_earlier_notebooks_their_key() -> None:
    first, *_, last = load_releases(COURSE.assignment("04_distillation").releases_path).entries
    key, _ = own_key(first, last)
    assert key["quiz_1"] == "b", "T² keeps the gradient's size: the second choice then, the fourth now"
    assert last.key["quiz_1"] == "'d'"
    assert key["quiz_5"] == "b", "a question with everybody's own numbers was one with choices"
    assert "quiz_5" not in last.key
