"""Slots on other machines beside slots here, in one run: how much throughput does the way there cost?

    python -m benchmarks.remote [--assignment 01_baseline] [--submissions 40] [--rounds 3]

Two slots each, on this machine in every case, taking turns:

* here: workers of this process.
* launcher: workers behind a command that starts them in a shell with another environment, as `ssh` does; the course is
  sent to them.
* dask: a scheduler and two workers on the loopback interface, with TLS; the course is sent to them too.

Counted is the time from the first job to the last outcome, with every slot warm, and this process's own processor time
a submission: what limits how many slots one machine can feed.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path

import click
from distributed import LocalCluster, Security

from autograder.course.course import load_course
from autograder.course.packing import packed_assignment
from autograder.records import SubmissionInfo
from autograder.workers.dask_pool import DaskPool
from autograder.workers.hosts import Host, Scheduler
from autograder.workers.messages import Job
from autograder.workers.pool import Pool, WorkerPool, setup_for
from benchmarks.throughput import ROOT, solved

SLOTS = 2
KEY = b"benchmark" * 4


def jobs(name: str, count: int) -> list[Job]:
    """Return `count` solved notebooks that differ in a comment."""
    book = solved(ROOT / "course.yaml", name)
    made = []
    for number in range(count):
        cell = {"cell_type": "code", "execution_count": None, "id": "own", "metadata": {}, "outputs": []}
        data = json.dumps({**book, "cells": [*book["cells"], cell | {"source": f"# hand-in {number}\n"}]}).encode()
        info = SubmissionInfo(subject=f"s{number}", notebook_sha256=sha256(data).hexdigest())
        made.append(Job(key=f"s{number}", submission=info, notebook=data))
    return made


def launcher(folder: Path) -> Host:
    """Return a host behind a command that does what ssh does, on this machine."""
    script = folder / "launcher"
    script.write_text(f'#!/bin/sh\nshift\nexec env -i HOME={folder} PATH=/usr/bin:/bin sh -c "$*"\n')
    script.chmod(0o700)
    return Host("far", SLOTS, prefix=(str(script), "far"), shell=True, python=sys.executable)


def dask(stack: ExitStack, folder: Path) -> Scheduler:
    """Start a scheduler and its workers; they end with the stack."""
    security = Security.temporary()
    os.environ["OMP_NUM_THREADS"] = "1"
    cluster = stack.enter_context(
        LocalCluster(
            n_workers=SLOTS, threads_per_worker=1, processes=True, protocol="tls://", security=security,
            dashboard_address="127.0.0.1:0", silence_logs="ERROR", local_directory=str(folder),
        )
    )  # fmt: skip
    texts = security.get_tls_config_for_role("client")
    for name in ("ca_file", "cert", "key"):
        (folder / name).write_text(texts[name])
    return Scheduler(cluster.scheduler_address, folder / "ca_file", folder / "cert", folder / "key")


def timed(pool: Pool, work: list[Job]) -> tuple[float, float]:
    """Grade; return (seconds of it all, processor seconds of this process a submission)."""
    begun, own = time.perf_counter(), time.process_time()
    done = list(pool.run(work))
    wrong = [one for one in done if one.graded is None or one.graded.evidence.outcome != "graded"]
    if wrong or len(done) != len(work):
        raise click.ClickException(f"{len(wrong)} of {len(work)} were not graded: {wrong[:1]}")
    return time.perf_counter() - begun, (time.process_time() - own) / len(work)


@click.command(help=__doc__)
@click.option("--assignment", default="01_baseline", show_default=True)
@click.option("--submissions", default=40, show_default=True)
@click.option("--rounds", default=3, show_default=True)
def main(assignment: str, submissions: int, rounds: int) -> None:
    """Run the benchmark and print its table."""
    course = ROOT / "course.yaml"
    known = load_course(course).assignment(assignment)
    setup = setup_for(course, assignment, "auto", KEY)
    packed = packed_assignment(course, known)
    work = jobs(assignment, submissions)
    warm = [one.model_copy(update={"key": f"warm-{one.key}"}) for one in work[: 4 * SLOTS]]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="autograder-remote-")))
        scheduler = dask(stack, folder)
        opened: dict[str, Callable[[], Pool]] = {
            "here": lambda: WorkerPool(setup, known.limits, workers=SLOTS),
            "launcher": lambda: WorkerPool(setup, known.limits, hosts=[launcher(folder)], packed=packed),
            "dask": lambda: DaskPool(scheduler, setup.model_copy(update={"packed": packed}), known.limits, batch=4),
        }
        pools = {name: stack.enter_context(open_pool()) for name, open_pool in opened.items()}
        for pool in pools.values():
            pool.wait_ready()
            timed(pool, warm)
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in pools}
        for number in range(rounds):
            order = list(pools) if number % 2 == 0 else list(pools)[::-1]
            for name in order:
                found[name].append(timed(pools[name], work))
    here = statistics.median(seconds for seconds, _ in found["here"])
    click.echo(
        f"{assignment}, {submissions} submissions, {SLOTS} slots, {rounds} rounds; load {os.getloadavg()[0]:.1f}"
    )
    click.echo(f"{'':10}{'submissions/s':>15}{'of here':>10}{'own ms each':>13}")
    for name, pairs in found.items():
        seconds = statistics.median(one for one, _ in pairs)
        own = statistics.median(one for _, one in pairs)
        click.echo(f"{name:10}{submissions / seconds:15.2f}{here / seconds:10.2f}{1000 * own:13.1f}")


if __name__ == "__main__":
    main()
