"""Slim results: pages and tables about a class say the same of them, and equal parts are held once."""

from __future__ import annotations

import sys

from autograder.course.roster import EMPTY_ROSTER
from autograder.records import Result, Shown, TwinOutcome
from autograder.reports.index import render_index
from autograder.reports.staff_pages import staff_pages
from autograder.reports.summary import grades_csv, summarise
from autograder.results.slim import slim_results
from tests.reports import conftest as material


def with_examples() -> list[Result]:
    """A class whose failing tests have an example, details and a time of their own."""
    made = []
    for number, result in enumerate(material.make_results()[:600]):
        shown = Shown(kind="tensor", text=f"tensor {number}", values=[[float(number)] * 30] * 30)
        twin = TwinOutcome(shows="f(1)", expected=shown, found=shown, agrees=False)
        questions = tuple(
            question.model_copy(
                update={
                    "tests": tuple(
                        test.model_copy(update={"twin": twin, "detail": f"hidden {number}", "seconds": 0.25})
                        for test in question.tests
                    )
                }
            )
            for question in result.questions
        )
        made.append(result.model_copy(update={"questions": questions}))
    return made


def test_what_is_about_the_class_says_the_same() -> None:
    whole = with_examples()
    slim = list(slim_results(whole))
    options = material.options()
    assert render_index(slim, options=options) == render_index(whole, options=options)
    assert grades_csv(slim, []) == grades_csv(whole, [])
    assert summarise(slim, []) == summarise(whole, [])
    pages, expected = (staff_pages(material.COURSE, EMPTY_ROSTER, results, options) for results in (slim, whole))
    assert pages == expected


def test_equal_parts_are_held_once() -> None:
    def objects(results: list[Result]) -> int:
        return len({id(test) for result in results for question in result.questions for test in question.tests})

    whole = with_examples()
    slim = list(slim_results(whole))
    assert objects(slim) < objects(whole) / 4  # messages hold numbers that differ
    assert all(test.twin is None and not test.detail for r in slim for q in r.questions for test in q.tests)
    assert len({id(result.title) for result in slim}) == len({result.title for result in slim})
    assert sys.getsizeof(slim[0].__dict__) < 3000


def test_the_time_of_a_question_stays() -> None:
    [whole] = with_examples()[:1]
    [slim] = slim_results([whole])
    for question, before in zip(slim.questions, whole.questions, strict=True):
        found, expected = (sum(test.seconds for test in one.tests) for one in (question, before))
        assert abs(found - expected) <= 0.05 * expected
