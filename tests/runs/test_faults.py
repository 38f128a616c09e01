"""What goes wrong around the grader: a clear message each time, and no grade lost or doubled.

Beside these: workers that die or hang (test_pool), runs that are killed (test_kill), a locked gradebook and an
interrupt (test_grade_command), engines and images that are missing or stale, containers that end, memory that runs
out (tests/sandbox/containers).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

import autograder.runs.grade
from autograder.course.course import load_course
from autograder.course.roster import load_roster
from autograder.results.store import Place, Store
from autograder.runs.report import RunPlan
from autograder.sandbox.backends.container import choose_image
from autograder.sandbox.backends.container_engine import find_engine
from autograder.sandbox.interface import SandboxFault
from autograder.sandbox.relay_link import Link
from autograder.submissions.find import find_submissions

Command = Callable[..., list[str]]
Grade = Callable[..., subprocess.CompletedProcess[str]]


def events(results: Path) -> list[dict]:
    return [json.loads(line) for line in (results / "staff/events.jsonl").read_text().splitlines()]


def attempts(results: Path) -> Counter[str]:
    return Counter(path.parent.name for path in results.glob("staff/evidence/*/*/attempt-???.zip"))


COUNT = 24
ALL = {f"s{n:02d}": 1 for n in range(COUNT)}


@pytest.fixture
def many(lasting: Callable[[int, float], Path]) -> Path:
    """Enough, and each long enough, for something to happen in the middle of them on a fast machine too."""
    return lasting(COUNT, 0.5)


@pytest.fixture
def slow(lasting: Callable[[int, float], Path]) -> Path:
    """One notebook whose cells take seconds."""
    return lasting(1, 3)


def victim(run: psutil.Process, part: str) -> psutil.Process | None:
    """The slot's relay or zygote, once a student process runs below it."""
    for process in run.children(recursive=True):
        try:
            if any(f"inside.process.{part}" in word for word in process.cmdline()) and process.children():
                zygotes = [process] if part == "zygote" else process.children()
                if any(zygote.children() for zygote in zygotes):
                    return process
        except psutil.Error:
            continue
    return None


