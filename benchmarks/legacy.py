"""An imported assignment beside the grader that it was made for: the same submissions, score by score, and the time.

    python -m benchmarks.legacy one nbgrader SOURCE [--mutants 8]
    python -m benchmarks.legacy one otter MASTER [--mutants 8]
    python -m benchmarks.legacy courses FOLDER [--only WORD] [--json FILE]

`one` compares one assignment, `courses` those of `benchmarks/legacy_courses.yaml`. FOLDER has a clone of each
repository, by the names in that file; none is part of this project.

The peer makes its own release; submissions are that release with the solution in it, as it is, and with small mistakes
in the solution (those that validation makes, chosen at even steps). Scores are compared cell by cell (nbgrader) or
question by question (otter). What one more submission costs is told in seconds of the processor, with all processes
that took part, here as the median of several rounds. What the own cells of the notebook compute, both pay: it is told
apart, as what they take in a process where all is imported, less what as many empty cells take there. otter starts a
process for each submission (`otter run`, `otter grade`), nbgrader none beside the kernel.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
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
from autograder.release.markers import solved
from autograder.release.starter import build_release, read_master
from autograder.sandbox.choose import open_slot
from autograder.sandbox.interface import ChannelClosed, ChannelTimeout, SlotConfig
from autograder.sandbox.student import StudentProcess
from autograder.scoring.score import score
from autograder.validation.mutants import make_mutants
from benchmarks.legacy_peers import CellScore, Graded, Nbgrader, Otter, Spent, processor_of_tree

ROUNDS = 3


class Ours:
    """The imported assignment, with one slot and one grader for all submissions."""

    def __init__(self, draft: ForeignAssignment, root: Path, stack: contextlib.ExitStack) -> None:
        self.draft = draft
        bring(draft, root, "hw", "Homework", "namespace")
        self._original = {cell.grade_id: cell.original for cell in draft.cells if cell.role == "check"}
        self.assignment = load_course(root).assignments[0]
        write_release(build_release(self.assignment))
        self.master = read_master(self.assignment)
        paths = self.assignment.public_paths
        slot = open_slot("namespace", SlotConfig(self.assignment.preload, paths, self.assignment.limits))
        self._slot = slot
        stack.callback(slot.close)
        stack.enter_context(working_beside(paths))
        lock = stack.enter_context(MachineLock(None))
        with contextlib.redirect_stdout(io.StringIO()):
            self._grader = stack.enter_context(Grader(self.assignment, slot, b"b" * 32, lock))

    def evidence(self, data: bytes) -> Evidence:
        info = SubmissionInfo(subject="s1", notebook_sha256=hashlib.sha256(data).hexdigest())
        return self._grader.grade(info, data).evidence

    def grade(self, data: bytes) -> Graded:
        """Return the scores as the other grader tells them: by its test cell and answer cell, or by its question."""
        evidence = self.evidence(data)
        result = score(evidence, self.assignment, LatePolicy())
        by_question = {question.id: question for question in result.questions}
        found = Graded(failed="" if result.score is not None else result.reason)
        tests = {test.name.removeprefix("test_"): test for test in evidence.tests}
        if self.draft.system == "otter":
            left = {item.question for item in self.draft.items if item.level is None}
            for question in self.draft.questions:
                graded = by_question.get(question.id)
                if question.kind == "tests" and question.id not in left and graded is not None:
                    points = None if graded.score is None else round(graded.score, 4)
                    found.scores[question.title] = CellScore(points, graded.max_score)
            return found
        for item in self.draft.items:
            if item.level is not None:
                test = tests[item.id]
                share = 1.0 if test.status.value == "passed" else test.credit or 0.0
                found.scores[self._original[item.at]] = CellScore(round(item.points * share, 4), item.points)
        for cell in self.draft.cells:
            if cell.role == "manual" and cell.original:
                graded = by_question[cell.question]
                waits = graded.status == "needs_manual_grade"
                found.scores[cell.original] = CellScore(None if waits else graded.score, graded.max_score, waits)
        untouched = {cell.grade_id for cell in evidence.matched or () if cell.untouched}
        found.unchanged = frozenset(
            cell.original for cell in self.draft.cells if cell.original and cell.grade_id in untouched
        )
        return found

    def cells_alone(self, data: bytes) -> float:
        """Return the processor seconds of a notebook's code cells, less those of as many that do nothing."""
        document: Any = nbformat.reads(data.decode(), as_version=4)  # type: ignore[no-untyped-call]
        sources = [cell.source for cell in document.cells if cell.cell_type == "code"]
        return max(0.0, self._processor_of(sources) - self._processor_of(["pass"] * len(sources)))

    def _processor_of(self, sources: list[str]) -> float:
        before = processor_of_tree()
        student = StudentProcess(self._slot.start_student(), self.assignment.limits)
        with contextlib.suppress(ChannelClosed, ChannelTimeout):
            for index, source in enumerate(sources):
                student.run_cell(source, index, 60.0)
        self._slot.end_student()
        return processor_of_tree() - before

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
        return {
            cell.metadata["nbgrader"]["grade_id"]: solved(cell.source)
            for cell in self.master.notebook.cells
            if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
        }


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


@dataclass
class Compared:
    """One assignment, graded by both."""

    course: str
    source: str
    levels: str
    submissions: int = 0
    agree: int = 0
    differences: list[dict[str, Any]] = field(default_factory=list)
    theirs: Spent = field(default_factory=Spent)
    ours: Spent = field(default_factory=Spent)
    cells: float = 0.0  # processor seconds that the notebook's own cells take, on either side
    failed: str = ""

    @property
    def times(self) -> float:
        """Return how many times less processor time one more submission costs here."""
        return self.theirs.processor / self.ours.processor if self.ours.processor else 0.0


