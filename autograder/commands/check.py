"""`autograder check`: a look at a notebook before it is handed in."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from autograder.commands.options import course_option, nearest_course, open_course
from autograder.course.releases import ReleasesError
from autograder.notebooks.read import NotebookError
from autograder.submissions.check import check_notebook

_MOST_BYTES = 64 << 20


@click.command("check")
@click.argument("notebook", type=click.Path(path_type=Path))
@course_option
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(notebook: Path, course_path: Path | None, as_json: bool) -> None:
    """Look NOTEBOOK over before handing it in: the right assignment, nothing left blank, no cell broken or lost.

    Runs no code and grades nothing. Exits with 1 if something would cost points as it is.
    """
    if course_path is None:
        course_path = nearest_course(notebook.resolve().parent)  # students have none, and need none
    course = open_course(course_path) if course_path is not None else None
    try:
        if notebook.is_file() and notebook.stat().st_size > _MOST_BYTES:
            raise click.ClickException(
                f"{notebook}: larger than {_MOST_BYTES >> 20} MiB; clear its outputs, save it again"
            )
        findings = check_notebook(notebook.read_bytes(), notebook, course)
    except OSError as error:
        raise click.ClickException(f"{notebook}: cannot be read: {error.strerror}") from error
    except (NotebookError, ReleasesError) as error:
        raise click.ClickException(str(error)) from error
    problems = sum(finding.level == "problem" for finding in findings)
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1))
    else:
        for finding in findings:
            mark = _mark(finding.level == "problem")
            click.echo(f"{mark} {finding.place + ': ' if finding.place else ''}{finding.text}")
        click.echo(f"{problems} to put right before you hand in." if problems else "Ready to hand in.")
    if problems:
        raise SystemExit(1)


def _mark(problem: bool) -> str:
    """Return a sign that this terminal can show: Windows code pages have neither of the two."""
    mark, plain = ("✗", "x") if problem else ("·", "-")
    try:
        mark.encode(sys.stdout.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return plain
    return mark