@pytest.mark.parametrize("part", ["zygote", "relay"])
def test_a_slot_that_dies_under_a_submission_is_replaced(
    command: Command, slow: Path, tmp_path: Path, part: str
) -> None:
    results = tmp_path / "results"
    arguments = (slow, "-o", results, "--no-gradebook", "--jobs", "1", "--backend", "namespace")
    run = psutil.Popen(command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    end = time.monotonic() + 90
    while (found := victim(run, part)) is None and time.monotonic() < end:
        time.sleep(0.02)
    assert found is not None
    found.kill()
    stdout, stderr = run.communicate(timeout=120)
    assert run.returncode == 0, (stdout + stderr).decode()
    result = json.loads((results / "staff/submissions/tiny/s00/result.json").read_text())
    assert result["outcome"] == "graded"
    assert attempts(results) == {"s00": 1}
    assert len(events(results)) == 1


def test_a_container_that_is_killed_under_a_submission_is_replaced(
    command: Command, slow: Path, tmp_path: Path
) -> None:
    try:
        engine = find_engine()
        choose_image(engine, "")
    except SandboxFault as fault:
        pytest.skip(str(fault))
    results = tmp_path / "results"
    arguments = (slow, "-o", results, "--no-gradebook", "--jobs", "1", "--backend", "container")
    run = psutil.Popen(command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    name, end = None, time.monotonic() + 90
    while name is None and time.monotonic() < end:
        time.sleep(0.05)
        words = [word for child in run.children(recursive=True) for word in _command_line(child)]
        found = [word for word in words if re.fullmatch(r"autograder-slot-[0-9a-f]{12}", word)]
        name = found[0] if found and engine.ask("ps", "--quiet", "--filter", f"name={found[0]}").strip() else None
    assert name is not None
    time.sleep(2.5)  # the zygote imports, then the cells run for seconds
    engine.ask("kill", name)
    stdout, stderr = run.communicate(timeout=120)
    assert run.returncode == 0, (stdout + stderr).decode()
    result = json.loads((results / "staff/submissions/tiny/s00/result.json").read_text())
    assert (result["outcome"], result["sandbox"]["backend"]) == ("graded", "container")
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", result["sandbox"]["image"])
    assert attempts(results) == {"s00": 1}
    assert len(events(results)) == 1


def _command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


@pytest.mark.parametrize("garbage", [b"\xff" * 64, b"\x10" + b"\0" * 4 + b"\xff" * 4, b""])
def test_a_corrupted_stream_is_a_fault_of_ours(garbage: bytes) -> None:
    ours, theirs = socket.socketpair()
    link = Link(ours, lambda: "")
    theirs.sendall(garbage)
    theirs.close()
    with pytest.raises(SandboxFault, match=r"the relay sent|the slot ended"):
        link.pump(1.0)
    with pytest.raises(SandboxFault):  # and stays one
        link.pump(0.0)
    ours.close()


FULL = """
set -e
results=$1; shift
mkdir -p "$results"
mount -t tmpfs -o size=100k tmpfs "$results"
"$@" && exit 98 || echo "status $?" >&2
mount -o remount,size=64m "$results"
"$@"
cp -a "$results/." "$results.kept"
"""


@pytest.mark.long
def test_a_full_disk_is_one_message_and_the_run_goes_on_when_there_is_room(
    command: Command, many: Path, tmp_path: Path
) -> None:
    if os.getuid() != 0:
        pytest.skip("only root may mount a small file system for this")
    results = tmp_path / "results"
    arguments = command(many, "-o", results, "--no-gradebook", "--jobs", "2", "--backend", "namespace")
    (tmp_path / "results.kept").mkdir()
    private = ["unshare", "--mount", "--propagation", "private"]
    done = subprocess.run(
        [*private, "bash", "-c", FULL, "bash", str(results), *arguments], capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "status 2" in done.stderr
    assert "No space left on device" in done.stderr
    assert "make room" in done.stderr
    assert "Traceback" not in done.stderr
    kept = tmp_path / "results.kept"
    assert attempts(kept) == ALL
    assert Counter(event["subject"] for event in events(kept)) == attempts(kept)


@pytest.mark.long
def test_a_terminated_run_ends_cleanly_and_goes_on_later(
    command: Command, grade: Grade, many: Path, tmp_path: Path
) -> None:
    results = tmp_path / "results"
    run = subprocess.Popen(
        command(many, "-o", results, "--no-gradebook"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    end = time.monotonic() + 90
    while len(attempts(results)) < 3 and time.monotonic() < end:
        time.sleep(0.02)
    run.send_signal(signal.SIGTERM)
    stdout, stderr = run.communicate(timeout=60)
    assert run.returncode == 130, stderr
    assert "repeat the command" in stdout
    assert "Traceback" not in stderr
    assert 3 <= len(attempts(results)) < COUNT
    assert grade(many, "-o", results).returncode == 0
    assert attempts(results) == ALL
    assert len(events(results)) == COUNT


@pytest.mark.long
def test_two_graders_on_one_folder_do_not_meet(command: Command, grade: Grade, many: Path, tmp_path: Path) -> None:
    results = tmp_path / "results"
    first = subprocess.Popen(
        command(many, "-o", results, "--no-gradebook"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    end = time.monotonic() + 90
    while len(attempts(results)) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    first.send_signal(signal.SIGSTOP)  # it cannot end before the second one came
    second = grade(many, "-o", results)
    first.send_signal(signal.SIGCONT)
    assert second.returncode == 2
    assert "another autograder" in second.stderr
    assert first.wait(timeout=120) == 0
    assert attempts(results) == ALL
    assert len(events(results)) == COUNT


class _Silent:
    def note(self, text: str) -> None: ...
    def planned(self, total: int) -> None: ...
    def starting(self, assignment: str, to_grade: int, kept: int) -> None: ...
    def ready(self, backend: str, unsafe: bool, seconds: float) -> None: ...
    def graded(self, result: object, seconds: float) -> None: ...


class _Earlier(datetime):
    """A clock that was set back by decades."""

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        return datetime(2001, 1, 1, tzinfo=UTC)


def test_a_clock_that_was_set_back_changes_no_grade(
    course_root: Path, few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attempts are ordered by their number, and receipt by what the channel said."""
    roster = load_roster(course_root / "roster.csv")
    plan = RunPlan(
        course=load_course(course_root),
        course_path=course_root / "course.yaml",
        roster=roster,
        submissions=find_submissions(few, assignments=["tiny"], roster=roster),
        output=tmp_path / "results",
        jobs=1,
        gradebook=False,
    )
    assert autograder.runs.grade.run(plan, _Silent()).all_well
    with Store(plan.output, write=False) as store:
        before = {result.subject: result.score for result in store.results()}
    monkeypatch.setattr(autograder.runs.grade, "datetime", _Earlier)
    again = RunPlan(**{**vars(plan), "force": True})
    assert autograder.runs.grade.run(again, _Silent()).all_well
    with Store(plan.output, write=False) as store:
        assert {result.subject: result.score for result in store.results()} == before
        assert store.latest(Place("tiny", "s00")).attempt == 2
    assert len(events(plan.output)) == 3, "the same grade is no change"


def test_no_deadline_hangs_on_the_clock_on_the_wall() -> None:
    root = Path(autograder.__file__).parent
    trusted = [path for path in root.rglob("*.py") if not path.is_relative_to(root / "sandbox/inside")]
    offenders = [path.name for path in trusted if re.search(r"\btime\.time\(", path.read_text())]
    assert len(trusted) > 100
    assert offenders == []


def test_a_missing_engine_ends_the_run_with_its_message(course_root: Path, few: Path, tmp_path: Path) -> None:
    start = "import sys; from autograder.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", start, "grade", "--course", str(course_root), str(few)]
    environment = os.environ | {"PATH": str(tmp_path), "COLUMNS": "300", "AUTOGRADER_ENGINE": ""}
    done = subprocess.run(
        [*command, "-o", str(tmp_path / "results"), "--no-gradebook", "--backend", "container"],
        capture_output=True, text=True, env=environment,
    )  # fmt: skip
    assert done.returncode == 2
    assert "podman is not installed" in done.stderr
    assert "Traceback" not in done.stderr
    assert not attempts(tmp_path / "results")
    shutil.rmtree(tmp_path / "results")


def test_an_image_for_another_sandbox_is_refused(grade: Grade, few: Path, tmp_path: Path) -> None:
    done = grade(few, "-o", tmp_path / "results", "--backend", "namespace", "--image", "x")
    assert done.returncode == 2
    assert "--image is for the sandbox `container`" in done.stderr
