"""Options of the commands that take submissions in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from autograder.submissions.layouts.choose import NAMES

F = TypeVar("F", bound=Callable[..., Any])
_PATHS = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
_ASSIGNMENT = click.option(
    "--assignment", "-a", default=None, help="The assignment, for notebooks that do not say which one they are."
)
_WORKSHEET = click.option(
    "--worksheet",
    type=click.Path(path_type=Path),
    default=None,
    help="File that says which student each number in the download is: Moodle's grading worksheet, or a list.",
)
_LAYOUT = click.option(
    "--layout", type=click.Choice(NAMES), default=None, help="How PATHS are laid out, if that is not recognised."
)


def intake_options(function: F) -> F:
    """Return `PATHS`, `--assignment`, `--worksheet` and `--layout`."""
    return _PATHS(_ASSIGNMENT(_WORKSHEET(_LAYOUT(function))))
