"""One student's page over the term."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup

from autograder.feedback import FeedbackOptions
from autograder.feedback.term import render_term, term_view


def words(element) -> str:
    return " ".join(element.get_text(" ").split())


@pytest.fixture
def term(samples):
    """Three assignments: one graded partly, one not handed in and over, one still to come."""
    first = samples["partly"].result
    now, due = samples["partly"].options.now, samples["closed"].options.opens_at
    assignments = [
        (SimpleNamespace(name="04_distillation", title="Distillation"), due),
        (SimpleNamespace(name="05_robustness", title="Robustness"), now - timedelta(days=1)),
        (SimpleNamespace(name="06_two_networks", title="Two <b>networks</b>"), now + timedelta(days=9)),
    ]
    options = {name.name: FeedbackOptions(course="A course", now=now, opens_at=due) for name, _ in assignments}
    return assignments, {"04_distillation": first}, options


def soup_of(term, results=None, **change) -> BeautifulSoup:
    assignments, mine, options = term
    options = {name: replace(o, **change) for name, o in options.items()}
    view = term_view("s-1042", assignments, mine if results is None else results, options)
    return BeautifulSoup(render_term(view), "html.parser")


def test_every_assignment_and_what_is_open(term):
    soup = soup_of(term)
    rows = [words(row) for row in soup.select("tbody tr")]
    assert rows[0].startswith("Distillation 9.33 of 14 67 % So far")
    assert rows[1].startswith("Robustness – Nothing handed in")
    assert rows[2].startswith("Two <b>networks</b> – Not handed in yet")
    assert [words(item) for item in soup.select(".changes li")] == [
        "Distillation: 1 question waits for a person",
        "Two <b>networks</b>: hand in until 22 October 2026, 02:15 (UTC)",
    ]
    assert soup.select_one("tbody a")["href"] == "../04_distillation/s-1042/feedback.html"
    assert not soup.select("svg.trend-line"), "one share is no trend"


def test_no_points_of_a_closed_question_are_in_the_total(term):
    visibility = {"soften": "after_due", "attention": "never"}
    closed = soup_of(term, visibility=visibility, opens_at=None)
    assert words(closed.select_one("tbody tr")).startswith("Distillation 5.67 of 7 81 % So far")
    assert "2 questions open later" in words(closed)
    opened = soup_of(term, visibility=visibility)
    assert "9.33 of 14" in words(opened)


def test_two_shares_make_a_trend_with_words(term, samples):
    assignments, mine, options = term
    both = mine | {"05_robustness": samples["perfect"].result}
    svg = soup_of((assignments, mine, options), both).select_one("svg.trend-line")
    assert svg["aria-label"].endswith("67 %, 100 %")
    assert len(svg.polyline["points"].split()) == 2


def test_our_fault_and_unreadable_work_show_no_zero(term, samples):
    for name, said in (("not_graded", "Not graded yet"), ("ungradable", "Could not be read")):
        row = soup_of(term, {"04_distillation": samples[name].result}).select_one("tbody tr")
        assert said in words(row)
        assert "0 of" not in words(row)


def test_nothing_for_teachers_is_on_it(term):
    page = str(soup_of(term))
    assert "HIDDEN-VALUE" not in page
    assert "reference model" not in page
    assert "<script" not in page


def test_what_was_not_given_back_is_not_spoken_of(term):
    assignments, mine, options = term
    view = term_view("s-1042", assignments, mine, options, lambda result: "a.html", held=("04_distillation",))
    soup = BeautifulSoup(render_term(view), "html.parser")
    first = words(soup.select_one("tbody tr"))
    assert first.startswith("Distillation – Not given back yet")
    assert "9.33" not in words(soup)
    assert not soup.select("tbody a")
    assert "Distillation: " not in words(soup)
