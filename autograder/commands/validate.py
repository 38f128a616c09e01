"""`autograder validate`: are the hidden tests right?"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from autograder.call_times import write_call_times
from autograder.commands.options import choose_assignments, course_option, open_course
from autograder.course import Assignment, Course
from autograder.kill_matrix import render_kill_matrix
from autograder.pool import WorkerPool, WorkerSetupError, default_workers, setup_for
from autograder.release import ReleaseError, read_master, solution_notebook, starter_notebook
from autograder.secret import SecretError, course_secret
from autograder.store import write_whole
from autograder.validate import Validation, cases, conclude, judge, run_cases
from autograder.variants import VariantError

PLAIN_WIDTH = 120  # columns of a table where there is no terminal


@click.command("validate")
@click.argument("names", nargs=-1)
@course_option
@click.option("--jobs", "-j", type=click.IntRange(1), default=None, help="How many slots.  [default: one a core]")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), default=None, help="Where validate.json and the page go."
)
@click.option("--backend", type=click.Choice(["auto", "namespace", "none"]), default="auto", show_default=True)
@click.option(
    "--update-timings", is_flag=True, help="Write how long the solution takes; limits of calls follow from it."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def command(
    names: tuple[str, ...],
    course_path: Path | None,
    jobs: int | None,
    output: Path | None,
    backend: str,
    update_timings: bool,
    as_json: bool,
) -> None:
    """Grade the solution, the starter and the bank of NAMES (all assignments without NAMES) in the real sandbox.

    The solution and the right variants must earn everything, the untouched starter nothing, and every wrong variant
    must lose points in just the questions it names. Exits with 1 where anything is off.
    """
    course = open_course(course_path)
    path = course_path if course_path is not None and course_path.is_file() else course.root / "course.yaml"
    found = []
    for assignment in choose_assignments(course, names):
        try:
            validation = _validate(course, path, assignment, jobs or default_workers(), backend, update_timings)
        except (ReleaseError, VariantError, WorkerSetupError, SecretError) as error:
            raise click.ClickException(f"{assignment.name}: {error}") from error
        found.append(validation)
        if not as_json:
            _print(validation)
        if output is not None:
            _write(validation, output)
    if as_json:
        click.echo(json.dumps([validation.as_json() for validation in found], ensure_ascii=False, indent=1))
    if not all(validation.ok for validation in found):
        raise SystemExit(1)


def _validate(
    course: Course, path: Path, assignment: Assignment, jobs: int, backend: str, update_timings: bool
) -> Validation:
    setup = setup_for(path.resolve(), assignment.name, backend, course_secret(course.root))
    verdicts = []
    with WorkerPool(setup, assignment.limits, workers=jobs) as pool:  # starts while the notebooks are made
        master = read_master(assignment)
        wanted = cases(assignment, solution_notebook(master), starter_notebook(master))
        for case, done in run_cases(pool, wanted):
            verdicts.append(judge(case, done, assignment))
            if update_timings and case.kind == "solution" and done.graded is not None:
                write_call_times(assignment.solution_dir, done.graded.call_seconds)
    return conclude(assignment, verdicts)


def _write(validation: Validation, output: Path) -> None:
    folder = output / validation.assignment.name
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(validation.as_json(), ensure_ascii=False, indent=1) + "\n"
    write_whole(folder / "validate.json", text.encode())
    write_whole(folder / "validate.html", render_kill_matrix(validation).encode())


def _print(validation: Validation) -> None:
    console = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    table = Table("question", "test", "catches", title=validation.assignment.name, title_justify="left")
    for test, caught in validation.catches.items():
        names = ", ".join(name.removeprefix("wrong_") for name in caught)
        table.add_row(validation.questions[test], test, names or "[yellow]nothing[/]")
    console.print(table)
    for problem in validation.problems:
        console.print(f"[red]off[/] {validation.assignment.name}: ", end="")
        console.print(problem, markup=False)
    for verdict in validation.verdicts:
        for problem in verdict.problems:
            console.print(f"[red]off[/] {verdict.case.kind} ", end="")
            console.print(f"{verdict.case.name}: {problem}", markup=False)
    if validation.catch_nothing:
        console.print(f"[yellow]note[/] these tests caught no wrong variant: {', '.join(validation.catch_nothing)}")
    counts = {kind: sum(v.case.kind == kind for v in validation.verdicts) for kind in ("right", "wrong")}
    state = "[green]all as it must be[/]" if validation.ok else "[red]not as it must be[/]"
    console.print(
        f"{validation.assignment.name}: {state}: solution, starter, {counts['right']} right, {counts['wrong']} wrong"
    )
