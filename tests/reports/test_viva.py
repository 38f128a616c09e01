"""`autograder viva`: three questions about each submission, drawn by the student's own work."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner

from autograder.commands.publish import command as publish
from autograder.commands.viva import command
from autograder.course.course import Assignment, load_course
from autograder.course.secret import VARIABLE
from autograder.course.viva import For, VivaQuestion, read_viva
from autograder.course.yaml_sections import CourseError
from autograder.notebooks.read import read_notebook
from autograder.records import (
    Evidence,
    GradeEvent,
    MatchedCell,
    Misconception,
    Outcome,
    QuestionResult,
    Result,
    SubmissionInfo,
    VariantUse,
)
from autograder.reports.questions import Submitted
from autograder.reports.viva import Work, drawn, viva_view
from autograder.reports.viva_values import checked_viva, viva_values
from autograder.results.store import Store

ROOT = Path(__file__).resolve().parents[2]
COURSE = load_course(ROOT)
SALES = ROOT / "examples" / "sales"
WHEN = datetime(2026, 11, 1, tzinfo=UTC)
KEY = b"k" * 32
SORTED = "def by_city(sales):\n    return sales.groupby('city').revenue.sum().sort_values(ascending=False)"
HOSTILE = "def by_city(sales):\n    '''<script>alert(1)</script>{shop}\x1b[31m'''\n    return sales"


def work(code: str, subject: str = "u1", score: float = 3.0, misconception: str = "", quiz: str = "a") -> Work:
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source, "execution_count": None}
             for source in (code, f"quiz_1 = '{quiz}'")]  # fmt: skip
    notebook = read_notebook(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode())
    known = Misconception(question="by_city", id=misconception, sentence="S") if misconception else None
    asked = QuestionResult(id="by_city", title="Cities", kind="tests", score=score, max_score=3, status="partial",
                           misconception=known)  # fmt: skip
    result = Result(outcome=Outcome.GRADED, subject=subject, students=(subject,), assignment="01_sales", title="Sales",
                    notebook_sha256="0" * 64, attempt=1, graded_at=WHEN, score=score, max_score=19,
                    questions=(asked,))  # fmt: skip
    matched = (MatchedCell(index=0, grade_id="by_city", questions=("by_city",)),)
    return Work(Submitted(result, notebook, matched))


def asked(id: str, whom: For | None = None, about: str = "", text: str = "Why?", **values: str) -> VivaQuestion:
    return VivaQuestion(id, about, text, "Because.", whom or For(), values)


MANY = [asked(f"q{number}", about=f"part{number % 5}") for number in range(10)]


def test_three_are_drawn_always_the_same_and_others_for_others() -> None:
    first = drawn(MANY, work(SORTED), KEY)
    assert first == drawn(list(reversed(MANY)), work(SORTED), KEY)
    assert len(first) == 3
    assert len({one.about for one in first}) == 3, "each about something else"
    sets = {tuple(one.id for one in drawn(MANY, work(SORTED, f"u{number}"), KEY)) for number in range(30)}
    assert len(sets) > 20
    others = {tuple(one.id for one in drawn(MANY, work(SORTED, f"u{number}"), b"x" * 32)) for number in range(30)}
    assert sets != others, "without the course's secret nobody knows which"


@pytest.mark.parametrize(
    ("whom", "yes", "no"),
    [
        (For(code_has=("sort_values", "sorted")), work(SORTED), work("def by_city(s):\n    return s")),
        (For(code_lacks=("sort",)), work(SORTED), work("x = [].sort()")),
        (For(code_has=("sort",)), work("x = [].sort()"), work(SORTED)),
        (For(lost="by_city"), work(SORTED, score=1.0), work(SORTED)),
        (For(passed="by_city"), work(SORTED), work(SORTED, score=1.0)),
        (For(misconception="mean"), work(SORTED, misconception="mean"), work(SORTED, misconception="sum")),
        (For(answered=("quiz_1", "b")), work(SORTED, quiz="b"), work(SORTED)),
    ],
    ids=["has", "lacks", "whole names", "lost", "passed", "misconception", "answered"],
)
def test_whom_a_question_is_for(whom: For, yes: Work, no: Work) -> None:
    one = asked("one", whom, "by_city")
    assert drawn([*MANY, one], yes, KEY)[0] == one or whom in (For(passed="by_city"),), "what fits best comes first"
    assert one in drawn([one], yes, KEY)
    assert drawn([one], no, KEY) == []


def test_an_answer_to_other_words_says_nothing() -> None:
    one = asked("one", For(answered=("quiz_1", "b")))
    known = work(SORTED, quiz="b")
    assert drawn([one], Work(known.submitted, changed=("quiz_1",)), KEY) == []


def test_values_stand_in_the_text_and_students_words_never_do() -> None:
    one = asked("one", For(), "by_city", "Your shop is {shop}.", shop="own.city")
    seen = Work(work(HOSTILE).submitted, "F8TUD", (), {"one": {"shop": "Bern"}})
    view = viva_view([one], seen, KEY, "Sales")
    assert "Your shop is Bern." in view.text
    assert "\x1b" not in view.text
    assert "<script>" not in "".join(view.asked[0].lines)
    assert "{shop}" in view.text, "what stands in braces in the student's code stays"
    assert view.text.startswith("Sales · u1, code F8TUD · 3 of 19")


WRONG = """\
- {id: A b, ask: Why?, expect: E}
- {id: twice, ask: "Why {shop}?", expect: E}
- {id: twice, about: nowhere, ask: Why?, expect: E, values: ["x = 1 / 0", "no"]}
- {id: odd, ask: "{y}", expect: E, values: ["y = 1 / 0"], when: {lost: by_town, misconception: none, answered: b}}
- {id: code, about: figure, ask: Why?, expect: E, when: {code_has: sort}}
- {ask: Why?, expects: E}
"""


@pytest.fixture
def sales(tmp_path: Path) -> Assignment:
    shutil.copytree(SALES, tmp_path / "sales")
    return load_course(tmp_path / "sales").assignment("01_sales")


def problems(sales: Assignment, text: str) -> str:
    (sales.solution_dir / "viva.yaml").write_text(text)
    with pytest.raises(CourseError) as raised:
        checked_viva(sales)
    return str(raised.value)


def test_every_mistake_of_the_file_is_told_with_its_line(sales: Assignment) -> None:
    said = problems(sales, WRONG)
    for line, what in (
        (1, "A b"),
        (3, "'twice' a second time"),
        (3, "'no'"),
        (4, "'b'"),
        (6, "'expects'"),
        (6, "no 'id'"),
    ):
        assert re.search(rf"viva.yaml:{line}: .*{re.escape(what)}", said), (line, what, said)
    named = "\n".join(
        [WRONG.splitlines()[1], WRONG.splitlines()[3].replace(", answered: b", ""), WRONG.splitlines()[4]]
    )
    said = problems(sales, named)
    for line, what in ((1, "{shop}"), (2, "'by_town'"), (2, "'none'"), (3, "'figure'"), (3, "code_has")):
        assert re.search(rf"viva.yaml:{line}: .*{re.escape(what)}", said), (line, what, said)
    said = problems(sales, '- {id: odd, ask: "{y}", expect: E, values: ["y = 1 / 0"]}\n')
    assert "y = 1 / 0, which raises ZeroDivisionError" in said


def test_values_follow_from_the_students_code(sales: Assignment) -> None:
    from examples.sales.personal import share_of

    one = asked("one", values="share_of(code).city")
    for code in ("F8TUD", "23457"):
        assert viva_values(sales, [one], code) == {"one": {"values": share_of(code).city}}


@pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda one: one.name)
def test_the_course_has_questions_of_every_kind_for_each_assignment(assignment: Assignment) -> None:
    questions = read_viva(assignment)
    assert len([one for one in questions if one.whom.anybody]) >= 5, "enough for anybody"
    assert [one for one in questions if one.whom.code_has], "about the student's own code"
    assert [one for one in questions if one.whom.misconception or one.values], "about own numbers or mistakes"
    assert [one for one in questions if one.about.startswith("figure_")], "about a figure"
    assert all(len(one.expect) > 60 for one in questions)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the submissions of two students of assignment 05, graded with two codes."""
    assignment = COURSE.assignment("05_robustness")
    results = tmp_path_factory.mktemp("viva") / "results"
    notebook = json.loads(assignment.starter_path.read_bytes())
    with Store(results) as store:
        for subject, code in (("u1", "MC8GN"), ("u2", "F8TUD")):
            submission = SubmissionInfo(subject=subject, members=(subject,), notebook_sha256="0" * 64)
            evidence = Evidence(assignment=assignment.name, outcome=Outcome.GRADED, graded_at=WHEN, matched=(),
                                submission=submission, variant=VariantUse(code=code))  # fmt: skip
            kept = store.keep(evidence, json.dumps(notebook).encode(), {})
            result = Result(outcome=Outcome.GRADED, subject=subject, students=(subject,), assignment=assignment.name,
                            title="T", notebook_sha256="0" * 64, attempt=kept.attempt, graded_at=WHEN, score=1,
                            max_score=9)  # fmt: skip
            event = GradeEvent(when=WHEN, who="x", why="x", assignment=assignment.name, subject=subject, before=None,
                               after=1.0)  # fmt: skip
            store.write_derived(result, "page", event)
    return results


def test_a_sheet_for_each_submission_for_staff_alone(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "s" * 32)
    arguments = [str(results), "05_robustness", "--course", str(ROOT)]
    done = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    folder = results / "staff/report/05_robustness/viva"
    assert sorted(path.name for path in folder.iterdir()) == ["u1.html", "u1.txt", "u2.html", "u2.txt"]
    page = BeautifulSoup((folder / "u1.html").read_text(), "html.parser")
    assert len(page.select("article")) == 3
    assert "not to be given to students" in page.get_text()
    assert page.select_one("header a")["href"] == "../../../index.html"
    texts = {path.name: path.read_text() for path in folder.glob("*.txt")}
    assert (
        CliRunner()
        .invoke(command, [*arguments, "u2", "--text"], catch_exceptions=False)
        .output.startswith(texts["u2.txt"])
    ), "drawn again, the same"
    none = CliRunner().invoke(command, [*arguments, "u9"], catch_exceptions=False)
    assert none.exit_code == 1
    assert "no submission of u9" in none.output
    published = CliRunner().invoke(publish, [str(results), "--course", str(ROOT), "-o", str(results.parent / "out")])
    assert not list((results.parent / "out").rglob("*viva*")), published.output
