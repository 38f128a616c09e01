"""Many workers: start, feed, time and replace them.

Theory of operation
===================

One thread per worker owns that worker's process for life: it starts it, sends one job at a time,
waits for the answer and puts it into one queue, which the main thread drains in `run`. A thread only
ever blocks in `_Process.receive`, which has a deadline, so that a worker that hangs (a hidden test
turned into an endless loop by a number from the student) costs its own submission and nothing else.

Whose fault is what. A worker that dies, hangs past the hard deadline or reports a sandbox fault is
*our* trouble: it is killed, a fresh one is started with a fresh slot, and the same submission is tried
once more. If that fails too the submission is `not_graded`, with the reason, and never a zero.

Workers are started with a pipe each to standard input and output, in a session of their own (so that
Ctrl-C reaches only the main process), in `/`, and with `-P`: neither the current folder nor anything in
it can shadow a module. A worker ends at end of file on its standard input, so that none outlives the
main process, however that ended. No descriptor of a slot or a student process exists on this side.
"""

from __future__ import annotations

import os
import queue
import selectors
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from pydantic import TypeAdapter, ValidationError

from autograder.jobs import Failed, Graded, Job, Ready, Setup, Waiting
from autograder.sandbox.interface import Limits

START_SECONDS = 120.0  # a cold import of torch on a busy machine, with room
MARGIN_SECONDS = 30.0  # what the trusted side may take beside the student's budget, waiting excluded
WAITING_SECONDS = 600.0  # how long a worker may wait for silence in all
_REPLY_BYTES = 256 << 20
_FROM_WORKER: TypeAdapter[Ready | Failed | Waiting | Graded] = TypeAdapter(Ready | Failed | Waiting | Graded)


class WorkerSetupError(Exception):
    """No worker can be started for this assignment; grading cannot begin. The message says why."""

    def __init__(self, message: str, *, ours: bool = True) -> None:
        super().__init__(message)
        self.ours = ours


class WorkerLost(Exception):
    """A worker died, hung or spoke nonsense."""


@dataclass(frozen=True)
class Done:
    """How one job ended. `graded` is None where it could not be graded, and `reason` says why."""

    job: Job
    graded: Graded | None
    reason: str
    seconds: float


class _Process:
    """One worker process and the lines to and from it."""

    def __init__(self, setup: Setup) -> None:
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in kill()
        environment = {key: value for key, value in os.environ.items() if key != "AUTOGRADER_SECRET"}
        environment.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", PYTHONDONTWRITEBYTECODE="1")
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", "autograder.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd="/",
            env=environment,
            bufsize=0,
            start_new_session=True,
        )
        self._buffer = bytearray()
        self._selector = selectors.DefaultSelector()
        assert self._child.stdout is not None
        self._selector.register(self._child.stdout, selectors.EVENT_READ)
        self.send(setup)

    def send(self, message: Setup | Job) -> None:
        assert self._child.stdin is not None
        data = memoryview(message.line())
        try:
            while data:
                data = data[self._child.stdin.write(data) :]
        except OSError as error:
            raise WorkerLost(f"the worker ended: {self.last_words() or error}") from None

    def receive(self, deadline: float) -> Ready | Failed | Waiting | Graded:
        """The next message. `deadline` is in time.monotonic() seconds."""
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
        try:
            return _FROM_WORKER.validate_json(line)
        except ValidationError as error:
            raise WorkerLost(f"the worker's answer is not understood: {error.errors()[0]['msg']}") from None

    def last_words(self) -> str:
        """The last line on the worker's standard error."""
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
        self._child.stdin.close()
        try:
            self._child.wait(2.0)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._selector.close()
        self._child.stdout.close()
        self._errors.close()


