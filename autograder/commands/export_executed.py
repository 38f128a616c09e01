"""`autograder export executed`: what was handed in as notebooks with their outputs, to be opened in Jupyter."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.commands.options import choose_assignments, course_option, open_course
from autograder.files import write_whole
from autograder.pages.text import plural


@click.command("executed", short_help="Write the executed notebooks of submissions.")
@click.argument("results", type=click.Path(path_type=Path, exists=True, file_okay=False))
@course_option
@click.option("--assignment", "-a", "names", multiple=True, help="Only this assignment; may be given several times.")
@click.option("--subject", "subjects", multiple=True, help="Only this student or group; may be given several times.")
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), required=True,
              help="The folder to write ASSIGNMENT/SUBJECT.ipynb into.")  # fmt: skip
def executed(
    results: Path, course_path: Path | None, names: tuple[str, ...], subjects: tuple[str, ...], into: Path
) -> None:
    """Write the notebooks of the submissions in the folder RESULTS, each cell with its outputs as handed in and as they
    came when it was graded. Nothing runs. They are harmless to open: text and checked pictures only.
    """
    from autograder.course.releases import ReleasesError, load_releases
    from autograder.results.from_evidence import Rules, executed_of
    from autograder.results.store import Store, StoreError

    course = open_course(course_path)
    written = 0
    try:
        rules = {
            assignment.name: Rules(course, assignment, releases=load_releases(assignment.releases_path))
            for assignment in choose_assignments(course, names)
        }
        with Store(results.resolve(), write=False) as store:
            for place, attempt in store.latest_attempts():
                if place.assignment in rules and (not subjects or place.subject in subjects):
                    path = into / place.assignment / f"{place.subject}.ipynb"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    write_whole(path, executed_of(store, place, attempt, rules[place.assignment]))
                    written += 1
    except (ReleasesError, StoreError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or into}: cannot be written ({error.strerror})") from error
    if not written:
        raise click.ClickException(f"{results}: holds nothing of what was asked for")
    click.echo(f"{into}: {plural(written, 'notebook')} written")
