"""An imported assignment beside the grader that it was made for: the same submissions, score by score, and the time.

    python -m benchmarks.legacy nbgrader SOURCE [--mutants 6] [--json FILE]
    python -m benchmarks.legacy otter MASTER [--mutants 6] [--json FILE]

The peer makes its own release; submissions are that release with the solution in it, as it is, and with small mistakes
in the solution (those that validation makes, chosen at even steps). The peer grades each one and so does this grader,
in turns, in one process each. Scores are compared cell by cell (nbgrader) or question by question (otter). Seconds are
those of one further submission; a ratio of both is what can be compared between machines.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import nbformat

from autograder.course.course import LatePolicy, load_course
from autograder.course.public_files import working_beside
from autograder.exchange.legacy.bring import bring
from autograder.exchange.legacy.model import ForeignAssignment, one_notebook
from autograder.exchange.legacy.nbgrader_source import read_source
from autograder.exchange.legacy.otter_master import read_master as read_otter
from autograder.exchange.legacy.report import summary
from autograder.grading.grader import Grader
from autograder.grading.machine_lock import MachineLock
from autograder.records import Evidence, SubmissionInfo
from autograder.release.files import write_release
from autograder.release.starter import build_release, read_master
from autograder.sandbox.choose import open_slot
from autograder.sandbox.interface import SlotConfig
from autograder.scoring.score import score
from autograder.validation.mutants import make_mutants
from benchmarks.peers import BIN, ENVIRONMENT, call

Scores = dict[str, float]


class Ours:
    """The imported assignment, with one slot and one grader for all submissions."""

    def __init__(self, draft: ForeignAssignment, root: Path, stack: contextlib.ExitStack) -> None:
        self.draft = draft
        bring(draft, root, "hw", "Homework", "namespace")
        self.assignment = load_course(root).assignments[0]
        write_release(build_release(self.assignment))
        self.master = read_master(self.assignment)
        paths = self.assignment.public_paths
        slot = open_slot("namespace", SlotConfig(self.assignment.preload, paths, self.assignment.limits))
        stack.callback(slot.close)
        stack.enter_context(working_beside(paths))
        lock = stack.enter_context(MachineLock(None))
        with contextlib.redirect_stdout(io.StringIO()):
            self._grader = stack.enter_context(Grader(self.assignment, slot, b"b" * 32, lock))

    def evidence(self, data: bytes) -> Evidence:
        info = SubmissionInfo(subject="s1", notebook_sha256=hashlib.sha256(data).hexdigest())
        return self._grader.grade(info, data).evidence

    def items(self, data: bytes) -> Scores:
        """Return item -> its points, as the other grader counts them."""
        found = {test.name.removeprefix("test_"): test for test in self.evidence(data).tests}
        points: Scores = {}
        for item in self.draft.items:
            if item.level is not None:
                test = found[item.id]
                share = 1.0 if test.status.value == "passed" else test.credit or 0.0
                points[item.id] = round(item.points * share, 4)
        return points

    def questions(self, data: bytes) -> Scores:
        """Return question -> its points."""
        result = score(self.evidence(data), self.assignment, LatePolicy())
        return {question.id: round(question.score, 4) for question in result.questions if question.score is not None}

    def mutants(self, most: int) -> list[tuple[str, dict[str, str]]]:
        """Return (name, grade_id of a blank -> its source) of some small mistakes, at even steps among all."""
        made = make_mutants(self.master)
        step = max(1, len(made) // most) if most else len(made) + 1
        cells = self.master.notebook.cells
        return [
            (mutant.operator, {cells[mutant.cell].metadata["nbgrader"]["grade_id"]: mutant.source})
            for mutant in made[::step][:most]
        ]

    def solution(self) -> dict[str, str]:
        """Return grade_id of a blank -> its solution."""
        from autograder.release.markers import solved

        return {
            cell.metadata["nbgrader"]["grade_id"]: solved(cell.source)
            for cell in self.master.notebook.cells
            if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
        }


class Nbgrader:
    """nbgrader's own release and gradebook, in a folder."""

    def __init__(self, source: Path, folder: Path) -> None:
        self._folder, self._name = folder, source.stem
        place = folder / "source" / "hw"
        shutil.copytree(source.parent, place, ignore=lambda _, names: [n for n in names if n.endswith(".ipynb")])
        shutil.copy(source, place)
        (folder / "nbgrader_config.py").write_text("c = get_config()\nc.CourseDirectory.course_id = 'peer'\n")
        call([str(BIN / "nbgrader"), "generate_assignment", "hw", "--create"], folder)
        self.release = folder / "release" / "hw" / source.name

    def grade(self, data: bytes, student: str) -> Scores:
        target = self._folder / "submitted" / student / "hw"
        target.mkdir(parents=True)
        (target / self.release.name).write_bytes(data)
        call([str(BIN / "nbgrader"), "autograde", "hw", "--student", student, "--force"], self._folder)
        from nbgrader.api import Gradebook

        with Gradebook(f"sqlite:///{self._folder / 'gradebook.db'}") as book:
            submission = book.find_submission_notebook(self._name, "hw", student)
            return {
                grade.name: round(grade.auto_score, 4) for grade in submission.grades if grade.auto_score is not None
            }


