"""The resident grader as a pool like any other, for `autograder grade` (`resident_socket` has the protocol).

Where the grader goes away (it was stopped, or restarts since the engine changed), what is outstanding is sent again to
its successor, or graded by workers of our own; grading has no effect but its answer, so nothing is lost and nothing
counts twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

from autograder import __version__
from autograder.workers.lanes import Target
from autograder.workers.messages import Graded, Job, Ready
from autograder.workers.pool import Done, Pool
from autograder.workers.resident_socket import Connection, ResidentGone

CONNECT_SECONDS = 10.0  # for a grader that restarts to listen again
AHEAD = 32  # jobs sent before their answers came; the grader's lanes take turns among all who ask


class ResidentRefused(Exception):
    """The resident grader does not take this work; the message says why."""


def done_line(done: Done) -> bytes:
    """Return a Done as one line; the job goes by its key."""
    graded = done.graded.model_dump(mode="json") if done.graded is not None else None
    body = {
        "event": "done",
        "key": done.job.key,
        "graded": graded,
        "reason": done.reason,
        "seconds": done.seconds,
        "breaks": done.breaks,
    }
    return json.dumps(body).encode() + b"\n"


class ResidentPool:
    """The resident grader as a pool. Raises ResidentGone or ResidentRefused if it cannot be had for this target.

    Args:
        tests_sha256: of the hidden tests as this process sees them; the grader must see the same.
        own_pool: opens workers of our own, for what is left if the grader goes away for good.
    """

    def __init__(self, target: Target, tests_sha256: str, own_pool: Callable[[], Pool]) -> None:
        self._target = target
        self._tests_sha256 = tests_sha256
        self._own_pool = own_pool
        self._connection, self._ready = self._open(0.0)

    def _open(self, wait_seconds: float) -> tuple[Connection, Ready]:
        connection = Connection(self._target.course_path, wait_seconds=wait_seconds)
        target = asdict(self._target) | {"course_path": str(self._target.course_path)}
        connection.send({"op": "grade", "target": target, "engine": __version__, "tests_sha256": self._tests_sha256})
        answer = connection.receive()
        if answer.get("event") != "ready":
            connection.close()
            raise ResidentRefused(str(answer.get("reason", "it gave no reason")))
        return connection, Ready.model_validate(answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def wait_ready(self) -> Ready:
        """Return at once: the grader is warm."""
        return self._ready

    def run(self, jobs: Iterable[Job]) -> Iterator[Done]:
        """Grade all jobs; yield each exactly once, in order of completion."""
        coming, outstanding = iter(jobs), dict[str, Job]()
        more = True
        while more or outstanding:
            try:
                while more and len(outstanding) < AHEAD:
                    job = next(coming, None)
                    if job is None:
                        more = False
                        break
                    outstanding[job.key] = job
                    self._connection.send(job.line())
                if outstanding:
                    done = _done(self._connection.receive(), outstanding)
                    if done is not None:
                        yield done
            except ResidentGone:
                if not self._again(outstanding):
                    break
        rest = [*outstanding.values()] if not more else _chained(outstanding.values(), coming)
        if outstanding or more:
            with self._own_pool() as pool:
                yield from pool.run(rest)

    def _again(self, outstanding: Mapping[str, Job]) -> bool:
        """Send what is outstanding to the grader's successor; False if there is none."""
        self._connection.close()
        try:
            self._connection, self._ready = self._open(CONNECT_SECONDS)
            for job in outstanding.values():
                self._connection.send(job.line())
        except (ResidentGone, ResidentRefused):
            return False
        return True


def _chained(first: Iterable[Job], then: Iterator[Job]) -> Iterator[Job]:
    yield from list(first)
    yield from then


def _done(message: Mapping[str, Any], outstanding: dict[str, Job]) -> Done | None:
    """Return the outcome of one job and take it off the list; None for one that is not ours any more."""
    job = outstanding.pop(str(message.get("key")), None)
    if job is None:
        return None
    graded = Graded.model_validate(message["graded"]) if message.get("graded") is not None else None
    return Done(
        job, graded, str(message.get("reason", "")), float(message.get("seconds", 0.0)), bool(message.get("breaks"))
    )
