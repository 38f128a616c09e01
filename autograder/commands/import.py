"""`autograder import`: what other systems have, as files of this project."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.commands.export import kinds_and_titles
from autograder.files import write_whole


@click.group("import")
def command() -> None:
    """Make files of this project out of what other systems have."""


@command.command("roster")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--output", "-o", type=click.Path(path_type=Path), default=Path("roster.csv"), show_default=True)
@click.option("--update", is_flag=True, help="The output exists: keep its ids, rows and extensions, add what is new.")
@click.option("--id-column", multiple=True, metavar="KIND=TITLE",
              help="A column that identifies people: email, canvas, sid, login, … = its title.")  # fmt: skip
@click.option("--group-column", default="", metavar="TITLE", help="Take the group from this column.")
@click.option("--section-column", default="", metavar="TITLE", help="Take the section from this column.")
@click.option("--prefix", default="s", show_default=True, help="What the ids of new students begin with.")
def roster(
    file: Path,
    output: Path,
    update: bool,
    id_column: tuple[str, ...],
    group_column: str,
    section_column: str,
    prefix: str,
) -> None:
    """Make roster.csv out of FILE, an export of Canvas, Moodle, Blackboard, Brightspace, Gradescope or Classroom.

    Numbers, logins and e-mail addresses come in; people's names do not. Students get opaque ids in a random order.
    """
    from autograder.course.roster import EMPTY_ROSTER, RosterError, load_roster
    from autograder.exchange.platforms.roster_import import import_roster, read_entries
    from autograder.exchange.platforms.table import PlatformFileError, read_table

    if output.exists() and not update:
        raise click.ClickException(
            f"{output}: is there already; add to it with --update, or name another with --output"
        )
    try:
        known = load_roster(output) if output.exists() else EMPTY_ROSTER
        rows = read_entries(output.read_text(encoding="utf-8-sig")) if output.exists() else []
        made = import_roster(
            read_table(file), known, rows, named=kinds_and_titles(id_column), group=group_column,
            section=section_column, prefix=prefix,
        )  # fmt: skip
        checked = output.with_name(f".{output.name}.new")
        try:
            checked.write_text(made.roster, encoding="utf-8")
            load_roster(checked)
        finally:
            checked.unlink(missing_ok=True)
        write_whole(output, made.roster.encode())
    except (PlatformFileError, RosterError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or output}: cannot be written ({error.strerror})") from error
    for row in made.skipped:
        click.echo(f"not taken: {row}")
    for id in made.absent:
        click.echo(f"kept: {id} is in the roster, and not in {file.name}")
    click.echo(f"{output}: {len(made.added)} students added, {len(made.changed)} changed")
