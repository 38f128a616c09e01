"""`autograder grade`: submissions in, results out."""

from __future__ import annotations

import errno
import json
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from types import FrameType
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from autograder.commands.intake import intake_options
from autograder.commands.options import choose_assignments, course_option, open_course_file
from autograder.commands.screen import Screen
from autograder.course.course import CourseError
from autograder.course.releases import ReleasesError
from autograder.course.roster import RosterError
from autograder.course.secret import SecretError
from autograder.course.variant_table import VariantTableError
from autograder.records import Outcome
from autograder.results.layout import layout_of
from autograder.results.store import StoreError
from autograder.runs.events import Events
from autograder.runs.grade import run
from autograder.runs.plan import make_plan, with_machines, with_resident
from autograder.runs.report import Report, ResultLine
from autograder.submissions.find import SubmissionError
from autograder.submissions.worksheet import WorksheetError
from autograder.workers.cores import default_workers
from autograder.workers.hosts import read_machines
from autograder.workers.pool import WorkerSetupError

INTERRUPTED = 130
PLAIN_WIDTH = 120  # columns of a table where there is no terminal
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
_BAD_INPUT = (
    CourseError, RosterError, WorksheetError, SubmissionError, ReleasesError, StoreError, SecretError,
    WorkerSetupError, VariantTableError,
)  # fmt: skip


class BadInput(click.ClickException):
    exit_code = 2


@click.command("grade")
@intake_options
@course_option
@click.option("--output", "-o", type=click.Path(path_type=Path), default=Path("results"), show_default=True,
              help="The results folder.")  # fmt: skip
@click.option("--jobs", "-j", type=click.IntRange(1), default=None, help="How many slots.  [default: one a core]")
@click.option("--backend", "--sandbox", "backend", default="auto",
              type=click.Choice(["auto", "container", "namespace", "confined-uid", "none"]),
              show_default=True, help="The sandbox; none is UNSAFE.")  # fmt: skip
@click.option("--image", default="", help="Container image, by name or digest; give an older one to repeat an old run.")
@click.option("--force", is_flag=True, help="Grade again what is graded already, as a new attempt.")
@click.option("--no-gradebook", is_flag=True, help="Leave nbgrader's gradebook as it is.")
@click.option("--resident/--no-resident", default=True, show_default=True,
              help="Use the slots of `autograder resident` where one runs for this course.")  # fmt: skip
@click.option("--hosts", "hosts", type=click.Path(path_type=Path), default=None,
              help="A file that names the machines whose slots grade.")  # fmt: skip
@click.option("--progress", type=click.Choice(["auto", "json"]), default="auto", show_default=True,
              help="json: a line of JSON for each event, on standard error, in place of what people read.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(
    paths: tuple[Path, ...],
    course_path: Path | None,
    assignment: str | None,
    worksheet: Path | None,
    layout: str | None,
    output: Path,
    jobs: int | None,
    backend: str,
    image: str,
    force: bool,
    no_gradebook: bool,
    resident: bool,
    hosts: Path | None,
    progress: str,
    as_json: bool,
) -> None:
    """Grade PATHS: notebooks, folders, nbgrader's submitted/, downloads from learning platforms, zip files.

    `autograder submissions PATHS` shows what would be graded, without running anything.

    What is graded already is left as it is: to resume an interrupted run, give the same command again. Exits with 0
    if all went well, 1 if a submission could not be graded, 2 if the input cannot be used.
    """
    if image and backend not in ("auto", "container"):
        raise BadInput(f"--image is for the sandbox `container`, and --backend says {backend}")
    if hosts is not None and jobs is not None:
        raise BadInput("--jobs is for this machine alone: the file of --hosts says how many slots each machine has")
    terminal = (sys.stderr if as_json else sys.stdout).isatty()
    console = Console(stderr=as_json, soft_wrap=True, highlight=False, width=None if terminal else PLAIN_WIDTH)
    try:
        course, course_file = open_course_file(course_path)
        choose_assignments(course, [assignment] if assignment is not None else [])  # ends the command where unknown
        plan = make_plan(
            course, course_file, paths, assignment=assignment, output=output.resolve(), worksheet=worksheet,
            layout=layout or "",
        )  # fmt: skip
        plan = replace(
            plan, jobs=jobs or default_workers(), backend=backend, image=image, force=force, gradebook=not no_gradebook
        )
        machines = read_machines(hosts) if hosts is not None else None
        plan = with_resident(plan) if resident and machines is None else plan
        with Screen(console) as screen, _terminated_like_interrupted():
            listener = screen if progress == "auto" else Events(_say)
            report = run(with_machines(plan, machines, listener.note) if machines is not None else plan, listener)
    except _BAD_INPUT as error:
        raise BadInput(str(error)) from error
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise BadInput(
            f"{output}: the results cannot be written ({error.strerror}). What is written there is whole: make room "
            "and repeat the command, which goes on from here; nothing is lost and nothing is graded twice"
        ) from error
    except click.ClickException as error:
        raise BadInput(error.message) from error
    if progress == "auto":
        _conclude(report, output, console)
    if as_json:
        click.echo((layout_of(output).staff / "summary.json").read_text(encoding="utf-8"), nl=False)
    if report.interrupted:
        raise SystemExit(INTERRUPTED)
    raise SystemExit(0 if report.all_well else 1)


