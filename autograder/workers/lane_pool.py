"""A pool whose work is done by lanes: what a run inside the resident grader is given instead of workers of its own."""

from __future__ import annotations

import queue
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from types import TracebackType
from typing import Self

from autograder.workers.lanes import Lanes, Target
from autograder.workers.messages import Job, Ready
from autograder.workers.pool import Done


class LanePool:
    """One run's share of the lanes.

    Args:
        who: whose turn a submission takes; the submission's own subject where it is empty.
        urgent: whether somebody waits for the answer.
    """

    def __init__(self, lanes: Lanes, target: Target, *, who: str = "", urgent: bool = False) -> None:
        self._lanes = lanes
        self._target = target
        self._who = who
        self._urgent = urgent

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None  # the lanes outlive the run

    def wait_ready(self) -> Ready:
        """Return at once: a lane starts its slot with the first submission."""
        return Ready(backend=self._target.backend, unsafe=self._target.backend == "none", seconds=0.0)

    def run(self, jobs: Iterable[Job]) -> Iterator[Done]:
        """Grade all jobs; yield each exactly once, in order of completion. Raises WorkerSetupError."""
        finished: queue.SimpleQueue[Future[Done]] = queue.SimpleQueue()
        coming, pending = iter(jobs), 0
        more = True
        while more or pending:
            while more and pending < 2 * len(self._lanes):
                job = next(coming, None)
                if job is None:
                    more = False
                    break
                who = self._who or job.submission.subject
                future = self._lanes.submit(self._target, job, who=who, urgent=self._urgent)
                future.add_done_callback(finished.put)
                pending += 1
            if pending:
                done = finished.get().result()
                pending -= 1
                yield done
