"""A quiz on the page: which item it was, what was answered, and the right answer only where the course shows it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from feedback_materials import NOW, question_of, result_of
from feedback_materials import test_of as outcome_of

from autograder.course.course import Assignment, load_course
from autograder.course.releases import load_releases
from autograder.feedback import FeedbackOptions, render_feedback
from autograder.feedback.from_course import feedback_options
from autograder.feedback.items import given_answer, item_of, quiz_items

COURSE = load_course(Path(__file__).resolve().parents[2])


def words(element) -> str:
    return " ".join(element.get_text(" ").split())


def notebook(*sources: str) -> SimpleNamespace:
    return SimpleNamespace(cells=[SimpleNamespace(kind="code", source=source, outputs=()) for source in sources])


@pytest.fixture(params=COURSE.assignments, ids=lambda assignment: assignment.name)
def assignment(request: pytest.FixtureRequest) -> Assignment:
    return request.param


def test_every_item_of_the_course_is_found_in_the_released_notebook(assignment: Assignment) -> None:
    release = load_releases(assignment.releases_path).newest
    master = assignment.solution_path.read_text(encoding="utf-8")
    items = quiz_items(release, [question.id for question in assignment.questions], master)
    for question in assignment.questions:
        if question.kind != "quiz":
            continue
        assert len(items[question.id]) >= 3, question.id
        for number, item in enumerate(items[question.id], 1):
            assert item_of(outcome_of(question.id, f"test_any[{number}]", "t", "failed"), items[question.id]) == item
            assert len(item.prompt) > 20, item.name
            assert "details" not in item.prompt, "hints are not part of the question"
            if "with your own numbers" in item.prompt:
                assert (item.choices, item.right) == ({}, ""), "everybody has another"
                continue
            assert sorted(item.choices) == ["a", "b", "c", "d"], item.name
            assert item.right in item.choices, item.name
        assert len({item.prompt for item in items[question.id]}) == len(items[question.id])


def quiz_page(given: str, answers: str, visibility: str = "always") -> BeautifulSoup:
    distillation = COURSE.assignment("04_distillation")
    options = feedback_options(COURSE, distillation, now=NOW, releases=load_releases(distillation.releases_path))
    master = distillation.solution_path.read_text(encoding="utf-8")
    release = load_releases(distillation.releases_path).newest
    options = replace(
        options,
        items=quiz_items(release, ["quiz"], master),
        answers={"quiz": answers},
        visibility={"quiz": visibility},
    )
    tests = [
        outcome_of("quiz", f"test_quiz[{n}]", "The answer is right.", "failed" if n < 3 else "passed")
        for n in (1, 2, 3)
    ]
    result = result_of([question_of("quiz", "Quiz", 1, 3, tests, kind="quiz")])
    return BeautifulSoup(render_feedback(result, notebook(given, 'quiz_2 = "a"'), options=options), "html.parser")


def test_an_item_names_itself_and_the_answer_that_was_given() -> None:
    soup = quiz_page('quiz_1 = None\nquiz_1 = "b"  # sure', "never")
    first, second = soup.select(".finding")
    assert "Why is the distillation term multiplied by T²?" in words(first)
    assert "Your answer b because the divergence is not symmetric" in words(first)
    assert "A teacher forgotten in train mode" in words(second)
    assert "Your answer a nothing: without gradients" in words(second)
    assert "Right" not in words(soup.main)
    assert "3 cases" not in words(soup)
    assert "its gradient would otherwise fall" not in words(soup), "the right choice is not marked out by being shown"


def test_the_right_answer_only_where_and_when_the_course_shows_it() -> None:
    assert "Right d because its gradient would otherwise fall" in words(quiz_page('quiz_1 = "c"', "always").main)
    assert "Right" not in words(quiz_page('quiz_1 = "c"', "after_due").main), "before the last deadline"
    assert not quiz_page('quiz_1 = "c"', "always", visibility="after_due").select(".answers"), (
        "a closed question is closed"
    )


@pytest.mark.parametrize(
    ("source", "answer"),
    [
        ('quiz_1 = "d"', "d"),
        ('quiz_1 = "a"\nquiz_1 = "b"', "b"),
        ("quiz_1: int = 3 * 4", "3 * 4"),
        ("quiz_1 = None", ""),
        ("quiz_1 == 4", ""),
        ("quiz_10 = 'a'", ""),
        ("quiz_1 = '<script>'", "<script>"),
        ("quiz_1 = " + "(" * 5_000, "(" * 200),
        ("quiz_1 = __import__('os').system('true')", "__import__('os').system('true')"),
    ],
)
def test_what_was_answered_is_read_and_never_evaluated(source: str, answer: str) -> None:
    assert given_answer("quiz_1", notebook(source)) == answer


def test_a_hostile_answer_is_text() -> None:
    soup = quiz_page("quiz_1 = '<img src=x onerror=alert(1)>'", "never")
    assert not soup.select("main img")
    assert "<img src=x onerror=alert(1)>" in words(soup.select_one(".answers"))


def test_without_a_release_the_tests_sentence_is_shown() -> None:
    tests = [outcome_of("quiz", "test_quiz[1]", "The answer is right.", "failed")]
    result = result_of([question_of("quiz", "Quiz", 0, 1, tests, kind="quiz")])
    soup = BeautifulSoup(render_feedback(result, None, options=FeedbackOptions()), "html.parser")
    assert words(soup.select_one(".finding h3")) == "The answer is right."
