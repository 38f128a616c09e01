"""What memory several slots take at once: started one by one, and forked from one template, in one run.

    python -m benchmarks.slots [--assignment 03_separable] [--slots 1 2 4 8] [--details]

Every slot grades the solved notebook twice, and then one whose last cell waits. When all students wait there, the
proportional set sizes (what several processes share is divided among them) of every process are summed: `slots` are
the processes around student code (warden, relay, zygote, student, and the template of slots), `workers` the trusted
ones (workers and their template). Ratios are to one slot that was started by itself. --details says what of the last
run's workers is their own, by kind of mapping. Nothing is handed in beside the notebook.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path

import psutil

from autograder.course.course import load_course
from autograder.records import SubmissionInfo
from autograder.workers.messages import Job
from autograder.workers.pool import WorkerPool, setup_for
from benchmarks.throughput import ROOT, solved

KEY = b"benchmark" * 4
SETTLED_SECONDS = 3.0  # without processor time of any student: all of them wait


def jobs(name: str, count: int, *, waiting: bool) -> list[Job]:
    """Return solved notebooks that differ in a comment; `waiting`, with a last cell that waits."""
    book = solved(ROOT / "course.yaml", name)
    code = "import time\ntime.sleep(50)  # " if waiting else "# "
    made = []
    for number in range(count):
        cell = {"cell_type": "code", "execution_count": None, "id": "own", "metadata": {}, "outputs": []}
        data = json.dumps({**book, "cells": [*book["cells"], cell | {"source": f"{code}{number}\n"}]}).encode()
        info = SubmissionInfo(subject=f"s{number}", notebook_sha256=sha256(data).hexdigest())
        made.append(Job(key=f"{waiting}{number}", submission=info, notebook=data))
    return made


def grade(pool: WorkerPool, work: list[Job]) -> None:
    """Grade them; the end of the pool may come first."""
    for done in pool.run(work):
        if done.graded is None and "waiting" not in done.job.key and done.job.key.startswith("False"):
            raise SystemExit(f"a submission was not graded: {done.reason}")


def kinds_below(pid: int) -> Iterator[tuple[str, int]]:
    """Yield what each process of a pool is, and its pid."""
    for child in psutil.Process(pid).children():
        command = " ".join(child.cmdline())
        if "autograder.workers" in command:
            yield ("template of workers" if "template" in command and child.children() else "worker"), child.pid
            yield from _below_worker(child)


def _below_worker(parent: psutil.Process) -> Iterator[tuple[str, int]]:
    for child in parent.children():
        if "autograder.workers" in " ".join(child.cmdline()):
            yield "worker", child.pid
            yield from _below_worker(child)
        else:
            yield "warden", child.pid
            yield from _below_warden(child, template="workers.template" in " ".join(parent.cmdline()))


def _below_warden(warden: psutil.Process, *, template: bool) -> Iterator[tuple[str, int]]:
    kinds = ("relay", "template of slots", "relay", "zygote") if template else ("relay", "zygote")
    level = [warden]
    for kind in (*kinds, *["student"] * 10):
        level = [child for process in level for child in process.children()]
        for process in level:
            yield kind, process.pid


def proportional(pid: int) -> float:
    """Return MiB of a process's proportional set."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.findall(r"^Pss:\s+(\d+)", text, re.MULTILINE)[0]) / 1024


def own_memory(pid: int) -> dict[str, float]:
    """Return MiB that only this process has in memory, by kind of mapping."""
    found: Counter[str] = Counter()
    kind = ""
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        words = line.split()
        if re.fullmatch(r"[0-9a-f]+-[0-9a-f]+", words[0]):
            name = words[5] if len(words) > 5 else ""
            data = "data and relocations of libraries" if "w" in words[1] else "code and read-only data of libraries"
            kind = "heap" if name in ("", "[heap]") else "stack" if name == "[stack]" else data
        elif words[0] in ("Private_Dirty:", "Private_Clean:"):
            found[kind] += int(words[1])
    return {kind: kilobytes / 1024 for kind, kilobytes in found.items()}


def wait_until_all_wait(pid: int, students: int) -> None:
    """Wait until there are so many students and none of them computes."""
    before, since = -1.0, time.monotonic()
    while True:
        time.sleep(0.1)
        try:
            found = [psutil.Process(each) for kind, each in kinds_below(pid) if kind == "student"]
            used = sum(sum(process.cpu_times()[:2]) for process in found)
        except psutil.NoSuchProcess:
            continue
        if len(found) != students or used != before:
            before, since = used, time.monotonic()
        elif time.monotonic() - since > SETTLED_SECONDS:
            return


def measure(name: str, slots: int, *, forked: bool, details: bool) -> Counter[str]:
    """Return MiB of all processes by kind, while every slot has a student that waits."""
    course = load_course(ROOT)
    setup = setup_for(ROOT / "course.yaml", name, "namespace", KEY)
    limits = course.assignment(name).limits
    with ExitStack() as stack:
        sizes = [slots] if forked else [1] * slots
        pools = [WorkerPool(setup, limits, workers=size) for size in sizes]
        for pool in pools:
            stack.callback(pool.close, now=True)
        for pool in pools:
            pool.wait_ready()
        for pool, size in zip(pools, sizes, strict=True):
            grade(pool, jobs(name, 2 * size, waiting=False))
        for pool, size in zip(pools, sizes, strict=True):
            work = jobs(name, size, waiting=True)
            threading.Thread(target=grade, args=(pool, work), daemon=True).start()
        wait_until_all_wait(os.getpid(), slots)
        found = list(kinds_below(os.getpid()))
        taken: Counter[str] = Counter()
        for kind, pid in found:
            taken[kind] += proportional(pid)
        if details:
            for kind in ("worker", "zygote", "student"):
                own = own_memory(next(pid for each, pid in found if each == kind))
                parts = ", ".join(f"{what} {size:.1f}" for what, size in sorted(own.items()) if size >= 0.05)
                print(f"    own memory of one {kind}, MiB: {sum(own.values()):.1f} ({parts})")
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--assignment", default="03_separable")
    parser.add_argument("--slots", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--details", action="store_true")
    given = parser.parse_args()
    trusted = ("worker", "template of workers")
    print(f"{given.assignment}, MiB of proportional set; load of the machine {os.getloadavg()[0]:.1f}")
    one: tuple[float, float] | None = None
    for forked in (False, True):
        print("forked from one template" if forked else "started one by one")
        for slots in given.slots:
            if forked and slots == 1:
                continue  # one slot has no template
            taken = measure(given.assignment, slots, forked=forked, details=given.details and slots == given.slots[-1])
            workers = sum(taken[kind] for kind in trusted)
            around, whole = sum(taken.values()) - workers, sum(taken.values())
            one = one or (around, whole)
            split = ", ".join(f"{kind} {size:.0f}" for kind, size in taken.items())
            print(
                f"  {slots} slots: slots {around:.0f} ({around / one[0]:.2f} times one), in all {whole:.0f} "
                f"({whole / one[1]:.2f} times one)\n    {split}",
                flush=True,
            )


if __name__ == "__main__":
    main()
