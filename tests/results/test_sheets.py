"""`autograder report`: all answers to one question on one sheet, made of the course's own notebooks."""

from __future__ import annotations

import base64
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from PIL import Image

from autograder.commands.report import command
from autograder.course.course import load_course
from autograder.course.releases import load_releases
from autograder.notebooks.matching import match_to_release
from autograder.notebooks.read import read_notebook
from autograder.records import (
    Evidence,
    GradeEvent,
    MatchedCell,
    Outcome,
    QuestionResult,
    Result,
    SubmissionInfo,
)
from autograder.results.store import Store

ROOT = Path(__file__).resolve().parents[2]
COURSE = load_course(ROOT)
ASSIGNMENT = COURSE.assignment("04_distillation")
WHEN = datetime(2026, 11, 1, tzinfo=UTC)
MANUAL = next(question for question in ASSIGNMENT.questions if question.kind == "manual")
TESTS = next(question for question in ASSIGNMENT.questions if question.kind == "tests")


def words(element) -> str:
    return " ".join(element.get_text(" ").split())


def picture() -> str:
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(data, "PNG")
    return base64.b64encode(data.getvalue()).decode()


def notebook(code: str, text: str, figure: bool) -> bytes:
    """The released starter with one blank filled, one question answered, and perhaps a figure before it."""
    document = json.loads(ASSIGNMENT.starter_path.read_bytes())
    cells = document["cells"]
    for position, cell in enumerate(cells):
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if grade_id == TESTS.id and code:
            cell["source"] = code
        if grade_id == MANUAL.id and text:
            cell["source"] = text
            if figure:
                before = next(c for c in reversed(cells[:position]) if c["cell_type"] == "code")
                before["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": {"image/png": picture()}}]
    return json.dumps(document).encode()


def keep(store: Store, subject: str, data: bytes, *, matched: bool = True) -> None:
    read = read_notebook(data)
    ids = [question.id for question in ASSIGNMENT.questions]
    found = match_to_release(read, load_releases(ASSIGNMENT.releases_path).entries, ids)
    cells = tuple(
        MatchedCell(index=c.index, grade_id=c.released.grade_id if c.released else "", questions=c.questions)
        for c in found.cells
    )
    evidence = Evidence(
        assignment=ASSIGNMENT.name, outcome=Outcome.GRADED, graded_at=WHEN, matched=cells if matched else None,
        submission=SubmissionInfo(subject=subject, members=(subject,), notebook_sha256="0" * 64),
    )  # fmt: skip
    kept = store.keep(evidence, data, {})
    questions = tuple(
        QuestionResult(id=q.id, title=q.title, kind=q.kind, score=1.0, max_score=q.points, status="partial")
        for q in ASSIGNMENT.questions
    )
    result = Result(
        outcome=Outcome.GRADED, subject=subject, students=(subject,), assignment=ASSIGNMENT.name, title="T",
        notebook_sha256="0" * 64, attempt=kept.attempt, graded_at=WHEN, score=1, max_score=9, questions=questions,
    )  # fmt: skip
    event = GradeEvent(when=WHEN, who="x", why="x", assignment=ASSIGNMENT.name, subject=subject, before=None, after=1.0)
    store.write_derived(result, b"{}", "page", event)


@pytest.fixture(scope="module")
def sheets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, BeautifulSoup]:
    results = tmp_path_factory.mktemp("sheets") / "results"
    with Store(results) as store:
        keep(
            store,
            "u1",
            notebook("def soften(z, T):\n    return z / T", "Because <script>alert(1)</script> $T^2$.", True),
        )
        keep(store, "u2", notebook("def soften(z, T):\n    return z / T", "Another answer.", False))
        keep(store, "u3", notebook("def soften(z, T):\n    return z * T", "", False))
        keep(store, "u4", notebook("", "Unknown place.", False), matched=False)
    done = CliRunner().invoke(command, [str(results), "--course", str(ROOT)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert f"{len(ASSIGNMENT.questions)} sheets written" in done.output
    folder = results / "staff/report" / ASSIGNMENT.name
    return {path.stem: BeautifulSoup(path.read_text(), "html.parser") for path in folder.glob("question-*.html")}


def test_figures_and_texts_are_a_contact_sheet_with_the_mark_scheme(sheets) -> None:
    sheet = sheets[f"question-{MANUAL.id}"]
    assert words(sheet.select_one(".scheme h2")).startswith("Mark scheme")
    assert len(words(sheet.select_one(".scheme .message"))) > 40
    answers = {words(answer.h2).split()[0]: answer for answer in sheet.select(".answer")}
    assert set(answers) == {"u1", "u2"}
    assert len(answers["u1"].select("img.plot")) == 1
    assert answers["u1"].math is not None
    assert not sheet.select("script")
    assert "<script>alert(1)</script>" in words(answers["u1"])
    assert not answers["u2"].select("img")
    assert "u3" in words(sheet.select_one("[aria-labelledby=blank]"))
    assert "1 of which the evidence does not say" in words(sheet)


def test_equal_code_is_shown_once_with_everybody_who_wrote_it(sheets) -> None:
    sheet = sheets[f"question-{TESTS.id}"]
    answers = [words(answer.h2) for answer in sheet.select(".answer")]
    assert len(answers) == 2
    assert "u1" in answers[0]
    assert "u2" in answers[0]
    position = [question.id for question in ASSIGNMENT.questions].index(TESTS.id) + 1
    link = sheet.select_one(".answer a")["href"]
    assert link.startswith("../../../students/04_distillation/u")
    assert link.endswith(f"feedback.html#question-{position}")


def test_one_question_only_and_unknown_ones(tmp_path) -> None:
    with Store(tmp_path) as store:
        keep(store, "u1", notebook("", "", False))
    asked = [str(tmp_path), "--course", str(ROOT), "-q", MANUAL.id]
    done = CliRunner().invoke(command, asked, catch_exceptions=False)
    assert "1 sheet written" in done.output
    nothing = CliRunner().invoke(command, [*asked[:-1], "nothing"])
    assert nothing.exit_code == 1
    assert "has such a question" in nothing.output
