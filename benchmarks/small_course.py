"""Courses without torch beside the torch course: what is installed, start-up, and one more submission.

    python -m benchmarks.small_course [--rounds 5] [--installs]

words: a course that needs no library; sales: one about data frames; torch: the course of this repository. Install size:
bytes of the packages that grading each course needs, by what pip recorded,
without those of `dev`. Times are medians over
the rounds, in which the courses take turns,
so that what else the machine does meets all of them. With --installs each is
also installed into a fresh environment, from wheels that were downloaded before; processor time,
of pip and all it starts.
"""

from __future__ import annotations

import importlib.metadata as metadata
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

import click
from packaging.requirements import Requirement

from autograder.course.course import load_course
from autograder.records import SubmissionInfo
from autograder.release.starter import read_master, solution_notebook
from autograder.workers.messages import Job
from autograder.workers.pool import WorkerPool, setup_for

ROOT = Path(__file__).parents[1]
COURSES = {  # folder, assignment, what is installed for it: extras of the engine, libraries
    "words": (ROOT / "examples/words", "01_weather", (), ()),
    "sales": (ROOT / "examples/sales", "01_sales", (), ("pandas", "matplotlib")),
    "torch": (ROOT, "03_separable", ("course",), ()),
}
MORE = 5  # submissions after the first, of which the median is one more


def packages(extras: tuple[str, ...], libraries: tuple[str, ...]) -> set[str]:
    """Return the distributions that the engine with these extras and these libraries need, themselves among them."""
    found: set[tuple[str, str]] = set()
    waiting = [("course-autograder", extra) for extra in ("", *extras)] + [(name, "") for name in libraries]
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


def installs(extras: tuple[str, ...], libraries: tuple[str, ...], folder: Path) -> tuple[float, float]:
    """Return seconds of processor time and by the clock that pip takes to install all this into a fresh environment.

    folder: where wheels are put first; downloading them is not counted.
    """
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", folder, ROOT], check=True)
    [engine] = folder.glob("course_autograder-*.whl")
    wanted = [f"{engine}[{','.join(extras)}]" if extras else str(engine), *libraries]
    subprocess.run([*pip, "download", "-c", ROOT / "constraints.txt", "-d", folder, *wanted], check=True)
    with tempfile.TemporaryDirectory() as made:
        venv.create(made, with_pip=False)
        command = [*pip, "--python", f"{made}/bin/python", "install", "--no-index", "--no-cache-dir",
        "--find-links", folder,
                   "-c", ROOT / "constraints.txt", *wanted]  # fmt: skip
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run(command, check=True)
        after, ended = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, ended - begun


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
@click.option("--installs", "with_installs", is_flag=True, help="Install each into a fresh environment, too.")
def main(rounds: int, with_installs: bool) -> None:
    """Print the figures of the courses, and how many times the first's the last's are."""
    lines = [("installed, MB", {name: megabytes(packages(*needs)) for name, (_, _, *needs) in COURSES.items()}, ".0f")]
    if with_installs:
        taken = {}
        for name, (_, _, *needs) in COURSES.items():
            with tempfile.TemporaryDirectory() as folder:
                taken[name] = installs(*needs, Path(folder))
        lines.append(("pip, s (processor)", {name: one[0] for name, one in taken.items()}, ".1f"))
        lines.append(("pip, s (clock)", {name: one[1] for name, one in taken.items()}, ".1f"))
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in COURSES}
    for _ in range(rounds):
        for name, (root, assignment, *_needs) in COURSES.items():
            found[name].append(times(root, assignment))
    for place, title, form in ((0, "start-up, s", ".2f"), (1, "one more, s", ".3f")):
        lines.append(
            (title, {name: statistics.median(one[place] for one in taken) for name, taken in found.items()}, form)
        )
    click.echo(f"{rounds} rounds, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for title, figures, form in lines:
        each = "  ".join(f"{name} {figure:{form}}" for name, figure in figures.items())
        click.echo(f"{title:18} {each}  torch/words {figures['torch'] / figures['words']:.1f}")


if __name__ == "__main__":
    main()
