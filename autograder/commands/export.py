"""`autograder export`: grades into the files of learning platforms."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autograder.commands.export_canvas import canvas_api
from autograder.commands.export_courses import nbgrader, otter
from autograder.commands.export_executed import executed
from autograder.commands.export_github import github, github_summary
from autograder.commands.exported_grades import comments_of, graded_for_export
from autograder.commands.options import choose_assignments, course_option, open_course, open_course_file
from autograder.files import write_whole

if TYPE_CHECKING:
    from autograder.exchange.platforms.fill import Filled
    from autograder.exchange.platforms.grades import Grades
    from autograder.exchange.platforms.sheet import Titles

_FILES = {
    "canvas": "the gradebook exported from Canvas (Grades > Export Entire Gradebook)",
    "moodle": "the grading worksheet downloaded from the Moodle assignment",
    "blackboard": "the grades downloaded from Blackboard (Work Offline > Download Grades)",
    "brightspace": "the grades exported from Brightspace (Points Grade, with OrgDefinedId or Username)",
    "csv": "any table of which you name the columns (--id-column, --grade-column)",
}


@click.group("export")
def command() -> None:
    """Give grades or assignments to other systems.

    Grades go into a file that a platform wrote. Only grades and comments change in it. What is not written is listed
    with the reason, and so is what the platform would pass over without a word. The file that is read stays as it is;
    the filled one is written beside it.
    """


def _platform(name: str) -> click.Command:
    @click.command(
        name,
        help=f"Fill the grades in RESULTS into FILE: {_FILES[name]}.",
        short_help=f"Fill grades into {_FILES[name].partition(' (')[0]}.",
    )
    @click.argument("results", type=click.Path(path_type=Path, exists=True, file_okay=False))
    @click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
    @course_option
    @click.option("--assignment", "-a", default=None, help="Which one, where RESULTS has several.")
    @click.option("--output", "-o", type=click.Path(path_type=Path), default=None,
                  help="The filled file; it must not exist.  [default: FILE with _graded in its name]")  # fmt: skip
    @click.option("--grade-column", default="", metavar="TITLE", help="The column of the grade, by its title.")
    @click.option("--comment-column", default="", metavar="TITLE", help="The column of the comment.")
    @click.option("--maximum-column", default="", metavar="TITLE", help="The column of the maximum (Moodle).")
    @click.option("--locked-column", default="", metavar="TITLE", help="'Grade can be changed' (Moodle).")
    @click.option("--id-column", multiple=True, metavar="KIND=TITLE",
                  help="A column that identifies people: id, email, canvas, sid, login, … = its title.")  # fmt: skip
    @click.option("--missing", type=click.Choice(["blank", "zero"]), default="blank", show_default=True,
                  help="What those get who handed in nothing.")  # fmt: skip
    @click.option("--open-too", is_flag=True, help="Write grades that still wait for a person, too.")
    @click.option("--scale", is_flag=True, help="Convert points where the platform's maximum is another.")
    @click.option("--no-comments", is_flag=True, help="Leave the column of comments alone.")
    @click.option("--feedback-zip", type=click.Path(path_type=Path), default=None,
                  help="Write Moodle's zip of feedback files there, too.", hidden=name != "moodle")  # fmt: skip
    @click.option("--json", "as_json", is_flag=True, help="Print what was written and left out as JSON.")
    def fill_file(**options: Any) -> None:
        _export(name, **options)

    return fill_file


for _name in _FILES:
    command.add_command(_platform(_name))
for _other in (canvas_api, executed, github, github_summary, nbgrader, otter):
    command.add_command(_other)


@command.command("gradescope", short_help="Make the autograder zip that runs this engine there.")
@click.argument("name", metavar="ASSIGNMENT")
@course_option
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), default=None,
              help="The zip.  [default: ASSIGNMENT_gradescope.zip]")  # fmt: skip
@click.option("--leaderboard", is_flag=True, help="Show everybody's points by tests on Gradescope's leaderboard.")
@click.option("--wheelhouse", type=click.Path(path_type=Path, exists=True, file_okay=False), default=None,
              help="A folder of wheels to install from, so that no network is needed.")  # fmt: skip
def gradescope(
    name: str, course_path: Path | None, output: Path | None, leaderboard: bool, wheelhouse: Path | None
) -> None:
    """Make the autograder zip of ASSIGNMENT that runs this engine on Gradescope.

    It holds the hidden tests, the solution and the course's secret: it is for the course's staff only.
    """
    from autograder.course.secret import SecretError, course_secret
    from autograder.exchange.elsewhere.engine import EngineError
    from autograder.exchange.gradescope.bundle import gradescope_bundle
    from autograder.release.starter import ReleaseError

    course, file = open_course_file(course_path)
    (assignment,) = choose_assignments(course, [name])
    target = output or Path(f"{name}_gradescope.zip")
    _refuse_existing(target)
    try:
        made = gradescope_bundle(
            course, assignment, file, course_secret(course.root), leaderboard=leaderboard, wheelhouse=wheelhouse
        )
        _write_for_staff(target, made.data)
    except (EngineError, ReleaseError, SecretError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or target}: cannot be used ({error.strerror})") from error
    for note in made.notes:
        click.echo(f"note: {note}")
    click.echo(f"{target}: {len(made.data) / 1e6:.1f} MB; upload it under Configure Autograder")


def _write_for_staff(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read, from its first byte on."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise click.ClickException(f"{path}: is there already, and nothing is overwritten; name another with --output")


def _export(
    platform: str,
    *,
    results: Path,
    file: Path,
    course_path: Path | None,
    assignment: str | None,
    output: Path | None,
    missing: str,
    open_too: bool,
    scale: bool,
    no_comments: bool,
    feedback_zip: Path | None,
    as_json: bool,
    **titles: Any,
) -> None:
    from autograder.course.roster import RosterError
    from autograder.exchange.platforms.fill import fill
    from autograder.exchange.platforms.people import People
    from autograder.exchange.platforms.table import PlatformFileError, read_table
    from autograder.results.store import StoreError

    course = open_course(course_path)
    target = output or file.with_name(f"{file.stem}_graded{file.suffix}")
    for made in (target, feedback_zip):
        if made is not None:
            _refuse_existing(made)
    try:
        chosen, roster, grades = graded_for_export(course, results, assignment, missing=missing, open_too=open_too)
        table = read_table(file)
        filled = fill(
            platform, table, grades, People(roster), _titles(**titles), (chosen.name, chosen.title),
            comment=None if no_comments else comments_of(course, chosen, roster), scale=scale,
        )  # fmt: skip
        write_whole(target, table.data())
        if feedback_zip is not None:
            _write_zip(feedback_zip, results, grades, filled)
    except (PlatformFileError, RosterError, StoreError) as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename or target}: cannot be written ({error.strerror})") from error
    _tell(filled, target, as_json)
    raise SystemExit(1 if filled.left_out else 0)


def _titles(
    grade_column: str, comment_column: str, maximum_column: str, locked_column: str, id_column: tuple[str, ...]
) -> Titles:
    from autograder.exchange.platforms.sheet import Titles

    return Titles(grade_column, comment_column, maximum_column, locked_column, kinds_and_titles(id_column))


def kinds_and_titles(texts: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return `sid=Matrikelnummer` as (kind, title). An unknown kind ends the command."""
    from autograder.exchange.platforms.people import KINDS

    found = [text.partition("=")[::2] for text in texts]
    for kind, title in found:
        if kind not in KINDS or not title:
            raise click.ClickException(
                f"--id-column {kind}={title}: expected KIND=TITLE with a kind of {', '.join(KINDS)}"
            )
    return found


