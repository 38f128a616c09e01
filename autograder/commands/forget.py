"""`autograder forget`: erase what is held about one student."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from autograder.commands.options import course_option, open_course
from autograder.course.roster import EMPTY_ROSTER, RosterError, load_roster
from autograder.pages.text import plural
from autograder.reports.class_files import write_class_files
from autograder.results.counting import counting
from autograder.results.store import Store, StoreError
from autograder.runs.personal_data import erase, places_of, unknown
from autograder.runs.publish import PublishError


@click.command("forget")
@click.argument("results", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("student")
@course_option
@click.option("--published", type=click.Path(path_type=Path, exists=True, file_okay=False), default=None,
              help="The folder of published pages, to delete the student's there.")  # fmt: skip
@click.option("--yes", "sure", is_flag=True, help="Erase; without it, only what would be erased is listed.")
def command(results: Path, student: str, course_path: Path | None, published: Path | None, sure: bool) -> None:
    """Erase what RESULTS holds about STUDENT. Counts and sums stay, which name nobody; backups are yours to erase.

    Work that was handed in with others stays, since it is theirs too. Take the student out of the roster as well.
    """
    course = open_course(course_path)
    now = datetime.now(UTC)
    try:
        names = [assignment.name for assignment in course.assignments]
        roster = load_roster(course.roster_path, names) if course.roster_path else EMPTY_ROSTER
        with Store(results.resolve(), write=sure) as store:
            if unknown(store, student, [one.id for one in roster.students]):
                raise click.ClickException(
                    f"nothing is held about {student!r}: no such id in the roster or in {results}"
                )
            if not sure:
                for place, _, shared in places_of(store, student):
                    stays = ": stays, since it was handed in with others" if shared else ""
                    click.echo(f"{place.assignment}/{place.subject}{stays}")
                click.echo("Nothing is erased: add --yes.")
                return
            done = erase(store, student, published, now)
            left = counting(store.results(), store.staff)
            write_class_files(store.staff, course, left, now, store.page_link)
    except (RosterError, StoreError, PublishError) as error:
        raise click.ClickException(str(error)) from error
    for name in done.shared:
        click.echo(f"{name}: stays, since it was handed in with others")
    click.echo(f"{plural(len(done.removed), 'submission')} and {plural(done.pages, 'published page')} erased")
    if any(one.id == student for one in roster.students):
        click.echo(f"{student} is still in the roster: remove the line, or the next run lists the id again")
