"""The names of processes and threads, which whoever runs in them chooses, say nothing of them to the trusted side."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Iterator

import pytest

from autograder.sandbox import watchdog
from autograder.sandbox.host_processes import freeze, living_below, pid_with_number
from autograder.sandbox.inside.process import own_uid
from autograder.sandbox.inside.process.proc_files import state_of, status_of

PR_SET_NAME = 15
UID = 54_321
NAMES = {
    "no text": b"\xff\xfe",
    "brackets": b"x) Z 1 1 1 0",
    "a line feed": b"\nNSpid:\t1",
    "a carriage return": b"\rNSpid:\t1",
    "a form feed": b"\x0cUid:\t0",
    "a carriage return and a uid": b"\rUid:\t0",
    "another end of a line": b"\xc2\x85RssAnon:\tx",
    "no number": b"\rUid:\tx",
    "nothing": b"",
}


@pytest.fixture(params=NAMES.values(), ids=NAMES)
def named(request: pytest.FixtureRequest) -> Iterator[int]:
    """A process that gave itself a name, as root gives itself a uid; it waits until it is ended."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            ctypes.CDLL(None).prctl(PR_SET_NAME, request.param, 0, 0, 0)
            if os.getuid() == 0:
                os.setresuid(UID, UID, UID)
            os.write(writing, b".")
            while True:
                signal.pause()
        finally:
            os._exit(1)
    os.read(reading, 1)
    os.close(reading)
    os.close(writing)
    yield pid
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def test_a_name_adds_no_line_to_what_is_read_of_a_process(named: int) -> None:
    assert status_of(named)["NSpid"][-1] == str(named)
    assert set(status_of(named)) == set(status_of(os.getpid())) - {"Name"}
    assert set(own_uid._uids_of(named)) == ({UID} if os.getuid() == 0 else {os.getuid()})
    assert pid_with_number(1, [named]) is None
    assert pid_with_number(named, [named]) == named


def test_a_name_hides_nothing_that_runs(named: int) -> None:
    assert state_of(named, named) in ("S", "R")
    assert named in living_below(os.getpid())
    assert freeze(named, 60)
    assert state_of(named, named) in ("T", "t")
    os.kill(named, signal.SIGKILL)
    os.waitid(os.P_PID, named, os.WEXITED | os.WNOWAIT)
    assert named not in living_below(os.getpid())


def test_memory_is_counted_where_the_kernel_keeps_the_exact_sum_from_us(
    named: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> str:
        raise PermissionError

    monkeypatch.setattr(watchdog.Path, "read_text", refused)
    status = status_of(named)
    assert watchdog.proportional(named) == 1024 * sum(int(status[name][0]) for name in ("RssAnon", "RssShmem"))
    assert watchdog.proportional(named) > 0


def test_whatever_keeps_memory_from_being_watched_is_a_fault_of_the_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    def look(_: object) -> None:
        raise ValueError("not a number")

    dog = watchdog.Watchdog()
    monkeypatch.setattr(dog, "_look", look)
    try:
        dog.watch(os.getpid(), 1 << 40, root=os.getpid())
        while dog.fault is None:
            assert dog._thread.is_alive()
        assert str(dog.fault) == "not a number"
    finally:
        dog.close()
