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

from autograder.commands.publish import command as publish
from autograder.commands.report import command
from autograder.commands.similar import command as similar
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
    store.write_derived(result, "page", event)


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


COPIED = """\
def soften(z, T):
    parts = []
    for row in z:
        highest = max(row)
        parts.append([math.exp((value - highest) / T) for value in row])
    return torch.tensor([[value / sum(part) for value in part] for part in parts])
"""


def test_similar_submissions_are_named_to_teachers_only_and_led_to(tmp_path) -> None:
    pytest.importorskip("copydetect")
    results = tmp_path / "results"
    with Store(results) as store:
        keep(store, "u1", notebook(COPIED, "", False))
        keep(store, "u2", notebook(COPIED.replace("parts", "rows").replace("highest", "top"), "", False))
        keep(store, "u3", notebook("def soften(z, T):\n    return (z / T).softmax(1)", "", False))
    course = ["--course", str(ROOT), "-a", ASSIGNMENT.name]
    done = CliRunner().invoke(similar, [str(results), *course], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "1 pair among 3 submissions" in done.output
    folder = results / "staff/report" / ASSIGNMENT.name
    table = BeautifulSoup((folder / "similar.html").read_text(), "html.parser")
    (row,) = table.select("tbody tr")
    assert {words(row.th), words(row.td)} == {"u1", "u2"}
    both = BeautifulSoup((folder / row.select("a")[-1]["href"]).read_text(), "html.parser")
    assert all("highest" in words(side) or "top" in words(side) for side in both.select(".side-of-pair"))
    assert all(len(side.select(".alike")) >= 5 for side in both.select(".side-of-pair"))
    index = BeautifulSoup((results / "staff/index.html").read_text(), "html.parser")
    assert index.select_one("a[href$='similar.html']")
    out = tmp_path / "www"
    CliRunner().invoke(publish, [str(results), str(out), *course], catch_exceptions=False)
    assert len(list(out.iterdir())) == 3
    assert not [path for path in out.iterdir() if "in common" in path.read_text()]
    with Store(results) as store:
        keep(store, "u2", notebook("", "", False))
    CliRunner().invoke(similar, [str(results), *course], catch_exceptions=False)
    assert not (folder / "similar-1.html").exists(), "a pair that is none any more has no page"


def test_items_of_an_earlier_term(tmp_path) -> None:
    now, old = tmp_path / "now", tmp_path / "old"
    with Store(now) as store:
        keep(store, "u1", notebook("", "", False))
    with Store(old) as store:
        for number in range(10):
            keep(store, f"o{number}", notebook("", "", False))
    asked = [str(now), "--course", str(ROOT), "-q", MANUAL.id]
    done = CliRunner().invoke(command, [*asked, "--earlier", f"autumn 2025={old}"], catch_exceptions=False)
    assert f"autumn 2025: {len(ASSIGNMENT.questions)} questions kept" in done.output
    items = (now / "staff/report" / ASSIGNMENT.name / "items.html").read_text()
    assert "autumn 2025" in items
    assert "o1" not in (now / "staff/earlier.json").read_text()
    for wrong in (f"={old}", str(old), f"autumn={old}/nowhere"):
        refused = CliRunner().invoke(command, [*asked, "--earlier", wrong])
        assert refused.exit_code == 1
        assert "expected TERM=FOLDER" in refused.output
