"""Results into nbgrader's gradebook, and people's grades out of it."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook, get_alembic_version
from sqlalchemy import Engine, event

from autograder.course.adjustments import Adjustments, Excuse, Points
from autograder.course.course import Course, Question
from autograder.exchange.nbgrader import (
    GRADEBOOK,
    GradebookError,
    GradebookLocked,
    read_manual,
    sync,
)
from autograder.exchange.nbgrader.comments import comment
from autograder.exchange.nbgrader.database import open_gradebook
from autograder.records import Misconception, Outcome, QuestionResult, TestOutcome, TestStatus
from autograder.scoring.group import merge_members
from autograder.scoring.score import ManualGrade

HandIn = Callable[..., Any]
NOTEBOOK = ("01_first", "01_first")


@pytest.fixture
def gradebook(results_folder: Path) -> Any:
    """Opens the gradebook as nbgrader does; call it after a sync."""
    opened: list[Any] = []

    def open_it() -> Any:
        opened.append(Gradebook(f"sqlite:///{results_folder / GRADEBOOK}", "a_course"))
        return opened[-1]

    yield open_it
    for one in opened:
        one.close()


@contextmanager
def listening(target: Any, name: str, listener: Callable[..., None]) -> Iterator[None]:
    event.listen(target, name, listener)
    try:
        yield
    finally:
        event.remove(target, name, listener)


def dump(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        return sorted(connection.iterdump())


def test_scores_comments_and_rubric_land_in_the_gradebook(
    course: Course, results_folder: Path, hand_in: HandIn, gradebook: Any
) -> None:
    entry = hand_in(double="passed failed", message="Found 3, expected 4.", received_at=None)
    report = sync(results_folder, course, course.assignments[0], [entry])
    assert (report.students, report.unmatched, report.review) == (1, (), ())
    with gradebook() as gb:
        assert gb.find_assignment("01_first").max_score == 11
        submission = gb.find_submission("01_first", "anna")
        assert (submission.score, submission.max_score, submission.needs_manual_grade) == (4, 11, True)
        double = gb.find_grade("check_double", *NOTEBOOK, "anna")
        assert (double.auto_score, double.needs_manual_grade, double.max_score) == (2, False, 4)
        essay = gb.find_grade("essay", *NOTEBOOK, "anna")
        assert (essay.auto_score, essay.needs_manual_grade, essay.cell_type) == (None, True, "markdown")
        said = gb.find_comment("double", *NOTEBOOK, "anna").comment
        assert "1 of 2 tests passed" in said
        assert "Found 3, expected 4." in said, "words reach formgrader's field as they are"
        assert "raise NotImplementedError" in gb.find_source_cell("double", *NOTEBOOK).source
        assert gb.find_source_cell("check_double", *NOTEBOOK).locked


def test_a_recognised_mistake_is_in_the_comment_before_the_tests(course: Course) -> None:
    known = Misconception(question="double", id="squared", sentence="The number is *squared*.", hint="What is 3 + 3?")
    test = TestOutcome(question="double", name="t", title="It is doubled.", status=TestStatus.FAILED)
    result = QuestionResult(
        id="double",
        title="Double",
        kind="tests",
        score=0,
        max_score=4,
        status="failed",
        tests=(test,),
        misconception=known,
    )
    said = comment(course.assignments[0].questions[0], result, show_tests=True)
    assert said is not None
    assert "The number is" in said.split("It is doubled")[0]
    assert "The number is *squared*." in said, "the course's own words, as they were typed"
    assert "Hint: What is 3" in said
    hidden = comment(course.assignments[0].questions[0], result, show_tests=False)
    assert "squared" not in str(hidden)


def test_a_second_sync_changes_nothing(course: Course, results_folder: Path, hand_in: HandIn) -> None:
    entries = [hand_in("anna"), hand_in("ben", double="failed timeout"), hand_in("g1", members=("cleo", "dora"))]
    sync(results_folder, course, course.assignments[0], entries)
    before, files = dump(results_folder / GRADEBOOK), _files(results_folder)
    sync(results_folder, course, course.assignments[0], entries)
    assert dump(results_folder / GRADEBOOK) == before
    assert _files(results_folder) == files
    assert {Path(name).parts[1] for name in files if name.startswith("autograded")} == {"anna", "ben", "cleo"}


def _files(root: Path) -> dict[str, tuple[int, bytes]]:
    kept = (p for p in root.rglob("*") if p.is_file() and p.name != GRADEBOOK)
    return {str(p.relative_to(root)): (p.stat().st_mtime_ns, p.read_bytes()) for p in kept}


def test_a_grade_by_hand_survives_regrading_and_comes_back(
    course: Course, results_folder: Path, hand_in: HandIn, gradebook: Any
) -> None:
    first = course.assignments[0]
    sync(results_folder, course, first, [hand_in(double="failed passed")])
    with gradebook() as gb:
        essay = gb.find_grade("essay", *NOTEBOOK, "anna")
        essay.manual_score, essay.needs_manual_grade = 4.5, False
        double = gb.find_grade("check_double", *NOTEBOOK, "anna")
        double.extra_credit = 0.5
        gb.find_comment("essay", *NOTEBOOK, "anna").manual_comment = "Well argued."
        gb.db.commit()
    manual = read_manual(results_folder / GRADEBOOK, first)["anna"]
    assert manual == {"essay": ManualGrade(4.5, "Well argued."), "double": ManualGrade(None, "", 0.5)}

    again = hand_in(double="passed passed", manual=manual)
    assert again.result.score == 4 + 0.5 + 2 + 4.5
    assert not again.result.needs_manual_grade
    report = sync(results_folder, course, first, [again])
    assert report.review == ()
    with gradebook() as gb:
        essay = gb.find_grade("essay", *NOTEBOOK, "anna")
        assert (essay.manual_score, essay.auto_score, essay.needs_manual_grade) == (4.5, None, False)
        assert gb.find_comment("essay", *NOTEBOOK, "anna").comment == "Well argued."
        assert gb.find_grade("check_double", *NOTEBOOK, "anna").auto_score == 4
        assert gb.find_submission("01_first", "anna").score == again.result.score


def test_an_answer_that_changed_after_it_was_graded_needs_a_look(
    course: Course, results_folder: Path, hand_in: HandIn, gradebook: Any
) -> None:
    first = course.assignments[0]
    sync(results_folder, course, first, [hand_in()])
    with gradebook() as gb:
        essay = gb.find_grade("essay", *NOTEBOOK, "anna")
        essay.manual_score, essay.needs_manual_grade = 1, False
        gb.db.commit()
    manual = read_manual(results_folder / GRADEBOOK, first)["anna"]
    assert sync(results_folder, course, first, [hand_in(manual=manual)]).review == ()
    report = sync(results_folder, course, first, [hand_in(manual=manual, essay="Another answer.")])
    assert report.review == (("anna", "essay"),)
    with gradebook() as gb:
        essay = gb.find_grade("essay", *NOTEBOOK, "anna")
        assert (essay.manual_score, essay.needs_manual_grade) == (1, True)


def test_a_manual_score_over_a_tested_question_keeps_the_tests_beside_it(
    course: Course, results_folder: Path, hand_in: HandIn, gradebook: Any
) -> None:
    first = course.assignments[0]
    sync(results_folder, course, first, [hand_in(double="failed failed")])
    with gradebook() as gb:
        gb.find_grade("check_double", *NOTEBOOK, "anna").manual_score = 3
        gb.db.commit()
    manual = read_manual(results_folder / GRADEBOOK, first)["anna"]
    entry = hand_in(double="failed passed", manual=manual)
    assert entry.result.score == 5
    sync(results_folder, course, first, [entry])
    with gradebook() as gb:
        grade = gb.find_grade("check_double", *NOTEBOOK, "anna")
        assert (grade.auto_score, grade.manual_score, grade.score) == (2, 3, 3)


def test_points_of_an_adjustment_are_the_automatic_score(
    course: Course, results_folder: Path, hand_in: HandIn, gradebook: Any
) -> None:
    given = Points(kind="points", assignment="01_first", who="t", why="a typing error", when=date(2026, 10, 20),
                   question="essay", points=3, students=("anna",))  # fmt: skip
    sync(results_folder, course, course.assignments[0], [hand_in(adjustments=Adjustments((given,)))])
    with gradebook() as gb:
        essay = gb.find_grade("essay", *NOTEBOOK, "anna")
        assert (essay.auto_score, essay.manual_score, essay.needs_manual_grade) == (3, None, False)


def test_late_penalty_and_time_of_receipt(
    course: Course, results_folder: Path, hand_in: HandIn, gradebook: Any
) -> None:
    late = course.assignments[0].due + timedelta(hours=30)
    entry = hand_in(received_at=late)
    assert entry.result.late_penalty == pytest.approx(1.2)
    sync(results_folder, course, course.assignments[0], [entry])
    with gradebook() as gb:
        submission = gb.find_submission("01_first", "anna")
        assert submission.late_submission_penalty == pytest.approx(1.2)
        assert submission.timestamp == late.replace(tzinfo=None)
    stamp = results_folder / "autograded" / "anna" / "01_first" / "timestamp.txt"
    assert stamp.read_text().startswith("2026-10-14 05:59:00")


def test_every_member_of_a_group_gets_the_grade(
    course: Course, results_folder: Path, hand_in: HandIn, gradebook: Any
) -> None:
    first = course.assignments[0]
    sync(results_folder, course, first, [hand_in("g1", members=("cleo", "dora"))])
    with gradebook() as gb:
        essay = gb.find_grade("essay", *NOTEBOOK, "dora")
        essay.manual_score, essay.needs_manual_grade = 2, False
        gb.db.commit()
    manual, conflicts = merge_members(read_manual(results_folder / GRADEBOOK, first), ("cleo", "dora"))
    assert (manual["essay"].points, conflicts) == (2, ())
    sync(results_folder, course, first, [hand_in("g1", members=("cleo", "dora"), manual=manual)])
    with gradebook() as gb:
        assert [gb.find_submission("01_first", one).score for one in ("cleo", "dora")] == [8, 8]
        assert not gb.find_submission("01_first", "cleo").needs_manual_grade


def test_a_group_is_shown_once_and_asks_once(
    course: Course, results_folder: Path, hand_in: HandIn, gradebook: Any
) -> None:
    """Also where an earlier version, or work handed in alone, had made a notebook for each of them."""
    first = course.assignments[0]
    sync(results_folder, course, first, [hand_in("dora"), hand_in("cleo")])
    with gradebook() as gb:
        essay = gb.find_grade("essay", *NOTEBOOK, "dora")
        essay.manual_score, essay.needs_manual_grade = 2, True
        gb.db.commit()
    (results_folder / "autograded/dora/01_first/own.txt").write_text("a note of somebody's")
    sync(results_folder, course, first, [hand_in("g1", members=("dora", "cleo"))])
    shown = sorted(path.parent.parent.name for path in results_folder.glob("autograded/*/*/*.ipynb"))
    assert shown == ["cleo"]
    assert sorted(path.parent.parent.name for path in results_folder.glob("submitted/*/*/*")) == ["cleo"]
    assert (results_folder / "autograded/dora/01_first/own.txt").exists(), "what we did not write stays"
    with gradebook() as gb:
        asks = {one: gb.find_submission("01_first", one).needs_manual_grade for one in ("cleo", "dora")}
        assert asks == {"cleo": True, "dora": False}
        assert gb.find_grade("essay", *NOTEBOOK, "dora").manual_score == 2, "what a person gave is never touched"


def test_a_question_that_counts_for_nobody_is_in_no_maximum(
    course: Course, results_folder: Path, hand_in: HandIn, gradebook: Any
) -> None:
    first = course.assignments[0]
    excuse = Adjustments(
        (Excuse(kind="excuse", assignment="01_first", question="quiz", who="t", why="broken", when=date(2026, 10, 13)),)
    )
    entries = [hand_in(one, adjustments=excuse) for one in ("anna", "ben")]
    assert entries[0].result.max_score == 9
    sync(results_folder, course, first, entries)
    with gradebook() as gb:
        assert gb.find_assignment("01_first").max_score == 9
        assert gb.find_submission("01_first", "ben").max_score == 9
    sync(results_folder, course, first, [entries[0], hand_in("ben")])
    with gradebook() as gb:
        assert gb.find_assignment("01_first").max_score == 11, "it counts for somebody, and nbgrader has one maximum"


def test_members_whose_grades_disagree_are_reported() -> None:
    manual = {"cleo": {"essay": ManualGrade(2)}, "dora": {"essay": ManualGrade(3)}, "eve": {"essay": ManualGrade(2)}}
    merged, conflicts = merge_members(manual, ("dora", "eve", "cleo"))
    assert merged["essay"].points == 2
    assert len(conflicts) == 1
    assert "2 points for cleo and 3 for dora" in conflicts[0]


def test_unmatched_and_ungraded_are_left_out_and_named(
    course: Course, results_folder: Path, hand_in: HandIn, gradebook: Any
) -> None:
    first = course.assignments[0]
    sync(results_folder, course, first, [hand_in("anna")])
    ours = hand_in("anna", outcome=Outcome.NOT_GRADED)
    nobody = hand_in("unmatched-0123", members=())
    report = sync(results_folder, course, first, [ours, nobody])
    assert (report.students, report.unmatched, report.not_graded) == (0, ("unmatched-0123",), ("anna",))
    with gradebook() as gb:
        assert gb.find_submission("01_first", "anna").score == 6
        assert [s.id for s in gb.students] == ["anna"]


def test_an_ungradable_submission_waits_for_a_person(
    course: Course, results_folder: Path, hand_in: HandIn, gradebook: Any
) -> None:
    entry = hand_in(outcome=Outcome.UNGRADABLE)
    sync(results_folder, course, course.assignments[0], [entry])
    with gradebook() as gb:
        submission = gb.find_submission("01_first", "anna")
        assert (submission.score, submission.needs_manual_grade) == (0, True)
        assert "This is not a notebook" in gb.find_comment("double", *NOTEBOOK, "anna").comment
    shown = json.loads((results_folder / "autograded/anna/01_first/01_first.ipynb").read_text())
    assert "This is not a notebook" in shown["cells"][0]["source"]


def test_a_rubric_may_change_after_submissions(
    course: Course, results_folder: Path, hand_in: HandIn, gradebook: Any
) -> None:
    first = course.assignments[0]
    sync(results_folder, course, first, [hand_in("anna"), hand_in("ben")])
    with gradebook() as gb:
        gb.find_grade("essay", *NOTEBOOK, "anna").manual_score = 5
        gb.db.commit()
    bonus = Question("bonus", "Bonus", 3, "tests", "always")
    double, quiz, essay = first.questions
    grown = replace(course, assignments=(replace(first, questions=(replace(double, points=8), quiz, essay, bonus)),))
    manual = read_manual(results_folder / GRADEBOOK, grown.assignments[0])
    sync(
        results_folder,
        grown,
        grown.assignments[0],
        [hand_in("anna", of=grown, manual=manual["anna"]), hand_in("ben", of=grown)],
    )
    with gradebook() as gb:
        assert gb.find_assignment("01_first").max_score == 15, "without evidence the bonus counts for nobody yet"
        assert gb.find_grade("check_double", *NOTEBOOK, "ben").auto_score == 8
        assert gb.find_grade("check_bonus", *NOTEBOOK, "ben").auto_score is None
        assert gb.find_submission("01_first", "anna").score == 8 + 2 + 5

    shrunk = replace(course, assignments=(replace(first, questions=(double, quiz)),))
    sync(results_folder, shrunk, shrunk.assignments[0], [hand_in("anna", of=shrunk), hand_in("ben", of=shrunk)])
    with gradebook() as gb:
        assert gb.find_assignment("01_first").max_score == 6
        assert gb.find_submission("01_first", "anna").score == 6
    kept = [json.loads(line) for line in (results_folder / "retired_grades.jsonl").read_text().splitlines()]
    assert [(line["student"], line["cell"], line["manual_score"]) for line in kept] == [("anna", "essay", 5)]


def test_a_locked_gradebook_is_a_clear_error_and_loses_nothing(
    course: Course, results_folder: Path, hand_in: HandIn, gradebook: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = course.assignments[0]
    sync(results_folder, course, first, [hand_in("anna")])
    monkeypatch.setattr("autograder.exchange.nbgrader.database._BUSY_SECONDS", 0)
    monkeypatch.setattr(open_gradebook.__wrapped__, "__kwdefaults__", {"busy_seconds": 0})
    holder = sqlite3.connect(results_folder / GRADEBOOK, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(GradebookLocked, match="repeat the command"):
        sync(results_folder, course, first, [hand_in("ben")])
    holder.execute("ROLLBACK")
    holder.close()
    sync(results_folder, course, first, [hand_in("ben")])
    with gradebook() as gb:
        assert [s.id for s in gb.students] == ["anna", "ben"]


def test_a_damaged_gradebook_or_starter_is_named(course: Course, results_folder: Path, hand_in: HandIn) -> None:
    first = course.assignments[0]
    entry = hand_in("anna")
    (results_folder / GRADEBOOK).write_bytes(b"not a database at all" * 100)
    with pytest.raises(GradebookError, match=r"gradebook\.db"):
        sync(results_folder, course, first, [entry])
    (results_folder / GRADEBOOK).unlink()
    first.starter_path.write_text("{}")
    with pytest.raises(GradebookError, match="autograder release"):
        sync(results_folder, course, first, [entry])


def test_a_new_gradebook_is_made_without_alembic_on_path_and_has_nbgraders_version(
    course: Course, results_folder: Path, hand_in: HandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as context:
        context.setenv("PATH", "/nowhere")
        sync(results_folder, course, course.assignments[0], [hand_in("anna")])
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    with sqlite3.connect(results_folder / GRADEBOOK) as connection:
        versions = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    assert versions == [(get_alembic_version(),)]


def test_one_more_submission_is_cheap(course: Course, results_folder: Path, hand_in: HandIn) -> None:
    """The disk is waited for once in fifty, and what one of them asks the database does not grow with their number."""
    sync(results_folder, course, course.assignments[0], [hand_in("first")])
    statements, commits = [], []
    with (
        listening(Engine, "before_cursor_execute", lambda *told: statements.append(told[2])),
        listening(Engine, "commit", commits.append),
    ):
        counts = []
        for begin in (0, 60, 120):
            entries = [hand_in(f"s{number:03}") for number in range(begin, begin + 60)]
            sync(results_folder, course, course.assignments[0], entries)
            counts.append((len(statements), len(commits)))
            statements.clear()
            commits.clear()
    assert counts[0] == counts[1] == counts[2]
    asked, committed = counts[0]
    assert committed <= 8, "the rubric, the batches of fifty, and what nbgrader commits when it opens the gradebook"
    assert asked < 60 * 5


def test_nbgraders_export_gets_a_file_of_its_own_in_folders_made_earlier_too(
    course: Course, results_folder: Path, hand_in: HandIn
) -> None:
    sync(results_folder, course, course.assignments[0], [hand_in("anna")])
    path = results_folder / "nbgrader_config.py"
    text = path.read_text()
    assert 'c.ExportPlugin.to = "nbgrader_grades.csv"' in text
    path.write_text(text[: text.index("# `nbgrader export`")])
    sync(results_folder, course, course.assignments[0], [hand_in("anna")])
    assert path.read_text() == text
    path.write_text("# edited")
    sync(results_folder, course, course.assignments[0], [hand_in("anna")])
    assert path.read_text() == "# edited"


def test_a_task_is_graded_in_the_gradebook_and_what_follows_it_is_its_answer(
    course: Course, results_folder: Path, hand_in: HandIn, gradebook: Any
) -> None:
    def as_task(made: list[dict[str, Any]]) -> list[dict[str, Any]]:
        made[-1]["metadata"]["nbgrader"] |= {"grade": False, "solution": False, "locked": True, "task": True}
        return made

    starter = course.assignments[0].starter_path
    document = json.loads(starter.read_text())
    document["cells"] = as_task(document["cells"])
    starter.write_text(json.dumps(document))

    def answered(text: str) -> list[dict[str, Any]]:
        own = {"id": "own", "cell_type": "markdown", "source": text, "metadata": {}}
        return [*json.loads(starter.read_text())["cells"], own]

    sync(results_folder, course, course.assignments[0], [hand_in(made=answered("I found a hole."))])
    with gradebook() as gb:
        task = gb.find_grade("essay", *NOTEBOOK, "anna")
        assert (task.needs_manual_grade, task.max_score, task.auto_score) == (True, 5, None)
        assert [cell.name for cell in gb.find_notebook(*NOTEBOOK).task_cells] == ["essay"]
        assert gb.find_submission("01_first", "anna").max_score == 11
        task.manual_score = 4
        gb.db.commit()
    assert read_manual(results_folder / GRADEBOOK, course.assignments[0])["anna"]["essay"].points == 4
    again = [hand_in(made=answered("I found two holes."))]
    assert sync(results_folder, course, course.assignments[0], again).review == (("anna", "essay"),)
