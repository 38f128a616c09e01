"""How many slots a machine carries for an assignment, and what limits them: measured, by opening some.

Cores limit how many students compute at a time. Memory limits how many slots can be warm: the libraries that its
assignment loads are shared by all that are forked from one template, each slot has something for itself, and a student
process may take what `memory_mb` in course.yaml allows on top of that. Some slots are opened one after the other, and
each grades the solution once; what those after the first take is what every further one takes. Counted are the
proportional sets of all processes below this one, to which other programs of the machine do nothing; a container's
processes are not below it, and there it is what the machine has less to give, the middle of what was seen.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

from autograder.course.course import Course
from autograder.course.secret import course_secret
from autograder.records import SubmissionInfo
from autograder.release.master import read_master
from autograder.release.starter import solution_notebook
from autograder.sandbox.inside.process.student_process import descendants
from autograder.sandbox.watchdog import proportional
from autograder.workers.cores import default_workers
from autograder.workers.forked import WorkerTemplate
from autograder.workers.lanes import available_memory
from autograder.workers.messages import Job
from autograder.workers.pool import WorkerPool, setup_for

KEPT_FREE = 1 << 30  # bytes; what the machine keeps for everything else
_FURTHER = 3  # slots beside the first one
_LEAST = 1 << 20  # bytes of a slot; less was lost in what other programs gave back meanwhile


@dataclass(frozen=True)
class Capacity:
    """Slots of one assignment on this machine. Memory in bytes: free before, shared by all slots, of a warm slot by
    itself, of a student at most."""

    assignment: str
    cores: int
    free: int
    shared: int
    slot: int
    student: int

    @property
    def by_memory(self) -> int:
        """Return how many slots memory carries where every student takes all that is allowed."""
        return max(0, (self.free - KEPT_FREE - self.shared) // (self.slot + self.student))

    @property
    def slots(self) -> int:
        """Return how many slots can grade at a time."""
        return min(self.cores, self.by_memory)

    def sentence(self) -> str:
        """Return what a person wants to know of it."""
        memory = (
            f"all slots share {self.shared >> 20:,} MiB, each takes {self.slot >> 20:,} by itself and a student at "
            f"most {self.student >> 20:,}, of {self.free >> 20:,} MiB that are free"
        )
        if self.slots == 0:
            return f"{self.assignment}: no slot is safe here: {memory}, and {KEPT_FREE >> 20:,} are kept for the rest"
        count = f"{self.slots} slot{'' if self.slots == 1 else 's'}"
        if self.by_memory < self.cores:
            return f"{self.assignment}: {count}; memory is the limit, not the {self.cores} cores: {memory}"
        return f"{self.assignment}: {count}, one a core; memory would carry {self.by_memory:,}: {memory}"


def measure_capacity(
    course: Course, course_path: Path, name: str, backend: str, taken: Callable[[], int] | None = None
) -> Capacity:
    """Open some slots of an assignment one after the other and see what each but the first one takes.

    taken: gives the bytes that the slots take now; found out without it. Raises SecretError, WorkerSetupError,
    ReleaseError.
    """
    assignment = course.assignment(name)
    setup = setup_for(course_path, name, backend, course_secret(course.root))
    notebook = solution_notebook(read_master(assignment))
    info = SubmissionInfo(subject="solution", notebook_sha256=hashlib.sha256(notebook).hexdigest())
    before = available_memory()
    with ExitStack() as stack:
        template = WorkerTemplate(setup)
        stack.callback(template.close)
        found = []
        for _ in range(1 + _FURTHER):
            pool = stack.enter_context(WorkerPool(setup, assignment.limits, workers=1, template=template))
            in_container = pool.wait_ready().backend == "container"
            [_done] = pool.run([Job(key=name, submission=info, notebook=notebook)])
            found.append(taken() if taken else before - available_memory() if in_container else _of_processes())
    slot = max(_LEAST, int(median(after - before for before, after in pairwise(found))))
    shared = max(0, found[0] - slot)
    return Capacity(name, default_workers(), before, shared, slot, assignment.limits.memory_bytes)


def _of_processes() -> int:
    """Return the bytes that all processes below this one have in memory; what several share counts once."""
    return sum(map(proportional, descendants(os.getpid())))
