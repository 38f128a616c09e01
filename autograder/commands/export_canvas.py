"""`autograder export canvas-api`: grades into Canvas without a file."""

from __future__ import annotations

import os
from pathlib import Path

import click

from autograder.commands.exported_grades import comments_of, graded_for_export
from autograder.commands.options import course_option, open_course


@click.command("canvas-api", short_help="Send grades to Canvas by its API.")
@click.argument("results", type=click.Path(path_type=Path, exists=True, file_okay=False))
@course_option
@click.option("--canvas-course", type=int, required=True, help="The number of the Canvas course: …/courses/NUMBER.")
@click.option("--canvas-assignment", type=int, required=True, help="That of its assignment: …/assignments/NUMBER.")
@click.option("--assignment", "-a", default=None, help="Which one, where RESULTS has several.")
@click.option("--missing", type=click.Choice(["blank", "zero"]), default="blank", show_default=True,
              help="What those get who handed in nothing.")  # fmt: skip
@click.option("--open-too", is_flag=True, help="Send grades that still wait for a person, too.")
@click.option("--scale", is_flag=True, help="Convert points where Canvas counts to another maximum.")
@click.option("--no-comments", is_flag=True, help="Send grades alone.")
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and send nothing.")
def canvas_api(
    results: Path,
    course_path: Path | None,
    canvas_course: int,
    canvas_assignment: int,
    assignment: str | None,
    missing: str,
    open_too: bool,
    scale: bool,
    no_comments: bool,
    dry_run: bool,
) -> None:
    """Send the grades in RESULTS to Canvas by its API, with a comment beside each grade that changes.

    The environment variables CANVAS_URL and CANVAS_TOKEN say where and with whose token. Needs the extra `canvas`.
    """
    from autograder.course.roster import RosterError
    from autograder.exchange.platforms.canvas_api import CanvasError, connect, send_grades
    from autograder.exchange.platforms.people import People
    from autograder.results.store import StoreError

    course = open_course(course_path)
    try:
        chosen, roster, grades = graded_for_export(course, results, assignment, missing=missing, open_too=open_too)
        sent = send_grades(
            connect(os.environ), canvas_course, canvas_assignment, grades, People(roster),
            comment=None if no_comments else comments_of(course, chosen, roster), scale=scale, dry_run=dry_run,
        )  # fmt: skip
    except (CanvasError, RosterError, StoreError) as error:
        raise click.ClickException(str(error)) from error
    for student, before, after in sent.written:
        click.echo(f"{student}: {before or 'nothing'} -> {after}")
    for who, why in sent.left_out:
        click.echo(f"not sent: {who} {why}")
    done = "would be written" if dry_run else "written"
    click.echo(f"{len(sent.written)} grades {done}, {len(sent.unchanged)} as they were, {len(sent.left_out)} not sent")
    raise SystemExit(1 if sent.left_out else 0)
