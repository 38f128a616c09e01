"""What a page says of time, points to come, changes and missing names; and what can never be on it."""

from __future__ import annotations

import dataclasses
import typing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from bs4 import BeautifulSoup
from feedback_materials import (
    ATTENTION_TITLES,
    DUE,
    KL_TITLES,
    NOW,
    WAITING,
    plain,
    result_of,
    standard_questions,
)
from feedback_materials import (
    test_of as outcome_of,
)
from markupsafe import Markup
from pydantic import BaseModel

from autograder.feedback.deadline import duration
from autograder.feedback.page import render_student
from autograder.feedback.student_view import StudentView
from autograder.feedback.view import student_view
from autograder.pages.markdown import render_markdown
from autograder.records import CellOutcome, GradeEvent, Outcome, StudentTraceback


def words(element) -> str:
    return " ".join(element.get_text(" ").split())


def soup_of(sample, events=()) -> BeautifulSoup:
    view = student_view(sample.result, sample.notebook, sample.ours, sample.options, events)
    return BeautifulSoup(render_student(view), "html.parser")


def event(before: float | None, after: float | None, who: str, why: str, day: int = 14) -> GradeEvent:
    return GradeEvent(
        when=datetime(2026, 10, day, 10, tzinfo=UTC), who=who, why=why, assignment="04_distillation",
        subject="s-1042", before=before, after=after,
    )  # fmt: skip


class TestTime:
    def test_deadline_receipt_and_rule_in_the_courses_zone(self, samples):
        sample = samples["broken"]
        options = replace(sample.options, zone=ZoneInfo("Europe/Berlin"), due=DUE, grace_minutes=15)
        soup = soup_of(replace(sample, options=options, result=sample.result.model_copy(update={"due": DUE})))
        facts = words(soup.select_one(".top"))
        assert "Deadline 12 October 2026, 23:59 (CEST)" in facts
        assert "handed in 14 October 2026, 01:59 (CEST) (1 day 2 hours late)" in facts
        late = words(soup.select_one(".late"))
        assert "9.33 earned − 2.6 for handing in late (2 days begun) = 6.73." in late
        assert "10 % of the points earned" in late

    def test_a_students_own_deadline_is_called_that(self, samples):
        sample = samples["partly"]
        own = DUE + timedelta(days=2)
        result = sample.result.model_copy(update={"due": own, "received_at": own - timedelta(hours=1)})
        soup = soup_of(replace(sample, result=result, options=replace(sample.options, due=DUE)))
        assert "Your own deadline 14 October 2026, 21:59 (UTC)" in words(soup.select_one(".top"))
        assert "(in time)" in words(soup.select_one(".top"))

    def test_unknown_receipt_costs_nothing_and_says_so(self, samples):
        sample = samples["partly"]
        result = sample.result.model_copy(update={"received_at": None, "due": DUE})
        assert "Time of receipt unknown" in words(soup_of(replace(sample, result=result)).select_one(".top")) or (
            "time of receipt unknown" in words(soup_of(replace(sample, result=result)).select_one(".top"))
        )

    @pytest.mark.parametrize(
        ("span", "said"),
        [
            (timedelta(seconds=20), "1 minute"),
            (timedelta(hours=3, minutes=2), "3 hours 2 minutes"),
            (timedelta(days=2), "2 days"),
            (timedelta(days=1, hours=1, minutes=59), "1 day 1 hour"),
        ],
    )
    def test_lengths_of_time(self, span, said):
        assert duration(span) == said


