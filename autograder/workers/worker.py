"""One trusted worker: `python -m autograder.workers.worker VERSION`, started by the pool and by nothing else.

Theory of operation
===================

It holds what must never be near student code (hidden tests, solution, seeds) and one slot, and grades
one submission after another. Lines of JSON come in on what was standard input and go out on what was
standard output (`autograder.workers.messages`). Both descriptors are moved away first: standard input becomes
/dev/null and standard output becomes standard error, so that a stray `print` in a hidden test cannot
be taken for an answer.

It may be on another machine than the pool. So it is told which version of the engine and which hidden tests are meant,
and says so instead of grading where it has others.

It is replaceable. The pool kills it when it takes too long; it ends itself when its standard input ends,
which a thread watches: that is how a killed main process takes its workers along. When it cannot close
its slot any more, the slot ends at end of stream. After a fault of the sandbox it reports `not_graded` and is
replaced by the pool; it does not try to mend the slot.

Its memory is capped: a number from a student could make an honest hidden test allocate without end,
and that should fail here and not on the whole machine.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import queue
import resource
import shutil
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from autograder import __version__
from autograder.course.call_times import CallTimesError
from autograder.course.course import Assignment, CourseError, load_course
from autograder.course.fingerprint import tests_sha256
from autograder.course.public_files import working_beside
from autograder.grading.errors import GraderError
from autograder.grading.machine_lock import MachineLock
from autograder.sandbox.choose import open_slot
from autograder.sandbox.interface import SandboxFault, Slot, SlotConfig
from autograder.workers.elsewhere import course_folder, quiet_folder
from autograder.workers.messages import Failed, Graded, Job, Message, Ready, Setup, Waiting

if TYPE_CHECKING:
    from autograder.suite.suite import Suite

OF_THE_COURSE = (CourseError, GraderError, CallTimesError, KeyError)
TROUBLES = (*OF_THE_COURSE, SandboxFault, OSError, tarfile.TarError)  # for which a worker cannot start
GRACE_SECONDS = 1.0  # for closing the slot, once there is nobody to work for
MEMORY_BYTES = 8 << 30  # private writable memory of the trusted side: torch, the tests, hidden inputs


class Lines:
    """The two ends of the conversation with the pool."""

    def __init__(self) -> None:
        self._input: BinaryIO = os.fdopen(os.dup(0), "rb")
        self._output = os.dup(1)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        os.dup2(2, 1)
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self.beside: Path | None = None  # what goes with the worker, however it ends

    def setup(self) -> Setup | None:
        line = self._input.readline()
        return Setup.model_validate_json(line) if line else None

    def watch(self) -> None:
        """Read jobs in a thread from now on; end the process when there is nobody to work for."""
        threading.Thread(target=self._read, name="jobs", daemon=True).start()

    def _read(self) -> None:
        try:
            for line in self._input:
                self._jobs.put(Job.model_validate_json(line))
            self._jobs.put(None)
            time.sleep(GRACE_SECONDS)
        finally:  # also where a line is no job: without this thread nobody would notice the end of input
            if self.beside is not None:  # closing the slot takes longer, and nobody else may be left to remove it
                shutil.rmtree(self.beside, ignore_errors=True)
            os._exit(0)

    def jobs(self) -> Iterator[Job]:
        while (job := self._jobs.get()) is not None:
            yield job

    def send(self, message: Message) -> None:
        data = memoryview(message.line())
        while data:
            data = data[os.write(self._output, data) :]


def assignment_of(setup: Setup) -> Assignment:
    """Return what is to be graded. Raises what is in TROUBLES; where the hidden tests are others, GraderError."""
    course = load_course(course_folder(setup), check_files=not setup.packed)
    assignment = course.assignment(setup.assignment)
    if setup.tests_sha256 not in ("", tests_sha256(assignment)):
        raise GraderError(f"its copy of the course ({course.root}) has other hidden tests for {assignment.name}")
    return assignment


def slot_config(setup: Setup, assignment: Assignment) -> SlotConfig:
    return SlotConfig(
        preload=assignment.preload,
        public_files=assignment.public_paths,
        limits=assignment.limits,
        image=setup.image,
        hidden_paths=[assignment.root],
    )


def collect_tests(assignment: Assignment) -> Suite:
    """Return the hidden tests, and import what reference code meets. Works in the current folder."""
    from autograder.grading.grader import collected  # and with it torch

    suite = collected(assignment)
    # Reference code meets them as well; the zygote, which takes longer, is still at it.
    for name in assignment.preload:
        with contextlib.suppress(ImportError):  # a public file, which only the slot has on its path
            importlib.import_module(name)
    return suite


def failed(error: Exception) -> Failed:
    """Return what the pool is told of one of TROUBLES."""
    return Failed(message=str(error), ours=not isinstance(error, OF_THE_COURSE))


def other_version(wanted: str) -> Failed:
    """Return what the pool is told by a worker of another version than the one that is wanted."""
    return Failed(message=f"it has version {__version__} of the engine, and {wanted} is asked for", ours=False)


def main(wanted: str = __version__) -> int:
    lines = Lines()
    if wanted != __version__:
        lines.send(other_version(wanted))
        return 1
    setup = lines.setup()
    if setup is None:
        return 0
    started = time.monotonic()
    gc.disable()  # imports make objects that stay: looking for garbage among them takes a quarter of the time
    with ExitStack() as stack:
        try:
            assignment = assignment_of(setup)
            config = slot_config(setup, assignment)
            with ThreadPoolExecutor(1, "slot") as other:
                # The zygote imports its libraries while this process imports its own.
                opening = other.submit(lambda: stack.enter_context(closing(open_slot(setup.backend, config))))
                lines.beside = stack.enter_context(working_beside(assignment.public_paths, setup.beside))
                suite = collect_tests(assignment)
            slot = opening.result()
        except TROUBLES as error:
            lines.send(failed(error))
            return 1
        return work(lines, setup, assignment, slot, suite, started, stack)


def work(
    lines: Lines, setup: Setup, assignment: Assignment, slot: Slot, suite: Suite, started: float, stack: ExitStack
) -> int:
    """Grade what the pool sends, in this slot, until it sends no more. Returns the exit status.

    started: when this worker began, by the monotonic clock. stack: ends what is begun here.
    """
    from autograder.grading.grader import Grader

    try:
        quiet = stack.enter_context(MachineLock(quiet_folder(setup), lambda on: lines.send(_waiting(on))))
        grader = stack.enter_context(Grader(assignment, slot, setup.secret, quiet, suite))
    except TROUBLES as error:
        lines.send(failed(error))
        return 1
    lines.watch()
    _cap_memory()
    gc.collect()
    gc.enable()
    gc.freeze()  # torch and the tests are here to stay: no collection needs to look at them again
    lines.send(Ready(backend=slot.backend, unsafe=slot.unsafe, seconds=time.monotonic() - started))
    for job in lines.jobs():
        done = grader.grade(job.submission, job.notebook, job.artifacts, focus=job.focus, broke_before=job.broke_before)
        lines.send(Graded(key=job.key, **dict(done)))
    return 0


def _waiting(on: bool) -> Waiting:
    return Waiting(event="waiting" if on else "resumed")


def _cap_memory() -> None:
    """Cap memory, after the slot was opened, so that it does not inherit the cap."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(hard, MEMORY_BYTES)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


if __name__ == "__main__":
    os._exit(main(*sys.argv[1:2]))  # everything is closed; taking torch apart would cost another second
