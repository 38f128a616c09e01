"""`autograder export nbgrader` and `export otter`: assignments as those packages have them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.commands.options import choose_assignments, course_option, open_course

if TYPE_CHECKING:
    from autograder.course.course import Assignment, Course


@click.command("nbgrader", short_help="Write an assignment as a course of nbgrader.")
@click.argument("name", metavar="ASSIGNMENT")
@course_option
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), required=True,
              help="The folder of an nbgrader course, which may be new.")  # fmt: skip
def nbgrader(name: str, course_path: Path | None, into: Path) -> None:
    """Write ASSIGNMENT into an nbgrader course: source/, release/ and, if it is new, nbgrader_config.py.

    `nbgrader release_assignment` hands out what is in release/. Hidden tests stay here: grade what comes back with
    `autograder grade`, whose results folder has nbgrader's gradebook.
    """
    from autograder.exchange.courses.nbgrader_course import write_nbgrader_course

    _write_out(name, course_path, into, write_nbgrader_course)


@click.command("otter", short_help="Write an assignment as otter has it.")
@click.argument("name", metavar="ASSIGNMENT")
@course_option
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), required=True,
              help="The folder to write student/ and autograder/ into.")  # fmt: skip
def otter(name: str, course_path: Path | None, into: Path) -> None:
    """Write ASSIGNMENT as otter has it: student/ with the visible checks, autograder/ for `otter generate`.

    Hidden cases of an assignment that came from otter or nbgrader are in autograder/ only, where otter runs them in the
    student's process. Hidden tests of this project cannot be run by otter.
    """
    from autograder.exchange.courses.otter_assignment import write_otter_assignment

    _write_out(name, course_path, into, lambda _, assignment, folder: write_otter_assignment(assignment, folder))


def _write_out(
    name: str, course_path: Path | None, into: Path, write: Callable[[Course, Assignment, Path], list[str]]
) -> None:
    from autograder.exchange.courses.nbgrader_course import AlreadyThere
    from autograder.release.starter import ReleaseError

    course = open_course(course_path)
    (assignment,) = choose_assignments(course, [name])
    try:
        notes = write(course, assignment, into)
    except (AlreadyThere, ReleaseError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or into}: cannot be written ({error.strerror})") from error
    for note in notes:
        click.echo(f"note: {note}")
    click.echo(f"{into}: {name} written")