def compare(system: str, source: Path, most: int, course: str = "", config: str = "") -> Compared:
    """Import an assignment, let both grade its solution, starter and `most` mistakes, and compare."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="legacy-")))
        notebook = one_notebook(source).resolve()
        peer: Nbgrader | Otter
        peer = Nbgrader(notebook, folder / "peer", config) if system == "nbgrader" else Otter(notebook, folder / "peer")
        ours = Ours(read_source(notebook) if system == "nbgrader" else read_otter(notebook), folder / "ours", stack)
        books = dict(submissions(peer.release, ours, most))
        first, *others = books
        theirs, began = peer.grade({first: books[first]})
        more, spent = peer.grade({name: books[name] for name in others})
        theirs |= more
        mine = {first: ours.grade(books[first])}
        took = []
        for _ in range(ROUNDS):
            clock, processor = time.perf_counter(), processor_of_tree()
            mine |= {name: ours.grade(books[name]) for name in others}
            took.append((processor_of_tree() - processor, time.perf_counter() - clock))
        processor, clock = sorted(took)[len(took) // 2]
        cells = statistics.mean(ours.cells_alone(books[name]) for name in others)
        further = began if system == "otter" else spent.per_further(began, len(others))
        found = Compared(
            course, notebook.name, summary(ours.draft), len(books), theirs=further,
            ours=Spent(clock / len(others), processor / len(others)), cells=cells,
        )  # fmt: skip
    for name in books:
        tell_apart(found, name, theirs[name], mine[name])
    return found


def tell_apart(found: Compared, name: str, theirs: Graded, ours: Graded) -> None:
    """Count what both say alike of one submission, and keep what they do not."""
    if theirs.failed or ours.failed:
        found.differences.append({"submission": name, "theirs": theirs.failed, "ours": ours.failed})
        return
    for cell, points in theirs.scores.items():
        mine = ours.scores.get(cell)
        if mine is None:
            continue
        here = (points.auto, points.most, points.waits)
        if _alike(points.auto, mine.auto) and _alike(points.most, mine.most) and points.waits == mine.waits:
            found.agree += 1
        else:
            there = (mine.auto, mine.most, mine.waits)
            found.differences.append({"submission": name, "cell": cell, "theirs": here, "ours": there})


def _alike(one: float | None, other: float | None) -> bool:
    return one is other if one is None or other is None else abs(one - other) < 1e-3


@click.group()
def main() -> None:
    """Compare imported assignments with the graders that they were made for."""


@main.command("one")
@click.argument("system", type=click.Choice(["nbgrader", "otter"]))
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.option("--mutants", type=click.IntRange(1), default=8, show_default=True)
@click.option("--course", default="")
@click.option("--config", default="", help="More lines of nbgrader_config.py.")
def one(system: str, source: Path, mutants: int, course: str, config: str) -> None:
    """Compare one assignment and print what was found as JSON."""
    click.echo(json.dumps(asdict(compare(system, source, mutants, course, config)), indent=1))


@main.command("courses")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--only", default="", help="Only courses and notebooks with this in their names.")
@click.option("--mutants", type=click.IntRange(1), default=8, show_default=True)
@click.option("--json", "json_path", type=click.Path(path_type=Path), default=None)
def courses(folder: Path, only: str, mutants: int, json_path: Path | None) -> None:
    """Compare the courses of legacy_courses.yaml, each notebook in a process of its own; print a table."""
    from ruamel.yaml import YAML

    found = []
    listed = YAML(typ="safe").load((Path(__file__).parent / "legacy_courses.yaml").read_text())
    for course in listed:
        for name in course["notebooks"]:
            if only in f"{course['repository']}/{name}":
                place = folder / course["repository"].replace("/", "+") / name
                found.append(_in_a_process(course, place, mutants))
                click.echo(row(found[-1]))
                if json_path is not None:
                    json_path.write_text(json.dumps(found, indent=1) + "\n")


def _in_a_process(course: Mapping[str, Any], place: Path, mutants: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.legacy", "one", course["system"], str(place), "--mutants"]
    command += [str(mutants), "--course", course["repository"], "--config", course.get("config", "")]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1500)
    except subprocess.TimeoutExpired:
        return {"course": course["repository"], "source": place.name, "failed": "came to no end in 25 minutes"}
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        return {"course": course["repository"], "source": place.name, "failed": said}
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def row(found: Mapping[str, Any]) -> str:
    """Return a line of the table."""
    if found["failed"]:
        return f"| {found['course']} | {found['source']} | {found['failed'][:300]} | | | | |"
    compared = found["agree"] + len(found["differences"])
    theirs, ours = found["theirs"], found["ours"]
    times = theirs["processor"] / ours["processor"] if ours["processor"] else 0.0
    beside = max(ours["processor"] - found["cells"], 0.005)  # the clock of processes ticks in hundredths
    apart = max(theirs["processor"] - found["cells"], 0.0) / beside
    return (
        f"| {found['course']} | {found['source']} | {found['levels']} | {found['submissions']} | "
        f"{found['agree']} of {compared} | {theirs['processor']:.2f} / {ours['processor']:.2f} s | {times:.0f}× | "
        f"{found['cells']:.2f} s | {apart:.0f}× |"
    )


if __name__ == "__main__":
    main()
