"""`autograder data`: what is held about one student."""

from __future__ import annotations

import json
from pathlib import Path

import click

from autograder.commands.options import course_option, open_course
from autograder.course.roster import EMPTY_ROSTER, RosterError, load_roster
from autograder.course.variant_table import VariantTableError
from autograder.files import write_whole
from autograder.results.store import Store, StoreError
from autograder.runs.personal_data import copy_files, held_about, unknown
from autograder.runs.publish import PublishError


@click.command("data")
@click.argument("results", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("student")
@course_option
@click.option("--output", "-o", type=click.Path(path_type=Path, file_okay=False), default=None,
              help="Put it into this folder, with the student's own notebooks and pages.")  # fmt: skip
def command(results: Path, student: str, course_path: Path | None, output: Path | None) -> None:
    """Say what RESULTS holds about STUDENT, as JSON. Nobody else is named in it."""
    course = open_course(course_path)
    try:
        names = [assignment.name for assignment in course.assignments]
        roster = load_roster(course.roster_path, names) if course.roster_path else EMPTY_ROSTER
        entry = next((one for one in roster.students if one.id == student), None)
        with Store(results.resolve(), write=False) as store:
            if unknown(store, course, roster, student):
                raise click.ClickException(
                    f"nothing is held about {student!r}: no such id in the roster or in {results}"
                )
            held = held_about(store, course, roster, student)
            held["roster"] = entry and {"id": entry.id, "email": entry.email, "aliases": list(entry.aliases),
                                        "section": entry.section, "in_a_group": bool(entry.group)}  # fmt: skip
            text = json.dumps(held, ensure_ascii=False, indent=1) + "\n"
            if output is None:
                click.echo(text, nl=False)
                return
            output.mkdir(parents=True, exist_ok=True)
            write_whole(output / "data.json", text.encode())
            count = copy_files(store, student, output)
    except (RosterError, StoreError, PublishError, VariantTableError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{output}: data.json and {count} files")
