"""Does the grader's own memory grow over 500 submissions?

    python -m benchmarks.memory [--count 500]

Grades distinct copies of the four-question notebook in one slot, and samples the resident memory of
the trusted processes (main process and worker) and of the relay and zygote as results appear.
Fails when the median of the last tenth is more than 5 % and 8 MiB above that of the second tenth.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click
import psutil

from benchmarks.throughput import ROOT, solved

COURSE = ROOT / "benchmarks" / "peer_course" / "course.yaml"


def resident(main: psutil.Process) -> dict[str, float]:
    """MiB by process: the main process, the worker, and everything in the slot."""
    found = {"grader": main.memory_info().rss / 2**20}
    for child in main.children(recursive=True):
        try:
            kind = "worker" if "autograder.workers.worker" in " ".join(child.cmdline()) else "slot"
            found[kind] = found.get(kind, 0.0) + child.memory_info().rss / 2**20
        except psutil.NoSuchProcess:
            continue
    return found


@click.command()
@click.option("--count", default=500, show_default=True)
def main(count: int) -> None:
    """Watch the grader's memory over many submissions."""
    import json

    book = solved(COURSE, "blocks")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        cell = {"cell_type": "code", "execution_count": None, "id": "own", "metadata": {}, "outputs": []}
        for number in range(count):
            path = root / "submitted" / f"n{number:04d}" / "blocks" / "blocks.ipynb"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps({**book, "cells": [*book["cells"], cell | {"source": f"# {number}"}]}))
        command = [sys.executable, "-m", "autograder", "grade", str(root / "submitted"), "--course", str(COURSE)]
        command += ["--output", str(root / "results"), "--jobs", "1", "--backend", "namespace"]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        watched = psutil.Process(child.pid)
        samples: list[tuple[int, dict[str, float]]] = []
        while child.poll() is None:
            time.sleep(0.25)
            done = sum(1 for _ in (root / "results" / "staff" / "submissions" / "blocks").glob("*/result.json"))
            if done:
                try:
                    samples.append((done, resident(watched)))
                except psutil.NoSuchProcess:
                    break
        graded = len(list((root / "results" / "staff" / "submissions" / "blocks").glob("*/result.json")))
    if child.wait() or graded != count:
        raise click.ClickException(f"exit status {child.returncode}, {graded} of {count} results")
    grew = False
    for kind in ("grader", "worker", "slot"):
        early = [s.get(kind, 0.0) for n, s in samples if count * 0.1 <= n < count * 0.2]
        late = [s.get(kind, 0.0) for n, s in samples if n >= count * 0.9]
        a, b = statistics.median(early), statistics.median(late)
        grew |= kind != "slot" and b > a * 1.05 and b > a + 8
        click.echo(f"{kind:8} {a:8.1f} MiB after a tenth, {b:8.1f} MiB at the end ({b - a:+.1f})")
    if grew:
        raise click.ClickException("the grader's own memory grows")


if __name__ == "__main__":
    main()