def _say(event: Mapping[str, Any]) -> None:
    click.echo(json.dumps(event, ensure_ascii=False), err=True)


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Let SIGTERM end a run as Ctrl-C does: what is being written is finished, and the same command goes on later."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        current = signal.getsignal(signal.SIGINT)
        if callable(current):
            current(signal.SIGINT, frame)
        else:  # ignored, as in the background of a script
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _mean(lines: Sequence[ResultLine]) -> str:
    """Return the mean of graded work, as a share of what each could reach, as on the index; what is not graded counts
    in neither. Points are said where all have one maximum."""
    graded = [
        line for line in lines if line.outcome is Outcome.GRADED and line.score is not None and line.max_score > 0
    ]
    if not graded:
        return "–"
    percent = f"{100 * fmean((line.score or 0.0) / line.max_score for line in graded):.0f} %"
    maxima = {line.max_score for line in graded}
    if len(maxima) > 1:
        return percent
    return f"{fmean(line.score or 0.0 for line in graded):.1f} of {maxima.pop():g} ({percent})"


def _table(by_assignment: Mapping[str, Sequence[ResultLine]]) -> Table:
    """Return a row for each assignment. What went wrong nowhere has no column, so that it fits 80 columns."""
    wrong = [
        outcome
        for outcome in (Outcome.UNGRADABLE, Outcome.NOT_GRADED)
        if any(line.outcome is outcome for lines in by_assignment.values() for line in lines)
    ]
    words = [outcome.value.replace("_", " ") for outcome in wrong]
    table = Table("assignment", "handed in", "mean", "graded", *words, "by hand", box=SIMPLE_HEAD)
    table.columns[0].overflow = "fold"
    for name in sorted(by_assignment):
        lines = by_assignment[name]
        counts = Counter(line.outcome for line in lines)
        numbers = [counts[outcome] for outcome in (Outcome.GRADED, *wrong)]
        waiting = sum(line.needs_manual_grade for line in lines)
        table.add_row(name, str(len(lines)), _mean(lines), *map(str, numbers), str(waiting))
    return table


def _conclude(report: Report, output: Path, console: Console) -> None:
    """Print a short table, and where everything is."""
    by_assignment: dict[str, list[ResultLine]] = defaultdict(list)
    for line in report.lines:
        by_assignment[line.assignment].append(line)
    if by_assignment:
        console.print(_table(by_assignment))
    for (name, why), count in sorted(report.left_out.items()):
        console.print("note: ", style="yellow", end="")
        console.print(f"{name}: {why} ({count} of {len(by_assignment[name])} submissions)", markup=False)
    if any(line.outcome is Outcome.NOT_GRADED for line in report.lines):
        console.print("What is not graded failed on our side, and is tried again when the command is repeated.")
    if report.interrupted:
        console.print("Interrupted. Nothing is lost: repeat the command to go on from here.", style="yellow")
    console.print(f"Report: {layout_of(output).staff / 'index.html'}", markup=False)