def _write_zip(path: Path, results: Path, grades: Grades, filled: Filled) -> None:
    from autograder.exchange.platforms.moodle import feedback_zip
    from autograder.results.layout import layout_of

    pages = {}
    for student, line in filled.rows.items():
        result = grades.of(student).result
        participant = filled.sheet.participants.get(line)
        if result is not None and participant is not None:
            page = layout_of(results).page(result.assignment, result.subject)
            if page.is_file():
                pages[student] = participant, page.read_bytes()
    write_whole(path, feedback_zip(pages))


def _tell(filled: Filled, target: Path, as_json: bool) -> None:
    if as_json:
        document = {
            "schema_version": 1,
            "file": str(target),
            "written": [vars(one) for one in filled.written],
            "unchanged": list(filled.unchanged),
            "left_out": [vars(one) for one in filled.left_out],
            "notes": list(filled.notes),
        }
        click.echo(json.dumps(document, ensure_ascii=False, indent=1))
        return
    for left in filled.left_out:
        click.echo(f"not written: {left.who} {left.why}")
    for note in filled.notes:
        click.echo(f"note: {note}")
    click.echo(
        f"{target}: {len(filled.written)} grades written, {len(filled.unchanged)} as they were, "
        f"{len(filled.left_out)} not written"
    )
