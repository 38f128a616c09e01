"""`autograder release --bundle` and `--solutions`: what is made beside the starters, under build/ by default."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from autograder.course.course import Assignment, Course
from autograder.course.releases import ReleasesError
from autograder.course.variant_table import VariantTable, VariantTableError, read_variant_table
from autograder.files import write_whole
from autograder.release.bundle import build_bundle, with_code_of
from autograder.release.executed_solution import executed_solution
from autograder.release.master import Master, ReleaseError, read_master

INTERRUPTED = 130
_Made = Callable[[Assignment, Callable[[int, int], None]], tuple[Path, str]]


def write_bundles(
    course: Course, chosen: Sequence[Assignment], output: Path | None, as_json: bool, *, per_student: bool = False
) -> int:
    """Write one zip for each chosen assignment, or one for each student or group. Returns the exit status."""
    folder = (output or course.root / "build/bundles").resolve()
    masters: list[Master] = []

    def make(assignment: Assignment, progress: Callable[[int, int], None]) -> tuple[Path, str]:
        if not masters:  # of every assignment: a bundle may answer a later one's blanks
            masters.extend(read_master(known) for known in course.assignments)
        bundle = build_bundle(course, assignment, masters)
        if per_student:
            rows = [row for row in _codes(course).rows if row.kind != "retired"]
            for row in rows:
                path = folder / assignment.name / f"{row.subject}.zip"
                _write(path, with_code_of(bundle, row.code, path.name))
            return folder / assignment.name, f"release {bundle.release}  {len(rows)} zips, one for each code"
        path = folder / bundle.name
        _write(path, bundle.data)
        return path, f"release {bundle.release}  {len(bundle.data) / 1e6:.1f} MB"

    return _each(course, chosen, make, as_json)


def _codes(course: Course) -> VariantTable:
    try:
        table = read_variant_table(course.root)
    except VariantTableError as error:
        raise ReleaseError([str(error)]) from error
    if table is None:
        raise ReleaseError(["variants.csv: is not there; run: autograder variants"])
    return table


def write_solutions(course: Course, chosen: Sequence[Assignment], output: Path | None, as_json: bool) -> int:
    """Return one executed notebook for each chosen assignment, in a folder that only this user may open."""
    folder = (output or course.root / "build/solutions").resolve()

    def make(assignment: Assignment, progress: Callable[[int, int], None]) -> tuple[Path, str]:
        started = time.monotonic()
        data = executed_solution(read_master(assignment), progress)
        path = folder / f"{assignment.name}_solution.ipynb"
        _write(path, data, mode=0o700)
        return path, f"run in {time.monotonic() - started:.0f} s"

    return _each(course, chosen, make, as_json)


def _write(path: Path, data: bytes, mode: int = 0o755) -> None:
    try:
        path.parent.mkdir(mode=mode, parents=True, exist_ok=True)
        write_whole(path, data)
    except OSError as error:
        raise ReleaseError(
            [f"{path}: cannot be written ({error.strerror}); name another folder with --output"]
        ) from error


def _each(course: Course, chosen: Sequence[Assignment], make: _Made, as_json: bool) -> int:
    """Make one thing for each assignment, with progress on a terminal; a mistake in one does not stop the next."""
    console = Console(stderr=as_json, soft_wrap=True, highlight=False)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("cells"),
        TimeElapsedColumn(),
    )
    report: list[dict[str, Any]] = []
    interrupted = False
    terminal = (sys.stderr if as_json else sys.stdout).isatty()
    with Progress(*columns, console=console, transient=True, disable=not terminal) as bar:
        for assignment in chosen:
            task = bar.add_task(assignment.name, total=None)
            try:
                path, said = make(assignment, partial(_show, bar, task))
                report.append({"assignment": assignment.name, "path": str(path), "problems": []})
                console.print(f"{assignment.name}  {said}  {_short(path, course.root)}", markup=False)
            except (ReleaseError, ReleasesError) as error:
                problems = list(error.messages) if isinstance(error, ReleaseError) else [str(error)]
                report.append({"assignment": assignment.name, "path": "", "problems": problems})
                for problem in problems:
                    console.print(problem, markup=False)
            except KeyboardInterrupt:
                interrupted = True
                console.print(f"Interrupted at {assignment.name}; what was finished before is complete.", markup=False)
                break
            finally:
                bar.remove_task(task)
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=1))
    if interrupted:
        return INTERRUPTED
    return 1 if any(entry["problems"] for entry in report) else 0


def _show(bar: Progress, task: TaskID, done: int, cells: int) -> None:
    bar.update(task, completed=done, total=cells)


def _short(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
