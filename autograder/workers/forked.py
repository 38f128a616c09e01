"""Workers that are forked from a template, as their pool sees them (`workers.template` is the other end)."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from typing import IO

from pydantic import TypeAdapter

from autograder import __version__
from autograder.course.public_files import PREFIX
from autograder.workers.messages import Failed, Ready, Setup
from autograder.workers.process import WorkerLost, WorkerProcess, environment_with, own_variables

START_SECONDS = 120.0  # as a worker: a cold import of torch on a busy machine, with room
FORK_SECONDS = 60.0  # for one worker; the first waits until the zygote's memory is as it stays
CLOSE_SECONDS = 10.0  # for the template to end what it forked
_MOST_BYTES = 64 << 10
_ANSWER: TypeAdapter[Ready | Failed] = TypeAdapter(Ready | Failed)


class WorkerRefused(Exception):
    """The template cannot begin. `ours`: starting once more may help; otherwise the course is wrong."""

    def __init__(self, message: str, *, ours: bool) -> None:
        super().__init__(message)
        self.ours = ours


class _ForkedChild:
    """A process that is not this one's child, with what `process.Child` asks for. It is held by a pidfd."""

    def __init__(self, pid: int, pidfd: int, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self.pid = pid
        self._pidfd = pidfd
        self.stdin: IO[bytes] | None = stdin
        self.stdout: IO[bytes] | None = stdout

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended, and return 0: how it ended only its parent knows. Raises TimeoutExpired."""
        if self._pidfd >= 0:
            if not _readable(self._pidfd, timeout):
                raise subprocess.TimeoutExpired("a forked worker", timeout or 0.0)
            os.close(self._pidfd)
            self._pidfd = -1
        return 0

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, OSError):  # OSError: it was waited for meanwhile
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)


class ForkedWorker(WorkerProcess):
    """A worker that a template has forked; it has its setup already."""

    def __init__(self, child: _ForkedChild, errors: IO[bytes], beside: tempfile.TemporaryDirectory[str]) -> None:
        self._take(child, errors, beside)


class _Running:
    """One template process, and the socket to it."""

    def __init__(self, setup: Setup) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in end()
        self._beside = tempfile.TemporaryDirectory(prefix=PREFIX)
        setup = setup.model_copy(update={"beside": self._beside.name})
        with theirs:
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-m", "autograder.workers.template", __version__],
                stdin=theirs.fileno(),
                stdout=self._errors,
                stderr=self._errors,
                cwd="/",
                env=environment_with(own_variables(setup)),
                start_new_session=True,
            )
        with contextlib.suppress(BrokenPipeError):  # one that refuses says why, and ends
            self._control.send(setup.line())

    @property
    def pid(self) -> int:
        return self._child.pid

    def wait_ready(self) -> Ready | Failed:
        """Return what it says when it has begun. Raises WorkerLost."""
        return _ANSWER.validate_json(self._receive(START_SECONDS)[0])

    def fork(self) -> ForkedWorker:
        """Return a worker. Raises WorkerLost, OSError."""
        stdin, to_worker = os.pipe()
        from_worker, stdout = os.pipe()
        errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the worker's, closed with it
        beside = tempfile.TemporaryDirectory(prefix=PREFIX)
        try:
            try:
                socket.send_fds(self._control, [os.fsencode(beside.name)], [stdin, stdout, errors.fileno()])
            finally:
                os.close(stdin)
                os.close(stdout)
            said, pidfds = self._receive(FORK_SECONDS)
            if len(pidfds) != 1:
                answer = _ANSWER.validate_json(said)
                raise WorkerLost(answer.message if isinstance(answer, Failed) else "the template spoke out of turn")
        except BaseException:
            os.close(to_worker)
            os.close(from_worker)
            errors.close()
            beside.cleanup()
            raise
        streams = os.fdopen(to_worker, "wb", 0), os.fdopen(from_worker, "rb", 0)
        return ForkedWorker(_ForkedChild(int(said), pidfds[0], *streams), errors, beside)

    def _receive(self, seconds: float) -> tuple[bytes, list[int]]:
        if not _readable(self._control.fileno(), seconds):
            raise WorkerLost("the template of workers did not answer in time")
        try:
            said, descriptors, _, _ = socket.recv_fds(self._control, _MOST_BYTES, 1)
        except ConnectionResetError:
            said, descriptors = b"", []
        if not said:
            raise WorkerLost(f"the template of workers ended: {self._last_words()}")
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        return said, descriptors

    def _last_words(self) -> str:
        size = os.fstat(self._errors.fileno()).st_size
        lines = os.pread(self._errors.fileno(), 4096, max(0, size - 4096)).decode("utf-8", "replace").split("\n")
        return next((line.strip()[:500] for line in reversed(lines) if line.strip()), "without a word")

    def kill(self) -> None:
        self._child.kill()

    def end(self) -> None:
        """End it, once its workers have ended or after a moment."""
        self._control.close()
        try:
            self._child.wait(CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._errors.close()
        self._beside.cleanup()


class WorkerTemplate:
    """The template of one assignment's workers on this machine. Used by many threads; starts with the first worker.

    A template that fails to fork is set aside, with those of its workers that are still at work, and another one is
    started for the next worker.
    """

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._lock = threading.Lock()
        self._running: _Running | None = None
        self._aside: list[_Running] = []
        self._closed = False
        self.alone = ""  # why workers of this assignment cannot be forked: they are started one by one then

    @property
    def pid(self) -> int | None:
        """Return the template's process; None where there is none at the moment."""
        running = self._running
        return None if running is None else running.pid

    def fork(self) -> WorkerProcess:
        """Return a worker, which says itself when it is ready. Raises WorkerLost, WorkerRefused."""
        with self._lock:
            if not self.alone and self._running is None:
                self._start()
            if self._closed:
                raise WorkerLost("the pool is closed")
            if self._running is None:
                return WorkerProcess(self._setup)
            try:
                return self._running.fork()
            except (WorkerLost, OSError) as error:
                self._aside.append(self._running)
                self._running = None
                raise WorkerLost(str(error)) from error

    def _start(self) -> None:
        """Start the template and wait until it can fork. Raises WorkerLost, WorkerRefused."""
        if self._closed:
            raise WorkerLost("the pool is closed")
        self._running = running = _Running(self._setup)
        if self._closed:
            running.kill()
        try:
            answer = running.wait_ready()
        except WorkerLost:
            self._running = None
            running.kill()
            running.end()
            raise
        if isinstance(answer, Failed):
            self._running = None
            running.end()
            self.alone = answer.message if answer.alone else ""
            if not self.alone:
                raise WorkerRefused(answer.message, ours=answer.ours)

    def kill(self) -> None:
        """End the template at once, and with it its workers, from whatever thread; no other is started."""
        self._closed = True
        running = self._running
        for each in [*self._aside, *([] if running is None else [running])]:
            each.kill()

    def close(self) -> None:
        """End the template, once its workers have ended or after a moment."""
        self._closed = True
        with self._lock:
            for each in [*self._aside, *([] if self._running is None else [self._running])]:
                each.end()
            self._aside, self._running = [], None


def _readable(descriptor: int, seconds: float | None) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(None if seconds is None else max(0.0, seconds) * 1000))
