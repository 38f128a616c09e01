"""`autograder doctor`: does the sandbox hold on this machine, and what is missing?"""

from __future__ import annotations

import json
import sys

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.sandbox.doctor.examine import BACKENDS, BY_NAME, Backend, DoctorCheck, Examined, examine, machine

PLAIN_WIDTH = 120  # columns of a table where there is no terminal


@click.command("doctor")
@click.option("--backend", "--sandbox", "wanted", type=click.Choice((*BACKENDS, *BY_NAME)),
              default=None, help="Examine this backend only.  [default: those that `auto` takes]")  # fmt: skip
@click.option("--image", default="", help="Examine this container image, by name or digest.  [default: the built one]")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
def command(wanted: Backend | None, image: str, as_json: bool) -> None:
    """Say what this machine has, attack each sandbox in its own slot, and name the one that `auto` takes.

    Exits with 0 where a sandbox holds (with --backend: where that one does), with 1 where none does.
    """
    found = machine()
    examined = [examine(backend, image) for backend in ((wanted,) if wanted else BACKENDS)]
    holds = any(one.usable for one in examined)
    chosen = next((one.backend for one in examined if one.usable and one.backend in BACKENDS), None)
    if as_json:
        parts = {"machine": [vars(check) for check in found], "backends": [one.as_json() for one in examined]}
        click.echo(json.dumps({"ok": holds, "auto": chosen, **parts}, ensure_ascii=False, indent=1))
    else:
        _print(found, examined, chosen)
    if not holds:
        raise SystemExit(1)


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
