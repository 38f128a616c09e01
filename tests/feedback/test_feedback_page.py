"""What a page says, in which order, and what it never says."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import feedback_materials as materials  # its folder is loaded by conftest
import pytest
from bs4 import BeautifulSoup
from feedback_materials import ATTENTION_TITLES, KL_TITLES, WAITING, plain, result_of, standard_questions

from autograder.feedback import FeedbackOptions, render_feedback
from autograder.records import (
    NOT_ANSWERED,
    NOT_FILLED,
    CellOutcome,
    Misconception,
    SandboxUse,
    Shown,
    StudentTraceback,
    TestOutcome,
    TwinOutcome,
)


def soup_of(sample) -> BeautifulSoup:
    return BeautifulSoup(sample.page(), "html.parser")


def words(element) -> str:
    return " ".join(element.get_text(" ").split())


def question(soup: BeautifulSoup, title: str):
    return next(q for q in soup.select("details.question") if q.select_one(".title").get_text() == title)


def test_nothing_but_the_page_is_needed(samples):
    for name, sample in samples.items():
        page = sample.page()
        soup = BeautifulSoup(page, "html.parser")
        assert page.lstrip().startswith("<!doctype html>"), name
        assert not soup.select("script, link, iframe, object, embed, form, base"), name
        assert not soup.select("[style]"), f"{name}: style attributes are refused by the page's own policy"
        for image in soup.select("img"):
            assert image["src"].startswith("data:image/png;base64,"), name
            assert image["alt"].strip(), name
        ids = [tag["id"] for tag in soup.select("[id]")]
        assert len(ids) == len(set(ids)), name
        for link in soup.select('a[href^="#"], use[href^="#"]'):
            assert link["href"][1:] in ids, f"{name}: {link['href']} leads nowhere"


def test_policy_allows_this_style_sheet_and_nothing_else(samples):
    import base64
    import hashlib

    soup = soup_of(samples["partly"])
    policy = soup.select_one('meta[http-equiv="Content-Security-Policy"]')["content"]
    digest = base64.b64encode(hashlib.sha256(soup.style.string.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'")
    assert f"style-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert "script" not in policy


@pytest.mark.parametrize("name", ["perfect", "partly", "broken", "untouched", "closed", "ungradable", "not_graded"])
def test_details_and_flags_are_never_shown(samples, name, request):
    page = samples[name].page()
    assert "HIDDEN-VALUE" not in page
    assert "reference model" not in page


def test_questions_that_lost_points_come_first_and_open(samples):
    soup = soup_of(samples["partly"])
    shown = [(q.select_one(".title").get_text(), q.has_attr("open")) for q in soup.select("details.question")]
    assert shown == [
        ("Attention transfer", True),  # 3.33 points lost
        ("The loss of Hinton", True),  # 1.33
        ("Does the teacher help with noisy labels?", False),  # waits
        ("Soften", False),
        ("Teacher and labels together", False),
    ]
    overview = [words(item.select_one(".name")) for item in soup.select(".overview li")]
    assert overview[0] == "Soften", "the overview keeps the order of the notebook"
    assert "Attention transfer" in words(soup.select_one(".start"))


def test_what_waits_for_another_question_comes_after_it(samples):
    titles = [q.select_one(".title").get_text() for q in soup_of(samples["untouched"]).select("details.question")]
    assert titles.index("The loss of Hinton") < titles.index("Attention transfer")


def test_score_and_what_is_to_come(samples):
    score = words(soup_of(samples["partly"]).select_one(".score"))
    assert "9.33 of 14 so far" in score
    assert "2 of 4 questions are complete" in score
    assert "1 question waits for a person to grade" in score
    assert "18 of 18" in words(soup_of(samples["perfect"]).select_one(".total"))


def test_late_penalty_is_a_sum_that_adds_up(samples):
    late = words(soup_of(samples["broken"]).select_one(".late"))
    assert "9.33 earned − 2.6 for handing in late = 6.73." in late
    assert "10 % of the points" in late


def test_misconception_hint_and_twin(samples):
    hinton = question(soup_of(samples["partly"]), "The loss of Hinton")
    assert "T² is missing" in words(hinton.select_one(".insight"))
    assert "Multiply by T * T" in words(hinton.select_one(".hint"))
    assert "kl_distillation(" in hinton.select_one(".call").get_text()
    expected, found = hinton.select(".side")
    assert "0.9686" in words(expected)
    assert not expected.select("mark")
    assert words(found.mark) == "0.2421 differs"


KNOWN = Misconception(
    question="kl_distillation",
    id="missing_t_squared",
    sentence="The `T²` that keeps the gradient's size is missing <b>.",
    hint="How does the gradient scale with `T`?",
)


def with_known_mistake(sample):
    """The sample with a recognised mistake in the question that lost points, and no words of its own there."""
    questions = [
        question.model_copy(
            update={
                "misconception": KNOWN,
                "tests": tuple(
                    test.model_copy(update={"misconception": KNOWN.id if test.status != "passed" else "", "hint": ""})
                    for test in question.tests
                ),
            }
        )
        if question.id == KNOWN.question
        else question
        for question in sample.result.questions
    ]
    return replace(sample, result=sample.result.model_copy(update={"questions": tuple(questions)}))


def test_a_recognised_mistake_stands_before_the_findings_of_its_question(samples):
    soup = soup_of(with_known_mistake(samples["partly"]))
    (known,) = soup.select(".known")
    assert "The T² that keeps the gradient's size is missing <b>." in words(known.select_one(".insight"))
    assert words(known.select_one(".hint")) == "What to try How does the gradient scale with T ?"
    assert [code.get_text() for code in known.select("code")] == ["T²", "T"]
    hinton = question(soup, "The loss of Hinton")
    assert known in hinton.select(".known")
    assert known.find_next(class_="finding") in hinton.select(".finding")
    assert "missing_t_squared" not in soup.get_text(), "the id is for teachers"


def test_where_to_begin_names_the_recognised_mistake_of_the_first_question(samples):
    sample = with_known_mistake(samples["partly"])
    only = tuple(question for question in sample.result.questions if question.id == KNOWN.question)
    first = soup_of(replace(sample, result=sample.result.model_copy(update={"questions": only}))).select_one("p.start")
    assert words(first.a) == "The loss of Hinton"
    assert "gradient's size is missing" in words(first)


@pytest.mark.parametrize("visibility", ["never", "after_due"])
def test_a_recognised_mistake_is_not_told_where_tests_are_not(samples, visibility):
    sample = with_known_mistake(samples["partly"])
    options = replace(sample.options, visibility={KNOWN.question: visibility}, opens_at=None)
    page = replace(sample, options=options).page()
    assert "gradient's size" not in page
    assert "gradient scale" not in page


def test_differing_entries_are_marked_and_only_those(samples):
    finding = question(soup_of(samples["partly"]), "Attention transfer").select(".finding")[1]
    marked = [words(mark) for mark in finding.select("mark")]
    assert marked == ["1.25 differs", "−1.00 differs"]
    assert [words(cell) for cell in finding.select_one(".numbers").select("tr")[1].select("td")] == [
        "0.25",
        "0.50",
        "0.25",
    ]


def test_maps_are_drawn_with_a_description_and_a_scale(samples):
    figures = question(soup_of(samples["partly"]), "Attention transfer").select("figure")
    assert [words(figure.figcaption) for figure in figures] == ["Expected", "Yours", "Yours − expected"]
    assert "9 by 12 numbers" in figures[0].svg["aria-label"]
    assert [len(figure.select("rect.mark")) for figure in figures] == [0, 1, 1], "expected is never marked as wrong"
    assert words(figures[0].select_one(".scale")) == words(figures[1].select_one(".scale")), "one scale for both"


def test_traceback_shows_the_students_line_among_its_neighbours(samples):
    trace = question(soup_of(samples["broken"]), "Attention transfer").select_one(".trace")
    assert "TypeError in your cell 9 , line 4: norm() got an unexpected keyword" in words(trace.p)
    assert trace.a["href"] == "#cell-9"
    here = trace.select(".here")
    assert len(here) == 1
    assert "norm(dims=1)" in here[0].get_text()
    assert "energy = features.pow(2)" in trace.get_text()


def test_tests_that_say_the_same_are_one_finding(samples):
    findings = question(soup_of(samples["untouched"]), "The loss of Hinton").select(".finding")
    assert len(findings) == 1
    assert len(findings[0].select(".also li")) == 2


def test_comment_of_a_person_and_error_carried_forward(samples):
    soup = soup_of(samples["broken"])
    comment = question(soup, "Does the teacher help with noisy labels?").select_one(".comment")
    assert "Say also why the gap closes" in comment.get_text()
    assert "with your own earlier function" in words(question(soup, "Teacher and labels together"))


def test_status_is_said_in_words(samples):
    for element in soup_of(samples["broken"]).select(".status"):
        assert words(element)


def test_our_fault_is_no_zero(samples):
    text = words(soup_of(samples["not_graded"]).body)
    assert "no fault of yours" in text
    assert "of 18" not in text
    assert "UNSAFE" in text


def test_ungradable_says_why(samples):
    assert "is not a notebook" in words(soup_of(samples["ungradable"]).main)


class TestVisibility:
    def test_closed_questions_show_title_and_points_only(self, samples):
        soup = soup_of(samples["closed"])
        for title in ("Soften", "Attention transfer"):
            assert not question(soup, title).select(".finding, .passed, .comment, img, .bar")
            assert "after the deadline" in words(question(soup, title))
        assert "Each map has length one" not in soup.get_text()

    def test_no_score_by_subtraction(self, samples):
        """The total leaves closed questions out, and the late penalty goes without its size."""
        soup = soup_of(samples["closed"])
        assert "5.67 of 7 so far" in words(soup.select_one(".total"))
        assert (
            words(soup.select_one(".late"))
            == "Late. Handed in late: points will be taken off once all questions are open."
        )
        bars = {words(li.select_one(".name")): li.select_one(".fill")["width"] for li in soup.select(".overview li")}
        assert bars["Soften"] == bars["Attention transfer"] == "0.00"

    def test_same_page_whatever_a_closed_question_scored(self, samples):
        closed = samples["closed"]
        attention = closed.result.questions[3]
        other = attention.model_copy(update={"score": 5.0, "status": "passed", "tests": (), "comment": "well done"})
        questions = (*closed.result.questions[:3], other, *closed.result.questions[4:])
        result = closed.result.model_copy(update={"questions": questions, "score": 12.0, "late_penalty": 3.0})
        assert replace(closed, result=result).page() == closed.page()

    def test_after_due_opens_and_never_shows_the_score_only(self, samples):
        closed = samples["closed"]
        later = replace(closed.options, now=closed.options.now + timedelta(seconds=1))
        soup = soup_of(replace(closed, options=later))
        assert question(soup, "Attention transfer").select(".finding")
        assert "2 of 2 points" in words(question(soup, "Soften"))
        assert not question(soup, "Soften").select(".passed, .finding")

    def test_unknown_deadline_keeps_questions_closed(self, samples):
        sample = samples["partly"]
        options = FeedbackOptions(visibility={"attention": "after_due"}, now=sample.options.now)
        soup = BeautifulSoup(render_feedback(sample.result, None, options=options), "html.parser")
        assert "after the deadline" in words(question(soup, "Attention transfer"))


class TestNotebook:
    def test_both_outputs_where_they_differ(self, samples):
        soup = soup_of(samples["partly"])
        assert len(soup.select("#cell-11 .both img.plot")) == 2
        assert not soup.select("#cell-5 .both"), "equal outputs are shown once"
        assert not soup.select("#cell-2 .both"), "an address in memory is no difference"

    def test_skipped_cell_says_why_and_keeps_its_output(self, samples):
        cell = words(soup_of(samples["partly"]).select_one("#cell-10"))
        assert "training is not repeated" in cell
        assert "accuracy 0.71" in cell
        assert "epoch 1/3" not in cell, "a progress bar leaves its last state"

    def test_lines_are_numbered_as_in_tracebacks(self, samples):
        lines = soup_of(samples["partly"]).select("#cell-7 .numbered .l")
        assert lines[3].get_text().rstrip("\n") == "    teacher = soften(teacher_logits, T)"

    def test_markdown(self, samples):
        prose = soup_of(samples["partly"]).select_one("#cell-1")
        assert prose.h3.get_text() == "Distillation"
        assert prose.table
        assert prose.select_one(".formula math msub").get_text() == "pi"
        assert prose.select_one(".formula")["title"].startswith("p_i =")

    def test_no_grader_frames(self, samples):
        assert not re.search(r"/sandbox/|Traceback \(most recent", samples["broken"].page())


class TestValues:
    """Values as `autograder.testing` makes them."""

    @staticmethod
    def view(expected, found):
        from autograder.feedback.twins import twin_view
        from autograder.records import TwinOutcome
        from autograder.testing.shown import show

        return twin_view(TwinOutcome(shows="f(x)", expected=show(expected), found=show(found), agrees=False))

    def test_numbers_keep_their_digits(self):
        view = self.view(0.9686, 0.24215)
        assert (view.expected.rows[0][0].text, view.found.rows[0][0].text) == ("0.9686", "0.24215")
        assert view.found.rows[0][0].differs

    def test_differing_numbers_never_look_the_same(self):
        torch = pytest.importorskip("torch")
        view = self.view(torch.tensor([0.123451, 2.0]), torch.tensor([0.123471, 2.0]))
        assert view.expected.rows[0][0].text != view.found.rows[0][0].text
        assert [entry.differs for entry in view.found.rows[0]] == [True, False]

    def test_bools_and_what_is_not_finite(self):
        torch = pytest.importorskip("torch")
        view = self.view(torch.tensor([True, False]), torch.tensor([float("nan"), float("inf")]))
        assert [entry.text for entry in view.expected.rows[0]] == ["True", "False"]
        assert [entry.text for entry in view.found.rows[0]] == ["not finite"] * 2
        assert view.found.facts_differ

    def test_maps_of_other_shapes_have_no_difference(self):
        torch = pytest.importorskip("torch")
        view = self.view(torch.rand(9, 12), torch.rand(12, 9))
        assert [picture.title for picture in view.pictures] == ["Expected", "Yours"]
        assert view.expected.facts == "shape (9, 12) · float32"


def stopped(name: str, title: str, exception: str, **more) -> TestOutcome:
    """A test that stopped in one and the same line, with an example of its own that stops as well."""
    trace = StudentTraceback(exception=exception, lines=((6, 3, "    raise NotImplementedError"),))
    example = TwinOutcome(
        shows=f"kl_distillation({name})",
        expected=Shown(kind="number", text="1.0"),
        found=Shown(kind="error", text=exception),
        agrees=False,
    )
    return materials.test_of("kl_distillation", name, title, "error", traceback=trace, twin=example, **more)


def test_what_was_tried_comes_before_what_was_not(samples):
    untouched = [stopped(f"test_{i}", KL_TITLES[i], "NotImplementedError", message=NOT_FILLED) for i in range(2)]
    tried = materials.test_of("attention", "test_map", ATTENTION_TITLES[0], "failed", message="Its values differ.")
    questions = standard_questions(untouched, [tried, *plain("attention", ATTENTION_TITLES)[1:]], manual=WAITING)
    sample = replace(samples["partly"], result=result_of(questions))
    soup = soup_of(sample)
    shown = [
        (q.select_one(".title").get_text(), q.has_attr("open"), words(q.select_one(".status")))
        for q in soup.select(".question")
    ]
    assert shown[:2] == [
        ("Attention transfer", True, "Partly right"),
        ("The loss of Hinton", False, "Not filled in yet"),  # more points, but nothing to explain
    ]
    finding = question(soup, "The loss of Hinton").select(".finding")
    assert len(finding) == 1, "one blank is one thing to say"
    assert len(finding[0].select(".also li")) == 1
    assert len(finding[0].select(".twin")) == 1


def test_who_has_done_nothing_begins_with_the_first_question(samples):
    untouched = stopped("test_value", KL_TITLES[0], "NotImplementedError", message=NOT_FILLED)
    none = materials.test_of("attention", "test_map", ATTENTION_TITLES[0], "failed", message=NOT_ANSWERED)
    soup = soup_of(
        replace(samples["partly"], result=result_of(standard_questions([untouched], [none], manual=WAITING)))
    )
    assert words(soup.select_one(".start")).endswith("The loss of Hinton : not filled in yet.")
    assert [q.select_one(".title").get_text() for q in soup.select("details.question[open]")] == ["The loss of Hinton"]
    assert words(question(soup, "Attention transfer").select_one(".status")) == "Not answered yet"


def test_examples_that_stop_elsewhere_are_shown_each(samples):
    alike = [stopped(f"test_{i}", KL_TITLES[i], "TypeError", message="Your code raised TypeError.") for i in range(2)]
    other = alike[1].model_copy(
        update={"twin": alike[1].twin.model_copy(update={"found": Shown(kind="number", text="2.0")})}
    )
    for tests, count in ((alike, 1), ([alike[0], other], 2)):
        questions = standard_questions(tests, plain("attention", ATTENTION_TITLES), manual=WAITING)
        soup = soup_of(replace(samples["partly"], result=result_of(questions)))
        assert len(question(soup, "The loss of Hinton").select(".finding")) == count


@pytest.mark.parametrize(
    ("source", "outcome", "said"),
    [
        (
            "def kl_distillation(s, t, T:\n    return 1",
            CellOutcome(
                index=0,
                status="error",
                traceback=StudentTraceback(
                    exception="SyntaxError",
                    message="'(' was never closed",
                    lines=((0, 1, "def kl_distillation(s, t, T:"),),
                ),
            ),
            "is not defined, because its cell stopped with SyntaxError (cell 1).",
        ),
        (
            "while True: pass\nkl_distillation = print",
            CellOutcome(index=0, status="timeout"),
            "is not defined, because its cell took too long (cell 1).",
        ),
        (
            "kl_distillation: object = print",
            CellOutcome(index=0, status="skipped"),
            "is not defined, because its cell was not run (cell 1).",
        ),
        ("kl_distillation == 1", CellOutcome(index=0, status="error"), "is not defined: was its cell deleted"),
        ("kl_distillation = 1", CellOutcome(index=0, status="ok"), "is not defined: was its cell deleted"),
        ("kl_distillation = 1", CellOutcome(index=7, status="error"), "is not defined: was its cell deleted"),
    ],
)
def test_a_name_that_is_missing_is_explained_by_its_cell(samples, source, outcome, said):
    message = "`kl_distillation` is not defined: was its cell deleted, or did it fail?"
    trace = StudentTraceback(exception="NameError", message=message)
    test = materials.test_of("kl_distillation", "test_value", KL_TITLES[0], "error", message=message, traceback=trace)
    questions = standard_questions([test], plain("attention", ATTENTION_TITLES), manual=WAITING)
    notebook = SimpleNamespace(cells=[SimpleNamespace(kind="code", source=source, outputs=[])])
    page = replace(samples["partly"], result=result_of(questions, cells=(outcome,)), notebook=notebook)
    finding = words(question(soup_of(page), "The loss of Hinton").select_one(".finding"))
    assert said in finding
    assert finding.count("is not defined") == 1
    if outcome.traceback is not None:
        notice = words(soup_of(page).select_one(".notices"))
        assert "'(' was never closed" in notice, "the whole account stands once, at the cell that stopped"
        assert "Because of that, kl_distillation is not defined." in notice
        start = words(soup_of(page).select_one(".start"))
        assert start.endswith("kl_distillation is not defined, because its cell stopped with SyntaxError (cell 1).")


@pytest.mark.parametrize("backend", ["confined-uid (Landlock 7)", "namespace"])
def test_the_level_of_a_sandbox_without_namespaces_is_told(samples, backend):
    sample = samples["partly"] if "partly" in samples else next(iter(samples.values()))
    result = sample.result.model_copy(update={"sandbox": SandboxUse(backend=backend)})
    text = words(soup_of(replace(sample, result=result)))
    assert ("Graded in the sandbox confined-uid (Landlock 7)" in text) == backend.startswith("confined-uid")
