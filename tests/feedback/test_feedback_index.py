"""The index of a run: how many, how well, and what waits for a person."""

from __future__ import annotations

from bs4 import BeautifulSoup

from autograder.reports.index import render_index


def words(element) -> str:
    return " ".join(element.get_text(" ").split())


def test_what_waits_for_a_person(index_page):
    soup = BeautifulSoup(index_page, "html.parser")
    items = [words(item) for item in soup.select(".todo > li")]
    assert items[0].startswith("Grade by hand: Does the teacher help with noisy labels? 10")
    assert len(soup.select_one(".todo .ids").get_text().split()) == 10, "the whole list, to copy"
    assert any(item.startswith("Could not be graded: homework.ipynb is not a notebook") for item in items)
    assert "Grade again: the grader failed, not the student 1 s-1015" in items


def test_pages_of_the_assignment_are_linked(index_page):
    links = [link["href"] for link in BeautifulSoup(index_page, "html.parser").select("main a")]
    assert links == [f"report/04_distillation/{name}.html" for name in ("students", "mistakes", "items")]


def test_hidden_values_stay_out(index_page):
    assert "HIDDEN-VALUE" not in index_page


def test_several_assignments_have_sections_of_their_own(samples):
    result = samples["perfect"].result
    other = result.model_copy(update={"assignment": "03_separable", "title": "Separable convolutions"})
    soup = BeautifulSoup(render_index([result, other]), "html.parser")
    assert [h2.get_text() for h2 in soup.select("main h2")] == ["Separable convolutions", result.title]
    assert len(soup.select("nav a")) == 3


def test_an_empty_run_says_so():
    assert "Nothing has been graded yet" in render_index([])


def test_a_large_class_stays_small(class_results):
    many = [
        result.model_copy(update={"subject": f"s-{i}-{j}"}) for j in range(20) for i, result in enumerate(class_results)
    ]
    assert len(render_index(many)) < 100_000
