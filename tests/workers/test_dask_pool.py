"""The slots of a Dask cluster, on this machine: with TLS, with workers that are killed, and with another version."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course.course import load_course
from autograder.course.packing import packed_assignment
from autograder.workers.hosts import Scheduler
from autograder.workers.pool import WorkerSetupError, setup_for
from tests.workers.test_hosts import points
from tests.workers.test_pool import KEY, job, pool_of, slow

distributed = pytest.importorskip("distributed")
from autograder.workers import dask_pool  # noqa: E402 - it imports distributed
from autograder.workers.dask_pool import DaskPool  # noqa: E402


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """Two Dask workers of one slot each, which are replaced when they die."""
    before = dict(os.environ)
    os.environ |= {"XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache")), "OMP_NUM_THREADS": "1"}
    security = distributed.Security.temporary()
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, protocol="tls://", security=security,
        dashboard_address="127.0.0.1:0", silence_logs="ERROR", local_directory=str(tmp_path_factory.mktemp("dask")),
    ) as started:  # fmt: skip
        os.environ.clear()
        os.environ.update(before)
        yield started


@pytest.fixture(scope="module")
def scheduler(cluster: object, tmp_path_factory: pytest.TempPathFactory) -> Scheduler:
    folder = tmp_path_factory.mktemp("tls")
    texts = cluster.security.get_tls_config_for_role("client")  # type: ignore[attr-defined]
    for name in ("ca_file", "cert", "key"):
        (folder / name).write_text(texts[name])
    return Scheduler(cluster.scheduler_address, folder / "ca_file", folder / "cert", folder / "key")  # type: ignore[attr-defined]


def pool_in(course: Path, scheduler: Scheduler, told: list[str], batch: int = 1) -> DaskPool:
    assignment = load_course(course).assignment("tiny")
    packed = packed_assignment(course / "course.yaml", assignment)
    setup = setup_for(course / "course.yaml", "tiny", "auto", KEY).model_copy(update={"packed": packed})
    return DaskPool(scheduler, setup, assignment.limits, tell=told.append, batch=batch)


@pytest.mark.long
def test_a_cluster_grades_as_this_machine_does(course_root: Path, solution: bytes, scheduler: Scheduler) -> None:
    wrong = solution.replace(b"return a + b", b"return a - b")
    jobs = [job(f"s{n}", (wrong if n % 3 else solution) + b" " * n) for n in range(7)]
    told: list[str] = []
    with pool_in(course_root, scheduler, told, batch=2) as pool:
        assert not pool.wait_ready().unsafe
        far = [(done.job.key, points(done)) for done in pool.run(jobs)]
    with pool_of(course_root) as here:
        near = {done.job.key: points(done) for done in here.run(jobs)}
    assert len(far) == len(jobs)
    assert dict(far) == near
    assert told == []


def test_killed_workers_lose_nothing(course_root: Path, solution: bytes, cluster: object, scheduler: Scheduler) -> None:
    """Each submission comes back once, graded, whichever Dask worker is killed in between."""
    jobs = [job(f"s{n}", slow(solution, 0.1) + b" " * n) for n in range(8)]
    rng = random.Random(8)
    with pool_in(course_root, scheduler, []) as pool:
        pool.wait_ready()
        done = []
        for one in pool.run(jobs):
            done.append(one)
            if len(done) % 6 == 3:  # in the middle of others
                alive = [nanny.pid for nanny in cluster.workers.values() if nanny.pid]  # type: ignore[attr-defined]
                os.kill(rng.choice(alive), signal.SIGKILL)
    assert sorted(one.job.key for one in done) == sorted(one.key for one in jobs)
    assert all(set(points(one).values()) == {"passed"} for one in done)


def test_workers_of_another_version_are_told_of_and_given_nothing(
    course_root: Path, scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_pool, "__version__", "0.0.1")
    told: list[str] = []
    with pool_in(course_root, scheduler, told) as pool, pytest.raises(WorkerSetupError, match="takes part: "):
        pool.wait_ready()
    assert told
    assert all("of the engine, and 0.0.1 is asked for" in text for text in told)


def test_a_scheduler_that_is_not_there(tmp_path: Path, course_root: Path, scheduler: Scheduler,
                                       monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(dask_pool, "CONNECT_SECONDS", 0.5)
    nowhere = Scheduler("tls://127.0.0.1:9", scheduler.ca, scheduler.certificate, scheduler.key)
    with pytest.raises(WorkerSetupError, match=r"at tls://127.0.0.1:9 cannot be reached"):
        pool_in(course_root, nowhere, [])
