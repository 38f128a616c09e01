"""nbgrader, otter-grader and this grader on the same ten submissions, in one run on one machine.

    python -m benchmarks.peers [--rounds 3] [--json FILE]

Each round runs every tool on 1 and on 10 submissions, the tools alternating. The cost of one more
submission is (time for 10 - time for 1) / 9; start-up is the time for 1 less one submission; the
total for 100 is measured for this grader and start-up + 100 x cost for the others (marked `~`).
All tools use one slot, as nbgrader and `otter run` know no other way. Scores must agree.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import nbformat

from autograder.results.attempts import EVIDENCE, read
from benchmarks import peer_submissions as peer

HERE = Path(__file__).parent
COURSE = HERE / "peer_course" / "course.yaml"
MASTER = HERE / "peer_course" / "solutions" / "blocks" / "solution.py"
BIN = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "PYTHONWARNINGS": "ignore"}


def call(command: list[str], cwd: Path) -> None:
    """Run a tool; show what it printed and stop when it fails."""
    done = subprocess.run(command, cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise click.ClickException(
            f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        )


class Nbgrader:
    name = "nbgrader autograde"

    def __init__(self, folder: Path, books: list[str]) -> None:
        self.template = folder / "nbgrader-course"
        source = self.template / "source" / "blocks"
        source.mkdir(parents=True)
        nbformat.write(peer.nbgrader_notebook(books[0], source=True), source / "blocks.ipynb")
        (self.template / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'peer'\n")
        call([str(BIN / "nbgrader"), "generate_assignment", "blocks"], self.template)
        release = nbformat.read(self.template / "release" / "blocks" / "blocks.ipynb", as_version=4)
        by_id = {c.metadata["nbgrader"]["grade_id"]: c for c in release.cells}
        for number, book in enumerate(books):
            target = self.template / "submitted" / f"s{number:03d}" / "blocks"
            target.mkdir(parents=True)
            handed_in = peer.nbgrader_notebook(book, source=False)
            for cell in handed_in.cells:  # as released: checksums and locked cells
                released = by_id[cell.metadata["nbgrader"]["grade_id"]]
                cell.metadata = released.metadata
                if released.metadata["nbgrader"]["locked"]:
                    cell.source = released.source
            nbformat.write(handed_in, target / "blocks.ipynb")

    def run(self, folder: Path, count: int) -> tuple[float, list[float]]:
        course = folder / "course"
        shutil.copytree(self.template, course)
        for student in sorted((course / "submitted").iterdir())[count:]:
            shutil.rmtree(student)
        began = time.perf_counter()
        call([str(BIN / "nbgrader"), "autograde", "blocks"], course)
        seconds = time.perf_counter() - began
        call([str(BIN / "nbgrader"), "export", "--to", "grades.csv"], course)
        rows = csv.DictReader((course / "grades.csv").read_text().splitlines())
        scores = {row["student_id"]: float(row["raw_score"]) for row in rows if row["student_id"] < f"s{count:03d}"}
        return seconds, [scores[f"s{n:03d}"] for n in range(count)]


class Otter:
    name = "otter run"

    def __init__(self, folder: Path, books: list[str]) -> None:
        self.folder = folder / "otter"
        peer.otter_tests(self.folder / "tests")
        self.archive = self.folder / "autograder.zip"
        call(
            [
                str(BIN / "otter"),
                "generate",
                "-t",
                "tests",
                "-o",
                str(self.archive),
                "--no-requirements",
                "--no-environment",
            ],
            self.folder,
        )
        self.notebooks = []
        for number, book in enumerate(books):
            self.notebooks.append(self.folder / f"s{number:03d}.ipynb")
            nbformat.write(peer.plain_notebook(book), self.notebooks[-1])

    def run(self, folder: Path, count: int) -> tuple[float, list[float]]:
        seconds, scores = 0.0, []
        for notebook in self.notebooks[:count]:
            out = folder / notebook.stem
            out.mkdir(parents=True)
            began = time.perf_counter()
            call(
                [str(BIN / "otter"), "run", "-a", str(self.archive), "-o", str(out), "--no-logo", str(notebook)], folder
            )
            seconds += time.perf_counter() - began
            tests = json.loads((out / "results.json").read_text())["tests"]
            scores.append(float(sum(test.get("score", 0) for test in tests)))
        return seconds, scores


class Autograder:
    name = "autograder grade"

    def __init__(self, folder: Path, books: list[str]) -> None:
        self.tree = folder / "autograder" / "submitted"
        for number in range(100):
            target = self.tree / f"s{number:03d}" / "blocks"
            target.mkdir(parents=True)
            nbformat.write(peer.plain_notebook(books[number % len(books)]), target / "blocks.ipynb")

    def run(self, folder: Path, count: int) -> tuple[float, list[float]]:
        some = folder / "submitted"
        for student in sorted(self.tree.iterdir())[:count]:
            shutil.copytree(student, some / student.name)
        command = [str(BIN / "autograder"), "grade", str(some), "--course", str(COURSE), "--assignment", "blocks"]
        command += ["--output", str(folder / "results"), "--jobs", "1", "--backend", "namespace"]
        began = time.perf_counter()
        call(command, folder)
        seconds = time.perf_counter() - began
        found = {}
        for path in (folder / "results" / "staff" / "submissions" / "blocks").glob("*/result.json"):
            result = json.loads(path.read_text())
            evidence = read(folder / "results/staff/evidence/blocks" / path.parent.name, 1, EVIDENCE)
            source = json.loads(evidence)["submission"]["source"]
            number = next(part for part in Path(source).parts if part.startswith("s") and part[1:].isdigit())
            found[number] = float(result["score"])
        return seconds, [found[f"s{n:03d}"] for n in range(count)]


@click.command()
@click.option("--rounds", default=3, show_default=True, help="Rounds; the medians count.")
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Also write the figures here.")
def main(rounds: int, json_path: Path | None) -> None:
    """Compare the three graders side by side."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        books = peer.submissions(MASTER)
        tools = [Nbgrader(folder, books), Otter(folder, books), Autograder(folder, books)]
        seconds: dict[tuple[str, int], list[float]] = {}
        scores: dict[str, list[float]] = {}
        for number in range(rounds):
            for count in (1, 10):
                for tool in tools:
                    seconds.setdefault((tool.name, count), []).append(
                        timed(tool.run, folder / f"{number}-{count}", tool.name, count, scores)
                    )
            seconds.setdefault((tools[2].name, 100), []).append(
                timed(tools[2].run, folder / f"{number}-100", tools[2].name, 100, {})
            )
            click.echo(f"round {number + 1} of {rounds} done", err=True)
        figures = summarise({tool.name: tool.name for tool in tools}, seconds)
    agree = len({tuple(found) for found in scores.values()}) == 1
    report(figures, scores, agree)
    if json_path:
        json_path.write_text(json.dumps({"figures": figures, "scores": scores, "rounds": rounds}, indent=2) + "\n")
    if not agree:
        raise click.ClickException("the scores differ between the tools")