class WorkerPool:
    """Workers for one assignment. Start-up begins at once and in parallel; `run` grades.

    limits: the assignment's; `submission_seconds` plus a margin is the hard deadline of one job.
    """

    def __init__(self, setup: Setup, limits: Limits, *, workers: int, margin_seconds: float = MARGIN_SECONDS) -> None:
        self._limits = limits
        self._margin = margin_seconds
        self._quiet = tempfile.TemporaryDirectory(prefix="autograder-quiet-")
        self._setup = setup.model_copy(update={"quiet": self._quiet.name if workers > 1 else ""})
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._news: queue.SimpleQueue[Ready | WorkerSetupError | Done] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._processes: set[_Process] = set()
        self._closed = False
        self._threads = [threading.Thread(target=self._serve, name=f"slot-{i}", daemon=True) for i in range(workers)]
        for thread in self._threads:
            thread.start()
        self.ready: Ready | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def wait_ready(self) -> Ready:
        """Wait for the first worker. Raises WorkerSetupError when every worker failed to start."""
        failures = 0
        while self.ready is None:
            news = self._news.get()
            if isinstance(news, Ready):
                self.ready = news
            elif isinstance(news, WorkerSetupError):
                failures += 1
                if failures == len(self._threads) or not news.ours:
                    raise news
        return self.ready

    def run(self, jobs: Iterable[Job]) -> Iterator[Done]:
        """Grade all jobs; yields in order of completion, each exactly once."""
        self.wait_ready()
        waiting = 0
        for job in jobs:
            self._jobs.put(job)
            waiting += 1
        while waiting:
            try:
                news = self._news.get(timeout=1.0)
            except queue.Empty:
                if not any(thread.is_alive() for thread in self._threads) and self._news.empty():
                    yield from self._give_up()
                    return
                continue
            if isinstance(news, Done):
                waiting -= 1
                yield news

    def _give_up(self) -> Iterator[Done]:
        """No worker is left and none can be started: what is still queued is not graded."""
        while not self._jobs.empty():
            job = self._jobs.get()
            if job is not None:
                yield Done(job, None, "no worker could be started any more", 0.0)

    def close(self) -> None:
        """End all workers, whatever they are doing."""
        with self._lock:
            self._closed = True
            for process in self._processes:
                process.kill()
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join(10.0)
        self._quiet.cleanup()

    # -- in the threads --------------------------------------------------------------------------

    def _serve(self) -> None:
        """The life of one worker thread."""
        try:
            process: _Process | None = self._start()
        except WorkerSetupError as error:
            self._news.put(error)
            return
        try:
            while (job := self._jobs.get()) is not None:
                started = time.monotonic()
                graded, reason = None, ""
                for _ in range(2):
                    try:
                        process = process or self._start()
                        graded = self._grade(process, job)
                        reason = graded.evidence.reason
                    except (WorkerLost, WorkerSetupError) as error:
                        reason = str(error)
                    if graded is not None and graded.evidence.outcome != "not_graded":
                        break
                    self._end(process)  # ours: a fresh worker, and once more
                    process = None
                self._news.put(Done(job, graded, reason, time.monotonic() - started))
                if self._closed:
                    return
        finally:
            self._end(process)

    def _start(self) -> _Process:
        """A worker that is ready; tries twice when starting fails for a reason of ours."""
        for last in (False, True):
            process = None
            try:
                process = self._open()
                answer = process.receive(time.monotonic() + START_SECONDS)
                if isinstance(answer, Ready):
                    self._news.put(answer)
                    return process
                message = answer.message if isinstance(answer, Failed) else "the worker spoke out of turn"
                ours = not isinstance(answer, Failed) or answer.ours
            except (WorkerLost, OSError) as error:
                message, ours = str(error), True
            self._end(process)
            if last or not ours:
                break
        raise WorkerSetupError(message, ours=ours)

    def _open(self) -> _Process:
        with self._lock:
            if self._closed:
                raise WorkerLost("the pool is closed")
            process = _Process(self._setup)
            self._processes.add(process)
            return process

    def _end(self, process: _Process | None) -> None:
        if process is not None:
            with self._lock:
                self._processes.discard(process)
            process.kill()
            process.close()

    def _grade(self, process: _Process, job: Job) -> Graded:
        """Send one job and wait for its outcome; time spent waiting for silence is added to the deadline."""
        process.send(job)
        deadline = time.monotonic() + self._limits.submission_seconds + self._margin
        patience = WAITING_SECONDS
        while True:
            answer = process.receive(deadline)
            if isinstance(answer, Waiting) and answer.event == "waiting":
                since = time.monotonic()
                answer = process.receive(since + patience)
                waited = time.monotonic() - since
                patience, deadline = max(0.0, patience - waited), deadline + waited
            if isinstance(answer, Graded) and answer.key == job.key:
                return answer
            if not isinstance(answer, Waiting):
                raise WorkerLost(f"the worker answered with {type(answer).__name__} out of turn")


def default_workers() -> int:
    """As many as there are cores for this process."""
    return max(1, len(os.sched_getaffinity(0)))


def setup_for(course_path: Path, assignment: str, backend: str, secret: bytes) -> Setup:
    return Setup.model_validate(
        {"course": str(course_path), "assignment": assignment, "backend": backend, "secret": secret}
    )
