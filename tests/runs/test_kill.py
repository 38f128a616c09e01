"""Killed at any point, and run again: the results are those of an undisturbed run."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.kept import members

Command = Callable[..., list[str]]
# What may differ between two runs: when, and how long.
_VARIES = {"graded_at", "seconds", "timings", "when", "peak_memory_bytes", "made_at"}


def without_times(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_times(item) for key, item in value.items() if key not in _VARIES}
    if isinstance(value, list):
        return [without_times(item) for item in value]
    return value


def contents(results: Path) -> dict[str, Any]:
    """Everything in a results folder that must be the same after every way of getting there."""
    found: dict[str, Any] = {}
    for path in sorted(results.rglob("*")):
        name = str(path.relative_to(results))
        if not path.is_file() or name == ".lock" or path.suffix == ".html":
            continue
        if name == "staff/events.jsonl":
            lines = [without_times(json.loads(line)) for line in path.read_text().splitlines()]
            found[name] = sorted(lines, key=lambda event: event["subject"])
        elif path.suffix == ".zip":
            found[name] = {part: without_times(json.loads(data)) for part, data in members(path).items()}
        elif path.suffix in (".json", ".ipynb"):
            found[name] = without_times(json.loads(path.read_text()))
        elif path.suffix == ".csv":
            found[name] = list(csv.reader(path.open()))
        else:
            found[name] = path.read_bytes()
    found["pages"] = sorted(str(path.relative_to(results)) for path in results.rglob("*.html"))
    return found


def members_of(session: int) -> list[int]:
    """Processes of our own descent that still run: those whose parent is gone too carry our mark."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            if f"AUTOGRADER_TEST_MARK={session}".encode() in environment.split(b"\0"):
                found.append(int(entry.name))
    return found


def interrupted_runs(command: Command, sixty: Path, results: Path, kills: int, draw: random.Random) -> list[int]:
    """Start the run and kill it, `kills` times; how much evidence there was at each kill."""
    seen = []
    mark = str(os.getpid())
    for _ in range(kills):
        run = subprocess.Popen(
            command(sixty, "-o", results, "--no-gradebook", "--jobs", "2"),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | {"AUTOGRADER_TEST_MARK": mark},
        )  # fmt: skip
        before = len(list(results.glob("staff/evidence/*/*/attempt-???.zip")))
        wanted = before + draw.randint(0, max(1, (60 - before) // 2))
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and run.poll() is None:
            if len(list(results.glob("staff/evidence/*/*/attempt-???.zip"))) >= wanted:
                break
            time.sleep(0.005)
        time.sleep(draw.uniform(0, 0.15))  # anywhere between two commits
        run.send_signal(signal.SIGKILL)
        run.wait()
        seen.append(len(list(results.glob("staff/evidence/*/*/attempt-???.zip"))))
        deadline = time.monotonic() + 15
        while (left := members_of(int(mark))) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not left, f"processes outlived the killed run: {left}"
    return seen


@pytest.fixture(scope="session")
def undisturbed(course_root: Path, sixty: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    results = tmp_path_factory.mktemp("undisturbed") / "results"
    code = "import sys; from autograder.cli import main; main(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, "grade", "--course", str(course_root),
         str(sixty), "-o", str(results), "--no-gradebook", "--jobs", "2"], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return contents(results)


def check(command: Command, sixty: Path, results: Path, undisturbed: dict[str, Any], kills: int, seed: int) -> None:
    seen = interrupted_runs(command, sixty, results, kills, random.Random(seed))
    assert any(0 < count < 60 for count in seen), f"no kill came in the middle: {seen}"
    done = subprocess.run(
        command(sixty, "-o", results, "--no-gradebook", "--jobs", "2"), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = contents(results)
    assert found.keys() == undisturbed.keys()
    for name, value in undisturbed.items():
        assert found[name] == value, name
    assert len(found["staff/events.jsonl"]) == 60


@pytest.mark.long
def test_killed_twice_and_resumed(command: Command, sixty: Path, undisturbed: dict[str, Any], tmp_path: Path) -> None:
    check(command, sixty, tmp_path / "results", undisturbed, kills=2, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_killed_at_random_points(
    command: Command, sixty: Path, undisturbed: dict[str, Any], tmp_path: Path, seed: int
) -> None:
    """Ten runs, each killed up to four times."""
    check(command, sixty, tmp_path / "results", undisturbed, kills=1 + seed % 4, seed=100 + seed)
