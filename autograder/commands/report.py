"""`autograder report`: the sheets of single questions, for those who grade."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from autograder.commands.options import choose_assignments, course_option, open_course
from autograder.course.releases import ReleasesError
from autograder.pages.text import plural
from autograder.release.starter import ReleaseError
from autograder.results.store import Store, StoreError
from autograder.runs.sheets import write_sheets


@click.command("report")
@click.argument("results", type=click.Path(path_type=Path, exists=True, file_okay=False))
@course_option
@click.option("--assignment", "-a", "names", multiple=True, help="Only this assignment; may be given several times.")
@click.option("--question", "-q", "questions", multiple=True, help="Only this question; may be given several times.")
def command(results: Path, course_path: Path | None, names: tuple[str, ...], questions: tuple[str, ...]) -> None:
    """Write one sheet for each question in RESULTS: all answers, the mark scheme beside them.

    Sheets lie in staff/report/ASSIGNMENT/question-ID.html and are for teachers only. The other pages for teachers are
    written by `grade`, `rescore` and `feedback`.
    """
    course = open_course(course_path)
    written = 0
    try:
        with Store(results.resolve()) as store:
            for assignment in choose_assignments(course, names):
                written += write_sheets(store, course, assignment, questions, datetime.now(UTC))
    except (StoreError, ReleasesError, ReleaseError) as error:
        raise click.ClickException(str(error)) from error
    if not written:
        raise click.ClickException(f"no submission in {results} has such a question")
    click.echo(f"{plural(written, 'sheet')} written below {results}/staff/report")
