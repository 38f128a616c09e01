"""`autograder feedback RESULTS`, and what course.yaml, roster and adjustments mean for a page."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner

from autograder.commands.feedback import command
from autograder.course.adjustments import Adjustments, Extend
from autograder.course.course import LatePolicy, load_course
from autograder.feedback.from_course import feedback_options, last_deadline
from autograder.records import Evidence, GradeEvent, Outcome, SubmissionInfo
from autograder.results.store import Store

WHEN = datetime(2026, 10, 1, tzinfo=UTC)
QUESTIONS = """
      - {id: soften, title: Soften, points: 2, kind: tests, visibility: always}
      - {id: attention, title: Attention transfer, points: 5, kind: tests, visibility: after_due}
"""


@pytest.fixture
def course_folder(tmp_path: Path) -> Path:
    write_course(tmp_path, datetime.now(UTC) + timedelta(days=1))
    return tmp_path


def write_course(folder: Path, due: datetime) -> None:
    (folder / "course.yaml").write_text(
        f"title: ConvNets\nassignments:\n  - name: 04_distillation\n    title: Distillation\n"
        f"    due: {due.isoformat()}\n    questions:{QUESTIONS}",
        encoding="utf-8",
    )
    for path in ("solution.py", "hidden_tests.py"):
        target = folder / "solutions" / "04_distillation" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("", encoding="utf-8")


@pytest.fixture
def results(course_folder: Path, samples) -> Path:
    """A results folder with one graded submission, made by the store itself."""
    folder = course_folder / "results"
    sample = samples["partly"]
    submission = SubmissionInfo(subject="s-1042", members=("s-1042",), notebook_sha256="0" * 64)
    evidence = Evidence(
        assignment="04_distillation", submission=submission, outcome=Outcome.GRADED, graded_at=WHEN
    )  # fmt: skip
    cells = [
        {"cell_type": cell.kind, "source": cell.source, "metadata": {}}
        | ({"outputs": list(cell.outputs), "execution_count": None} if cell.kind == "code" else {})
        for cell in sample.notebook.cells
    ]
    notebook = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    event = GradeEvent(
        when=WHEN, who="x", why="x", assignment="04_distillation", subject="s-1042", before=None, after=1.0
    )
    with Store(folder) as store:
        store.keep(evidence, notebook.encode(), sample.ours)
        store.write_derived(sample.result, "an old page", event)
    return folder


def invoke(results: Path, course: Path, *more: str):
    return CliRunner().invoke(command, [str(results), "--course", str(course), *more], catch_exceptions=False)


def page_of(results: Path) -> BeautifulSoup:
    path = results / "students" / "04_distillation" / "s-1042" / "feedback.html"
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def test_pages_and_index_are_written_from_what_is_stored(results, course_folder):
    before = {path: path.read_bytes() for path in results.rglob("*.json*")}
    done = invoke(results, course_folder, "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["written"] == ["students/04_distillation/s-1042/feedback.html"]
    soup = page_of(results)
    assert soup.select_one("#cell-11 .both"), "the stored notebook and our stored outputs are both there"
    assert "T² is missing" in soup.get_text()
    page = results / "staff/report/04_distillation/students.html"
    students = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    assert (page.parent / students.select_one(".submissions a")["href"]).is_file()
    assert {path: path.read_bytes() for path in results.rglob("*.json*") if path.name != "summary.json"} == before, (
        "nothing else changes"
    )


def test_questions_open_once_the_deadline_is_over(results, course_folder):
    invoke(results, course_folder)
    assert "Each map has length one" not in page_of(results).get_text()
    write_course(course_folder, datetime.now(UTC) - timedelta(days=1))
    invoke(results, course_folder)
    assert "Each map has length one" in page_of(results).get_text()


def test_a_submission_without_a_result_is_named(results, course_folder):
    (results / "staff" / "submissions" / "04_distillation" / "s-1042" / "result.json").unlink()
    done = invoke(results, course_folder)
    assert done.exit_code == 1
    assert "04_distillation/s-1042: has no result yet; run: autograder rescore" in done.output


def test_unknown_assignment_is_one_sentence(results, course_folder):
    done = invoke(results, course_folder, "-a", "nothing")
    assert done.exit_code == 1
    assert "no assignment 'nothing'" in done.output


def test_last_deadline_is_anybodys(course_folder):
    course = load_course(course_folder, check_files=False)
    assignment = course.assignments[0]
    until = assignment.due + timedelta(days=9)
    entry = Extend(
        kind="extension", assignment=assignment.name, who="anna", why="ill", when=WHEN, until=until, students=("s-7",)
    )
    assert feedback_options(course, assignment, now=WHEN).opens_at == assignment.due
    options = feedback_options(course, assignment, now=WHEN, adjustments=Adjustments((entry,)))
    assert options.opens_at == until
    assert options.visibility == {"soften": "always", "attention": "after_due"}
    other = entry.model_copy(update={"assignment": "03_separable"})
    assert last_deadline(assignment, roster=_no_roster(), adjustments=Adjustments((other,))) == assignment.due


def _no_roster():
    from autograder.course.roster import EMPTY_ROSTER

    return EMPTY_ROSTER


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        (LatePolicy(), ""),
        (LatePolicy(10.0), "Each day begun costs 10 % of the points earned."),
        (
            LatePolicy(12.5, 15.0, 50.0),
            "Each day begun after 15 minutes of grace costs 12.5 % of the points earned, at most 50 %.",
        ),
    ],
)
def test_late_policy_in_a_sentence(policy, sentence):
    assert policy.sentence() == sentence
