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
    "--assignment", "-a", default=None, help="Which assignment these are, where the notebooks do not say."
)
_WORKSHEET = click.option(
    "--worksheet",
    type=click.Path(path_type=Path),
    default=None,
    help="Who is behind the numbers of this download: Moodle's grading worksheet, or a list.",
)
_LAYOUT = click.option(
    "--layout", type=click.Choice(NAMES), default=None, help="How it is laid out, where that is not recognised."
)


def intake_options(function: F) -> F:
    """`PATHS`, `--assignment`, `--worksheet` and `--layout`."""
    return _PATHS(_ASSIGNMENT(_WORKSHEET(_LAYOUT(function))))
