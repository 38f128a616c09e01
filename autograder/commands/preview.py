"""`autograder preview`: the starter and the feedback on each variant, while an assignment is written."""

from __future__ import annotations

import time
import webbrowser
from datetime import UTC, datetime
from pathlib import Path

import click

from autograder.commands.options import course_option, open_course_file
from autograder.commands.progress import told
from autograder.pages.text import plural
from autograder.validation.preview import Stamp, build_preview, stamp
from autograder.workers.pool import default_workers

SECONDS = 0.5  # between two looks at the files


@click.command("preview")
@click.argument("name")
@course_option
@click.option("--output", "-o", type=click.Path(path_type=Path, file_okay=False), default=None,
              help="Folder of the pages  [default: build/preview/NAME]")  # fmt: skip
@click.option("--once", is_flag=True, help="Write the pages and end; open no browser. Exits with 1 if anything is off.")
@click.option("--no-browser", is_flag=True, help="Say where the pages are, and open no browser.")
@click.option("--jobs", "-j", type=click.IntRange(1), default=None, help="How many slots.  [default: one a core]")
@click.option("--backend", type=click.Choice(["auto", "namespace", "confined-uid", "none"]), default="auto",
              show_default=True, help="The sandbox; none is UNSAFE.")  # fmt: skip
def command(
    name: str, course_path: Path | None, output: Path | None, once: bool, no_browser: bool, jobs: int | None,
    backend: str,
) -> None:  # fmt: skip
    """Show the starter of NAME as a student sees it, and the feedback that each variant of its bank gets.

    The pages open in the browser and are written again whenever a file of the assignment changes, until Ctrl-C. They
    show solutions: they are for authors.
    """
    course, path = open_course_file(course_path)
    if name not in (known := [assignment.name for assignment in course.assignments]):
        raise click.ClickException(f"found {name!r}, expected one of {', '.join(known)}")
    folder = output if output is not None else course.root / "build/preview" / name
    seen = stamp(path, name)
    opened = False
    while True:
        now = datetime.now(UTC)
        preview, index = build_preview(path, name, folder, jobs=jobs or default_workers(), backend=backend, now=now,
                                       told=told)  # fmt: skip
        for problem in preview.problems:
            click.echo(problem, err=True)
        if not preview.problems:
            click.echo(f"{preview.made_at}  {plural(len(preview.rows), 'notebook')} graded  {index}")
        if once:
            raise SystemExit(1 if preview.problems or not all(row.page for row in preview.rows) else 0)
        if not opened and not no_browser:
            webbrowser.open(index.resolve().as_uri())
        if not opened:
            click.echo("Written again when a file changes; Ctrl-C ends it.")
        opened = True
        try:
            seen = _changed(path, name, seen)
        except KeyboardInterrupt:
            click.echo()
            return


def _changed(path: Path, name: str, seen: Stamp) -> Stamp:
    """Wait until a file is not as it was, and return what is there then."""
    while (found := stamp(path, name)) == seen:
        time.sleep(SECONDS)
    return found
