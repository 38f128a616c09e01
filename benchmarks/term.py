"""A term of many students: what it costs to compute all their grades again.

    python -m benchmarks.term [--students 1000 100000] [--assignment 03_separable]

The sample submissions of the assignment are graded for real once; their evidence and results are then copied under as
many ids as there are students (`benchmarks.scale`). Then, for the smallest and the largest class in turn:

- `rescore`, where no grade changes;
- `rescore` with a decision that changes the grade of everybody: each change is a line of the preview.

With `--apply` that decision is also written, with every page. Processor time is that of a command and all its processes
together, memory that of the largest of them. A machine that does nothing else needs the processor time divided by its
cores; on one that does, the seconds on the clock say little, so the load is printed beside them.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from autograder.course.course import load_course
from autograder.workers.cores import default_workers
from benchmarks.scale import ROOT, ClassOf, measured

DECISION = """adjustments:
  - {{kind: reweight_question, assignment: {assignment}, question: {question}, points: {points},
     who: benchmark, why: to see, when: 2026-10-20}}
"""


class Took(NamedTuple):
    """What one command took of one class. seconds: on the clock; said: its last line."""

    command: str
    students: int
    processor_seconds: float
    peak_mib: float
    seconds: float
    load: float
    said: str


def run(
    students: Sequence[int], assignment: str, folder: Path, *, samples: Path = ROOT / "samples", apply: bool = False
) -> Iterator[Took]:
    """Yield what each command took of each class, all made in `folder` of what lies in `samples`."""
    graded, decision = folder / "graded", folder / "decision.yaml"
    named = [str(samples), "--assignment", assignment, "--course", str(ROOT)]
    measured(["grade", *named, "--output", str(graded), "--no-gradebook"])
    first = load_course(ROOT).assignment(assignment).questions[0]
    decision.write_text(DECISION.format(assignment=assignment, question=first.id, points=first.points + 1))
    classes = [ClassOf(folder, count, assignment, graded, with_results=True) for count in students]
    every = ["--adjustments", str(decision)]
    commands: dict[str, list[str]] = {"rescore, no change": [], "rescore, all change": every}
    if apply:
        commands["rescore --apply, all change"] = [*every, "--apply", "--who", "benchmark", "--why", "to see"]
    for command, options in commands.items():
        for one in classes:
            began = time.monotonic()
            spent, memory, said = measured(["rescore", str(one.results), "--course", str(one.course), *options])
            yield Took(command, one.students, spent, memory, time.monotonic() - began, os.getloadavg()[0], said)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, nargs="+", default=[1000, 100_000])
    parser.add_argument("--assignment", default="03_separable")
    parser.add_argument("--apply", action="store_true", help="Also write what changes, with every page.")
    parser.add_argument("--json", action="store_true", help="Print what was measured as JSON.")
    arguments = parser.parse_args()
    cores = default_workers()
    if not arguments.json:
        print(f"{'':28}{'students':>10}{'ms each':>9}{'MiB':>6}{f'seconds / {cores} cores':>18}{'clock':>8}{'load':>6}")
    with tempfile.TemporaryDirectory() as name:
        for took in run(arguments.students, arguments.assignment, Path(name), apply=arguments.apply):
            if arguments.json:
                print(json.dumps(took._asdict()), flush=True)
            else:
                each = 1000 * took.processor_seconds / took.students
                print(f"{took.command:28}{took.students:10,}{each:9.2f}{took.peak_mib:6.0f}"
                      f"{took.processor_seconds / cores:18.0f}{took.seconds:8.0f}{took.load:6.1f}",
                      flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
