"""Watches the memory of one student process and of everything it started, from the trusted side.

Theory of operation. Rlimits bound one process at a time, so many small processes, or one that forks,
can use more than the limit together. A thread looks twenty times a second at the processes below
the student process in the host's /proc, which nothing inside can influence. The sum of resident sets
costs next to nothing and is never less than the true amount (shared pages count several times), so
only where it exceeds the limit the proportional set sizes, which are exact but slow to read, are summed.
What sockets hold belongs to no process; it is counted by their number in the student's network namespace, each
as full as the kernel lets it be.
Over the limit, a test's processes are killed where the student process itself is within it, so that
the tests after it still run; else the student process goes, and with it its whole namespace.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import threading
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox.inside.process.confine import OOM_SCORE
from autograder.sandbox.inside.process.proc_files import status_of
from autograder.sandbox.inside.process.student_process import children, descendants

PERIOD_SECONDS = 0.05
SOCKET_BYTES = 256 << 10  # what may wait in one, bookkeeping included: the kernel's default is 208 KiB
PAGE_BYTES = resource.getpagesize()


@dataclass(frozen=True)
class Watched:
    """A student process by the host's pid, and the bytes that all of its processes may use together.

    root: the process below which all of them are found.
    """

    pid: int
    limit: int
    root: int


class Watchdog:
    """One thread per slot, from the first student process on; idle while none is watched."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._watched: Watched | None = None
        self._closed = False
        self._testing = False
        self._bases: frozenset[int] = frozenset()
        self.peak = 0  # bytes, largest sum of resident sets seen since `watch`
        self.killed = False  # whether something was killed since `watch` or `test_begins`
        self.fault: Exception | None = None  # why memory could not be watched: the slot must not go on
        self._thread: threading.Thread | None = None  # a template has none: it is forked

    def watch(self, pid: int, memory_bytes: int, root: int | None = None) -> None:
        """Watch the process `pid`, which may use `memory_bytes` beyond what it has now.

        root: the process to which those come whose parents ended, where that may be another than `pid`.
        """
        if root is None:
            first_to_go(pid)
        with self._lock:
            self._watched = Watched(pid, resident(pid) + memory_bytes, pid if root is None else root)
            self.peak, self.killed, self._testing, self._bases = 0, False, False, frozenset()
            self._lock.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="memory watchdog", daemon=True)
                self._thread.start()

    def keep(self, pids: Collection[int]) -> None:
        """Note the processes below the student process from which tests are forked: they are no test's."""
        with self._lock:
            self._bases = frozenset(pids)

    def test_begins(self) -> None:
        """Kill, from now on, only a test's processes where that is enough."""
        with self._lock:
            self.killed, self._testing = False, True

    def test_ends(self) -> None:
        with self._lock:
            self._testing = False

    def release(self) -> None:
        """Stop watching. When this returns no process will be killed any more."""
        with self._lock:
            self._watched = None

    def close(self) -> None:
        with self._lock:
            self._watched, self._closed = None, True
            self._lock.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        with self._lock:
            while not self._closed:
                if self._watched is not None:
                    try:
                        self._look(self._watched)
                    except Exception as error:  # noqa: BLE001 - the thread goes on, whatever it was; the slot does not
                        self.fault, self._watched = error, None
                self._lock.wait(PERIOD_SECONDS if self._watched is not None else None)

    def _look(self, watched: Watched) -> None:
        below = [pid for pid in descendants(watched.root) if pid != watched.pid]
        used = resident(watched.pid) + sum(resident(pid) for pid in below)
        if used > watched.limit:
            used = proportional(watched.pid) + sum(proportional(pid) for pid in below)
        used += sockets(watched.pid) * SOCKET_BYTES
        self.peak = max(self.peak, used)
        if used <= watched.limit:
            return
        self.killed = True
        tests = [pid for pid in below if pid not in self._bases]
        kept = proportional(watched.pid) + sum(map(proportional, self._bases))
        for pid in tests if self._testing and tests and kept <= watched.limit else [watched.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def first_to_go(pid: int) -> None:
    """Let the kernel end this process and those below it first where memory runs out. As root for good: the student,
    who may raise the number but not lower it, has no way back."""
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_text(str(OOM_SCORE))


def sockets(pid: int) -> int:
    """Return how many sockets there are in a process's network namespace; 0 for a process that is gone, and where that
    is the machine's own (backend `none`)."""
    try:
        if os.stat(f"/proc/{pid}/ns/net").st_ino == os.stat("/proc/self/ns/net").st_ino:
            return 0
        first = Path(f"/proc/{pid}/net/sockstat").read_text().partition("\n")[0]
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0
    return int(first.split()[2])


def resident(pid: int) -> int:
    """Return bytes of the resident set; 0 for a process that is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES
    except (FileNotFoundError, ProcessLookupError):
        return 0


def proportional(pid: int) -> int:
    """Return bytes of the proportional set size; 0 for a process that is gone or going.

    Where the kernel keeps it from us (a container without CAP_SYS_PTRACE), the anonymous and shared
    part of the resident set, which is never less than what the process holds alone.
    """
    try:
        return _pss(Path(f"/proc/{pid}/smaps_rollup").read_text())
    except PermissionError:
        status = status_of(pid)
        return sum(int(status[name][0]) * 1024 for name in ("RssAnon", "RssShmem") if name in status)
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _pss(text: str) -> int:
    """Return bytes of the proportional set in a `smaps_rollup`, which names no files and no processes."""
    return sum(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))


def only_child(pid: int) -> int:
    """Return the one child of a process of the sandbox. Raises ProcessLookupError if there is none or several."""
    found = children(pid)
    if len(found) != 1:
        raise ProcessLookupError(f"process {pid} has {len(found)} children, one was expected")
    return found[0]