class Otter:
    """What `otter assign` makes of a master; each submission is graded as `otter run` does, in a process of its own."""

    RUN = """\
import glob, json, sys
from otter.execute import grade_notebook
nb, tests, cwd, seed = sys.argv[1:5]
found = grade_notebook(nb, tests_glob=sorted(glob.glob(tests + "/*.py")), cwd=cwd, test_dir=tests,
                       seed=int(seed) if seed else None)
print("@@" + json.dumps({name: file.score for name, file in found.results.items()}))
"""

    def __init__(self, master: Path, folder: Path) -> None:
        place = folder / "master"
        shutil.copytree(master.parent, place)
        call([str(BIN / "otter"), "assign", "--no-run-tests", master.name, "dist"], place)
        self._autograder = place / "dist" / "autograder"
        self.release = place / "dist" / "student" / master.name
        self._tests = self._autograder / "tests"
        config = self._autograder / "otter_config.json"
        settings = json.loads(config.read_text()) if config.is_file() else {}
        self._seed = str(settings.get("seed", "") or "")
        if not self._tests.is_dir():
            archive = next(iter(self._autograder.glob("*.zip")), None)
            if archive is None:
                raise click.ClickException(f"{master}: otter wrote no tests; `generate: true` is missing in its config")
            shutil.unpack_archive(archive, folder / "zip")
            self._tests = folder / "zip" / "tests"

    def grade(self, data: bytes, student: str) -> Scores:
        notebook = self.release.parent / f"{student}.ipynb"
        notebook.write_bytes(data)
        command = [sys.executable, "-c", self.RUN, str(notebook), str(self._tests), str(notebook.parent), self._seed]
        done = subprocess.run(
            command, cwd=notebook.parent, env=ENVIRONMENT, capture_output=True, text=True, check=False
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("@@")]
        if not lines:
            raise click.ClickException(f"otter did not grade {student}: {done.stderr[-2000:]}")
        return {str(name): round(float(points), 4) for name, points in json.loads(lines[-1][2:]).items()}


def with_answers(release: Path, ours: Ours, answers: dict[str, str], blanks: list[int]) -> bytes:
    """Return the peer's release with these answers, by our grade_ids. blanks: its answer cells, in order."""
    document: Any = nbformat.read(release, as_version=4)  # type: ignore[no-untyped-call]
    order = [cell.grade_id for cell in ours.draft.cells if cell.kind == "code" and cell.role in ("blank", "manual")]
    if len(order) != len(blanks):
        raise click.ClickException(f"{release}: found {len(blanks)} answer cells, expected {len(order)}")
    for place, grade_id in zip(blanks, order, strict=True):
        if grade_id in answers:
            document.cells[place].source = answers[grade_id]
    return nbformat.writes(document).encode()  # type: ignore[no-untyped-call,no-any-return]


def answer_cells(release: Path) -> list[int]:
    """Return the places of the code cells that students of the peer's release fill in."""
    document: Any = nbformat.read(release, as_version=4)  # type: ignore[no-untyped-call]
    return [
        place
        for place, cell in enumerate(document.cells)
        if cell.cell_type == "code"
        and (cell.metadata.get("nbgrader", {}).get("solution") or "otter_answer_cell" in cell.metadata.get("tags", ()))
    ]


def submissions(release: Path, ours: Ours, most: int) -> Iterator[tuple[str, bytes]]:
    """Yield (name, notebook): the solution, the release as it is, and small mistakes."""
    blanks, solution = answer_cells(release), ours.solution()
    yield "solution", with_answers(release, ours, solution, blanks)
    yield "starter", release.read_bytes()
    for number, (operator, changed) in enumerate(ours.mutants(most), start=1):
        yield f"mistake{number}-{operator.replace(' ', '-')}", with_answers(release, ours, solution | changed, blanks)


@click.command()
@click.argument("system", type=click.Choice(["nbgrader", "otter"]))
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.option("--mutants", type=click.IntRange(0), default=6, show_default=True)
@click.option("--json", "json_path", type=click.Path(path_type=Path), default=None)
def main(system: str, source: Path, mutants: int, json_path: Path | None) -> None:
    """Compare scores and times on one assignment."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="legacy-")))
        notebook = one_notebook(source).resolve()
        peer = Nbgrader(notebook, folder / "peer") if system == "nbgrader" else Otter(notebook, folder / "peer")
        ours = Ours(read_source(notebook) if system == "nbgrader" else read_otter(notebook), folder / "ours", stack)
        original = {item.at: item.id for item in ours.draft.items}
        names = {cell.original: original.get(cell.grade_id, "") for cell in ours.draft.cells if cell.role == "check"}
        if system == "otter":
            names = {question.title: question.id for question in ours.draft.questions}
        agreed, differences, theirs_took, ours_took = 0, [], [], []
        for name, data in submissions(peer.release, ours, mutants):
            begun = time.perf_counter()
            theirs = peer.grade(data, name)
            between = time.perf_counter()
            mine = ours.items(data) if system == "nbgrader" else ours.questions(data)
            theirs_took.append(between - begun)
            ours_took.append(time.perf_counter() - between)
            for foreign, points in theirs.items():
                id = names.get(foreign, "")
                if id not in mine:
                    continue
                if abs(mine[id] - points) < 1e-6:
                    agreed += 1
                else:
                    differences.append({"submission": name, "item": foreign, "theirs": points, "ours": mine[id]})
        found = {
            "system": system,
            "source": notebook.name,
            "levels": summary(ours.draft),
            "submissions": len(theirs_took),
            "scores that agree": agreed,
            "differences": differences,
            "seconds, theirs": round(statistics.median(theirs_took), 3),
            "seconds, ours": round(statistics.median(ours_took), 3),
            "times faster": round(statistics.median(theirs_took) / statistics.median(ours_took), 1),
        }
    click.echo(json.dumps(found, indent=1))
    if json_path is not None:
        json_path.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
