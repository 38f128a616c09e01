"""Many workers: start, feed, time and replace them.

Theory of operation
===================

One thread per worker owns that worker's process for life: it starts it, sends one job at a time,
waits for the answer and puts it into one queue, which the main thread drains in `run`. A thread only
ever blocks in `WorkerProcess.receive`, which has a deadline, so that a worker that hangs (a hidden test
turned into an endless loop by a number from the student) costs its own submission and nothing else.

Whose fault is what. A worker that dies, hangs past the hard deadline or reports a sandbox fault is
*our* trouble: it is killed, a fresh one is started with a fresh slot, and the same submission is tried
once more. If that fails too, an empty notebook is graded. Where it cannot be either, the trouble is the machine's: the
submission is `not_graded`, with the reason, never a zero, and tried again by the next run. Where it can, the submission
gets a third try; a fault that then repeats comes from what is in it, and `Done.breaks` says so.

Several machines. Each thread starts its workers on one host (`workers.hosts`). A host that cannot start any is left
out: its thread hands its submission back to the others and ends, and says so once. Only where no host is left is a
submission `not_graded`. A host with another version, or with other hidden tests, is refused the same way.

Several workers on this machine are forked from one template (`workers.forked`), so that they share what all of them
load. When a template is lost, so are its workers: each submission that was at work is tried once more, as above.

Workers are started with a pipe each to standard input and output, in a session of their own (so that
Ctrl-C reaches only the main process), in `/`, and with `-P`: neither the current folder nor anything in
it can shadow a module. A worker ends at end of file on its standard input, so that none outlives the
main process, however that ended. No descriptor of a slot or a student process exists on this side.
"""

from __future__ import annotations

import hashlib
import queue
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from autograder.sandbox.interface import Limits
from autograder.workers.forked import WorkerRefused, WorkerTemplate
from autograder.workers.hosts import HERE, Host
from autograder.workers.messages import Failed, Graded, Job, Ready, Setup, Waiting
from autograder.workers.process import WorkerLost, WorkerProcess

START_SECONDS = 120.0  # a cold import of torch on a busy machine, with room
MARGIN_SECONDS = 30.0  # what the trusted side may take beside the student's budget, waiting excluded
CLOSE_SECONDS = 5.0  # for workers to end by themselves
EMPTY = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
WAITING_SECONDS = 600.0  # how long a worker may wait for silence in all


class WorkerSetupError(Exception):
    """No worker can be started for this assignment; grading cannot begin. The message says why."""

    def __init__(self, message: str, *, ours: bool = True) -> None:
        super().__init__(message)
        self.ours = ours


@dataclass(frozen=True)
class Done:
    """Say how one job ended. `graded` is None if it could not be graded, and `reason` says why. breaks: three workers
    failed over it, while another notebook was graded well in between."""

    job: Job
    graded: Graded | None
    reason: str
    seconds: float
    breaks: bool = False


