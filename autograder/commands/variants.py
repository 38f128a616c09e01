"""`autograder variants`: a code for everybody of the roster, by which personal questions differ."""

from __future__ import annotations

import json
from pathlib import Path

import click

from autograder.commands.options import course_option, open_course
from autograder.course.roster import RosterError, course_roster
from autograder.course.variant_table import (
    FILE,
    VariantTable,
    VariantTableError,
    read_variant_table,
    write_variant_table,
)


@click.command("variants")
@course_option
@click.option("--who", "code", default="", metavar="CODE", help="Instead, say whose code this is; writes nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
def command(course_path: Path | None, code: str, as_json: bool) -> None:
    """Give everybody of the roster a short code, in variants.csv beside course.yaml; a group has one for all.

    Whoever has a code keeps it, under another id too, so repeat this when students are added. Give each student their
    code, or a bundle with it: `autograder release --bundle --per-student`.
    """
    course = open_course(course_path)
    try:
        before = read_variant_table(course.root) or VariantTable()
        if code:
            row = before.who(code)
            if row is None:
                raise click.ClickException(f"{code}: nobody in {FILE} has this code; is it typed as it stands there?")
            click.echo(f"{row.code}: {row.kind} {row.subject}".rstrip())
            return
        roster = course_roster(course)
    except (VariantTableError, RosterError) as error:
        raise click.ClickException(str(error)) from error
    if not roster.students:
        raise click.ClickException("the roster has no students yet; codes are given to those who are in it")
    table = before.completed(roster)
    if table != before:
        write_variant_table(course.root, table)
    if as_json:
        rows = [vars(row) | {"names": list(row.names)} for row in table.rows]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    new = len(table.rows) - len(before.rows)
    click.echo(f"{FILE}: {new} new {'code' if new == 1 else 'codes'}, {len(before.rows)} from before. Keep this file: "
               "grading takes each student's code from it.")  # fmt: skip
