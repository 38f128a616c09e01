"""What a student waits who hands in one notebook: the resident grader beside the one-off command, in one run.

    python -m benchmarks.resident [--rounds 3] [--assignment 03_separable]

Four figures, each the median over the rounds, in which the two take turns:

* one-off: `autograder grade` with one notebook, from the start of the command to its end, pages and all.
* hand-in: `autograder resident hand-in`, from the start of the command to its end.
* asked: the same through the socket, as a program that runs already would ask, until the feedback page is written.
* twelve: twelve students at once on two lanes, until the last page is written; to be read against one alone (asked).

Every notebook differs in a comment, so nothing is answered from what was graded before.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import click

from benchmarks.throughput import ROOT, solved

LANES = 2
AT_ONCE = 12


def notebooks(folder: Path, name: str, count: int) -> list[Path]:
    """Write `count` solved notebooks that differ in a comment, each in its student's folder."""
    book = solved(ROOT / "course.yaml", name)
    made = []
    for number in range(count):
        cell = {"cell_type": "code", "execution_count": None, "id": "own", "metadata": {}, "outputs": []}
        own = {**book, "cells": [*book["cells"], cell | {"source": f"# hand-in {number}\n"}]}
        path = folder / f"s{number + 100}" / name / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(own))
        made.append(path.parent.parent)
    return made


def timed(command: list[str]) -> float:
    """Run a command and return its seconds; a failure ends the benchmark."""
    begun = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):  # 1: an artifact is missing beside the notebook
        raise click.ClickException(done.stdout[-1500:] + done.stderr[-1500:])
    return time.perf_counter() - begun


def asked(path: Path, output: Path) -> float:
    """Ask the resident grader through its socket; return the seconds until the feedback page is written."""
    from autograder.workers.resident_socket import Connection

    begun = time.perf_counter()
    with Connection(ROOT / "course.yaml") as connection:
        connection.send({"op": "hand_in", "paths": [str(path)], "assignment": None, "output": str(output)})
        while (event := connection.receive())["event"] != "end":
            pass
    if event["error"]:
        raise click.ClickException(event["error"])
    return time.perf_counter() - begun


@click.command()
@click.option("--rounds", default=3, show_default=True)
@click.option("--assignment", default="03_separable", show_default=True)
def main(rounds: int, assignment: str) -> None:
    """Print the waiting times in seconds and their ratios, with the machine's load."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        os.environ["XDG_RUNTIME_DIR"] = scratch
        there = notebooks(root / "in", assignment, rounds * (3 + AT_ONCE) + LANES)
        autograder = [str(Path(sys.executable).parent / "autograder")]
        course = ["--course", str(ROOT / "course.yaml")]
        grader = subprocess.Popen(
            [*autograder, "resident", "start", *course, "--jobs", str(LANES), "--backend", "namespace"],
            stdout=subprocess.DEVNULL,
        )
        try:
            while subprocess.run([*autograder, "resident", "status", *course], capture_output=True).returncode:
                time.sleep(0.2)
            take = iter(there)
            warm = [threading.Thread(target=asked, args=(next(take), root / "warm")) for _ in range(LANES)]
            for thread in warm:
                thread.start()
            for thread in warm:
                thread.join()
            found: dict[str, list[float]] = {"one-off": [], "hand-in": [], "asked": [], "twelve": []}
            for number in range(rounds):
                one = [*autograder, "grade", str(next(take)), *course, "-o", str(root / f"one{number}"), "--jobs", "1"]
                found["one-off"].append(timed([*one, "--no-resident", "--backend", "namespace"]))
                by_command = [*autograder, "resident", "hand-in", str(next(take)), *course, "-o", str(root / "results")]
                found["hand-in"].append(timed(by_command))
                found["asked"].append(asked(next(take), root / "results"))
                begun = time.perf_counter()
                threads = [threading.Thread(target=asked, args=(next(take), root / "results")) for _ in range(AT_ONCE)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                found["twelve"].append(time.perf_counter() - begun)
        finally:
            grader.terminate()
            grader.wait(60)
            shutil.rmtree(root / "in")
    middle = {key: statistics.median(values) for key, values in found.items()}
    click.echo(f"{assignment}, {LANES} lanes, load {os.getloadavg()[0]:.1f}, {rounds} rounds, medians in seconds")
    for key, value in middle.items():
        click.echo(f"  {key:10} {value:8.2f}")
    click.echo(f"  one-off / asked: {middle['one-off'] / middle['asked']:.1f}")
    click.echo(f"  one-off / hand-in: {middle['one-off'] / middle['hand-in']:.1f}")
    click.echo(f"  twelve / asked: {middle['twelve'] / middle['asked']:.1f}")


if __name__ == "__main__":
    main()
