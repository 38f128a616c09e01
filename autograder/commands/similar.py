"""`autograder similar`: pairs of submissions whose own code is alike, for those who grade."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from autograder.commands.options import choose_assignments, course_option, open_course
from autograder.course.bank import VariantError
from autograder.course.course import CourseError
from autograder.course.releases import ReleasesError
from autograder.course.roster import RosterError, course_roster
from autograder.pages.text import plural
from autograder.release.starter import ReleaseError
from autograder.results.store import Store, StoreError
from autograder.runs.pages import write_class_pages
from autograder.runs.similar import write_similar


@click.command("similar")
@click.argument("results", type=click.Path(path_type=Path, exists=True, file_okay=False))
@course_option
@click.option("--assignment", "-a", "names", multiple=True, help="Only this assignment; may be given several times.")
def command(results: Path, course_path: Path | None, names: tuple[str, ...]) -> None:
    """Compare the code of all submissions in RESULTS, and write pairs that are alike, side by side.

    Code that was handed out, the solution, the bank's answers and what many students share are left out. The pages
    lie in staff/report/ASSIGNMENT/similar.html, are for teachers only and change no grade: read both before you think
    anything.
    """
    course = open_course(course_path)
    now = datetime.now(UTC)
    written = False
    try:
        with Store(results.resolve()) as store:
            for assignment in choose_assignments(course, names):
                view = write_similar(store, course, assignment, now)
                if view is not None:
                    written = True
                    found = plural(len(view.pairs) + view.more, "pair")
                    click.echo(f"{assignment.name}: {found} among {plural(view.compared, 'submission')}")
            if written:
                write_class_pages(store, course, course_roster(course), now)
    except (StoreError, CourseError, ReleasesError, ReleaseError, RosterError, VariantError) as error:
        raise click.ClickException(str(error)) from error
    if not written:
        raise click.ClickException(f"no submission in {results} is of such an assignment")
    click.echo(f"Pages: {results}/staff/report/ASSIGNMENT/similar.html")
