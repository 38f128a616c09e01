"""nbgrader and otter-grader themselves, on many notebooks: scores, and what one more notebook costs.

Each grades all notebooks in one run, so that what a run costs to begin is paid once: the first run has one notebook,
the second all others, and one more notebook costs the difference divided. That is kinder to them than their everyday
use, where `otter run` begins anew for each notebook.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import click

from benchmarks.peers import BIN, ENVIRONMENT, call

TIMEOUT = 240.0  # seconds in which some notebook must have been graded; otter itself has no limit


@dataclass(frozen=True)
class CellScore:
    """What a grader says of one graded cell or question. auto: None while it waits."""

    auto: float | None
    most: float
    waits: bool = False


@dataclass
class Graded:
    """One notebook's scores by cell or question, and the answer cells that are as they were handed out."""

    scores: dict[str, CellScore] = field(default_factory=dict)
    unchanged: frozenset[str] = frozenset()
    failed: str = ""  # why the grader gave nothing


@dataclass
class Spent:
    """Seconds, by the clock and of the processor."""

    clock: float = 0.0
    processor: float = 0.0

    def per_further(self, first: Spent, count: int) -> Spent:
        """Return what one of these `count` notebooks cost, where a run with one cost `first`."""
        more = max(count - 1, 1)
        return Spent(max(0.0, self.clock - first.clock) / more, max(0.0, self.processor - first.processor) / more)


class Nbgrader:
    """nbgrader's own release and gradebook, in a folder. config: more lines of nbgrader_config.py."""

    def __init__(self, source: Path, folder: Path, config: str = "") -> None:
        self._folder, self._name = folder, source.stem
        place = folder / "source" / "hw"
        shutil.copytree(source.parent, place, ignore=lambda _, names: [n for n in names if n.endswith(".ipynb")])
        shutil.copy(source, place)
        for extra in ("autotests.yml",):
            found = next((up / extra for up in source.parents if (up / extra).is_file()), None)
            if found is not None:
                shutil.copy(found, folder)
        (folder / "nbgrader_config.py").write_text(f"c = get_config()\nc.CourseDirectory.course_id = 'peer'\n{config}")
        call([str(BIN / "nbgrader"), "update", "source"], folder)
        call([str(BIN / "nbgrader"), "generate_assignment", "hw", "--create", "--force"], folder)
        self.release = folder / "release" / "hw" / source.name

    def grade(self, books: Mapping[str, bytes]) -> tuple[dict[str, Graded], Spent]:
        """Return the scores of each notebook, by name, of one `nbgrader autograde`."""
        shutil.rmtree(self._folder / "submitted", ignore_errors=True)
        for student, data in books.items():
            target = self._folder / "submitted" / student / "hw"
            target.mkdir(parents=True)
            (target / self.release.name).write_bytes(data)
        with measured() as spent:
            subprocess.run(  # ends with 1 where one notebook could not be graded; the others were
                [str(BIN / "nbgrader"), "autograde", "hw", "--force"],
                cwd=self._folder, env=ENVIRONMENT, capture_output=True, check=False,
            )  # fmt: skip
        return {student: self._read(student) for student in books}, spent

    def _read(self, student: str) -> Graded:
        from nbgrader.api import Gradebook, MissingEntry

        with Gradebook(f"sqlite:///{self._folder / 'gradebook.db'}") as book:
            try:
                found = book.find_submission_notebook(self._name, "hw", student)
            except MissingEntry:
                return Graded(failed="nbgrader did not grade it")
            scores = {
                grade.name: CellScore(
                    None if grade.auto_score is None else round(grade.auto_score, 4),
                    grade.max_score, bool(grade.needs_manual_grade),
                )
                for grade in found.grades
            }  # fmt: skip
            unchanged = frozenset(c.name for c in found.comments if c.auto_comment == "No response.")
            return Graded(scores, unchanged)