class Pool(Protocol):
    """Grade the submissions of one assignment: workers of this process, or a resident grader's."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def wait_ready(self) -> Ready:
        """Wait until grading can begin. Raises WorkerSetupError."""

    def run(self, jobs: Iterable[Job]) -> Iterator[Done]:
        """Grade all jobs; yield each exactly once, in order of completion."""


class WorkerPool:
    """Workers for one assignment. Start-up begins at once and in parallel; `run` grades.

    limits: the assignment's; `submission_seconds` plus a margin is the hard deadline of one job. quiet: a folder of
    lock files shared with workers of other pools; this pool's workers have one of their own without it. hosts: where
    workers are started, as many as each has slots; without hosts it is `workers` on this machine. packed: the
    assignment's files (`course.packing`) for hosts that have no copy. template: from which workers of this machine are
    forked, where other pools use it, too; a pool of several has one of its own without it. tell: called with what a
    person should know, from the thread that waits or runs.
    """

    def __init__(
        self, setup: Setup, limits: Limits, *, workers: int = 0, margin_seconds: float = MARGIN_SECONDS,
        quiet: str = "", hosts: Sequence[Host] = (), packed: bytes = b"",
        template: WorkerTemplate | None = None, tell: Callable[[str], None] = lambda text: None,
    ) -> None:  # fmt: skip
        self._limits = limits
        self._margin = margin_seconds
        self._quiet = tempfile.TemporaryDirectory(prefix="autograder-quiet-")
        self._setup = setup.model_copy(update={"quiet": quiet or (self._quiet.name if workers > 1 else "")})
        self._packed = packed
        self._tell = tell
        places = [host for host in hosts for _ in range(host.slots)] or [HERE] * workers
        several = sum(host.is_here for host in places) > 1 and setup.threads == 1
        self._own_template = WorkerTemplate(self._setup) if several and template is None else None
        self._template = template or self._own_template
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._news: queue.SimpleQueue[Ready | WorkerSetupError | Done] = queue.SimpleQueue()
        self._left = len(places)  # threads that can still start a worker
        self._told: set[str] = set()
        self._lock = threading.Lock()
        self._processes: set[WorkerProcess] = set()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._serve, args=(host,), name=f"slot-{i}", daemon=True)
            for i, host in enumerate(places)
        ]
        for thread in self._threads:
            thread.start()
        self.ready: Ready | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(now=error is not None)

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
                self._say(news)
        return self.ready

    def _say(self, trouble: WorkerSetupError) -> None:
        """Tell once what a host is left out for."""
        if str(trouble) not in self._told:
            self._told.add(str(trouble))
            self._tell(str(trouble))

    def run(self, jobs: Iterable[Job]) -> Iterator[Done]:
        """Grade all jobs; yields in order of completion, each exactly once. Takes few jobs ahead of the workers."""
        self.wait_ready()
        coming = iter(jobs)
        pending = 0
        while True:
            for job in islice(coming, 2 * len(self._threads) - pending):
                self._jobs.put(job)
                pending += 1
            if not pending:
                return
            try:
                news = self._news.get(timeout=1.0)
            except queue.Empty:
                if any(thread.is_alive() for thread in self._threads) or not self._news.empty():
                    continue
                news = Done(self._left_over(), None, "no worker could be started any more", 0.0)
            if isinstance(news, Done):
                pending -= 1
                yield news
            elif isinstance(news, WorkerSetupError):
                self._say(news)

    def _left_over(self) -> Job:
        """Return a queued job that no worker is left for."""
        job = self._jobs.get_nowait()
        if job is None:
            raise RuntimeError("the pool was closed while it was running")
        return job

    def close(self, *, now: bool = False) -> None:
        """End all workers: those that are idle politely, those at work too if `now` or if they go on for long."""
        for _ in self._threads:
            self._jobs.put(None)
        if now:
            self._kill()
        deadline = time.monotonic() + CLOSE_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._kill()
        for thread in self._threads:
            thread.join(CLOSE_SECONDS)
        if self._own_template is not None:
            self._own_template.close()
        self._quiet.cleanup()

    def _kill(self) -> None:
        with self._lock:
            self._closed = True
            for process in self._processes:
                process.kill()
        if self._own_template is not None and any(thread.is_alive() for thread in self._threads):
            self._own_template.kill()  # somebody may wait for it to start

    # -- in the threads --------------------------------------------------------------------------

    def _serve(self, host: Host) -> None:
        """Serve jobs as one worker thread."""
        try:
            process: WorkerProcess | None = self._start(host)
        except WorkerSetupError as error:
            self._left_out(error)
            return
        job: Job | None = None
        try:
            while (job := self._jobs.get()) is not None:
                started = time.monotonic()
                process, graded, reason = self._try(host, process, job)
                breaks = False
                if _failed(graded):
                    again = job.model_copy(update={"broke_before": True})
                    process, graded, reason = self._try(host, process, again)
                    if _failed(graded) and not self._closed:
                        process, control, _ = self._try(host, process, _empty(job))
                        if not _failed(control):
                            process, graded, reason = self._try(host, process, again)
                            breaks = _failed(graded)
                self._news.put(Done(job, graded, reason, time.monotonic() - started, breaks))
                if self._closed:
                    return
        except WorkerSetupError as error:  # of a host elsewhere: another one may have more luck
            process = None
            others = self._left_out(error)
            if job is not None and others:
                self._jobs.put(job)
            elif job is not None:
                self._news.put(Done(job, None, str(error), 0.0))
        finally:
            self._end(process)

    def _left_out(self, trouble: WorkerSetupError) -> bool:
        """Take one thread less into account; return whether another one is left."""
        with self._lock:
            self._left -= 1
            others = self._left > 0 and not self._closed
        self._news.put(trouble)
        return others

    def _try(
        self, host: Host, process: WorkerProcess | None, job: Job
    ) -> tuple[WorkerProcess | None, Graded | None, str]:
        """Return one try: the worker for the next one (None if it has to be a fresh one), the outcome, and what
        failed. Raises WorkerSetupError where a host elsewhere can start no worker.
        """
        try:
            process = process or self._start(host)
            graded = self._grade(process, job)
        except (WorkerLost, WorkerSetupError) as error:
            self._end(process, kill=True)
            if isinstance(error, WorkerSetupError) and not host.is_here:
                raise
            return None, None, str(error)
        if _failed(graded):
            self._end(process, kill=True)
            process = None
        return process, graded, graded.evidence.reason

    def _start(self, host: Host) -> WorkerProcess:
        """Return a worker that is ready; tries twice when starting fails for a reason of ours."""
        for last in (False, True):
            process = None
            try:
                process = self._open(host)
                answer = process.receive(time.monotonic() + START_SECONDS)
                if isinstance(answer, Ready):
                    self._news.put(answer)
                    return process
                message = answer.message if isinstance(answer, Failed) else "the worker spoke out of turn"
                ours = not isinstance(answer, Failed) or answer.ours
            except (WorkerLost, WorkerRefused, OSError) as error:
                message, ours = str(error), not isinstance(error, WorkerRefused) or error.ours
            self._end(process, kill=True)
            if last or not ours:
                break
        if host.is_here:
            raise WorkerSetupError(message, ours=ours)
        raise WorkerSetupError(f"host {host.name} is left out: {message}")

    def _setup_of(self, host: Host) -> Setup:
        if host.is_here:
            return self._setup
        quiet = Path(self._quiet.name).name if host.slots > 1 else ""
        sent = {"course": host.course, "packed": b"" if host.course else self._packed}
        return self._setup.model_copy(update={**sent, "quiet": quiet})

    def _open(self, host: Host) -> WorkerProcess:
        if self._template is not None and host.is_here:
            return self._known(self._template.fork())
        setup = self._setup_of(host)
        with self._lock:
            if self._closed:
                raise WorkerLost("the pool is closed")
            process = WorkerProcess(setup, host)
            self._processes.add(process)
            return process

    def _known(self, process: WorkerProcess) -> WorkerProcess:
        """Note a worker that was forked; it ends where the pool was closed meanwhile."""
        with self._lock:
            self._processes.add(process)
            if self._closed:
                process.kill()
        return process

    def _end(self, process: WorkerProcess | None, *, kill: bool = False) -> None:
        if process is not None:
            if kill:
                process.kill()
            process.close()
            with self._lock:
                self._processes.discard(process)

    def _grade(self, process: WorkerProcess, job: Job) -> Graded:
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


def _failed(graded: Graded | None) -> bool:
    """Return whether this was trouble of ours."""
    return graded is None or graded.evidence.outcome == "not_graded"


def _empty(job: Job) -> Job:
    """Return a job like this one with nothing in its notebook."""
    info = job.submission.model_copy(update={"notebook_sha256": hashlib.sha256(EMPTY).hexdigest(), "artifacts": {}})
    return Job(key=job.key, submission=info, notebook=EMPTY, focus=job.focus)


def setup_for(
    course_path: Path, assignment: str, backend: str, secret: bytes, image: str = "", tests_sha256: str = ""
) -> Setup:
    return Setup.model_validate(
        {"course": str(course_path), "assignment": assignment, "backend": backend, "secret": secret, "image": image,
         "tests_sha256": tests_sha256}
    )  # fmt: skip
