"""`autograder report`: the sheets of single questions, for those who grade."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from autograder.commands.options import choose_assignments, course_option, open_course
from autograder.course.course import CourseError
from autograder.course.releases import ReleasesError
from autograder.course.roster import RosterError, course_roster
from autograder.pages.text import plural
from autograder.release.starter import ReleaseError
from autograder.reports.earlier import keep_earlier
from autograder.results.store import Store, StoreError
from autograder.runs.pages import write_class_pages
from autograder.runs.sheets import write_sheets


@click.command("report")
@click.argument("results", type=click.Path(path_type=Path, exists=True, file_okay=False))
@course_option
@click.option("--assignment", "-a", "names", multiple=True, help="Only this assignment; may be given several times.")
@click.option("--question", "-q", "questions", multiple=True, help="Only this question; may be given several times.")
@click.option("--earlier", multiple=True, metavar="TERM=FOLDER",
              help="Compare with the results folder of an earlier term; its counts and means are kept.")  # fmt: skip
def command(
    results: Path,
    course_path: Path | None,
    names: tuple[str, ...],
    questions: tuple[str, ...],
    earlier: tuple[str, ...],
) -> None:
    """Write one sheet for each question in RESULTS: all answers, the mark scheme beside them.

    Sheets lie in staff/report/ASSIGNMENT/question-ID.html and are for teachers only. The other pages for teachers are
    written by `grade`, `rescore` and `feedback`.
    """
    course = open_course(course_path)
    before = [_term(text) for text in earlier]
    now = datetime.now(UTC)
    written = 0
    try:
        with Store(results.resolve()) as store:
            for assignment in choose_assignments(course, names):
                written += write_sheets(store, course, assignment, questions, now)
            for term, folder in before:
                with Store(folder, write=False) as old:
                    count = keep_earlier(store.staff, term, old.results())
                click.echo(f"{term}: {plural(count, 'question')} kept to compare with")
            if written or before:
                write_class_pages(store, course, course_roster(course), now)
    except (StoreError, CourseError, ReleasesError, ReleaseError, RosterError) as error:
        raise click.ClickException(str(error)) from error
    if not written:
        raise click.ClickException(f"no submission in {results} has such a question")
    click.echo(f"{plural(written, 'sheet')} written below {results}/staff/report")


def _term(text: str) -> tuple[str, Path]:
    """Read `autumn 2025=FOLDER`. Anything else ends the command."""
    term, mark, folder = text.partition("=")
    if not (term.strip() and mark and Path(folder).is_dir()):
        raise click.ClickException(
            f"found --earlier {text!r}, expected TERM=FOLDER with the results folder of that term, such as "
            "'autumn 2025=old/results'"
        )
    return term.strip(), Path(folder).resolve()
