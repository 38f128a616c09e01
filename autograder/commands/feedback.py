"""`autograder feedback`: the pages of a results folder, written again from what is stored there."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from autograder.commands.bar import bar
from autograder.commands.options import choose_assignments, course_option, open_course
from autograder.course.adjustments import load_adjustments
from autograder.course.course import CourseError
from autograder.course.releases import ReleasesError
from autograder.course.roster import RosterError, course_roster
from autograder.feedback import FeedbackOptions
from autograder.pages.text import plural
from autograder.results.store import Place, Store, StoreError
from autograder.runs.many_cores import on_all_cores
from autograder.runs.pages import counted, page_options, write_about_class, write_page_again


@click.command("feedback")
@click.argument("results", type=click.Path(path_type=Path, exists=True, file_okay=False))
@course_option
@click.option("--assignment", "-a", "names", multiple=True, help="Only this assignment; may be given several times.")
@click.option("--json", "as_json", is_flag=True, help="Print the pages written and left out as JSON.")
def command(results: Path, course_path: Path | None, names: tuple[str, ...], as_json: bool) -> None:
    """Write every student's page and the index in the folder RESULTS again, without running or rescoring anything.

    Do so after a deadline: questions that course.yaml shows `after_due` open on the new pages.
    """
    console = Console(stderr=as_json, soft_wrap=True, highlight=False)
    course = open_course(course_path)
    chosen = [assignment.name for assignment in choose_assignments(course, names)]
    now = datetime.now(UTC)
    try:
        roster = course_roster(course)
        adjustments = load_adjustments(course)
        with Store(results.resolve()) as store:
            written, left_out = _write_pages(store, page_options(course, chosen, roster, adjustments, now), console)
            write_about_class(store, course, roster, adjustments, counted(store), now)
    except (CourseError, RosterError, StoreError, ReleasesError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps({"written": written, "left_out": left_out}, ensure_ascii=False, indent=1))
    else:
        for problem in left_out:
            console.print(problem, markup=False)
        console.print(f"{plural(len(written), 'page')} and index.html written in {results}", markup=False)
    if left_out:
        raise SystemExit(1)


def _write_pages(store: Store, options: dict[str, FeedbackOptions], console: Console) -> tuple[list[str], list[str]]:
    """Return paths of the pages written, and a sentence for each submission that has none."""
    written: list[str] = []
    left_out: list[str] = []
    places = [place for place in store.places() if place.assignment in options]

    def write(place: Place) -> str | None:
        return write_page_again(store, place, options[place.assignment])

    with bar(console, "writing") as advance:
        for place, page in zip(places, on_all_cores(write, places), strict=True):
            if page is None:
                left_out.append(f"{place.assignment}/{place.subject}: has no result yet; run: autograder rescore")
            else:
                written.append(page)
            advance(len(places))
    return written, left_out
