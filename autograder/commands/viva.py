"""`autograder viva`: three questions about each student's own work, with what a good answer says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from autograder.commands.options import choose_assignments, course_option, open_course
from autograder.course.bank import VariantError
from autograder.course.course import CourseError
from autograder.course.releases import ReleasesError
from autograder.course.secret import SecretError
from autograder.course.viva import FILE
from autograder.pages.text import plural
from autograder.release.starter import ReleaseError
from autograder.reports.viva_values import checked_viva
from autograder.results.store import Store, StoreError
from autograder.runs.viva import write_viva


@click.command("viva")
@click.argument("results", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("assignment")
@click.argument("ids", nargs=-1)
@course_option
@click.option("--text", "as_text", is_flag=True, help="Print the sheets as well.")
def command(results: Path, assignment: str, ids: tuple[str, ...], course_path: Path | None, as_text: bool) -> None:
    """Write a sheet for each submission to ASSIGNMENT in RESULTS (or of the students IDS): three questions about it.

    The questions stand in solutions/ASSIGNMENT/viva.yaml. Which three is drawn for each student, always the same ones,
    and what fits their own code, answers and mistakes comes first. Sheets lie in staff/report/ASSIGNMENT/viva, a page
    and a text each, and are for teachers only.
    """
    course = open_course(course_path)
    (chosen,) = choose_assignments(course, [assignment])
    try:
        if not checked_viva(chosen):
            raise click.ClickException(f"{assignment} has no {FILE} beside its master: nothing to ask")
        with Store(results.resolve()) as store:
            written = write_viva(store, course, chosen, ids, datetime.now(UTC))
    except (StoreError, CourseError, ReleasesError, ReleaseError, SecretError, VariantError) as error:
        raise click.ClickException(str(error)) from error
    if not written:
        whose = f" of {', '.join(ids)}" if ids else ""
        raise click.ClickException(f"no submission{whose} to {assignment} in {results}")
    if as_text:
        for page in written:
            click.echo(page.with_suffix(".txt").read_text(encoding="utf-8"))
    click.echo(f"{plural(len(written), 'sheet')} written to {written[0].parent}")