class Otter:
    """What `otter assign` makes of a master, or a folder of test files; graded as `otter run` does, in one process."""

    RUN = """\
import glob, json, os, sys
from otter.execute import grade_notebook
tests, seed, variable, *books = sys.argv[1:]
for book in books:
    cwd = os.path.dirname(book)
    os.chdir(cwd)
    try:
        found = grade_notebook(book, tests_glob=sorted(glob.glob(tests + "/*.py")), cwd=cwd, test_dir=tests,
                               seed=int(seed) if seed else None, seed_variable=variable or None)
        scores = {name: [file.score, file.possible] for name, file in found.results.items()}
    except Exception as error:
        scores = {"": f"{type(error).__name__}: {error}"}
    print("@@" + json.dumps([book, scores]), flush=True)
"""

    def __init__(self, master: Path, folder: Path, tests: Path | None = None) -> None:
        place = folder / "a" / "b" / "c" / "master"
        self._each = folder / "each"
        shutil.copytree(master.parent, place)
        for theirs, ours in zip(master.parent.parents[:3], place.parents, strict=False):
            for shared in theirs.glob("assign_*"):  # settings that several masters share
                (ours / shared.name).write_text(_without_pdf(shared.read_text(encoding="utf-8")))
        self._seed = self._seed_variable = ""
        if tests is not None:
            self.release, self._tests = place / master.name, tests
            return
        text = (place / master.name).read_text(encoding="utf-8")
        (place / master.name).write_text(_without_pdf(text))
        call([str(BIN / "otter"), "assign", "--no-run-tests", master.name, "dist"], place)
        autograder = place / "dist" / "autograder"
        self.release = place / "dist" / "student" / master.name
        self._tests = autograder / "tests"
        config = autograder / "otter_config.json"
        archive = next(iter(autograder.glob("*.zip")), None)
        if archive is not None:
            shutil.unpack_archive(archive, folder / "zip")
            self._tests, config = folder / "zip" / "tests", folder / "zip" / "otter_config.json"
        if not self._tests.is_dir():
            raise click.ClickException(f"{master}: otter wrote no tests; `generate: true` is missing in its config")
        settings = json.loads(config.read_text()) if config.is_file() else {}
        seed = settings.get("seed")
        self._seed = "" if seed is None else str(seed)
        self._seed_variable = settings.get("seed_variable") or ""

    def grade(self, books: Mapping[str, bytes]) -> tuple[dict[str, Graded], Spent]:
        """Return the scores of each notebook, by name."""
        folder = self._each
        shutil.rmtree(folder, ignore_errors=True)
        for name, data in books.items():  # what a notebook leaves beside it (otter's log), the next would find
            shutil.copytree(self.release.parent, folder / name)
            (folder / name / f"{name}.ipynb").write_bytes(data)
        waiting, found = list(books), dict[str, Graded]()
        with measured() as spent:
            while waiting:
                done = self._run(folder, waiting)
                found |= done
                waiting = waiting[len(done) :]
                if waiting:
                    found[waiting.pop(0)] = Graded(failed="otter came to no end")
        return found, spent

    def _run(self, folder: Path, books: list[str]) -> dict[str, Graded]:
        """Grade in one process until all are done, or nothing came for TIMEOUT seconds."""
        paths = [str(folder / name / f"{name}.ipynb") for name in books]
        command = [sys.executable, "-c", self.RUN, str(self._tests), self._seed, self._seed_variable, *paths]
        process = subprocess.Popen(
            command, cwd=folder, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        text, last = b"", time.monotonic()
        while time.monotonic() - last < TIMEOUT:
            if more := process.stdout.read():
                text, last = text + more, time.monotonic()
            elif process.poll() is not None:
                text += process.stdout.read() or b""
                break
            time.sleep(0.05)
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        done = {}
        for line in text.decode(errors="replace").splitlines():
            if line.startswith("@@"):
                path, scores = json.loads(line[2:])
                done[Path(path).stem] = _of_otter(scores)
        return done


def _without_pdf(settings: str) -> str:
    """Return otter's settings without PDFs of the notebook, which need a browser and make no score."""
    return re.sub(r"\b(solutions_pdf|template_pdf|pdf): *\w+", r"\1: false", settings)


def _of_otter(scores: dict[str, list[float] | str]) -> Graded:
    if "" in scores:
        return Graded(failed=str(scores[""]))
    return Graded({name: CellScore(round(float(p[0]), 4), float(p[1])) for name, p in scores.items()})


@contextlib.contextmanager
def measured() -> Iterator[Spent]:
    """Measure the block, with the processes that it started and waited for."""
    spent = Spent()
    before, begun = _children(), time.perf_counter()
    yield spent
    spent.clock, spent.processor = time.perf_counter() - begun, _children() - before


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def processor_of_tree() -> float:
    """Return the processor seconds of this process and of all that it started, living or waited for."""
    ticks, parents = {}, {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            fields = place.read_text().rpartition(")")[2].split()
            ticks[int(place.parent.name)] = sum(map(int, fields[11:15]))
            parents[int(place.parent.name)] = int(fields[1])
    mine, total = {os.getpid()}, ticks.get(os.getpid(), 0)
    while more := {pid for pid, parent in parents.items() if parent in mine and pid not in mine}:
        mine |= more
        total += sum(ticks[pid] for pid in more)
    return total / os.sysconf("SC_CLK_TCK")
