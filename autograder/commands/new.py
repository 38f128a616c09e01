"""`autograder new`: a course or an assignment to go on from."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.commands.options import course_option, open_course
from autograder.course.new import NewError, new_assignment, new_course


@click.group("new")
def command() -> None:
    """Write a new course, or a new assignment of a course, that `autograder validate` proves as it is.

    Change it from there: the questions in course.yaml, the master in solutions/, its hidden tests, its bank of right
    and wrong answers.
    """


@command.command("course", short_help="Write a course with one assignment into FOLDER.")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--title", default="A new course", show_default=True, help="As pages and bundles show it.")
@click.option("--assignment", default="01_first", show_default=True, help="The name of its first assignment.")
def course(folder: Path, title: str, assignment: str) -> None:
    """Write a course with one assignment into FOLDER, which must be new or empty."""
    try:
        written = new_course(folder, title, assignment)
    except (NewError, OSError) as error:
        raise click.ClickException(str(error)) from error
    _say(folder, written)
    click.echo(f"\nNext, in {folder}:\n  autograder validate {assignment}\n  autograder release {assignment}\n"
               "  autograder demo")  # fmt: skip


@command.command("assignment")
@click.argument("name")
@click.option("--title", default="A new assignment", show_default=True, help="As pages and bundles show it.")
@course_option
def assignment(name: str, title: str, course_path: Path | None) -> None:
    """Add the assignment NAME to course.yaml and solutions/."""
    known = open_course(course_path)
    file = course_path if course_path is not None and course_path.is_file() else known.root / "course.yaml"
    try:
        written = new_assignment(file.resolve(), name, title)
    except (NewError, OSError) as error:
        raise click.ClickException(str(error)) from error
    _say(known.root, written)
    click.echo(f"\nNext:\n  autograder validate {name}\n  autograder release {name}")


def _say(root: Path, paths: list[Path]) -> None:
    for path in paths:
        place = path.relative_to(root) if path.is_relative_to(root) else path
        click.echo(f"written: {place}")
