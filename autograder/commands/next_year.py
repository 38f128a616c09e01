"""`autograder next-year`: the course once more, for other students."""

from __future__ import annotations

import os
from pathlib import Path

import click

from autograder.commands.options import course_option, open_course_file
from autograder.course.course import CourseError
from autograder.course.next_year import NextYearError, next_year
from autograder.course.secret import VARIABLE, SecretError, course_secret
from autograder.course.variant_table import VariantTableError


@click.command("next-year")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--days", type=click.IntRange(1, 4000), default=364, show_default=True,
              help="How much later dates are; 364 keeps the day of the week.")  # fmt: skip
@click.option("--term", default="", help="What course.yaml says of the term, such as 'autumn 2027'.")
@course_option
def command(folder: Path, days: int, term: str, course_path: Path | None) -> None:
    """Copy the course into FOLDER for another year: later dates, a new secret, no students and no releases.

    Left behind are results, decisions about single students and starters; `autograder release` makes these anew. Codes
    of personal variants are kept as retired ones, without names, so that nobody gets one of this year's.
    """
    if '"' in term or "\\" in term or not term.isprintable():
        raise click.BadParameter("expected plain words without quotes", param_hint="--term")
    course, course_file = open_course_file(course_path)
    try:
        shifted = next_year(course, course_file, folder, days, term)
        course_secret(folder)
    except (NextYearError, CourseError, VariantTableError, SecretError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}; what was copied is in {folder}") from error
    for one in shifted:
        click.echo(f"course.yaml:{one.line}: {one.key}: {one.before} -> {one.after}")
    if not term:
        click.echo(f"course.yaml: the term is still {course.term!r}; change it, or give --term")
    click.echo(f"\nNext, in {folder}: write the new roster, look at the dates, then\n  autograder validate\n"
               "  autograder release")  # fmt: skip
    if VARIABLE in os.environ:
        click.echo(f"{VARIABLE} is set here, and stands above the new secret file: set another for this course")
