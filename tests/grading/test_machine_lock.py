"""Whoever asks for silence gets it, also against a stream of others."""

from __future__ import annotations

import fcntl
import multiprocessing
import time
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from autograder.grading.machine_lock import MachineLock


def _busy(folder: str, ready: Event, stop: Event) -> None:
    with MachineLock(Path(folder)) as quiet:
        while not stop.is_set():
            with quiet.shared():
                ready.set()
                time.sleep(0.05)


def test_silence_comes_although_others_never_pause_all_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    readies = [context.Event() for _ in range(2)]
    others = [context.Process(target=_busy, args=(str(tmp_path), ready, stop)) for ready in readies]
    for other in others:
        other.start()
    waits: list[bool] = []
    try:
        assert all(ready.wait(30) for ready in readies)
        # without the door `alone` would wait for a moment in which nobody runs
        with MachineLock(tmp_path, waits.append) as quiet, quiet.alone(), MachineLock(tmp_path) as probe:
            assert probe._files is not None
            with pytest.raises(BlockingIOError):  # nobody holds the lock shared now: the exclusive one is ours
                fcntl.flock(probe._files[1], fcntl.LOCK_SH | fcntl.LOCK_NB)
    finally:
        stop.set()
        for other in others:
            other.join(10)
    assert waits in ([], [True, False], [True, False, True, False])


def test_a_lone_worker_needs_no_locks() -> None:
    with MachineLock(None) as quiet, quiet.alone():
        pass
