"""What a submission costs in a warm container slot, beside a namespace slot: both open at once, taking turns.

    python -m benchmarks.sandboxes [--rounds 60] [--starts 5]

Both grade the same notebooks, one after the other, in an order that changes each round, so that whatever
else the machine does meets both alike. A submission's time is that of `Grader.grade`: fork, cells, tests and the end of
the student process. What is the same in both (reading, writing, feedback) is not in it, so the ratio is the least
favourable one. A round's ratio is container / namespace; the median of all rounds is what counts, with the middle half
of the rounds beside it. Processor time is that of this process, the relay, the zygote and all student
processes; its ratio holds on a busy machine too. Cold starts are those of `open_slot` with the assignment's
preload list.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import statistics
import time
from pathlib import Path

import click
import psutil

from autograder.sandbox.stream_slot import StreamSlot
from benchmarks.throughput import ROOT, solved

ASSIGNMENTS = (
    ("four questions", ROOT / "benchmarks" / "peer_course" / "course.yaml", "blocks"),
    ("03_separable", ROOT / "course.yaml", "03_separable"),
)
BACKENDS = ("namespace", "container")
WARM_UP = 3


def measure(course_path: Path, name: str, rounds: int, starts: int) -> dict[str, list[float]]:
    """Seconds by backend, a value for each round; with `start ` before the name those of cold starts."""
    from autograder.course.course import load_course
    from autograder.grading.grader import Grader
    from autograder.grading.machine_lock import MachineLock
    from autograder.records import SubmissionInfo
    from autograder.sandbox.choose import open_slot
    from autograder.sandbox.interface import SlotConfig

    course = load_course(course_path)
    assignment = course.assignment(name)
    config = SlotConfig((*assignment.preload, "numpy.random"), assignment.public_paths, assignment.limits)
    book = solved(course_path, name)
    kinds = ("", "start ", "processor ")
    found: dict[str, list[float]] = {kind + backend: [] for kind in kinds for backend in BACKENDS}
    for _ in range(starts):
        for backend in BACKENDS:
            began = time.perf_counter()
            slot = open_slot(backend, config)
            found[f"start {backend}"].append(time.perf_counter() - began)
            slot.close()
    with contextlib.ExitStack() as stack:
        quiet = stack.enter_context(MachineLock(None))
        graders, slots = {}, {}
        for backend in BACKENDS:
            slots[backend] = stack.enter_context(contextlib.closing(open_slot(backend, config)))
            graders[backend] = stack.enter_context(Grader(assignment, slots[backend], b"k" * 32, quiet))
        for number in range(WARM_UP + rounds):
            own = {"cell_type": "code", "execution_count": None, "id": "own", "metadata": {}, "outputs": []}
            data = json.dumps({**book, "cells": [*book["cells"], own | {"source": f"# {number}"}]}).encode()
            info = SubmissionInfo(subject="s", notebook_sha256=hashlib.sha256(data).hexdigest())
            for backend in BACKENDS if number % 2 else BACKENDS[::-1]:
                used, began = processor_seconds(slots[backend]), time.perf_counter()
                evidence = graders[backend].grade(info, data).evidence
                seconds = time.perf_counter() - began
                used = processor_seconds(slots[backend]) - used
                if evidence.outcome != "graded":
                    raise click.ClickException(f"{backend}: {evidence.outcome}, {evidence.reason}")
                if number >= WARM_UP:
                    found[backend].append(seconds)
                    found[f"processor {backend}"].append(used)
    return found


def processor_seconds(slot: StreamSlot) -> float:
    """What this process, the slot's relay and zygote, and whatever they have buried have used."""
    used = time.process_time()
    relay = psutil.Process(slot.relay_pid())
    for process in (relay, *relay.children()):
        times = process.cpu_times()
        used += times.user + times.system + times.children_user + times.children_system
    return used


def ratios(found: dict[str, list[float]], kind: str = "") -> tuple[float, float, float]:
    """Quartiles of container / namespace, round by round."""
    each = [b / a for a, b in zip(found[f"{kind}namespace"], found[f"{kind}container"], strict=True)]
    low, middle, high = statistics.quantiles(each, n=4)
    return low, middle, high


@click.command()
@click.option("--rounds", default=60, show_default=True, help="Submissions in each sandbox.")
@click.option("--starts", default=5, show_default=True, help="Cold starts in each sandbox.")
def main(rounds: int, starts: int) -> None:
    """Print both sandboxes' times in milliseconds and their ratio."""
    click.echo(f"load of the machine {os.getloadavg()[0]:.1f}")
    click.echo(
        f"{'milliseconds':16}{'namespace':>11}{'container':>11}{'ratio':>7}{'middle half':>15}"
        f"{'processor time':>18}{'ratio':>7}{'cold starts':>18}"
    )
    for title, course, name in ASSIGNMENTS:
        found = measure(course, name, rounds, starts)
        low, middle, high = ratios(found)
        one = {key: 1000 * statistics.median(times) for key, times in found.items() if times}
        cold = " / ".join(f"{one[f'start {backend}'] / 1000:.2f} s" for backend in BACKENDS) if starts else "–"
        processor = " / ".join(f"{one[f'processor {backend}']:.0f}" for backend in BACKENDS)
        # Processor time comes in steps of 10 ms for what has ended: sums say more than rounds.
        used = [sum(found[f"processor {backend}"]) for backend in BACKENDS]
        times = (
            f"{title:16}{one['namespace']:11.1f}{one['container']:11.1f}{middle:7.2f}{f'{low:.2f} to {high:.2f}':>15}"
        )
        click.echo(f"{times}{processor:>18}{used[1] / used[0]:7.2f}{cold:>18}")


if __name__ == "__main__":
    main()
