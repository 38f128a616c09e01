"""`autograder forget`: erase what is held about one student, or what has been kept long enough."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from autograder.commands.options import course_option, open_course
from autograder.course.adjustments import Adjustments, load_adjustments
from autograder.course.course import Course, CourseError
from autograder.course.releases import ReleasesError
from autograder.course.roster import Roster, RosterError, course_roster
from autograder.course.variant_table import FILE, VariantTableError
from autograder.pages.text import plural
from autograder.results.store import Place, Store, StoreError
from autograder.runs.pages import counted, page_options, write_about_class, write_page_again
from autograder.runs.personal_data import Erased, codes_of, erase, places_of, unknown
from autograder.runs.publish import PublishError
from autograder.runs.retention import due_for_erasure, erase_due


@click.command("forget")
@click.argument("results", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("student", required=False)
@course_option
@click.option("--due", is_flag=True, help="Erase all work that was kept as long as `retention` in course.yaml says.")
@click.option("--published", type=click.Path(path_type=Path, exists=True, file_okay=False), default=None,
              help="The folder of published pages, to delete them there.")  # fmt: skip
@click.option("--yes", "sure", is_flag=True, help="Erase; without it, only what would be erased is listed.")
def command(
    results: Path, student: str | None, course_path: Path | None, due: bool, published: Path | None, sure: bool
) -> None:
    """Erase what RESULTS holds about STUDENT; with --due, all work that was kept long enough.

    Counts and sums stay, since they name nobody. Backups are yours to erase. Work that STUDENT handed in with others
    stays, since it is theirs too. The code of their personal variant becomes nobody's, and is never
    given again. Take the student out of the roster as well.
    """
    if due == (student is not None):
        found = "neither" if student is None else "both"
        raise click.UsageError(f"found {found}, expected a student's id or --due")
    course = open_course(course_path)
    if due and course.retention is None:
        raise click.ClickException(
            f"{course.root / 'course.yaml'}: found no `retention`, expected how many days work is kept after its "
            "deadline, such as `retention: {days: 365}`"
        )
    now = datetime.now(UTC)
    try:
        roster, adjustments = course_roster(course), load_adjustments(course)
        with Store(results.resolve(), write=sure) as store:
            if student is not None:
                done = _student(store, course, roster, student, published, sure, now)
            else:
                done = _due(store, course, roster, adjustments, published, sure, now)
            if done is None:
                return
            others = replace(roster, students=tuple(one for one in roster.students if one.id != student))
            _write_again(store, course, others, adjustments, done.shared, now)
    except (CourseError, RosterError, ReleasesError, StoreError, PublishError, VariantTableError) as error:
        raise click.ClickException(str(error)) from error
    _tell(done)
    if any(one.id == student for one in roster.students):
        click.echo(f"{student} is still in the roster: remove the line, or the next run lists the id again")


def _student(
    store: Store, course: Course, roster: Roster, student: str, published: Path | None, sure: bool, now: datetime
) -> Erased | None:
    """Erase one student; None where only what would be erased was listed."""
    if unknown(store, course, roster, student):
        raise click.ClickException(f"nothing is held about {student!r}: no such id in the roster or in {store.root}")
    if sure:
        return erase(store, course, roster, student, published, now)
    for place, _, shared in places_of(store, student):
        stays = ": stays, since it was handed in with others" if shared else ""
        click.echo(f"{place.assignment}/{place.subject}{stays}")
    for row in codes_of(course, roster, student):
        click.echo(f"{FILE}: {row.code}" + (": stays the group's, without this name" if row.kind == "group" else ""))
    click.echo("Nothing is erased: add --yes.")
    return None


def _due(
    store: Store,
    course: Course,
    roster: Roster,
    adjustments: Adjustments,
    published: Path | None,
    sure: bool,
    now: datetime,
) -> Erased | None:
    """Erase what is due; None where nothing is, or only what would be erased was listed."""
    assert course.retention is not None
    due = due_for_erasure(store, course, roster, adjustments, course.retention, now)
    if not due:
        click.echo(f"Nothing is due: course.yaml keeps work for {plural(course.retention.days, 'day')}.")
        return None
    if sure:
        return erase_due(store, course, due, published, now)
    for one in due:
        click.echo(f"{one.place.assignment}/{one.place.subject}: due since {one.since.date().isoformat()}")
    click.echo(f"{plural(len(due), 'submission')} due. Nothing is erased: add --yes. Export grades that you must keep.")
    return None


def _write_again(
    store: Store, course: Course, roster: Roster, adjustments: Adjustments, shared: tuple[Place, ...], now: datetime
) -> None:
    """Write what named somebody: pages of groups that go on, and everything about the class."""
    names = [assignment.name for assignment in course.assignments]
    options = page_options(course, names, roster, adjustments, now)
    for place in shared:
        if place.assignment in options:
            write_page_again(store, place, options[place.assignment])
    write_about_class(store, course, roster, adjustments, counted(store), now)


def _tell(done: Erased) -> None:
    for place in done.shared:
        click.echo(f"{place.assignment}/{place.subject}: stays, since it was handed in with others")
    click.echo(f"{plural(len(done.removed), 'submission')} and {plural(done.pages, 'published page')} erased")
    for row in done.codes:
        kept = "named them, and does no longer" if row.kind == "group" else "was theirs, and is nobody's now"
        click.echo(f"{FILE}: the code {row.code} {kept}")
    if done.missing:
        click.echo(
            f"{plural(done.missing, 'published page')} did not lie in that folder: look whether they are elsewhere"
        )
    if done.shared:
        click.echo("Publish again: pages of groups no longer name them.")