class TestPointsToCome:
    def test_a_perfect_student_who_waits_for_a_person_sees_a_full_bar(self):
        questions = standard_questions(
            plain("kl_distillation", KL_TITLES), plain("attention", ATTENTION_TITLES), manual=WAITING
        )
        from feedback_materials import Sample

        soup = soup_of(Sample(result_of(questions), None))
        assert words(soup.select_one(".big")) == "14 of 14 complete so far"
        assert soup.select_one(".total .fill")["width"] == "100.00"
        assert "1 question waits for a person to grade" in words(soup.select_one(".total"))

    def test_an_ungradable_page_says_what_to_do(self, samples):
        sample = samples["ungradable"]
        options = replace(sample.options, due=DUE, now=DUE - timedelta(days=1))
        soup = soup_of(replace(sample, options=options))
        said = words(soup.main)
        assert "Hand in that file itself" in said
        assert "You can hand in again until 12 October 2026, 21:59 (UTC)." in said
        assert "questions are complete" not in said
        assert not soup.select(".score"), "no zero is shown for what nobody has decided"
        late = soup_of(replace(sample, options=replace(options, now=DUE + timedelta(days=1))))
        assert "The deadline was" in words(late.main)

    def test_points_that_a_person_gave_for_unreadable_work_are_shown(self, samples):
        sample = samples["ungradable"]
        question = WAITING.model_copy(update={"score": 3.0, "status": "graded_by_hand"})
        result = sample.result.model_copy(update={"questions": (question,), "score": 3.0, "max_score": 4.0})
        assert words(soup_of(replace(sample, result=result)).select_one(".big")) == "3 of 4"


class TestChanges:
    EVENTS = (
        event(None, 8.0, "autograder grade", "graded, attempt 1", 12),
        event(8.0, 9.0, "anna", "odd sizes <dropped>", 13),
        event(9.0, 9.33, "autograder grade", "graded, attempt 2", 14),
    )

    def test_what_changed_with_points_reason_and_role(self, samples):
        soup = soup_of(samples["partly"], self.EVENTS)
        items = [words(item) for item in soup.select(".changes li")]
        assert items == [
            "9 → 9.33 graded, attempt 2 the automatic grader, 14 October 2026, 10:00 (UTC)",
            "8 → 9 odd sizes <dropped> a teacher, 13 October 2026, 10:00 (UTC)",
        ]
        assert "anna" not in soup.get_text(), "the role is said, not the person"

    def test_nothing_changed_nothing_is_said(self, samples):
        assert not soup_of(samples["partly"], self.EVENTS[:1]).select(".changes")

    def test_no_change_is_told_while_a_question_is_closed(self, samples):
        assert not soup_of(samples["closed"], self.EVENTS).select(".changes")

    def test_members_of_a_group(self, samples):
        sample = samples["partly"]
        result = sample.result.model_copy(update={"subject": "team-3", "students": ("s-1", "s-2")})
        assert "team-3: s-1, s-2" in words(soup_of(replace(sample, result=result)).select_one(".top"))


class TestMissingNames:
    @staticmethod
    def missing(question: str, name: str, test: str):
        message = f"`{name}` is not defined: was its cell deleted, or did it fail?"
        trace = StudentTraceback(exception="NameError", message=message)
        return outcome_of(question, test, f"Title of {test}.", "error", message=message, traceback=trace)

    def test_a_missing_name_is_explained_once(self, samples):
        cell = CellOutcome(
            index=8,
            status="error",
            traceback=StudentTraceback(
                exception="TypeError", message="norm() got no dim", lines=((8, 4, "    return energy"),)
            ),
        )
        gone = [self.missing("kl_distillation", "attention_map", f"test_{n}") for n in range(3)]
        also = [self.missing("attention", "attention_map", f"test_{n}") for n in range(3)]
        result = result_of(standard_questions(gone, also, manual=WAITING), cells=(cell,))
        soup = soup_of(replace(samples["partly"], result=result))
        page = words(soup.main)
        assert page.count("norm() got no dim") == 2, "in the notes about the notebook, and at the cell itself"
        assert "Because of that, attention_map is not defined." in page
        findings = soup.select(".finding")
        assert len(findings) == 2, "one a question, however many tests"
        assert "its cell stopped with TypeError (cell 9)" in words(findings[0])
        assert words(findings[1].select_one(".message")).startswith("attention_map is not defined: see “")
        assert len(findings[1].select(".also li")) == 2

    def test_a_name_that_the_students_own_line_misses_is_explained_once(self, samples):
        def error(question: str, number: int):
            trace = StudentTraceback(
                exception="NameError", message="name 'F' is not defined", lines=((6, number, "return F.kl_div()"),)
            )
            return outcome_of(question, f"test_{number}", f"Title {number}.", "error", traceback=trace)

        tests = [error("kl_distillation", 1), error("kl_distillation", 2)], [error("attention", 3)]
        result = result_of(standard_questions(*tests, manual=WAITING))
        soup = soup_of(replace(samples["partly"], result=result))
        assert len(soup.select(".finding .trace")) == 1
        assert words(soup.main).count("F is not defined: see") == 1, (
            "the two tests of the other question are one finding"
        )


