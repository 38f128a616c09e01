"""Processes and threads of a student, seen and stopped from the trusted side.

Everything here reads the host's /proc and sends signals from outside of the student's namespaces: nothing inside can
influence it, and what the student process says of itself is not asked for.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Collection, Sequence

from autograder.sandbox.inside.process.proc_files import state_of, status_of
from autograder.sandbox.inside.process.student_process import descendants

PAUSE_SECONDS = 0.002


def living_below(pid: int, root: int | None = None) -> list[int]:
    """Return the processes below `pid` that still run: those that ended and wait to be noticed are left out.

    root: the process to which those come whose parents ended, where that may be another: they are found, too.
    """
    found = [below for below in descendants(pid if root is None else root) if below != pid]
    return [below for below in found if _states(below) - {"Z", "X"}]


def threads(pid: int) -> int:
    """Return how many threads a process has; 0 where it is gone."""
    try:
        return len(os.listdir(f"/proc/{pid}/task"))
    except (FileNotFoundError, ProcessLookupError):
        return 0


def pid_with_number(number: int, among: Sequence[int]) -> int | None:
    """Return which of these processes has this number in its own PID namespace; None where none has."""
    for pid in among:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if status_of(pid).get("NSpid", [""])[-1] == str(number):
                return pid
    return None


def end_below(pid: int, seconds: float, root: int | None = None, spare: Collection[int] = ()) -> bool:
    """Kill every process that `living_below` finds but those to `spare`. Returns whether none was left in time."""
    deadline = time.monotonic() + seconds
    while below := [each for each in living_below(pid, root) if each not in spare]:
        for each in below:
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE_SECONDS)
    return True


def freeze(pid: int, seconds: float) -> bool:
    """Stop all threads of a process. Returns whether they were seen to be stopped within the time."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
    deadline = time.monotonic() + seconds
    while not is_frozen(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE_SECONDS)
    return True


def is_frozen(pid: int) -> bool:
    """Return whether all threads of a process are stopped, or it is gone."""
    return not _states(pid) - {"T", "t", "Z", "X"}


def _states(pid: int) -> set[str]:
    """Return the letters by which the kernel names what a process's threads do; empty where it is gone."""
    found: set[str] = set()
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                found.add(state_of(pid, task))
    return found
