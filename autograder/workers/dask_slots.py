"""What a Dask worker holds: slots for one run, and the functions that `workers.dask_pool` calls there."""

from __future__ import annotations

import contextlib
import json
import queue
import threading
import time
from typing import Any

from distributed import Worker, WorkerPlugin, get_worker

from autograder import __version__
from autograder.sandbox.interface import Limits
from autograder.workers.messages import Job, Setup
from autograder.workers.pool import Done, WorkerPool

IDLE_SECONDS = 600.0  # after which slots that nobody uses are closed: their run may have been killed
PLUGIN_SECONDS = 30.0  # between a new worker's first batch and its being told what to grade


class SlotPlugin(WorkerPlugin):
    """The slots of one Dask worker, for one run.

    Args:
        name: of the run. setup: a Setup line. limits: the assignment's. engine: the version that is meant.
    """

    def __init__(self, name: str, setup: bytes, limits: dict[str, Any], engine: str) -> None:
        self.name = name
        self.problem = ""
        self._setup = setup
        self._limits = limits
        self._engine = engine
        self._pools: queue.SimpleQueue[WorkerPool | None] = queue.SimpleQueue()
        self._closed = threading.Event()

    def __getstate__(self) -> dict[str, Any]:
        return {"name": self.name, "setup": self._setup, "limits": self._limits, "engine": self._engine}

    def __setstate__(self, state: dict[str, Any]) -> None:
        SlotPlugin.__init__(self, **state)

    async def setup(self, worker: Worker) -> None:
        """Open the slots, which start in threads of their own."""
        if self._engine != __version__:
            self.problem = f"it has version {__version__} of the engine, and {self._engine} is asked for"
            return
        slots = worker.state.nthreads
        for _ in range(slots):
            self._pools.put(self._open())
        threading.Thread(target=self._watch, args=(slots,), name="idle slots", daemon=True).start()

    def teardown(self, worker: Worker) -> None:
        """End the slots."""
        self._closed.set()

    def grade(self, lines: list[bytes]) -> list[bytes]:
        """Grade the submissions of one batch, in one slot. Returns one line of JSON each."""
        pool = self._pools.get()
        try:
            pool = pool or self._open()
            jobs = [Job.model_validate_json(line) for line in lines]
            return [_line(done) for done in pool.run(jobs)]
        except BaseException:
            if pool is not None:
                pool.close(now=True)
            pool = None
            raise
        finally:
            self._pools.put(pool)

    def _open(self) -> WorkerPool:
        return WorkerPool(Setup.model_validate_json(self._setup), Limits(**self._limits), workers=1)

    def _watch(self, slots: int) -> None:
        """Close slots that are not used any more, and all of them at the end."""
        idle_since = time.monotonic()
        while not self._closed.wait(5.0):
            taken = self._idle()
            if len(taken) < slots:
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since > IDLE_SECONDS:
                for pool in taken:
                    self._end(pool)
                taken = [None] * slots
            for pool in taken:
                self._pools.put(pool)
        for pool in self._idle():
            self._end(pool)

    def _idle(self) -> list[WorkerPool | None]:
        taken: list[WorkerPool | None] = []
        with contextlib.suppress(queue.Empty):
            while True:
                taken.append(self._pools.get_nowait())
        return taken

    def _end(self, pool: WorkerPool | None) -> None:
        if pool is not None:
            pool.close()


class TakesNoPart(Exception):
    """The worker does not take part. The message says why."""


def grade_batch(name: str, lines: list[bytes]) -> list[bytes]:
    """Grade one batch on the worker that runs this. Raises TakesNoPart."""
    worker = get_worker()
    deadline = time.monotonic() + PLUGIN_SECONDS
    while not isinstance(plugin := worker.plugins.get(name), SlotPlugin):
        if time.monotonic() > deadline:
            raise TakesNoPart("it was never told what to grade")
        time.sleep(0.05)
    if plugin.problem:
        raise TakesNoPart(plugin.problem)
    return plugin.grade(lines)


def problem_of(name: str, dask_worker: Worker) -> str | None:
    """Return why a worker does not take part, "" if it does, None if it has not been told yet."""
    plugin = dask_worker.plugins.get(name)
    return plugin.problem if isinstance(plugin, SlotPlugin) else None


def _line(done: Done) -> bytes:
    graded = done.graded.model_dump(mode="json") if done.graded is not None else None
    told = {"key": done.job.key, "graded": graded, "reason": done.reason, "seconds": done.seconds}
    return json.dumps(told | {"breaks": done.breaks}).encode()
