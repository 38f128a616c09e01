"""A pool whose slots are on the workers of a Dask cluster.

Theory of operation
===================

Dask starts and replaces machines; what grades is the same as everywhere. On each Dask worker a plugin owns as many
pools of one slot as the worker has threads. A task is a batch of submissions: it takes a pool, grades them one after
the other, and gives their outcomes back as bytes. This process stays the only one that writes, and asks for no more
batches than twice the slots: where it is slow, the cluster waits.

A worker takes part only if it has the version of the engine that this process has. One with another version refuses its
batch, is told of once, and the batch goes to those that are known to be good.

What is lost with a worker is given to another one by the scheduler, and by us where the scheduler has given up: a
submission cannot end a Dask worker (its slot's processes are other ones), so a batch that was lost is not to blame.
Outcomes are written here, and only once each. Where the scheduler itself is lost, the run ends with what is written;
the same command goes on from there.

What may reach the scheduler may run code on every worker: only addresses with TLS are taken, and both sides show a
certificate of the same authority. Hidden tests and the secret travel inside of that, to the workers and nobody else.
"""

from __future__ import annotations

import contextlib
import json
import queue
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from types import TracebackType
from typing import Self

from distributed import CancelledError, Client, Future, Security
from distributed.client import FutureCancelledError
from distributed.scheduler import KilledWorker

from autograder import __version__
from autograder.sandbox.interface import Limits
from autograder.workers.dask_slots import SlotPlugin, TakesNoPart, grade_batch, problem_of
from autograder.workers.hosts import Scheduler
from autograder.workers.messages import Graded, Job, Ready, Setup
from autograder.workers.pool import Done, WorkerSetupError

CONNECT_SECONDS = 30.0
FIRST_WORKER_SECONDS = 600.0  # a cluster that grows on demand starts machines
MOST_IN_BATCH = 8
LOOK_SECONDS = 1.0  # between two looks whether the scheduler is still there
TRIES = 5  # of a batch whose worker was lost, after the scheduler's own


