"""The memory watchdog, on processes of our own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.sandbox import watchdog
from autograder.sandbox.watchdog import Watchdog, only_child, proportional, resident

HOG = "import sys, time\nkept = bytearray(b'1') * (int(sys.argv[1]) << 20)\nprint('ready', flush=True)\ntime.sleep(60)"
IDLE = "import time; print('ready', flush=True); time.sleep(60)"


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-S", "-c", IDLE], stdout=subprocess.PIPE) as made:
        assert made.stdout is not None
        made.stdout.readline()
        yield made
        made.kill()


@pytest.fixture
def guard() -> Iterator[Watchdog]:
    made = Watchdog()
    yield made
    made.close()


def test_sizes_of_a_process(process: subprocess.Popen[bytes]) -> None:
    assert 0 < proportional(process.pid) <= resident(process.pid) < 1 << 30


def test_a_process_that_is_gone_has_no_size(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    assert (resident(process.pid), proportional(process.pid)) == (0, 0)
    with pytest.raises(ProcessLookupError):
        only_child(process.pid)


def test_where_exact_sizes_are_kept_from_us_the_private_part_counts(
    process: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Path.read_text

    def refuse(path: Path) -> str:
        if path.name == "smaps_rollup":
            raise PermissionError(13, "refused")
        return read(path)

    monkeypatch.setattr(Path, "read_text", refuse)
    assert 0 < proportional(process.pid) <= resident(process.pid)


def test_within_the_limit_nothing_is_killed(guard: Watchdog, process: subprocess.Popen[bytes]) -> None:
    guard.watch(process.pid, 64 << 20)
    deadline = time.monotonic() + 60
    while not guard.peak and time.monotonic() < deadline:
        time.sleep(0.02)
    assert process.poll() is None
    assert not guard.killed
    assert guard.peak > 1 << 20


def test_over_the_limit_the_process_is_killed(guard: Watchdog) -> None:
    with subprocess.Popen([sys.executable, "-S", "-c", HOG, "100"], stdout=subprocess.PIPE) as hog:
        guard.watch(hog.pid, 16 << 20)
        assert hog.wait(60) == -9
        assert guard.killed


def test_after_release_nobody_is_killed(guard: Watchdog, process: subprocess.Popen[bytes]) -> None:
    guard.watch(process.pid, -(1 << 40))
    guard.release()
    killed = guard.killed
    if not killed:
        time.sleep(0.2)
        assert process.poll() is None


def test_a_watchdog_that_cannot_look_says_so(guard: Watchdog, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> list[int]:
        raise PermissionError(13, "hidden")

    monkeypatch.setattr(watchdog, "descendants", refuse)
    guard.watch(os.getpid(), 1 << 40)
    deadline = time.monotonic() + 60
    while guard.fault is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert guard.fault is not None
