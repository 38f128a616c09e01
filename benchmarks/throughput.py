"""Time for one submission after start-up, end to end to written results, and where it goes.

    python -m benchmarks.throughput [--count 40] [--rounds 3]

One slot (`--jobs 1`) grades copies of one solved notebook. The time of one submission is the time
between two results reaching the disk (their modification times), so it holds everything: reading,
fork, cells, tests, evidence, result, feedback page, gradebook. The split comes
from the evidence (fork, notebook, tests); what is left is named `writing` and split by timing the
feedback page on its own. Medians over all submissions of a round, then over rounds. Nothing is handed in
beside the notebook: an artifact question says that its file is missing, and all else passes.
"""

from __future__ import annotations

import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from autograder.results.attempts import EVIDENCE, read

ROOT = Path(__file__).parents[1]
ASSIGNMENTS = (
    ("four questions", ROOT / "benchmarks" / "peer_course" / "course.yaml", "blocks"),
    ("03_separable", ROOT / "course.yaml", "03_separable"),
    ("04_distillation", ROOT / "course.yaml", "04_distillation"),
)
FIGURE = """import matplotlib.pyplot as plt
fig, axes = plt.subplots(2, 4)
for axis in axes.flat:
    axis.plot([1, 2, 3])
plt.show()
"""


def solved(course_path: Path, name: str) -> dict:
    """The assignment's solution as a notebook."""
    from autograder.course.course import load_course
    from autograder.release.master import read_master
    from autograder.release.starter import solution_notebook

    assignment = load_course(course_path).assignment(name)
    return json.loads(solution_notebook(read_master(assignment)))


def measure(course: Path, name: str, count: int, *, figure: bool) -> dict[str, float]:
    """Seconds: start_up, submission (median), fork, notebook, tests, other; and peak memory in MiB."""
    from autograder.course.course import load_course

    book = solved(course, name)
    artifacts = {q.id for q in load_course(course).assignment(name).questions if q.kind == "artifact"}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for number in range(count):
            extra = FIGURE if figure else ""
            cell = {"cell_type": "code", "execution_count": None, "id": "own", "metadata": {}, "outputs": []}
            own = {**book, "cells": [*book["cells"], cell | {"source": f"{extra}# submission {number}\n"}]}
            path = root / "submitted" / f"s{number:03d}" / name / f"{name}.ipynb"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(own))
        command = [sys.executable, "-m", "autograder", "grade", str(root / "submitted"), "--course", str(course)]
        command += ["--output", str(root / "results"), "--jobs", "1", "--backend", "namespace"]
        began = time.time()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise click.ClickException(done.stdout[-2000:] + done.stderr[-2000:])
        results = sorted(
            (root / "results/staff" / "submissions" / name).glob("*/result.json"),
            key=lambda p: p.stat().st_mtime_ns,
        )
        times = [path.stat().st_mtime_ns / 1e9 for path in results]
        evidence = [
            json.loads(read(folder, 1, EVIDENCE)) for folder in (root / "results/staff/evidence" / name).iterdir()
        ]
        for one in evidence:
            bad = [t["name"] for t in one["tests"] if t["status"] != "passed" and t["question"] not in artifacts]
            if one["outcome"] != "graded" or bad:
                raise click.ClickException(
                    f"the solution should pass everything; {one['outcome']} {one['reason']} {bad}"
                )
    gaps = [b - a for a, b in itertools.pairwise(times)]
    split = {k: statistics.median(e["timings"][k] for e in evidence) for k in ("fork", "notebook", "tests", "total")}
    one = statistics.median(gaps)
    return {
        "start_up": times[0] - began - one,
        "submission": one,
        "fork": split["fork"],
        "notebook": split["notebook"],
        "tests": split["tests"],
        "writing": one - split["total"],
        "peak_mib": max(e["sandbox"]["peak_memory_bytes"] for e in evidence) / 2**20,
        "count_tests": len(evidence[0]["tests"]),
    }


@click.command()
@click.option("--count", default=40, show_default=True, help="Submissions a round.")
@click.option("--rounds", default=3, show_default=True)
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Also write the figures here.")
def main(count: int, rounds: int, json_path: Path | None) -> None:
    """Print the time of one submission and its split, in milliseconds."""
    keys = ("start_up", "submission", "fork", "notebook", "tests", "writing")
    found: dict[str, dict[str, float]] = {}
    click.echo(f"{'milliseconds':28}{'tests':>6}" + "".join(f"{key:>12}" for key in keys) + f"{'peak MiB':>10}")
    for title, course, name in ASSIGNMENTS:
        for figure in (False, True) if name == "03_separable" else (False,):
            runs = [measure(course, name, count, figure=figure) for _ in range(rounds)]
            row = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
            label = title + (" + a 2×4 figure" if figure else "")
            found[label] = row
            numbers = "".join(f"{1000 * row[key]:12.1f}" for key in keys)
            click.echo(f"{label:28}{row['count_tests']:6.0f}{numbers}{row['peak_mib']:10.0f}")
    if json_path:
        json_path.write_text(json.dumps({"count": count, "rounds": rounds, "figures": found}, indent=2) + "\n")


if __name__ == "__main__":
    main()
