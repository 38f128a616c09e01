"""The resident grader: a process that keeps slots warm, so that a hand-in is graded within a second.

Theory of operation
===================

One thread a connection reads requests (`workers.resident_socket` has the protocol); the lanes grade. A hand-in is an
ordinary run of `runs.grade` whose pool is the lanes, with priority over batch runs: it writes what `autograder grade`
would write, under the same lock of the results folder, and a hand-in that was written already is answered from there.
What concerns the whole class (index, grades.csv, nbgrader's gradebook) is written by the next `autograder grade`.

Restart. A slot notices by itself that hidden tests or course.yaml changed (`workers.lanes`). Changed code of the engine
needs a new process: new work is held back, what runs is finished and answered, and the process replaces itself
(`exec`), keeping the listening socket, so that who connects meanwhile waits and is not refused. `ResidentPool` and
`hand_in` send again what had no answer. SIGTERM and Ctrl-C finish what is being graded, then end.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import autograder
from autograder import __version__
from autograder.course.cached import CachedCourse
from autograder.course.course import CourseError
from autograder.course.fingerprint import tests_sha256
from autograder.course.releases import ReleasesError
from autograder.course.roster import RosterError
from autograder.course.secret import SecretError
from autograder.course.variant_table import VariantTableError
from autograder.results.store import SharedStores, StoreError
from autograder.runs.events import Events
from autograder.runs.grade import run
from autograder.runs.metrics import Log, Metrics
from autograder.runs.plan import make_plan
from autograder.runs.report import RunPlan
from autograder.submissions.find import SubmissionError
from autograder.workers.lane_pool import LanePool
from autograder.workers.lanes import Finished, Lanes, Target
from autograder.workers.messages import Job
from autograder.workers.pool import Done, WorkerSetupError
from autograder.workers.resident import done_line
from autograder.workers.resident_socket import peer_uid, socket_path

LISTEN_FD = "AUTOGRADER_RESIDENT_FD"
LOOK_SECONDS = 2.0  # between two looks at the engine's files
LOCK_SECONDS = 120.0  # how long a hand-in waits for another writer of its results folder
_OURS = (
    *(CourseError, RosterError, SubmissionError, ReleasesError, StoreError, SecretError, WorkerSetupError),
    VariantTableError,
)


class AlreadyRunning(Exception):
    """Another resident grader serves this course."""


@dataclass(frozen=True)
class Options:
    """Say how a resident grader is started. keep_free: bytes of memory that idle slots must leave free.

    metrics_port: where Prometheus reads figures on the loopback interface, 0 for nowhere. log: file for a line of JSON
    for each submission.
    """

    course_path: Path
    lanes: int
    most_slots: int = 0
    keep_free: int = 1 << 30
    backend: str = "auto"
    image: str = ""
    metrics_port: int = 0
    log: Path | None = None


class Resident:
    """One resident grader. `serve` returns when it is told to stop."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._started = time.monotonic_ns()
        self._engine = engine_stamp()
        self._stopping = threading.Event()
        self._restarting = False
        self._stores = SharedStores(LOCK_SECONDS)
        self._course = CachedCourse(options.course_path)
        self._answering = 0
        self._answered = threading.Condition()
        self._observers = [Log(options.log).finished] if options.log is not None else []
        self._lanes = Lanes(
            options.lanes, most_slots=options.most_slots, keep_free=options.keep_free, finished=self._observe
        )
        if options.metrics_port:
            metrics = Metrics(self._lanes.state)
            metrics.serve(options.metrics_port)
            self._observers.append(metrics.finished)

    def _observe(self, one: Finished) -> None:
        for observer in self._observers:
            observer(one)

    def serve(self, listening: Callable[[], None] = lambda: None) -> None:
        """Listen until told to stop; `listening` is called once anybody can connect. Raises AlreadyRunning."""
        path = socket_path(self._options.course_path, make=True)
        server = _listen(path)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._signalled)
        listening()
        try:
            server.settimeout(0.5)
            looked = time.monotonic()
            while not self._stopping.is_set():
                if time.monotonic() - looked > LOOK_SECONDS:
                    if engine_stamp() != self._engine:
                        self._restart(server)
                    looked = time.monotonic()
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                connection.settimeout(None)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()
        finally:
            path.unlink(missing_ok=True)
            server.close()
            self._finish()
            self._lanes.close()

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        self._stopping.set()

    def _finish(self) -> None:
        """Wait until everything asked for is graded and answered."""
        self._lanes.drained()
        with self._answered:
            self._answered.wait_for(lambda: not self._answering, timeout=LOCK_SECONDS)

    def _restart(self, server: socket.socket) -> None:
        """Replace this process by one with the engine as it is on disk now; the listening socket stays open."""
        self._restarting = True
        self._finish()
        self._lanes.close()
        os.set_inheritable(server.fileno(), True)
        os.environ[LISTEN_FD] = str(server.fileno())
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])

    def owe(self) -> ExitStack:
        """Count one answer that is owed until the returned stack is closed: the process does not end before."""
        with self._answered:
            self._answering += 1
        stack = ExitStack()
        stack.callback(self._paid)
        return stack

    def _paid(self) -> None:
        with self._answered:
            self._answering -= 1
            self._answered.notify_all()

    # -- one connection ----------------------------------------------------------------------------

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines:
            if peer_uid(connection) != os.getuid():
                return
            speaker = _Speaker(connection)
            try:
                first = lines.readline()
                request = json.loads(first) if first.endswith(b"\n") else {}
                operation = request.get("op") if isinstance(request, dict) else None
                if operation == "status":
                    speaker.say(self._status())
                elif operation == "stop":
                    self._stopping.set()
                    speaker.say({"event": "stopping"})
                elif operation == "hand_in":
                    with self.owe():
                        self._hand_in(request, speaker)
                elif operation == "grade":
                    self._grade(request, lines, speaker)
                else:
                    speaker.say({"event": "refused", "reason": f"there is no operation {operation!r}"})
            except (OSError, ValueError):
                return  # who asked went away, or spoke no JSON; what is being graded is let go

    def _status(self) -> dict[str, object]:
        return {
            "event": "status", "engine": __version__, "pid": os.getpid(), "course": str(self._options.course_path),
            "started_ns": self._started,
            "seconds": round((time.monotonic_ns() - self._started) / 1e9, 1), **self._lanes.state(),
        }  # fmt: skip

    def _grade(self, request: Mapping[str, Any], lines: Any, speaker: _Speaker) -> None:
        """Grade the jobs of a batch run, which writes the answers itself."""
        target, refused = self._target(request)
        if target is None:
            speaker.say({"event": "refused", "reason": refused})
            return
        speaker.say({"event": "ready", "backend": target.backend, "unsafe": target.backend == "none", "seconds": 0.0})
        who = f"batch-{id(speaker)}"
        for line in lines:
            job = Job.model_validate_json(line)
            if self._restarting or self._stopping.is_set():
                return  # who asked sends it again, to the next grader
            owed = self.owe()
            future = self._lanes.submit(target, job, who=who, urgent=False)
            future.add_done_callback(partial(_answer, job, speaker, owed))

    def _target(self, request: Mapping[str, Any]) -> tuple[Target | None, str]:
        """Return what to grade with; or None and why this grader does not do it."""
        asked = dict(request.get("target", {}))
        if request.get("engine") != __version__:
            return None, f"it runs version {__version__}, and {request.get('engine')} is asked for"
        options = self._options
        if (asked.get("backend"), asked.get("image")) not in (("auto", ""), (options.backend, options.image)):
            return None, f"it was started with --backend {options.backend}"
        target = Target(options.course_path, str(asked.get("assignment")), options.backend, options.image)
        try:
            seen = tests_sha256(self._course.load().assignment(target.assignment))
        except (CourseError, KeyError, OSError) as error:
            return None, str(error)
        if request.get("tests_sha256") != seen:
            return None, "its hidden tests are others"
        return target, ""

    def _hand_in(self, request: Mapping[str, Any], speaker: _Speaker) -> None:
        """Grade what was handed in, and write it as `autograder grade` does."""
        try:
            paths, output = [Path(path) for path in request["paths"]], Path(request["output"])
            course = self._course.load()
            plan = make_plan(
                course, self._options.course_path, paths, assignment=request.get("assignment"), output=output
            )
            plan = replace(plan, gradebook=False, class_files=False, open_pool=self._open)
            with self._stores.open(plan.output) as store:
                report = run(plan, Events(speaker.say), store)
        except _OURS as error:
            speaker.say({"event": "end", "error": str(error), "problems": [], "all_well": False})
            return
        speaker.say({"event": "end", "error": "", "problems": report.problems, "all_well": report.all_well})

    def _open(self, plan: RunPlan, assignment: str, submissions: int) -> LanePool:
        target = Target(self._options.course_path, assignment, self._options.backend, self._options.image)
        return LanePool(self._lanes, target, urgent=True)


