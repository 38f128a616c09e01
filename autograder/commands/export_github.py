"""`autograder export github` and `export github-summary`: an assignment that is graded in jobs of GitHub Actions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.commands.options import choose_assignments, course_option, open_course, open_course_file

if TYPE_CHECKING:
    from autograder.course.course import Course
    from autograder.feedback.student_view import StudentView
    from autograder.results.store import Store


@click.command("github", short_help="Write what grades an assignment in jobs of GitHub Actions.")
@click.argument("name", metavar="ASSIGNMENT")
@course_option
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), required=True,
              help="The folder to write staff/ and students/ into.")  # fmt: skip
@click.option(
    "--classroom",
    metavar="SLUG",
    default="",
    help="What the names of the students' repositories begin with.  [default: the assignment, with hyphens]",
)
def github(name: str, course_path: Path | None, into: Path, classroom: str) -> None:
    """Write two repositories for ASSIGNMENT: staff/, which grades a student's repository in a container and writes the
    job's summary, and students/, the template, where every push is looked over.

    staff/ holds the hidden tests and the solution: it is for the course's staff only.
    """
    from autograder.course.roster import RosterError
    from autograder.exchange.elsewhere.engine import EngineError
    from autograder.exchange.github.repositories import repositories
    from autograder.release.starter import ReleaseError

    if classroom and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", classroom):
        raise click.ClickException(f"--classroom {classroom!r}: expected letters, digits, '.', '_' and '-'")
    course, file = open_course_file(course_path)
    (assignment,) = choose_assignments(course, [name])
    try:
        files, notes = repositories(course, assignment, file, classroom=classroom)
        targets = {into / path: data for path, data in files.items()}
        if there := next((path for path in targets if path.exists()), None):
            raise click.ClickException(
                f"{there}: is there already, and nothing is overwritten; name another with --into"
            )
        for path, data in targets.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    except (EngineError, ReleaseError, RosterError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or into}: cannot be written ({error.strerror})") from error
    for note in notes:
        click.echo(f"note: {note}")
    click.echo(f"{into}: staff/ and students/ written for {name}")


@click.command("github-summary", short_help="Print results as the summary of a job of GitHub Actions.")
@click.argument("results", type=click.Path(path_type=Path, exists=True, file_okay=False))
@course_option
def github_summary(results: Path, course_path: Path | None) -> None:
    """Print what the students' pages in the folder RESULTS say, in the form of a job's summary.

    As on the pages, nothing is shown that course.yaml keeps closed. Append it to the file $GITHUB_STEP_SUMMARY.
    """
    from autograder.course.course import CourseError
    from autograder.course.releases import ReleasesError
    from autograder.course.roster import RosterError
    from autograder.exchange.github.summary import job_summary
    from autograder.results.store import Store, StoreError

    course = open_course(course_path)
    try:
        with Store(results.resolve(), write=False) as store:
            click.echo(job_summary(_views(store, course)), nl=False)
    except (CourseError, RosterError, StoreError, ReleasesError) as error:
        raise click.ClickException(str(error)) from error


def _views(store: Store, course: Course) -> Iterator[StudentView]:
    from autograder.course.adjustments import load_adjustments
    from autograder.course.roster import course_roster
    from autograder.feedback.view import student_view
    from autograder.results.place import Place
    from autograder.runs.pages import page_options

    names = [assignment.name for assignment in course.assignments]
    options = page_options(course, names, course_roster(course), load_adjustments(course), datetime.now(UTC))
    for result in store.results():
        if result.assignment in options:
            events = store.events_of(Place(result.assignment, result.subject))
            yield student_view(result, None, (), options[result.assignment], events)
