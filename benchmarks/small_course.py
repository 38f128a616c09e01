"""A small course without torch beside the torch course: what is installed, start-up, and one more submission.

    python -m benchmarks.small_course [--rounds 5]

Install size: bytes of the packages that each course's extras bring, by what pip recorded, without those of `dev`. Times
are medians over the rounds, in which the two courses take turns, so that what else the machine does meets both.
"""

from __future__ import annotations

import importlib.metadata as metadata
import os
import re
import statistics
from pathlib import Path

import click
from packaging.requirements import Requirement

from autograder.course.course import load_course
from autograder.records import SubmissionInfo
from autograder.release.starter import read_master, solution_notebook
from autograder.workers.messages import Job
from autograder.workers.pool import WorkerPool, setup_for

ROOT = Path(__file__).parents[1]
COURSES = {"small": (ROOT / "examples/words", "01_weather", ()), "torch": (ROOT, "03_separable", ("course",))}
MORE = 5  # submissions after the first, of which the median is one more


def packages(extras: tuple[str, ...]) -> set[str]:
    """Return the distributions that the engine with these extras needs, itself among them."""
    found: set[tuple[str, str]] = set()
    waiting = [("course-autograder", extra) for extra in ("", *extras)]
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in found:
            continue
        found.add((name, extra))
        try:
            needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError:  # for another system
            continue
        for need in map(Requirement, needs):
            if need.marker is None or need.marker.evaluate({"extra": extra}):
                waiting += [(re.sub(r"[-_.]+", "-", need.name).lower(), more) for more in ("", *need.extras)]
    return {name for name, _ in found}


def megabytes(names: set[str]) -> float:
    """Return what these distributions occupy on disk, in MB."""
    size = 0
    for name in names:
        try:
            files = metadata.files(name) or []
        except metadata.PackageNotFoundError:
            continue
        size += sum(path.stat().st_size for file in files if (path := Path(str(file.locate()))).is_file())
    return size / 1e6


def times(root: Path, assignment: str) -> tuple[float, float]:
    """Return seconds until a slot is ready, and of one more submission, with one worker."""
    course = load_course(root)
    one = course.assignment(assignment)
    notebook = solution_notebook(read_master(one))
    setup = setup_for(root / "course.yaml", assignment, "auto", b"0" * 32)
    jobs = [Job(key=str(i), submission=SubmissionInfo(subject=f"s{i}", notebook_sha256=f"{i:064x}"), notebook=notebook)
            for i in range(MORE + 1)]  # fmt: skip
    with WorkerPool(setup, one.limits, workers=1) as pool:
        ready = pool.wait_ready().seconds
        taken = [done.seconds for done in pool.run(jobs)]
    return ready, statistics.median(taken[1:])


@click.command()
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True)
def main(rounds: int) -> None:
    """Print the figures of both courses and their ratios."""
    size = {name: megabytes(packages(extras)) for name, (_, _, extras) in COURSES.items()}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in COURSES}
    for _ in range(rounds):
        for name, (root, assignment, _) in COURSES.items():
            found[name].append(times(root, assignment))
    ready, more = ({name: statistics.median(one[i] for one in taken) for name, taken in found.items()} for i in (0, 1))
    click.echo(f"{rounds} rounds, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    lines = (("installed, MB", size, ".0f"), ("start-up, s", ready, ".2f"), ("one more, s", more, ".3f"))
    for title, figures, form in lines:
        ratio = figures["torch"] / figures["small"]
        click.echo(f"{title:14} small {figures['small']:{form}}  torch {figures['torch']:{form}}  ratio {ratio:.1f}")


if __name__ == "__main__":
    main()
