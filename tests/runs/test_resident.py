"""The resident grader as people use it: hand-ins, batch runs through its slots, changed files, and its sudden end."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import autograder

Run = Callable[..., subprocess.CompletedProcess[str]]
START = "import sys; from autograder.cli import main; main(sys.argv[1:])"


class Running:
    """A resident grader in a process of its own, from a copy of the engine that a test may change."""

    def __init__(self, course: Path, folder: Path) -> None:
        self.course = course
        self.engine = folder / "engine"
        shutil.copytree(Path(autograder.__file__).parent, self.engine / "autograder",
                        ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
        # A short path: the name of a Unix socket holds no more than 107 characters.
        self.sockets = Path("/tmp") / f"autograder-test-{os.getpid()}-{time.monotonic_ns()}"
        self.sockets.mkdir(mode=0o700)
        self.environment = os.environ | {
            "XDG_RUNTIME_DIR": str(self.sockets), "PYTHONPATH": str(self.engine), "OMP_NUM_THREADS": "1",
            "COLUMNS": "200",
        }  # fmt: skip
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = folder / "resident.jsonl"
        self.process = self.popen(
            "resident",
            "start",
            "--jobs",
            "1",
            "--backend",
            "namespace",
            "--metrics-port",
            str(self.port),
            "--log",
            self.log,
        )
        self.until_it_answers()

    def popen(self, *arguments: str | Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-P", "-c", START, *map(str, arguments), "--course", str(self.course)]
        return subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        process = self.popen(*arguments)
        stdout, stderr = process.communicate(timeout=240)
        assert "Traceback" not in stderr, stderr
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    def status(self) -> dict:
        return json.loads(self.run("resident", "status", "--json").stdout)

    def until_it_answers(self) -> None:
        """Wait for its socket, which costs nothing, before asking by a command, which takes a second to start."""
        end = time.monotonic() + 120
        while not any(path.is_socket() for path in self.sockets.rglob("*")):
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < end
            time.sleep(0.02)
        while self.run("resident", "status").returncode != 0:
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < end

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.communicate(timeout=120)
        shutil.rmtree(self.sockets)


@pytest.fixture
def resident(course_root: Path, tmp_path: Path) -> Iterator[Running]:
    shutil.copytree(course_root, tmp_path / "course")
    running = Running(tmp_path / "course/course.yaml", tmp_path)
    yield running
    running.end()


def scores(results: Path) -> dict[str, str]:
    with (results / "staff/grades.csv").open(newline="") as file:
        return {row["subject"]: row["score"] for row in csv.DictReader(file)}


def test_a_hand_in_is_written_as_grade_writes_it(resident: Running, few: Path, tmp_path: Path, grade: Run) -> None:
    results, own = tmp_path / "results", tmp_path / "own"
    done = resident.run("resident", "hand-in", few / "s00.ipynb", "-o", results)
    assert done.returncode == 0, done.stderr
    assert "s00" in done.stdout
    made = results / "staff/submissions/tiny/s00"
    assert [path.name for path in made.iterdir()] == ["result.json"]
    assert grade(few / "s00.ipynb", "-o", own, "--no-resident", "--jobs", "1").returncode == 0
    theirs = json.loads((own / "staff/submissions/tiny/s00/result.json").read_text())
    ours = json.loads((made / "result.json").read_text())
    assert (ours["score"], ours["rubric"]) == (theirs["score"], theirs["rubric"])
    # The same file again costs no attempt, and another student's does not wait for a new slot.
    resident.run("resident", "hand-in", few / "s00.ipynb", few / "s01.ipynb", "-o", results)
    assert len(list(results.glob("staff/evidence/tiny/s00/attempt-???.zip"))) == 1
    assert resident.status()["started"] == 1
    assert resident.status()["graded"] == 2
    with urllib.request.urlopen(f"http://127.0.0.1:{resident.port}/metrics") as answer:
        figures = answer.read().decode()
    assert 'autograder_submissions_total{outcome="graded"} 2.0' in figures
    assert 'autograder_grading_seconds_count{assignment="tiny"} 2.0' in figures
    assert "autograder_warm_slots 1.0" in figures
    lines = [json.loads(line) for line in resident.log.read_text().splitlines()]
    assert [(line["assignment"], line["outcome"], line["urgent"]) for line in lines] == [("tiny", "graded", True)] * 2
    assert "s00" not in figures + resident.log.read_text(), "figures say how it fared, not whose it is"


def test_a_batch_run_uses_its_slots_and_comes_to_the_same(
    resident: Running, few: Path, tmp_path: Path, grade: Run
) -> None:
    done = resident.run("grade", few, "-o", tmp_path / "through", "--no-gradebook")
    assert done.returncode == 0, done.stderr
    assert resident.status()["graded"] == 3
    assert grade(few, "-o", tmp_path / "own", "--no-resident").returncode == 0
    assert scores(tmp_path / "through") == scores(tmp_path / "own")
    assert resident.status()["graded"] == 3, "--no-resident leaves it alone"


@pytest.mark.long
def test_it_is_killed_and_nothing_is_lost(
    resident: Running, lasting: Callable[[int, float], Path], tmp_path: Path
) -> None:
    folder, results = lasting(4, 1.0), tmp_path / "results"
    run = resident.popen("grade", folder, "-o", results, "--no-gradebook")
    end = time.monotonic() + 120
    while not list(results.glob("staff/evidence/*/*/attempt-???.zip")):
        assert time.monotonic() < end
        assert run.poll() is None, run.communicate()
        time.sleep(0.05)
    resident.process.send_signal(signal.SIGKILL)
    _, errors = run.communicate(timeout=240)
    assert run.returncode == 0, errors
    assert sum(1 for score in scores(results).values() if score) == 4
    assert len(list(results.glob("staff/evidence/*/*/attempt-???.zip"))) == 4


@pytest.mark.long
def test_a_changed_engine_takes_over_without_refusing_anybody(resident: Running, few: Path, tmp_path: Path) -> None:
    results = tmp_path / "results"
    assert resident.run("resident", "hand-in", few / "s00.ipynb", "-o", results).returncode == 0
    before = resident.status()
    words = resident.engine / "autograder/files.py"
    words.write_text(words.read_text() + "\n# changed\n")
    assert resident.run("resident", "hand-in", few / "s01.ipynb", "-o", results).returncode == 0
    end = time.monotonic() + 120
    while (after := resident.status())["started_ns"] == before["started_ns"]:
        assert time.monotonic() < end, "it did not start anew"
    assert after["pid"] == before["pid"]
    assert resident.run("resident", "hand-in", few / "s02.ipynb", "-o", results).returncode == 0
    assert len(list(results.glob("staff/submissions/tiny/*/result.json"))) == 3


def test_one_a_course_and_a_clear_word_where_none_runs(resident: Running, few: Path, tmp_path: Path) -> None:
    second = resident.run("resident", "start")
    assert second.returncode == 1
    assert "serves this course already" in second.stderr
    assert resident.run("resident", "stop").returncode == 0
    resident.process.communicate(timeout=120)
    assert resident.process.returncode == 0
    for arguments in (("status",), ("stop",), ("hand-in", str(few / "s00.ipynb"), "-o", str(tmp_path / "r"))):
        done = resident.run("resident", *arguments)
        assert done.returncode == 2
        assert "autograder resident start" in done.stderr


def test_what_cannot_be_used_is_said(resident: Running, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = resident.run("resident", "hand-in", tmp_path / "empty", "-o", tmp_path / "results")
    assert done.returncode in (1, 2)
    assert done.stdout + done.stderr
