"""`autograder rescore` on a results folder: what it shows, what it writes, and how long it takes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from autograder.commands.export_executed import executed
from autograder.commands.rescore import command
from autograder.course.course import Course
from autograder.records import Evidence, Outcome
from autograder.results import from_evidence
from autograder.results.from_evidence import Reason, Rules, derive, executed_of
from autograder.results.store import Place, Store

Make = Callable[..., Evidence]
NOTEBOOK = json.dumps(
    {
        "cells": [
            {"cell_type": "code", "id": "a", "source": "def one():\n    return 1", "metadata": {}, "outputs": [],
             "execution_count": None}
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
).encode()  # fmt: skip
DROP = """\
adjustments:
  - kind: drop_test
    assignment: 01_first
    question: one
    test: {test}
    who: anna
    why: the text does not say so
    when: 2026-10-20
"""


@pytest.fixture
def results(course: Course, make_evidence: Make) -> Path:
    """Three graded submissions: anna fails one of two tests of question one, ben passes all, cleo was our fault."""
    return graded(
        course,
        [
            make_evidence(subject="anna", members=("anna",), one="passed failed", two="passed", quiz="passed"),
            make_evidence(subject="ben", members=("ben",), one="passed passed", two="passed", quiz="passed"),
            make_evidence(subject="cleo", members=("cleo",), outcome=Outcome.NOT_GRADED),
        ],
    )


def graded(course: Course, evidences: list[Evidence]) -> Path:
    root = course.root / "results"
    rules = Rules(course=course, assignment=course.assignments[0])
    with Store(root) as store:
        for evidence in evidences:
            kept = store.keep(evidence, NOTEBOOK, {})
            made = derive(kept, NOTEBOOK, {}, rules, Reason("autograder grade", "graded", kept.graded_at))
            store.write_derived(made.result, made.feedback, made.event)
    return root


def test_a_notebook_that_cannot_be_written_ends_no_run_and_costs_no_point(
    course: Course, make_evidence: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = from_evidence.render_feedback

    def broken(*args: Any, **options: Any) -> Any:
        if args[1] is not None:  # the cells are there
            raise RecursionError("maximum recursion depth exceeded")
        return whole(*args, **options)

    evidence = make_evidence(subject="anna", members=("anna",), one="passed passed", two="passed", quiz="passed")
    rules, reason = Rules(course=course, assignment=course.assignments[0]), Reason("", "", evidence.graded_at)
    before = derive(evidence, NOTEBOOK, {}, rules, reason)
    monkeypatch.setattr(from_evidence, "render_feedback", broken)
    made = derive(evidence, NOTEBOOK, {}, rules, reason)
    assert made.result.score == before.result.score
    assert [flag for flag in made.result.flags if "RecursionError" in flag]
    assert "one" in made.feedback


def test_an_executed_notebook_that_cannot_be_made_has_no_cells(
    course: Course, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RecursionError("maximum recursion depth exceeded")

    rules = Rules(course=course, assignment=course.assignments[0])
    with Store(results, write=False) as store:
        assert len(json.loads(executed_of(store, Place("01_first", "anna"), 1, rules))["cells"]) == 1
        monkeypatch.setattr(from_evidence, "executed_notebook", broken)
        assert json.loads(executed_of(store, Place("01_first", "anna"), 1, rules))["cells"] == []


def test_executed_notebooks_are_written_for_whoever_asks(course: Course, results: Path, tmp_path: Path) -> None:
    before = files(results)
    arguments = [str(results), "--course", str(course.root), "--into", str(tmp_path / "out")]
    done = CliRunner().invoke(executed, [*arguments, "--subject", "anna", "--subject", "ben"])
    assert (done.exit_code, done.output) == (0, f"{tmp_path / 'out'}: 2 notebooks written\n")
    written = files(tmp_path / "out")
    assert sorted(written) == ["01_first/anna.ipynb", "01_first/ben.ipynb"]
    assert "def one()" in json.loads(written["01_first/anna.ipynb"])["cells"][0]["source"]
    assert files(results) == before
    assert "holds nothing" in CliRunner().invoke(executed, [*arguments, "--subject", "nobody"]).output


def rescore(course: Course, results: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, [str(results), "--course", str(course.root), *arguments])


def files(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file() and p.name != ".lock"}


def scores(root: Path) -> dict[str, Any]:
    return {p.parent.name: json.loads(p.read_text())["score"] for p in root.rglob("result.json")}


def test_nothing_changed_means_nothing_shown_and_nothing_written(course: Course, results: Path) -> None:
    before = files(results)
    done = rescore(course, results)
    assert (done.exit_code, done.output.strip()) == (0, "No grade of 3 submissions changes.")
    assert files(results) == before


def test_a_preview_shows_every_changed_grade_and_writes_nothing(course: Course, results: Path) -> None:
    (course.root / "adjustments.yaml").write_text(DROP.format(test="test_one[1]"))
    before = files(results)
    done = rescore(course, results)
    assert done.exit_code == 0
    row = next(line for line in done.output.splitlines() if "anna" in line)
    assert "7 / 14" in row
    assert "9 / 14" in row
    assert "one 2 → 4" in row
    assert "ben" not in done.output
    assert "1 of 3 grades would change" in done.output
    assert files(results) == before


def test_apply_writes_results_feedback_csv_and_one_event(course: Course, results: Path) -> None:
    (course.root / "adjustments.yaml").write_text(DROP.format(test="test_one[1]"))
    evidence = {name: data for name, data in files(results).items() if name.startswith("staff/evidence")}
    feedback = (results / "students/01_first/anna/feedback.html").read_text()
    done = rescore(course, results, "--apply", "--who", "anna", "--why", "unfair test")
    assert done.exit_code == 0, done.output
    assert "1 of 3 grades changed" in done.output
    assert scores(results) == {"anna": 9, "ben": 9, "cleo": None}
    assert {name: data for name, data in files(results).items() if name.startswith("staff/evidence")} == evidence
    assert (results / "students/01_first/anna/feedback.html").read_text() != feedback
    events = [json.loads(line) for line in (results / "staff/events.jsonl").read_text().splitlines()]
    last = events[-1]
    assert (last["subject"], last["who"], last["why"]) == ("anna", "anna", "unfair test")
    assert (last["before"], last["after"]) == (7, 9)
    assert len(events) == 3  # anna and ben graded (cleo never had a score), and this change
    assert "anna" in (results / "staff/grades.csv").read_text()
    assert json.loads((results / "staff/summary.json").read_text())["submissions"] == 3

    again = rescore(course, results, "--apply")
    assert "No grade of 3 submissions changes." in again.output
    assert len((results / "staff/events.jsonl").read_text().splitlines()) == 3


def test_apply_wants_a_reason_before_it_writes(course: Course, results: Path) -> None:
    (course.root / "adjustments.yaml").write_text(DROP.format(test="test_one[1]"))
    before = files(results)
    done = rescore(course, results, "--apply")
    assert done.exit_code == 1
    assert "--why" in done.output
    assert files(results) == before


def test_changed_points_and_late_policy_count(course: Course, results: Path) -> None:
    path = course.root / "course.yaml"
    path.write_text(path.read_text().replace("title: Two, points: 3", "title: Two, points: 5"))
    done = rescore(course, results, "--json")
    found = json.loads(done.stdout)
    assert (found["applied"], found["submissions"]) == (False, 3)
    assert {c["subject"]: (c["before"]["score"], c["after"]["score"]) for c in found["changes"]} == {
        "anna": (7, 9), "ben": (9, 11), "cleo": (None, None)}  # fmt: skip
    assert found["changes"][0]["questions"] == [{"id": "two", "before": 3, "after": 5}]


def test_a_name_that_matches_no_test_is_noted(course: Course, results: Path) -> None:
    (course.root / "adjustments.yaml").write_text(DROP.format(test="test_onne"))
    done = rescore(course, results)
    assert "no test is called 'test_onne'; there are test_one[0], test_one[1]" in done.output


@pytest.mark.parametrize("arguments", [(), ("--apply", "--why", "x")])
def test_a_mistake_in_adjustments_is_one_message(course: Course, results: Path, arguments: tuple[str, ...]) -> None:
    (course.root / "adjustments.yaml").write_text("adjustments:\n  - kind: drop\n")
    before = files(results)
    done = rescore(course, results, *arguments)
    assert done.exit_code == 1
    assert "adjustments.yaml:2" in done.output
    assert "Traceback" not in done.output
    assert files(results) == before


def test_a_grade_given_by_hand_in_the_gradebook_counts(course: Course, results: Path) -> None:
    from nbgrader.api import Gradebook

    from autograder.exchange.nbgrader import GradebookEntry, sync

    first = course.assignments[0]
    first.starter_dir.mkdir(parents=True)
    first.starter_path.write_bytes(NOTEBOOK)
    with Store(results, write=False) as store:
        entries = [GradebookEntry.of(store, result, Rules(course, first)) for result in store.results()]
    sync(results / "staff", course, first, entries)
    with Gradebook(f"sqlite:///{results / 'staff/gradebook.db'}", "a_course") as gradebook:
        grade = gradebook.find_grade("check_essay", "01_first", "01_first", "anna")
        grade.manual_score, grade.needs_manual_grade = 4, False
        gradebook.db.commit()
    done = rescore(course, results, "--apply", "--who", "ta", "--why", "graded by hand")
    assert done.exit_code == 0, done.output
    assert scores(results)["anna"] == 11
    page = (results / "staff/submissions/01_first/anna/result.json").read_text()
    assert "graded_by_hand" in page
    with Gradebook(f"sqlite:///{results / 'staff/gradebook.db'}", "a_course") as gradebook:
        assert gradebook.find_submission("01_first", "anna").score == 11


def test_a_preview_of_four_hundred_students(course: Course, make_evidence: Make) -> None:
    evidences = [
        make_evidence(
            subject=f"s{n:03}", members=(f"s{n:03}",), one="passed failed " * 4, two="passed " * 8, quiz="failed"
        )
        for n in range(400)
    ]
    root = graded(course, evidences)
    (course.root / "adjustments.yaml").write_text(DROP.format(test="test_one[1]"))
    done = rescore(course, root, "--json")
    assert len(json.loads(done.stdout)["changes"]) == 400


def test_killed_while_it_writes_and_repeated(course: Course, make_evidence: Make) -> None:
    evidences = [
        make_evidence(subject=f"s{n:03}", members=(f"s{n:03}",), one="passed failed", two="passed", quiz="failed")
        for n in range(200)
    ]
    root = graded(course, evidences)
    (course.root / "adjustments.yaml").write_text(DROP.format(test="test_one[1]"))
    log = root / "staff/events.jsonl"
    arguments = [str(root), "--course", str(course.root), "--apply", "--who", "anna", "--why", "unfair"]
    run = subprocess.Popen([sys.executable, "-m", "autograder", "rescore", *arguments])
    while len(log.read_bytes().splitlines()) < 210 and run.poll() is None:
        time.sleep(0.002)
    run.kill()
    assert run.wait() == -signal.SIGKILL
    # Its workers end with it, and hold the folder until the kernel has seen to that.
    until = time.monotonic() + 60
    while (done := rescore(course, root, "--apply", "--who", "anna", "--why", "unfair")).exit_code != 0:
        assert "is writing there" in done.output, done.output
        assert time.monotonic() < until, done.output
        time.sleep(0.1)
    events = [json.loads(line) for line in log.read_text().splitlines()]
    assert Counter((one["subject"], one["before"], one["after"]) for one in events) == Counter(
        [(f"s{n:03}", *change) for n in range(200) for change in ((None, 5), (5, 7))]
    )
    assert set(scores(root).values()) == {7}
    assert rescore(course, root).output.strip().endswith("No grade of 200 submissions changes.")


def test_a_preview_is_written_as_it_is_found(course: Course, make_evidence: Make) -> None:
    evidences = [make_evidence(subject=f"s{n}", members=(f"s{n}",), one="passed failed") for n in range(3)]
    root = graded(course, evidences)
    (course.root / "adjustments.yaml").write_text(DROP.format(test="test_one[1]"))
    (root / "staff/evidence/01_first/s2/attempt-001.zip").write_bytes(b"")
    done = rescore(course, root)
    assert done.exit_code == 1
    assert [line.split()[1] for line in done.output.splitlines() if line.startswith("01_first")] == ["s0", "s1"]


def test_an_adjustment_that_moves_nothing_says_whom_it_concerns(course: Course, results: Path) -> None:
    (course.root / "adjustments.yaml").write_text(DROP.format(test="test_one[0]"))
    first = rescore(course, results, "--apply", "--why", "x")
    assert "changes no grade now" not in first.output
    again = rescore(course, results)
    assert "drop_test of 01_first/one/test_one[0] concerns 3 submissions and changes no grade now" in again.output
    assert "No grade of 3 submissions changes." in again.output


def test_members_whose_grades_disagree_are_named_by_rescore(course: Course, make_evidence: Make) -> None:
    evidence = make_evidence(subject="g1", members=("anna", "ben"), one="passed passed", two="passed", quiz="passed")
    results = graded(course, [evidence])
    from autograder.course.adjustments import Adjustments
    from autograder.course.roster import EMPTY_ROSTER
    from autograder.runs.rescore import Rescorer
    from autograder.scoring.score import ManualGrade

    manual = {"anna": {"essay": ManualGrade(4.0)}, "ben": {"essay": ManualGrade(3.0)}}
    with Store(results, write=False) as store:
        preview = Rescorer(store, course, EMPTY_ROSTER, Adjustments(), lambda name: manual).preview()
    (note,) = preview.notes
    assert note.startswith("01_first/g1: question essay: the gradebook has 4 points for anna and 3 for ben")


def test_a_piped_table_cuts_no_id(course: Course, make_evidence: Make) -> None:
    long = "student-" + "x" * 100
    results = graded(
        course, [make_evidence(subject=long, members=(long,), one="passed failed", two="passed", quiz="passed")]
    )
    (course.root / "adjustments.yaml").write_text(DROP.format(test="test_one[1]"))
    assert long in rescore(course, results).output
