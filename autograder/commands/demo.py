"""`autograder demo`: the sample submissions, graded for real."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from autograder.commands.grade import command as grade
from autograder.commands.options import course_option, open_course
from autograder.course.course import Course


@click.command("demo")
@course_option
@click.option("--output", "-o", type=click.Path(path_type=Path), default=Path("demo-results"), show_default=True,
              help="The results folder.")  # fmt: skip
@click.option("--jobs", "-j", type=click.IntRange(1), default=None, help="How many slots.  [default: one a core]")
@click.option("--backend", type=click.Choice(["auto", "container", "namespace", "confined-uid", "none"]),
              default="auto", show_default=True, help="The sandbox; none is UNSAFE.")  # fmt: skip
@click.pass_context
def command(ctx: click.Context, course_path: Path | None, output: Path, jobs: int | None, backend: str) -> None:
    """Grade the course's sample submissions in the sandbox, and say where the report is.

    The samples lie in samples/ beside course.yaml, or where `samples` in course.yaml says. Every run grades all of
    them. Without them, each assignment's solution and its untouched starter are graded.
    """
    course = open_course(course_path)
    with tempfile.TemporaryDirectory(prefix="demo-") as temporary:
        samples = course.samples_path
        if samples is None or not samples.is_dir():
            samples = Path(temporary)
            _write_samples(course, samples)
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
            progress="auto",
            as_json=False,
        )


def _write_samples(course: Course, folder: Path) -> None:
    """Write two submissions of each assignment: everything right, and nothing done."""
    from autograder.release.starter import ReleaseError, read_master, solution_notebook, starter_notebook

    for assignment in course.assignments:
        try:
            master = read_master(assignment)
            notebooks = {"everything": solution_notebook(master), "nothing": starter_notebook(master)}
        except ReleaseError as error:
            raise click.ClickException(str(error)) from error
        for student, data in notebooks.items():
            path = folder / student / assignment.name / f"{assignment.name}.ipynb"
            path.parent.mkdir(parents=True)
            path.write_bytes(data)
