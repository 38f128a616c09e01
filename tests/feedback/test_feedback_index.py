"""The index of a run: who stands where, what waits, where the class fails."""

from __future__ import annotations

from bs4 import BeautifulSoup

from autograder.records import Misconception
from autograder.reports.index import render_index


def words(element) -> str:
    return " ".join(element.get_text(" ").split())


def test_every_submission_with_score_and_link(index_page):
    rows = BeautifulSoup(index_page, "html.parser").select(".submissions tbody tr")
    assert len(rows) == 24
    assert rows[0].a["href"] == "submissions/04_distillation/s-1001/feedback.html"
    assert "18 of 18" in words(rows[0])
    assert "Could not be graded" in words(rows[11])
    assert "Not graded: our fault" in words(rows[14])
    assert "weights equal the reference model's" in words(rows[0])


def test_what_waits_for_a_person(index_page):
    todo = BeautifulSoup(index_page, "html.parser").select_one(".todo")
    items = dict(zip(map(words, todo.select("dt")), todo.select("dd"), strict=True))
    assert [len(dd.select("a")) for dd in items.values()] == [10, 1, 1]
    assert next(iter(items)).startswith("Grade by hand: Does the teacher help")
    assert "Grade again: the grader failed, not the student 1" in items


def test_hardest_tests_first_with_groups_by_misconception(index_page):
    soup = BeautifulSoup(index_page, "html.parser")
    shares = [float(item.select_one(".fill")["width"]) for item in soup.select(".tests > li")]
    assert shares == sorted(shares)
    groups = {words(group) for group in soup.select(".groups > li")}
    missing = next(group for group in groups if "T² is missing" in group)
    assert missing.startswith("8 ")
    assert "s-1002" in missing


def test_messages_that_differ_in_numbers_are_one_group(samples):
    first = samples["partly"].result
    changed = []
    for i in range(3):
        question = first.questions[3]
        tests = [t.model_copy(update={"message": f"{70 + i} of 108 values differ."}) for t in question.tests[:1]]
        other = question.model_copy(update={"tests": tuple(tests)})
        changed.append(first.model_copy(update={"subject": f"s-{i}", "questions": (other,)}))
    soup = BeautifulSoup(render_index(changed), "html.parser")
    assert [words(group) for group in soup.select(".groups > li")] == ["3 … of … values differ. s-0, s-1, s-2"]


def test_hidden_values_stay_out(index_page):
    assert "HIDDEN-VALUE" not in index_page


def test_several_assignments_have_sections_of_their_own(samples):
    result = samples["perfect"].result
    other = result.model_copy(update={"assignment": "03_separable", "title": "Separable convolutions"})
    soup = BeautifulSoup(render_index([result, other]), "html.parser")
    assert [h2.get_text() for h2 in soup.select("main h2")] == ["Separable convolutions", result.title]
    assert len(soup.select("nav a")) == 2


def test_an_empty_run_says_so():
    assert "Nothing has been graded yet" in render_index([])


def test_a_large_class_stays_small(class_results):
    many = [
        result.model_copy(update={"subject": f"s-{i}-{j}"}) for j in range(20) for i, result in enumerate(class_results)
    ]
    assert len(render_index(many)) < 600_000


def test_what_the_class_misunderstands_comes_with_names(samples):
    """The commonest mistake first; a mistake stands with its question, and with everybody in whose answer it was."""
    first = samples["partly"].result
    known = {
        "t_squared": Misconception(question="kl", id="t_squared", sentence="T² is missing.", hint="Multiply by T²."),
        "swapped": Misconception(question="kl", id="swapped", sentence="Teacher and student are <swapped>.", hint=""),
    }
    class_ = []
    for number, mistake in enumerate(["t_squared", "swapped", "swapped", None]):
        question = first.questions[0].model_copy(update={"misconception": known.get(mistake)})
        class_.append(first.model_copy(update={"subject": f"s-{number}", "questions": (question,)}))
    soup = BeautifulSoup(render_index(class_), "html.parser")
    title = first.questions[0].title
    assert [words(item) for item in soup.select(".mistakes > li")] == [
        f"2 Teacher and student are <swapped>. {title} s-1, s-2",
        f"1 T² is missing. {title} s-0",
    ]


def test_what_everybody_passed_is_folded(samples):
    soup = BeautifulSoup(render_index([samples["perfect"].result]), "html.parser")
    tests = [test for question in samples["perfect"].result.questions for test in question.tests]
    assert len(soup.select(".all-passed li")) == len(tests)
    assert words(soup.select_one(".all-passed summary")) == f"{len(tests)} tests that everybody passed"
    assert "every test was passed by everybody" in words(soup.main)


def test_a_question_that_left_the_denominator_says_nothing_of_the_class(samples):
    first = samples["partly"].result
    questions = tuple(q.model_copy(update={"score": None}) for q in first.questions)
    soup = BeautifulSoup(render_index([first.model_copy(update={"questions": questions})]), "html.parser")
    assert not soup.select(".tests > li, .all-passed li")


def test_one_id_in_two_questions_keeps_its_two_sentences(samples):
    """Ids of misconceptions are those of a question; what a test says is its own question's sentence."""
    first = samples["partly"].result
    questions = []
    for name, sentence in (("left", "It stays in eval mode."), ("right", "It loses its train mode.")):
        known = Misconception(question=name, id="mode", sentence=sentence)
        source = first.questions[3]
        failed = source.tests[0].model_copy(update={"misconception": "mode", "status": "failed"})
        questions.append(source.model_copy(update={"id": name, "misconception": known, "tests": (failed,)}))
    soup = BeautifulSoup(render_index([first.model_copy(update={"questions": tuple(questions)})]), "html.parser")
    said = {words(group).split(" s-")[0] for group in soup.select(".tests .groups > li")}
    assert {text.removesuffix(f" {first.subject}") for text in said} == {
        "1 It stays in eval mode.",
        "1 It loses its train mode.",
    }
