"""How many slots a machine carries for an assignment, and what limits them: measured, by opening some.

Cores limit how many students compute at a time. Memory limits how many slots can be warm: each holds the libraries
that its assignment loads, and a student process may take what `memory_mb` in course.yaml allows on top of that. Two
slots are opened one after the other; what the second one takes is what every further one takes, since the first also
brings the files of the libraries into memory, which all share.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from autograder.course.course import Course
from autograder.course.secret import course_secret
from autograder.workers.cores import default_workers
from autograder.workers.lanes import available_memory
from autograder.workers.pool import WorkerPool, setup_for

KEPT_FREE = 1 << 30  # bytes; what the machine keeps for everything else
_LEAST = 1 << 20  # bytes of a slot; less was lost in what other programs gave back meanwhile


@dataclass(frozen=True)
class Capacity:
    """Slots of one assignment on this machine. Memory in bytes: free before, of a warm slot, of a student at most."""

    assignment: str
    cores: int
    free: int
    slot: int
    student: int

    @property
    def by_memory(self) -> int:
        """Return how many slots memory carries where every student takes all that is allowed."""
        return max(0, (self.free - KEPT_FREE) // (self.slot + self.student))

    @property
    def slots(self) -> int:
        """Return how many slots can grade at a time."""
        return min(self.cores, self.by_memory)

    def sentence(self) -> str:
        """Return what a person wants to know of it."""
        memory = (
            f"a warm slot takes {self.slot >> 20:,} MiB and a student at most {self.student >> 20:,}, "
            f"of {self.free >> 20:,} MiB that are free"
        )
        if self.slots == 0:
            return f"{self.assignment}: no slot is safe here: {memory}, and {KEPT_FREE >> 20:,} are kept for the rest"
        count = f"{self.slots} slot{'' if self.slots == 1 else 's'}"
        if self.by_memory < self.cores:
            return f"{self.assignment}: {count}; memory is the limit, not the {self.cores} cores: {memory}"
        return f"{self.assignment}: {count}, one a core; memory would carry {self.by_memory:,}: {memory}"


def measure_capacity(
    course: Course, course_path: Path, name: str, backend: str, free: Callable[[], int] = available_memory
) -> Capacity:
    """Open two slots of an assignment one after the other and see what the second one takes.

    free: gives the bytes that can be had. Raises SecretError and WorkerSetupError.
    """
    limits = course.assignment(name).limits
    setup = setup_for(course_path, name, backend, course_secret(course.root))
    before = free()
    with ExitStack() as stack:
        left = []
        for _ in range(2):
            stack.enter_context(WorkerPool(setup, limits, workers=1)).wait_ready()
            left.append(free())
    slot = max(_LEAST, left[0] - left[1])
    return Capacity(name, default_workers(), before, slot, limits.memory_bytes)