class DaskPool:
    """The slots of a cluster, for one assignment. Raises WorkerSetupError where the scheduler cannot be reached.

    tell: called with what a person should know. batch: most submissions a task.
    """

    def __init__(
        self, scheduler: Scheduler, setup: Setup, limits: Limits, *, batch: int = MOST_IN_BATCH,
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:  # fmt: skip
        self._address = scheduler.address
        self._tell = tell
        self._batch = max(1, min(batch, MOST_IN_BATCH))
        self._refused: set[str] = set()
        self._all_refuse = False  # every worker that is there has said that it takes no part
        self._name = f"autograder-{secrets.token_hex(8)}"
        security = Security(
            tls_ca_file=str(scheduler.ca), tls_client_cert=str(scheduler.certificate),
            tls_client_key=str(scheduler.key), require_encryption=True,
        )  # fmt: skip
        try:
            self._client = Client(
                scheduler.address, security=security, timeout=CONNECT_SECONDS, set_as_default=False, name="autograder"
            )
        except (OSError, TimeoutError, ValueError) as error:
            raise WorkerSetupError(
                f"the Dask scheduler at {scheduler.address} cannot be reached: {error}; is it running, and do its "
                "certificates come from the same authority?"
            ) from None
        self._plugin = SlotPlugin(self._name, setup.line(), dict(vars(limits)), __version__)
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(Exception):  # the scheduler may be gone; its workers close idle slots themselves
            self._client.unregister_worker_plugin(self._name)
        self._client.close(timeout=5.0)

    def wait_ready(self) -> Ready:
        """Wait until a worker offers slots. Raises WorkerSetupError where none does."""
        with self._reached():
            self._client.register_plugin(self._plugin, name=self._name)
        deadline = time.monotonic() + FIRST_WORKER_SECONDS
        while not self._taking_part():
            if self._all_refuse or time.monotonic() > deadline:
                raise WorkerSetupError(
                    f"no worker of the Dask scheduler at {self._address} takes part: {len(self._refused)} were left "
                    f"out, and no other came in {(time.monotonic() - self._started) / 60:.1f} minutes"
                )
            time.sleep(0.1)
        return Ready(backend="of the Dask workers", unsafe=False, seconds=time.monotonic() - self._started)

    def _taking_part(self) -> list[str]:
        """Return the addresses of the workers that grade; tell of those that do not."""
        with self._reached():
            found: dict[str, str | None] = self._client.run(problem_of, self._name, on_error="ignore")
        for worker, problem in found.items():
            if problem and worker not in self._refused:
                self._refused.add(worker)
                self._tell(f"Dask worker {worker} is left out: {problem}")
        self._all_refuse = bool(found) and all(found.values())
        return [worker for worker, problem in found.items() if problem == ""]

    def _slots(self) -> int:
        with self._reached():
            workers = self._client.scheduler_info(n_workers=-1)["workers"]
        return int(sum(worker["nthreads"] for address, worker in workers.items() if address not in self._refused))

    def run(self, jobs: Iterable[Job]) -> Iterator[Done]:
        """Grade all jobs; yield each exactly once, in order of completion. Raises WorkerSetupError where the scheduler
        is lost.
        """
        coming = iter(jobs)
        running: dict[str, tuple[Future, list[Job], int]] = {}
        finished: queue.SimpleQueue[Future] = queue.SimpleQueue()
        more = True

        def submit(batch: list[Job], tries: int, workers: list[str] | None = None) -> None:
            with self._reached():
                future = self._client.submit(
                    grade_batch, self._name, [job.line() for job in batch], pure=False, workers=workers,
                    key=f"{self._name}-{secrets.token_hex(8)}",
                )  # fmt: skip
            running[future.key] = (future, batch, tries)
            future.add_done_callback(finished.put)

        while more or running:
            room = max(1, 2 * self._slots()) - len(running)
            while more and room > 0:
                batch = list(islice(coming, self._batch))
                more = bool(batch)
                if batch:
                    submit(batch, TRIES)
                    room -= 1
            if not running:
                break
            try:
                future, batch, tries = running.pop(finished.get(timeout=LOOK_SECONDS).key)
            except queue.Empty:
                self._still_there()
                continue
            yield from self._outcomes(future, batch, tries, submit)

    def _outcomes(self, future: Future, batch: list[Job], tries: int, submit: Callable[..., None]) -> Iterator[Done]:
        """Yield what became of a batch; a lost one is given out again, one submission a task."""
        if future.status in ("cancelled", "lost"):
            raise self._lost()
        error = future.exception() if future.status == "error" else None
        if error is None:
            by_key = {job.key: job for job in batch}
            with self._reached():
                lines = future.result()
            for line in lines:
                told = json.loads(line)
                graded = Graded.model_validate(told["graded"]) if told["graded"] is not None else None
                yield Done(by_key[told["key"]], graded, told["reason"], told["seconds"], told["breaks"])
        elif tries > 0 and isinstance(error, TakesNoPart) and (workers := self._taking_part()):
            submit(batch, tries - 1, workers)
        elif tries > 0 and isinstance(error, KilledWorker | OSError):
            for job in batch:
                submit([job], tries - 1)
        else:
            for job in batch:
                yield Done(job, None, f"{type(error).__name__}: {error}"[:500], 0.0)

    @contextlib.contextmanager
    def _reached(self) -> Iterator[None]:
        """Ask the scheduler within the block. Raises WorkerSetupError where it is gone."""
        try:
            yield
        except (OSError, TimeoutError, CancelledError, FutureCancelledError) as error:
            raise self._lost() from error

    def _still_there(self) -> None:
        """Raise WorkerSetupError where the scheduler is gone, and with it what was asked of it."""
        if self._client.status != "running":
            raise self._lost()

    def _lost(self) -> WorkerSetupError:
        return WorkerSetupError(
            f"the Dask scheduler at {self._address} was lost. Everything that was graded until then is written: repeat "
            "the command, which goes on from there"
        )
