"""`autograder doctor`: does the sandbox hold on this machine, and what is missing?"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.commands.options import choose_assignments, course_option, open_course_file
from autograder.course.secret import SecretError
from autograder.sandbox.doctor.examine import BACKENDS, BY_NAME, Backend, DoctorCheck, Examined, examine, machine

if TYPE_CHECKING:
    from autograder.runs.capacity import Capacity

PLAIN_WIDTH = 120  # columns of a table where there is no terminal


@click.command("doctor")
@click.option("--backend", "--sandbox", "wanted", type=click.Choice((*BACKENDS, *BY_NAME)),
              default=None, help="Examine this backend only.  [default: those that `auto` takes]")  # fmt: skip
@click.option("--image", default="", help="Examine this container image, by name or digest.  [default: the built one]")
@click.option("--slots", "assignment", metavar="ASSIGNMENT",
              help="Also open two slots of this assignment, and say how many this machine carries.")  # fmt: skip
@course_option
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def command(
    wanted: Backend | None, image: str, assignment: str | None, course_path: Path | None, as_json: bool
) -> None:
    """Say what this machine has, attack each sandbox in its own slot, and name the one that `auto` takes.

    Exits with 0 where a sandbox holds (with --backend: where that one does), with 1 where none does.
    """
    found = machine()
    examined = [examine(backend, image) for backend in ((wanted,) if wanted else BACKENDS)]
    holds = any(one.usable for one in examined)
    chosen = next((one.backend for one in examined if one.usable and one.backend in BACKENDS), None)
    backend = wanted or chosen
    capacity = _capacity(course_path, assignment, backend) if assignment is not None and holds and backend else None
    if as_json:
        parts: dict[str, Any] = {
            "machine": [vars(check) for check in found],
            "backends": [one.as_json() for one in examined],
        }
        if capacity is not None:
            parts["slots"] = {**asdict(capacity), "by_memory": capacity.by_memory, "slots": capacity.slots}
        click.echo(json.dumps({"ok": holds, "auto": chosen, **parts}, ensure_ascii=False, indent=1))
    else:
        _print(found, examined, chosen)
        if capacity is not None:
            click.echo(capacity.sentence())
    if not holds:
        raise SystemExit(1)


def _capacity(course_path: Path | None, assignment: str, backend: Backend) -> Capacity:
    from autograder.release.master import ReleaseError
    from autograder.runs.capacity import measure_capacity
    from autograder.workers.pool import WorkerSetupError

    course, course_file = open_course_file(course_path)
    choose_assignments(course, [assignment])  # ends the command where unknown
    try:
        return measure_capacity(course, course_file, assignment, backend)
    except (SecretError, WorkerSetupError, ReleaseError) as error:
        raise click.ClickException(str(error)) from error


def _print(found: list[DoctorCheck], examined: list[Examined], chosen: str | None) -> None:
    console = Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    console.print(_table("this machine", found, missing="–"))
    for one in examined:
        console.print(_table(f"sandbox {one.backend}", one.checks, missing="[red]no[/]"))
    if not any(one.usable for one in examined):
        console.print("[red]No sandbox holds here.[/] Grading would refuse to begin; the advice above says what to do.")
    else:
        console.print("It is taken by name only." if chosen is None else f"`auto` takes [green]{chosen}[/].")


def _table(title: str, checks: list[DoctorCheck], missing: str) -> Table:
    table = Table("", "holds", "found", "what to do", title=title, title_justify="left", show_header=True)
    for check in checks:
        state = "[green]yes[/]" if check.ok else missing
        table.add_row(check.name, state, escape(check.found), "" if check.ok else escape(check.advice))
    return table
