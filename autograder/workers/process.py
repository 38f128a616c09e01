"""One worker as its pool sees it: a process, and lines to and from it; on another machine, the process is what reaches
there (`workers.hosts`)."""

from __future__ import annotations

import contextlib
import os
import selectors
import subprocess
import tempfile
import time
from typing import IO, Protocol

from pydantic import TypeAdapter, ValidationError

from autograder.course.public_files import PREFIX
from autograder.grading.suspicion import new_canary
from autograder.workers.hosts import HERE, Host
from autograder.workers.messages import Failed, Graded, Job, Ready, Setup, Waiting

SEND_SECONDS = 120.0  # for a worker to take what it is sent: a course and its weights, over a network
_REPLY_BYTES = 256 << 20
_GREETING_LINES = 100  # that a shell on another machine may print before the worker speaks
_FROM_WORKER: TypeAdapter[Ready | Failed | Waiting | Graded] = TypeAdapter(Ready | Failed | Waiting | Graded)


class WorkerLost(Exception):
    """A worker died, hung or spoke nonsense."""


def own_variables(setup: Setup) -> dict[str, str]:
    """Return the environment variables that are a worker's own."""
    threads = {"OMP_NUM_THREADS": str(setup.threads), "OPENBLAS_NUM_THREADS": "1"}
    return {**threads, "PYTHONDONTWRITEBYTECODE": "1", **new_canary()}


def environment_with(own: dict[str, str]) -> dict[str, str]:
    """Return this process's environment for a worker: without the secret, which comes another way, and with `own`."""
    return {key: value for key, value in os.environ.items() if key != "AUTOGRADER_SECRET"} | own


class Child(Protocol):
    """A worker's process, as subprocess.Popen has it."""

    stdin: IO[bytes] | None
    stdout: IO[bytes] | None

    @property
    def pid(self) -> int: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def kill(self) -> None: ...


class WorkerProcess:
    """One worker process and the lines to and from it."""

    def __init__(self, setup: Setup, host: Host = HERE) -> None:
        errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in close()
        beside = tempfile.TemporaryDirectory(prefix=PREFIX) if host.is_here else None
        if beside is not None:
            setup = setup.model_copy(update={"beside": beside.name})
        own = own_variables(setup)
        child = subprocess.Popen(
            host.command(own),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd="/",
            env=environment_with(own),
            bufsize=0,
            start_new_session=True,
        )
        self._take(child, errors, beside, 0 if host.is_here else _GREETING_LINES)
        with contextlib.suppress(BrokenPipeError):  # one that refuses says why and ends: `receive` reads that
            self._write(setup.line())

    def _take(
        self, child: Child, errors: IO[bytes], beside: tempfile.TemporaryDirectory[str] | None, greetings: int = 0
    ) -> None:
        """Begin the conversation with a process. beside: the folder that it works in, which ends with it where it is
        here. greetings: how many lines may come before the worker's own.
        """
        self._child = child
        self._errors = errors
        self._beside = beside
        self._buffer = bytearray()
        self._selector = selectors.DefaultSelector()
        assert self._child.stdout is not None
        self._selector.register(self._child.stdout, selectors.EVENT_READ)
        self._greetings = greetings
        assert self._child.stdin is not None
        os.set_blocking(self._child.stdin.fileno(), False)
        self._room = selectors.DefaultSelector()
        self._room.register(self._child.stdin, selectors.EVENT_WRITE)

    def send(self, job: Job) -> None:
        """Send one job. Raises WorkerLost."""
        try:
            self._write(job.line())
        except OSError as error:
            raise WorkerLost(f"the worker ended: {self.last_words() or error}") from None

    def _write(self, line: bytes) -> None:
        assert self._child.stdin is not None
        deadline = time.monotonic() + SEND_SECONDS
        left = memoryview(line)
        while left:
            if not self._room.select(deadline - time.monotonic()):
                raise WorkerLost(f"the worker took nothing for {SEND_SECONDS:g} seconds")
            left = left[self._child.stdin.write(left) or 0 :]

    def receive(self, deadline: float) -> Ready | Failed | Waiting | Graded:
        """Return the next message. `deadline` is in time.monotonic() seconds."""
        line = self._line(deadline)
        while self._greetings and not line.startswith(b"{"):
            self._greetings -= 1
            line = self._line(deadline)
        self._greetings = 0
        try:
            return _FROM_WORKER.validate_json(line)
        except ValidationError as error:
            raise WorkerLost(f"the worker's answer is not understood: {error.errors()[0]['msg']}") from None

    def _line(self, deadline: float) -> bytes:
        assert self._child.stdout is not None
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > _REPLY_BYTES:
                raise WorkerLost(f"the worker's answer is larger than {_REPLY_BYTES >> 20} MiB")
            left = deadline - time.monotonic()
            if left <= 0 or not self._selector.select(left):
                raise WorkerLost("the worker did not answer in time")
            chunk = os.read(self._child.stdout.fileno(), 1 << 20)
            if not chunk:
                raise WorkerLost(f"the worker ended: {self.last_words() or f'status {self._child.wait()}'}")
            self._buffer += chunk
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line

    def last_words(self) -> str:
        """Return the last line on the worker's standard error."""
        size = os.fstat(self._errors.fileno()).st_size
        lines = (
            os.pread(self._errors.fileno(), 4096, max(0, size - 4096)).decode("utf-8", "replace").strip().splitlines()
        )
        return lines[-1][:500] if lines else ""

    @property
    def pid(self) -> int:
        return self._child.pid

    def kill(self) -> None:
        self._child.kill()

    def close(self) -> None:
        """End the worker: politely for a moment, then not."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._room.close()
        with contextlib.suppress(OSError):
            self._child.stdin.close()
        try:
            self._child.wait(2.0)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._selector.close()
        self._child.stdout.close()
        self._errors.close()
        if self._beside is not None:
            self._beside.cleanup()
