"""`autograder demo`: the sample submissions, graded for real."""

from __future__ import annotations

from pathlib import Path

import click

from autograder.commands.grade import command as grade
from autograder.commands.options import course_option, open_course


@click.command("demo")
@course_option
@click.option("--output", "-o", type=click.Path(path_type=Path), default=Path("demo-results"), show_default=True,
              help="The results folder.")  # fmt: skip
@click.option("--jobs", "-j", type=click.IntRange(1), default=None, help="How many slots.  [default: one a core]")
@click.option("--backend", type=click.Choice(["auto", "container", "namespace", "none"]),
              default="auto", show_default=True, help="The sandbox; none is UNSAFE.")  # fmt: skip
@click.pass_context
def command(ctx: click.Context, course_path: Path | None, output: Path, jobs: int | None, backend: str) -> None:
    """Grade the course's sample submissions in the sandbox, and say where the report is.

    They lie in samples/ beside course.yaml, or where `samples` in course.yaml says, and are graded every time anew.
    """
    course = open_course(course_path)
    samples = course.samples_path
    if samples is None or not samples.is_dir():
        raise click.ClickException(
            f"{samples or 'samples'}: not found; put sample submissions there, as students hand them in, or name their "
            "folder as `samples` in course.yaml"
        )
    ctx.invoke(
        grade,
        paths=(samples,),
        course_path=course_path or course.root / "course.yaml",
        assignment=None,
        output=output,
        jobs=jobs,
        backend=backend,
        force=True,
        no_gradebook=False,
        as_json=False,
    )
