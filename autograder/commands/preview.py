"""`autograder preview`: the starter and the feedback on each variant, while an assignment is written."""

from __future__ import annotations

import time
import webbrowser
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import click

from autograder.commands.options import course_option, open_course_file
from autograder.commands.progress import told
from autograder.pages.text import plural
from autograder.validation.live_preview import LivePreview, served
from autograder.validation.preview import Stamp, build_preview, stamp
from autograder.workers.cores import default_workers

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

    The pages open in the browser. Whenever a file of the assignment changes they are written again, and what is open
    loads itself again, until Ctrl-C. They show solutions: they are for authors, and only this machine can ask for them.
    """
    course, path = open_course_file(course_path)
    if name not in (known := [assignment.name for assignment in course.assignments]):
        raise click.ClickException(f"found {name!r}, expected one of {', '.join(known)}")
    folder = output if output is not None else course.root / "build/preview" / name
    with ExitStack() as stack:
        live = None if once else stack.enter_context(served(folder, name))
        try:
            _build_and_watch(path, name, folder, live, no_browser, jobs or default_workers(), backend)
        except KeyboardInterrupt:  # while it waits, or while pages are made
            if live is None:
                raise
            click.echo()


def _build_and_watch(
    path: Path, name: str, folder: Path, live: LivePreview | None, no_browser: bool, jobs: int, backend: str
) -> None:
    """Write the pages, once where nothing is served, else whenever a file changed."""
    seen = stamp(path, name)
    while True:
        now = datetime.now(UTC)
        preview, index = build_preview(path, name, folder, jobs=jobs, backend=backend, now=now, told=told)
        for problem in preview.problems:
            click.echo(problem, err=True)
        if not preview.problems:
            click.echo(f"{preview.made_at}  {plural(len(preview.rows), 'notebook')} graded  {index}")
        if live is None:
            raise SystemExit(1 if preview.problems or not all(row.page for row in preview.rows) else 0)
        if live.made == 0:
            click.echo(f"Open at {live.address}")
            click.echo("Written and loaded again when a file changes; Ctrl-C ends it.")
            if not no_browser:
                webbrowser.open(live.address)
        live.written()
        seen = _changed(path, name, seen)


def _changed(path: Path, name: str, seen: Stamp) -> Stamp:
    """Wait until a file is not as it was, and return what is there then."""
    while (found := stamp(path, name)) == seen:
        time.sleep(SECONDS)
    return found