class TestMarkdown:
    def test_hints_fold_and_formulas_are_set(self):
        html = BeautifulSoup(
            render_markdown("<details><summary>Hint</summary>Use <code>x</code> and $x_i^2$.</details>"), "html.parser"
        )
        assert html.details.summary.get_text() == "Hint"
        assert html.details.code.get_text() == "x"
        assert html.details.math.msubsup is not None

    @pytest.mark.parametrize(
        "source",
        [
            r"$\text{<script>alert(1)</script>}$",
            r"$\href{javascript:alert(1)}{x}$",
            "<details ontoggle=alert(1)>x</details>",
            "<details><summary onclick=alert(1)>x</summary>y</details>",
            "<code onclick=alert(1)>x</code>",
            "<details>never closed",
            "x</details><script>alert(1)</script>",
            "&#57344;0&#57345; $x$",
            "$" + r"\frac" * 200 + "$",
            "$$" + "{" * 900 + "$$",
        ],
    )
    def test_nothing_but_harmless_tags_come_through(self, source):
        html = BeautifulSoup(render_markdown(source), "html.parser")
        allowed = {"class", "title", "display", "stretchy", "form"}
        assert not html.select("script, iframe, img, svg, style")
        for tag in html.find_all(True):
            assert set(tag.attrs) <= allowed, tag
            assert "javascript" not in str(tag.attrs.get("href", ""))


def test_a_students_page_is_drawn_from_an_allow_list():
    """Nothing that the page is drawn from can hold a record of the engine, or a field that is not for students."""
    seen: set[type] = set()
    forbidden = {"detail", "flags", "measured", "seconds", "weight", "rubric", "versions", "seed_id", "email"}

    def walk(kind: object) -> None:
        if typing.get_args(kind):
            for part in typing.get_args(kind):
                walk(part)
            return
        if not isinstance(kind, type) or kind in seen or kind.__module__ == "builtins" or kind is Markup:
            return
        seen.add(kind)
        assert not issubclass(kind, BaseModel), f"{kind.__name__} is a record: it holds more than a student may see"
        assert dataclasses.is_dataclass(kind), kind
        hints = typing.get_type_hints(kind)
        assert not forbidden & set(hints), kind
        for hint in hints.values():
            assert hint not in (dict, object), f"{kind.__name__} must say what it holds"
            walk(hint)

    walk(StudentView)
    assert {"QuestionView", "Finding", "TwinView", "NotebookView", "QuizItemView"} <= {kind.__name__ for kind in seen}


def test_what_is_for_teachers_never_reaches_the_page(samples):
    """Every text of a result that is not on the allow-list, marked and looked for."""
    marker = "NOT-FOR-STUDENTS"
    for name, sample in samples.items():
        result = sample.result
        questions = tuple(
            q.model_copy(
                update={"tests": tuple(t.model_copy(update={"detail": marker, "measured": 0.5}) for t in q.tests)}
            )
            for q in result.questions
        )
        update = {"questions": questions, "flags": (marker,), "versions": {"x": marker}, "rubric": marker}
        if result.outcome is not Outcome.UNGRADABLE:
            update["reason"] = marker
        changed = replace(sample, result=result.model_copy(update=update))
        assert marker not in str(soup_of(changed)), name
    assert NOW
