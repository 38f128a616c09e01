"""nbgrader itself on a results folder that we wrote: feedback, export, formgrader's own view of it."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.course.course import Course
from autograder.exchange.nbgrader import GRADEBOOK, read_manual, sync

HandIn = Callable[..., Any]
HOSTILE = "<script>alert('theirs')</script><img src=x onerror=alert(1)>"


def nbgrader(folder: Path, *arguments: str) -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "nbgrader"), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def as_formgrader(folder: Path) -> Any:
    config = Config()
    config.CourseDirectory.root = str(folder)
    config.CourseDirectory.course_id = "a_course"
    return NbGraderAPI(CourseDirectory(config=config), config=config)


def test_feedback_export_and_formgrader_work_and_a_manual_grade_survives(
    course: Course, results_folder: Path, hand_in: HandIn
) -> None:
    first = course.assignments[0]
    late = first.due.replace(day=13)
    hostile = [
        {"id": "x", "cell_type": "markdown", "source": HOSTILE, "metadata": {}},
        {"id": "r", "cell_type": "raw", "source": HOSTILE, "metadata": {"raw_mimetype": "text/html"}},
        {"id": "h", "cell_type": "code", "source": "1", "execution_count": None,
         "metadata": {"tags": [f"x'>{HOSTILE}"], "nbgrader": {"grade_id": "essay", "grade": True, "solution": True}},
         "outputs": [{"output_type": "display_data", "metadata": {},
                      "data": {"text/html": HOSTILE, "text/plain": HOSTILE, "image/svg+xml": HOSTILE}}]},
    ]  # fmt: skip
    wrong = f"Found 3. {HOSTILE} $\\href{{javascript:alert(2)}}{{x}}$"
    others = [
        hand_in("ben", double="passed failed", message=wrong, received_at=late),
        hand_in("mallory", made=hostile, double="error error", quiz="error", received_at=None),
    ]
    sync(results_folder, course, first, [hand_in("anna", double="failed failed"), *others])

    view = as_formgrader(results_folder)
    assert view.get_autograded_students("01_first") == {"anna", "ben", "mallory"}
    seen = {s["student"]: s for s in view.get_submissions("01_first")}
    assert all(s["autograded"] and s["needs_manual_grade"] for s in seen.values())
    assert view.get_assignment("01_first")["num_submissions"] == 3
    assert len(view.get_notebook_submissions("01_first", "01_first")) == 3

    with Gradebook(f"sqlite:///{results_folder / GRADEBOOK}", "a_course") as gradebook:
        essay = gradebook.find_grade("essay", "01_first", "01_first", "anna")
        essay.manual_score, essay.needs_manual_grade = 3.5, False
        gradebook.find_comment("essay", "01_first", "01_first", "anna").manual_comment = "Nearly."
        gradebook.db.commit()
    again = hand_in("anna", manual=read_manual(results_folder / GRADEBOOK, first)["anna"])
    assert again.result.score == 9.5
    sync(results_folder, course, first, [again, *others])

    nbgrader(results_folder, "generate_feedback", "01_first")
    pages = {
        student: (results_folder / "feedback" / student / "01_first" / "01_first.html").read_text()
        for student in ("anna", "ben", "mallory")
    }
    assert "Nearly." in pages["anna"]
    assert "Score: 9.5 / 11.0" in " ".join(pages["anna"].split())
    assert "1 of 2 tests passed" in pages["ben"]
    for page in pages.values():
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "\\href{javascript" not in page

    (results_folder / "grades.csv").write_text("the autograder's own")
    nbgrader(results_folder, "export")
    assert (results_folder / "grades.csv").read_text() == "the autograder's own"
    with (results_folder / "nbgrader_grades.csv").open() as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert {s: (float(row["score"]), float(row["max_score"])) for s, row in rows.items()} == {
        "anna": (9.5, 11), "ben": (pytest.approx(3.6), 11), "mallory": (0, 11)}  # fmt: skip
    assert float(rows["ben"]["late_submission_penalty"]) == pytest.approx(0.4)


def test_the_autograded_notebook_is_valid_and_marks_each_cell_once(
    course: Course, results_folder: Path, hand_in: HandIn
) -> None:
    from nbgrader.nbgraderformat import MetadataValidator

    blank = {"cell_type": "code", "outputs": [], "execution_count": None}
    twice = [
        {**blank, "id": "a", "source": "def double(x): return 2", "metadata": {"nbgrader": {"grade_id": "double"}}},
        {**blank, "id": "b", "source": "def double(x): return 3", "metadata": {"nbgrader": {"grade_id": "double"}}},
        {**blank, "id": "c", "source": "1", "metadata": {"nbgrader": {"grade_id": "unknown", "grade": True}}},
        {"cell_type": "markdown", "id": "d", "source": "mine", "metadata": {"nbgrader": {"grade_id": "check_double"}}},
    ]
    sync(results_folder, course, course.assignments[0], [hand_in("anna", made=twice)])
    path = results_folder / "autograded" / "anna" / "01_first" / "01_first.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    marks = [cell.metadata.nbgrader.grade_id for cell in notebook.cells if "nbgrader" in cell.metadata]
    assert sorted(marks) == ["check_double", "check_quiz", "double", "essay", "quiz_1"]
    assert [cell.source for cell in notebook.cells][:4] == [cell["source"] for cell in twice]
    assert "was not in the notebook" in json.loads(path.read_text())["cells"][-1]["source"]


def test_answers_whose_cells_changed_type_reach_the_person_who_grades(
    course: Course, results_folder: Path, hand_in: HandIn
) -> None:
    made = [
        {"cell_type": "raw", "id": "a", "source": "It <b>doubles</b>.",
         "metadata": {"nbgrader": {"grade_id": "essay"}}},
        {"cell_type": "markdown", "id": "b", "source": "def double(x): return 2 * x",
         "metadata": {"nbgrader": {"grade_id": "double"}}},
        {"cell_type": "code", "id": "c", "source": "1", "metadata": {}, "outputs": [], "execution_count": None},
    ]  # fmt: skip
    sync(results_folder, course, course.assignments[0], [hand_in("anna", made=made)])
    notebook = nbformat.read(results_folder / "autograded" / "anna" / "01_first" / "01_first.ipynb", as_version=4)
    nbformat.validate(notebook)
    by_id = {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}
    assert by_id["essay"].cell_type == "markdown"
    assert by_id["essay"].source.startswith("*Handed in as a raw cell:*")
    assert "doubles" in by_id["essay"].source
    assert by_id["double"].cell_type == "code"
    assert by_id["double"].source.splitlines() == [
        "# Handed in as Markdown, not as code, so it was not run:", "def double(x): return 2 * x"]  # fmt: skip
    assert [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells][:2] == ["essay", "double"]
