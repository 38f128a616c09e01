"""Lanes: threads that each grade one submission at a time, with slots that stay warm between submissions.

Theory of operation
===================

A *lane* owns at most one warm slot an assignment (a `WorkerPool` of one worker, with its zygote). `submit` puts a task
into the fair queue and gives a future. A lane that is idle takes the next task for which it is warm, or for which
no other idle lane is; so work goes where the zygote is, and no task waits for a lane that is busy with another.

Slots of one assignment are forked from one template (`workers.forked`), which goes with the last of them. They cost
memory all the same. Before a lane opens one, idle slots that were used longest ago are closed, in whichever lane, until
less than `most_slots` are open and the machine has `keep_free` bytes free (or nothing idle is left to close).

What grades must be what is on disk now. Each slot remembers the files it was started from (course.yaml, hidden tests,
public files, by size and time of change); when one of them changed, the lane closes the slot and starts another
before it grades the next task. A task is never lost to that: it is taken by a lane, and graded by the new slot.

Silence for confirming a timeout (`grading.machine_lock`) holds for all lanes: they share one folder of lock files.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course.cached import CachedCourse
from autograder.course.course import Assignment, CourseError
from autograder.course.secret import SecretError, course_secret
from autograder.workers.fair_queue import FairQueue
from autograder.workers.forked import WorkerTemplate
from autograder.workers.messages import Job, Ready, Setup
from autograder.workers.pool import Done, WorkerPool, WorkerSetupError, setup_for

Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Target:
    """Hold what a slot is warm for."""

    course_path: Path
    assignment: str
    backend: str = "auto"
    image: str = ""


@dataclass
class _Task:
    target: Target
    job: Job
    future: Future[Done]
    asked: float
    urgent: bool


@dataclass
class _WarmSlot:
    """One warm slot of a lane. template: which one it was forked from; None where there is one lane."""

    pool: WorkerPool
    template: WorkerTemplate | None
    stamp: Stamp
    ready: Ready
    used: float


@dataclass
class _Use:
    """Hold what a template is for, and how many slots it has."""

    setup: Setup
    stamp: Stamp
    slots: int = 1


@dataclass
class _Lane:
    number: int
    slots: dict[Target, _WarmSlot] = field(default_factory=dict)
    idle: bool = False


@dataclass(frozen=True)
class Finished:
    """Hold what is told of a submission that went through a lane: seconds, and nothing about who handed it in.

    outcome: the evidence's, or `fault` if nothing could be found out; reason: which fault, empty otherwise.
    """

    assignment: str
    urgent: bool
    waited: float
    seconds: float
    outcome: str
    reason: str = ""


@dataclass
class LaneCounts:
    """Hold what the lanes have done and hold: whole numbers, and seconds in sums (for means and rates)."""

    graded: int = 0
    not_graded: int = 0
    started: int = 0
    restarted: int = 0
    evicted: int = 0
    waited_seconds: float = 0.0
    graded_seconds: float = 0.0


class Lanes:
    """Several lanes and their queue. Use as a context manager; leaving it ends all slots.

    Args:
        lanes: how many submissions are graded at the same time.
        most_slots: how many slots may be warm in all lanes together; at least `lanes`.
        keep_free: bytes of memory that stay free: idle slots are closed before a new one is opened where less is.
        free_memory: bytes that are free now.
        finished: told of each submission that went through, from the lane's thread.
    """

    def __init__(
        self,
        lanes: int,
        *,
        most_slots: int = 0,
        keep_free: int = 0,
        free_memory: Callable[[], int] | None = None,
        finished: Callable[[Finished], None] = lambda finished: None,
    ) -> None:
        self._most_slots = max(lanes, most_slots)
        self._keep_free = keep_free
        self._free_memory = free_memory or available_memory
        self._finished = finished
        self._quiet = tempfile.TemporaryDirectory(prefix="autograder-quiet-")
        self._share_quiet = lanes > 1
        self._queue: FairQueue[_Task] = FairQueue()
        self._changed = threading.Condition()
        self._closed = False
        self._busy = 0
        self._courses: dict[Path, CachedCourse] = {}
        self._templates: dict[WorkerTemplate, _Use] = {}
        self.counts = LaneCounts()
        self._lanes = [_Lane(number) for number in range(lanes)]
        self._threads = [
            threading.Thread(target=self._serve, args=(lane,), name=f"lane-{lane.number}", daemon=True)
            for lane in self._lanes
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Lanes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __len__(self) -> int:
        return len(self._lanes)

    def submit(self, target: Target, job: Job, *, who: str, urgent: bool) -> Future[Done]:
        """Queue one submission. The future gives its Done; it raises WorkerSetupError if no slot can be started."""
        future: Future[Done] = Future()
        with self._changed:
            if self._closed:
                raise RuntimeError("the lanes are closed")
            self._queue.put(_Task(target, job, future, time.monotonic(), urgent), who=who, urgent=urgent)
            self._changed.notify_all()
        return future

    def close(self) -> None:
        """End every slot once what is being graded is through; what still waits is cancelled."""
        with self._changed:
            self._closed = True
            while (task := self._queue.take()) is not None:
                task.future.cancel()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        self._quiet.cleanup()

    def drained(self, timeout: float | None = None) -> bool:
        """Wait until nothing waits and nothing is being graded; False if that takes longer than `timeout` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._busy and not len(self._queue), timeout)

    def state(self) -> dict[str, object]:
        """Return queue, lanes and warm slots as they are now, as plain data."""
        with self._changed:
            warm = sorted(target.assignment for lane in self._lanes for target in lane.slots)
            return {
                "lanes": len(self._lanes), "busy": self._busy, "warm": warm,
                "waiting": {"urgent": self._queue.waiting(urgent=True), "batch": self._queue.waiting(urgent=False)},
                **vars(self.counts),
            }  # fmt: skip

    # -- in the lanes' threads ---------------------------------------------------------------------

    def _serve(self, lane: _Lane) -> None:
        try:
            while (task := self._next(lane)) is not None:
                if task.future.set_running_or_notify_cancel():
                    self._grade(lane, task)
                with self._changed:
                    self._busy -= 1
                    self._changed.notify_all()
        finally:
            with self._changed:
                slots = list(lane.slots.values())
                lane.slots.clear()
            for slot in slots:
                self._end(slot)

    def _next(self, lane: _Lane) -> _Task | None:
        """Wait for a task that suits this lane; None when the lanes are closed."""
        with self._changed:
            lane.idle = True
            try:
                while not self._closed:
                    task = self._queue.take(lambda task: self._suits(lane, task))
                    if task is not None:
                        self._busy += 1
                        return task
                    self._changed.wait()
                return None
            finally:
                lane.idle = False

    def _suits(self, lane: _Lane, task: _Task) -> bool:
        others = (other for other in self._lanes if other is not lane and other.idle)
        return task.target in lane.slots or not any(task.target in other.slots for other in others)

    def _grade(self, lane: _Lane, task: _Task) -> None:
        try:
            slot = self._slot(lane, task.target)
            begun = time.monotonic()
            [done] = slot.pool.run([task.job])
        except Exception as error:  # noqa: BLE001 - whatever it is, the one who waits must hear of it
            waited = time.monotonic() - task.asked
            self._finished(Finished(task.target.assignment, task.urgent, waited, 0.0, "fault", type(error).__name__))
            task.future.set_exception(error)
            return
        slot.used = time.monotonic()
        with self._changed:
            self.counts.graded += done.graded is not None
            self.counts.not_graded += done.graded is None
            self.counts.waited_seconds += begun - task.asked
            self.counts.graded_seconds += slot.used - begun
        outcome = done.graded.evidence.outcome.value if done.graded is not None else "fault"
        self._finished(
            Finished(
                task.target.assignment, task.urgent, begun - task.asked, slot.used - begun, outcome,
                "worker lost" if done.graded is None else "",
            )
        )  # fmt: skip
        task.future.set_result(done)

    def _slot(self, lane: _Lane, target: Target) -> _WarmSlot:
        """Return this lane's warm slot, started from the files as they are now. Raises WorkerSetupError."""
        assignment = self._assignment(target)
        stamp = files_stamp(target.course_path, assignment)
        with self._changed:
            slot = lane.slots.get(target)
            stale = slot is not None and slot.stamp != stamp
            if stale:
                del lane.slots[target]
                self.counts.restarted += 1
        if slot is not None and not stale:
            return slot
        if slot is not None:
            self._end(slot)
        self._make_room(lane)
        setup = _setup(target, assignment, self._quiet.name if self._share_quiet else "")
        template = self._take_template(setup, stamp) if len(self._lanes) > 1 else None
        pool = WorkerPool(setup, assignment.limits, workers=1, quiet=setup.quiet, template=template)
        try:
            ready = pool.wait_ready()
        except WorkerSetupError:
            pool.close(now=True)
            self._leave_template(template)
            raise
        slot = _WarmSlot(pool, template, stamp, ready, time.monotonic())
        with self._changed:
            lane.slots[target] = slot
            self.counts.started += 1
        return slot

    def _take_template(self, setup: Setup, stamp: Stamp) -> WorkerTemplate:
        """Return the template of what is to be graded as its files are now; it has one user more."""
        with self._changed:
            for template, use in self._templates.items():
                if (use.setup, use.stamp) == (setup, stamp):
                    use.slots += 1
                    return template
            template = WorkerTemplate(setup)
            self._templates[template] = _Use(setup, stamp)
            return template

    def _leave_template(self, template: WorkerTemplate | None) -> None:
        """Note that a slot of this template has ended; the last one ends it."""
        if template is None:
            return
        with self._changed:
            use = self._templates[template]
            use.slots -= 1
            if use.slots:
                return
            del self._templates[template]
        template.close()

    def _end(self, slot: _WarmSlot) -> None:
        slot.pool.close()
        self._leave_template(slot.template)

    def _assignment(self, target: Target) -> Assignment:
        with self._changed:
            course = self._courses.setdefault(target.course_path, CachedCourse(target.course_path))
        try:
            return course.load().assignment(target.assignment)
        except (CourseError, KeyError, OSError) as error:
            raise WorkerSetupError(str(error), ours=False) from error

    def _make_room(self, lane: _Lane) -> None:
        """Close idle slots, the one used longest ago first, until there is room for one more."""
        while True:
            with self._changed:
                held = sum(len(other.slots) for other in self._lanes)
                if held < self._most_slots and self._free_memory() >= self._keep_free:
                    return
                idle = [
                    (slot.used, other, target)
                    for other in self._lanes
                    if other is lane or other.idle
                    for target, slot in other.slots.items()
                ]
                if not idle:
                    return
                _, other, target = min(idle, key=lambda found: found[0])
                closing = other.slots.pop(target)
                self.counts.evicted += 1
            self._end(closing)


def _setup(target: Target, assignment: Assignment, quiet: str) -> Setup:
    try:
        secret = course_secret(assignment.root)
    except SecretError as error:
        raise WorkerSetupError(str(error), ours=False) from error
    setup = setup_for(target.course_path, target.assignment, target.backend, secret, target.image)
    return setup.model_copy(update={"quiet": quiet})


def files_stamp(course_path: Path, assignment: Assignment) -> Stamp:
    """Return (path, size, time of change in ns) of every file that a slot of this assignment is started from."""
    bank = assignment.bank_dir
    paths = [course_path, *assignment.solution_dir.glob("*"), *(bank.glob("*.py") if bank.is_dir() else ())]
    stamp = []
    for path in sorted({*paths, *assignment.beside.values()}):
        if path.is_file():
            about = path.stat()
            stamp.append((str(path), about.st_size, about.st_mtime_ns))
    return tuple(stamp)


def available_memory() -> int:
    """Return the bytes that can be had without swapping (MemAvailable of Linux)."""
    for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) << 10
    return 0
