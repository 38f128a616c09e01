"""`autograder import`: what other systems have, as files of this project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.commands.export import kinds_and_titles
from autograder.files import write_whole

if TYPE_CHECKING:
    from autograder.exchange.legacy.model import ForeignAssignment
    from autograder.exchange.legacy.trial import Backend


@click.group("import")
def command() -> None:
    """Make files of this project out of what other systems have."""


@command.command("roster", short_help="Make roster.csv out of a platform's export.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path),
    default=Path("roster.csv"),
    show_default=True,
    help="The roster to write.",
)
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


def _into_a_course(function: Callable[..., None]) -> Callable[..., None]:
    """Return a command with the options of both imports of assignments."""
    for option in (
        click.option("--name", default="", help="The assignment's name here.  [default: that of the notebook]"),
        click.option("--title", default="", help="Its title on pages.  [default: its name]"),
        click.option("--into", type=click.Path(path_type=Path, file_okay=False), default=Path(), show_default="here",
                     help="The course's folder; a new one is made where it has no course.yaml."),
        click.option("--backend", type=click.Choice(["auto", "namespace", "none"]), default="auto", show_default=True,
                     help="The sandbox in which every item is tried."),
    ):  # fmt: skip
        function = option(function)
    return function


@command.command("nbgrader", short_help="Make an assignment out of nbgrader's.")
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@_into_a_course
def nbgrader(source: Path, name: str, title: str, into: Path, backend: Backend) -> None:
    """Make an assignment out of SOURCE, a notebook of nbgrader's source folder, or the folder with just one.

    Every test cell stays an item with its points. Each is tried on the solution, the starter and a cheater, and runs in
    the trusted process where it can. A notebook of the release folder comes over with its visible tests only.
    """
    from autograder.exchange.legacy.nbgrader_source import read_source

    _bring(read_source, source, name, title, into, backend)


@command.command("otter", short_help="Make an assignment out of otter's master.")
@click.argument("master", type=click.Path(path_type=Path, exists=True))
@click.option("--tests", type=click.Path(path_type=Path, exists=True, file_okay=False), default=None,
              help="A folder of test files that take the place of those in the master.")  # fmt: skip
@_into_a_course
def otter(master: Path, tests: Path | None, name: str, title: str, into: Path, backend: Backend) -> None:
    """Make an assignment out of MASTER, a master notebook of `otter assign`, or the folder with just one.

    Every test case stays an item with its points, messages and visibility. Each is tried on the solution, the starter
    and a cheater, and runs in the trusted process where it can.
    """
    from autograder.exchange.legacy.otter_master import read_master

    _bring(lambda path: read_master(path, tests), master, name, title, into, backend)


def _bring(
    read: Callable[[Path], ForeignAssignment], source: Path, name: str, title: str, into: Path, backend: Backend
) -> None:
    from autograder.course.course import CourseError, load_course
    from autograder.course.new import NewError
    from autograder.exchange.legacy.bring import bring
    from autograder.exchange.legacy.model import ImportFailed, one_notebook
    from autograder.exchange.legacy.report import FILE, summary
    from autograder.release.starter import ReleaseError
    from autograder.sandbox.interface import SandboxFault
    from autograder.validation.imported import list_what_nothing_earns
    from autograder.workers.pool import WorkerSetupError

    try:
        notebook = one_notebook(source)
        name = name or notebook.stem
        brought = bring(read(notebook), into, name, title or name, backend)
        assignment = load_course(brought.course_file).assignment(name)
        nothing = list_what_nothing_earns(brought.course_file, assignment, backend) if brought.draft.reference else 0
    except (ImportFailed, CourseError, NewError, SandboxFault, ReleaseError, WorkerSetupError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or into}: cannot be written ({error.strerror})") from error
    for note in brought.draft.notes:
        click.echo(f"note: {note.where}: {' '.join(note.what.split())}")
    for item in brought.draft.items:
        if item.level != "trusted":
            click.echo(f"{item.level or 'left'}: {item.id}: {item.why}")
    if nothing:
        click.echo(f"note: {nothing} answers that do nothing earn points, as they did; doing_nothing.yaml lists them")
    click.echo(f"{name}: {summary(brought.draft)}")
    report = brought.course_file.parent / "solutions" / name / FILE
    click.echo(f"The report is {report}.\nNext:\n  autograder release {name}\n  autograder validate {name}")