def timed(
    run: Callable[[Path, int], tuple[float, list[float]]],
    folder: Path,
    name: str,
    count: int,
    scores: dict[str, list[float]],
) -> float:
    place = folder / name.split()[0]
    place.mkdir(parents=True)
    took, found = run(place, count)
    if count == 10:
        scores[name] = found
    return took


def summarise(names: dict[str, str], seconds: dict[tuple[str, int], list[float]]) -> dict[str, dict[str, float]]:
    figures = {}
    for name in names:
        one = statistics.median(seconds[name, 1])
        ten = statistics.median(seconds[name, 10])
        # The difference is taken within each round, where the machine was in one mood.
        more = statistics.median([(b - a) / 9 for a, b in zip(seconds[name, 1], seconds[name, 10], strict=True)])
        start = max(0.0, one - more)
        hundred = statistics.median(seconds[name, 100]) if (name, 100) in seconds else start + 100 * more
        if (name, 100) in seconds:  # 99 more submissions tell the cost better than 9
            more = statistics.median([(b - a) / 99 for a, b in zip(seconds[name, 1], seconds[name, 100], strict=True)])
            start = max(0.0, one - more)
        figures[name] = {"start_up": start, "one_more": more, "total_10": ten, "total_100": hundred}
    return figures


def report(figures: dict[str, dict[str, float]], scores: dict[str, list[float]], agree: bool) -> None:
    click.echo(f"{'':22}{'start-up':>10}{'one more':>11}{'total 10':>11}{'total 100':>12}")
    for name, row in figures.items():
        mark = " " if name == Autograder.name else "~"
        click.echo(
            f"{name:22}{row['start_up']:9.2f}s{row['one_more']:10.3f}s{row['total_10']:10.1f}s{mark:>2}{row['total_100']:9.1f}s"
        )
    ours = figures[Autograder.name]
    for name, row in figures.items():
        if name != Autograder.name:
            click.echo(
                f"against {name}: one more {row['one_more'] / ours['one_more']:.0f} times cheaper, "
                f"all ten {row['total_10'] / ours['total_10']:.1f} times faster"
            )
    click.echo("scores agree: " + ("yes, " + str(scores[Autograder.name]) if agree else f"NO: {scores}"))


if __name__ == "__main__":
    main()