class _Speaker:
    """Says lines to one connection, from several threads."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def say(self, message: Mapping[str, Any] | bytes) -> None:
        data = message if isinstance(message, bytes) else json.dumps(message).encode() + b"\n"
        with self._lock:
            self._connection.sendall(data)


def _answer(job: Job, speaker: _Speaker, owed: ExitStack, future: Future[Done]) -> None:
    with owed, suppress(OSError):  # who asked may be gone; the answer has no other effect
        if future.cancelled():
            return
        error = future.exception()
        done = Done(job, None, str(error), 0.0) if error is not None else future.result()
        speaker.say(done_line(done))


def _listen(path: Path) -> socket.socket:
    """Return the listening socket: the one kept over a restart, or a new one. Raises AlreadyRunning."""
    kept = os.environ.pop(LISTEN_FD, "")
    if kept:
        os.set_inheritable(int(kept), False)
        return socket.socket(fileno=int(kept))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink(missing_ok=True)  # left over by a grader that was killed
        else:
            raise AlreadyRunning(f"a resident grader serves this course already; its socket is {path}")
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        server.bind(str(path))
    finally:
        os.umask(before)
    server.listen(128)
    return server


def engine_stamp() -> tuple[tuple[str, int, int], ...]:
    """Return (path, size, time of change in ns) of every Python file of the engine."""
    root = Path(autograder.__file__).parent
    found: Sequence[Path] = sorted(root.rglob("*.py"))
    return tuple((str(path), (about := path.stat()).st_size, about.st_mtime_ns) for path in found)
