"""`autograder publish`: the folder of pages that students get."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import click

from autograder.commands.options import choose_assignments, course_option, open_course
from autograder.course.adjustments import load_adjustments
from autograder.course.course import CourseError
from autograder.course.releases import ReleasesError
from autograder.course.roster import EMPTY_ROSTER, RosterError, load_roster
from autograder.pages.text import clean_line, plural
from autograder.results.store import Store, StoreError
from autograder.runs.pages import student_pages, term_pages
from autograder.runs.publish import Published, PublishError, Register, publish, withdraw

_MOST_NAMES = 4 << 20  # bytes


@click.command("publish")
@click.argument("results", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@course_option
@click.option("--assignment", "-a", "chosen", multiple=True, help="Only this assignment; may be given several times.")
@click.option("--names", "names_path", type=click.Path(path_type=Path, exists=True, dir_okay=False), default=None,
              help="Private CSV of id,name; names are joined to the pages and stored nowhere else.")  # fmt: skip
@click.option("--term", is_flag=True,
              help="Also each student's page about the whole term; it shows published assignments only.")  # fmt: skip
@click.option("--withdraw", "withdrawn", multiple=True, metavar="ID", help="Take this student's pages down instead.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON, with the addresses.")
def command(
    results: Path,
    out: Path,
    course_path: Path | None,
    chosen: tuple[str, ...],
    names_path: Path | None,
    term: bool,
    withdrawn: tuple[str, ...],
    as_json: bool,
) -> None:
    """Write one page for each student from RESULTS into the folder OUT, under names that nobody can guess.

    There is no index. A page that is published again keeps its name; --withdraw deletes pages and forgets their names.
    staff/publications.json says who has which page, staff/publications.jsonl what was done when.
    """
    course = open_course(course_path)
    assignments = [assignment.name for assignment in choose_assignments(course, chosen)]
    now = datetime.now(UTC)
    try:
        with Store(results.resolve()) as store:
            register = Register.read(store.staff)
            if out.resolve().is_relative_to(store.staff.resolve()):
                raise click.ClickException(f"{out}: lies in the staff's folder; name a folder outside of {store.staff}")
            if withdrawn:
                count = sum(withdraw(withdrawn, out, register, now, name) for name in (chosen or ("",)))
                click.echo(f"{plural(count, 'page')} withdrawn from {out}")
                return
            names = _names(names_path) if names_path else None
            known = [assignment.name for assignment in course.assignments]
            roster = load_roster(course.roster_path, known) if course.roster_path else EMPTY_ROSTER
            adjustments = load_adjustments(course)
            pages = student_pages(store, course, assignments, roster, adjustments, now)
            terms = term_pages(store, course, roster, adjustments, now) if term else ()
            done = publish(pages, out, register, now, names, terms)
    except (CourseError, RosterError, StoreError, ReleasesError, PublishError) as error:
        raise click.ClickException(str(error)) from error
    _tell(done, out, as_json)
    if done.alarms:
        raise SystemExit(1)


def _tell(done: Published, out: Path, as_json: bool) -> None:
    if as_json:
        entries = [entry.model_dump(mode="json") for entry in (*done.new, *done.replaced)]
        document = {"published": entries, "unchanged": done.unchanged, "held_back": list(done.alarms)}
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
        return
    for text in done.alarms:
        click.echo(text)
    counts = f"{plural(len(done.new), 'new page')}, {len(done.replaced)} replaced, {done.unchanged} unchanged"
    click.echo(f"{out}: {counts}. Addresses: staff/publications.json")


def _names(path: Path) -> dict[str, str]:
    """Read id -> name. Raises PublishError if the file is no such table."""
    if path.stat().st_size > _MOST_NAMES:
        raise PublishError(f"{path}: larger than 4 MB; expected a CSV with the columns id and name")
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    except (UnicodeDecodeError, csv.Error) as error:
        raise PublishError(f"{path}: {error}; expected a CSV in UTF-8 with the columns id and name") from None
    if not rows or not {"id", "name"} <= set(rows[0]):
        found = ", ".join(rows[0]) if rows else "no rows"
        raise PublishError(f"{path}: found {found}, expected a CSV with the columns id and name")
    return {str(row["id"]).strip(): clean_line(row["name"], 120) for row in rows if row.get("name")}
