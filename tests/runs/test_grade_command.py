"""`autograder grade` from a shell: what it writes, and what it does the second time."""

from __future__ import annotations

import csv
import io
import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

import autograder.exchange.nbgrader
from autograder.cli import main
from autograder.commands import grade as command
from autograder.course.course import load_course
from autograder.course.roster import load_roster
from autograder.records import Result
from autograder.results.store import Place, Store
from autograder.runs.grade import run
from autograder.runs.report import Report, RunPlan
from autograder.scoring.score import LEFT_OUT
from autograder.submissions.find import find_submissions

Grade = Callable[..., subprocess.CompletedProcess[str]]


def evidence_files(results: Path) -> list[str]:
    return sorted(path.name for path in results.glob("staff/evidence/*/*/attempt-???.zip"))


@pytest.fixture(scope="module")
def graded(sixty: Path, course_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder of three submissions and one that cannot be read, made once."""
    folder = tmp_path_factory.mktemp("graded")
    inbox = folder / "in"
    inbox.mkdir()
    for n in range(3):
        shutil.copy(sixty / f"s{n:02d}.ipynb", inbox)
    (inbox / "s03.ipynb").write_text("not a notebook")
    code = "import sys; from autograder.cli import main; main(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, "grade", str(inbox), "--course", str(course_root), "-o",
         str(folder / "results"), "--no-gradebook", "--jobs", "2"], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr  # one submission is ungradable
    assert "4/4" in done.stdout
    assert "index.html" in done.stdout
    return folder


@pytest.fixture
def again(graded: Path, tmp_path: Path) -> Path:
    """A copy of it to do things to, without the unreadable one."""
    shutil.copytree(graded, tmp_path / "copy")
    (tmp_path / "copy/in/s03.ipynb").unlink()
    return tmp_path / "copy"


def test_everything_is_written(graded: Path) -> None:
    results = graded / "results"
    assert evidence_files(results) == ["attempt-001.zip"] * 4
    for name in ("grades.csv", "summary.json", "index.html", "events.jsonl"):
        assert (results / "staff" / name).stat().st_size > 0
    rows = {row["subject"]: row for row in csv.DictReader((results / "staff/grades.csv").open())}
    assert rows["s00"]["score"] == "12.0"
    assert rows["s01"]["tiny/add"] == "0.0"  # 0 - 0 is 0, but a test that forbids waits for one that asks
    assert rows["s01"]["tiny/total"] == "6.0"  # the mistake is paid for once
    assert rows["s03"]["outcome"] == "ungradable"
    assert [row["outcome"] for row in rows.values()].count("nothing_handed_in") == 56  # everybody has a row
    summary = json.loads((results / "staff/summary.json").read_text())
    assert summary["outcomes"] == {"graded": 3, "ungradable": 1, "not_graded": 0}
    assert summary["timings"]["per_submission"]["tests"] > 0
    for folder in (results / "staff/submissions/tiny").iterdir():
        assert sorted(path.name for path in folder.iterdir()) == ["result.json"]


def test_the_secret_is_made_for_the_owner_only(graded: Path, course_root: Path) -> None:
    assert (course_root / ".course_secret").stat().st_mode & 0o777 == 0o600


def test_a_second_run_grades_nothing_and_changes_nothing(again: Path, grade: Grade) -> None:
    results = again / "results"
    before = {path: path.read_bytes() for path in (results / "staff/submissions").rglob("*") if path.is_file()}
    events = (results / "staff/events.jsonl").read_bytes()
    done = grade(again / "in", "-o", results)
    assert done.returncode == 0, done.stderr
    assert "0 to grade, 3 graded before" in done.stdout
    assert {path: path.read_bytes() for path in before} == before
    assert (results / "staff/events.jsonl").read_bytes() == events


def test_deleted_derived_files_are_made_again_without_a_sandbox(again: Path, grade: Grade) -> None:
    results = again / "results"
    before = (results / "staff/submissions/tiny/s00/result.json").read_bytes()
    shutil.rmtree(results / "staff/submissions")
    (results / "staff/grades.csv").unlink()
    done = grade(again / "in", "-o", results)
    assert done.returncode == 0, done.stderr
    assert "0 to grade" in done.stdout
    assert (results / "staff/submissions/tiny/s00/result.json").read_bytes() == before
    assert Result.model_validate_json(before).score == 12.0
    assert evidence_files(results) == ["attempt-001.zip"] * 4


def test_force_is_a_new_attempt_and_a_changed_notebook_too(again: Path, grade: Grade, sixty: Path) -> None:
    results = again / "results"
    shutil.copy(sixty / "s02.ipynb", again / "in/s00.ipynb")
    done = grade(again / "in/s00.ipynb", "-o", results, "--jobs", "1")
    assert done.returncode == 0, done.stderr
    assert "1 to grade" in done.stdout
    grade(again / "in/s00.ipynb", "-o", results, "--force", "--jobs", "1")
    with Store(results, write=False) as store:
        changes = [(e.before, e.after) for e in store.events() if e.subject == "s00"]
    assert [before for before, _ in changes] == [None, 12.0]  # the forced attempt changed nothing
    names = sorted(path.name for path in (results / "staff/evidence/tiny/s00").glob("attempt-???.zip"))
    assert names == ["attempt-001.zip", "attempt-002.zip", "attempt-003.zip"]
    with Store(results, write=False) as store:
        assert store.attempt(Place("tiny", "s00"), 1).attempt == 1


def test_a_second_grader_gets_one_message(again: Path, grade: Grade) -> None:
    with Store(again / "results"):
        done = grade(again / "in", "-o", again / "results")
    assert done.returncode == 2
    assert "another autograder" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("no-such-folder",), "no-such-folder"),
        (("--assignment", "tinny", "."), "tinny"),
        (("--jobs", "0", "."), "--jobs"),
    ],
)
def test_bad_input_is_one_message_and_status_2(
    course_root: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    results = str(tmp_path / "results")
    done = CliRunner().invoke(main, ["grade", "--course", str(course_root), *arguments, "-o", results])
    assert done.exit_code == 2, done.output
    assert isinstance(done.exception, SystemExit), done.exception
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_ends_it_cleanly_and_it_can_go_on(
    lasting: Callable[[int, float], Path], command: Callable[..., list[str]], grade: Grade, tmp_path: Path
) -> None:
    folder, results = lasting(14, 1.0), tmp_path / "results"
    run = subprocess.Popen(
        command(folder, "-o", results, "--no-gradebook"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 90
    while len(evidence_files(results)) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    run.send_signal(signal.SIGINT)
    stdout, stderr = run.communicate(timeout=60)
    assert run.returncode == 130, stderr
    assert "repeat the command" in stdout
    assert "Traceback" not in stderr
    done = len(evidence_files(results))
    assert 3 <= done < 14
    summary = json.loads((results / "staff/summary.json").read_text())
    assert summary["submissions"] == done
    assert grade(folder, "-o", results).returncode == 0
    assert len(evidence_files(results)) == 14


def test_the_gradebook_is_filled(again: Path, grade: Grade) -> None:
    results = again / "results"
    done = grade(again / "in", "-o", results, gradebook=True)
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(results / "staff/gradebook.db") as database:
        assert database.execute("select count(*) from student").fetchone() == (60,)  # who handed in nothing, too
        scores = database.execute("select auto_score from grade where auto_score is not null").fetchall()
    assert sum(score for (score,) in scores) == pytest.approx(12 + 8 + 8)
    assert (results / "staff/autograded/s00/tiny/tiny.ipynb").exists()


class _Notes:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def planned(self, total: int) -> None: ...
    def starting(self, assignment: str, to_grade: int, kept: int) -> None: ...
    def ready(self, backend: str, unsafe: bool, seconds: float) -> None: ...
    def graded(self, result: Result, seconds: float) -> None: ...


def test_a_locked_gradebook_is_told_and_made_up_for_later(
    again: Path, course_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = load_course(course_root)
    roster = load_roster(course_root / "roster.csv")
    plan = RunPlan(
        course=course,
        course_path=course_root / "course.yaml",
        roster=roster,
        submissions=find_submissions(again / "in", assignments=["tiny"], roster=roster),
        output=again / "results",
        jobs=1,
    )

    def locked(root: Path, *rest: object, **options: object) -> None:
        raise autograder.exchange.nbgrader.GradebookLocked(root / "gradebook.db")

    listener = _Notes()
    with monkeypatch.context() as patch:
        patch.setattr(autograder.exchange.nbgrader, "sync", locked)
        report = run(plan, listener)
    assert report.all_well
    assert ["no grade is lost" in note for note in listener.notes] == [True]
    assert not (again / "results/staff/gradebook.db").exists()
    assert run(plan, listener).all_well
    with sqlite3.connect(again / "results/staff/gradebook.db") as database:
        assert database.execute("select count(*) from grade").fetchone()[0] > 0


def test_what_cannot_be_graded_is_named_and_not_called_graded_before(course_root: Path, tmp_path: Path) -> None:
    (tmp_path / "in/s04").mkdir(parents=True)
    arguments = ["grade", str(tmp_path / "in"), "-a", "tiny", "--course", str(course_root), "-o", str(tmp_path / "out")]
    done = CliRunner().invoke(main, [*arguments, "--no-gradebook"])
    assert done.exit_code == 1
    assert "tiny: 0 to grade\n" in done.output
    assert "1/1  tiny  s04  ungradable: s04: found nothing in it" in done.output
    done = CliRunner().invoke(main, [*arguments, "--no-gradebook"])
    assert "tiny: 0 to grade, 1 graded before\n" in done.output


def test_a_question_that_counts_for_nobody_is_told_once_with_its_number(graded: Path) -> None:
    store = Store(graded / "results")
    results = [result for result in store.results() if result.score is not None]
    report = Report()
    for result, missing in zip(results[:3], (True, True, False), strict=True):
        flags = (f"question weights {LEFT_OUT} data were missing",) if missing else ()
        report.add(result.model_copy(update={"flags": flags}))
    said = io.StringIO()
    command._conclude(report, graded / "results", Console(file=said, width=200))
    assert "note: tiny: question weights is left out: data were missing (2 of 3 submissions)\n" in said.getvalue()


def test_json_is_the_summary_and_nothing_else(again: Path, grade: Grade) -> None:
    done = grade(again / "in", "-o", again / "results", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["assignments"]["tiny"]["submissions"] == 4
