"""Options and messages that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from autograder.course.course import Assignment, Course, CourseError, load_course

F = TypeVar("F", bound=Callable[..., Any])


def course_option(function: F) -> F:
    """Return `--course PATH`, handed on as `course_path`; see `open_course`."""
    return click.option(
        "--course",
        "course_path",
        type=click.Path(path_type=Path),
        default=None,
        help="course.yaml or its folder  [default: course.yaml here or in a folder above]",
    )(function)


def open_course(path: Path | None) -> Course:
    """Load the course given by `--course`, or the nearest course.yaml from here upwards. Mistakes end the command."""
    if path is None and (path := nearest_course(Path.cwd())) is None:
        raise click.ClickException(
            f"found no course.yaml in {Path.cwd()} or above; go to the course's folder or give --course"
        )
    try:
        return load_course(path)
    except CourseError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        place = error.filename or path
        raise click.ClickException(f"{place}: cannot be read: {error.strerror}; see that you may read it") from error


def open_course_file(path: Path | None) -> tuple[Course, Path]:
    """Load a course as `open_course` does, and return it with the absolute path of its file."""
    course = open_course(path)
    return course, (path if path is not None and path.is_file() else course.root / "course.yaml").resolve()


def choose_assignments(course: Course, names: Iterable[str]) -> tuple[Assignment, ...]:
    """Return the named assignments, or all of them where none is named. An unknown name ends the command."""
    try:
        return tuple(course.assignment(name) for name in dict.fromkeys(names)) or course.assignments
    except KeyError as error:
        raise click.ClickException(str(error.args[0])) from error


def nearest_course(folder: Path) -> Path | None:
    """Return the course.yaml in this folder or the nearest one above."""
    candidates = (place / "course.yaml" for place in (folder, *folder.parents))
    return next((path for path in candidates if path.is_file()), None)
