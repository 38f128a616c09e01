"""How far a long command is: a bar at a terminal, a line twice a minute where standard error goes elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

import click
from rich.console import Console
from rich.progress import track

T = TypeVar("T")
SECONDS = 30.0  # between two lines


def told(items: Iterable[T], total: int, about: str) -> Iterator[T]:
    """Yield the items, and say on standard error how many of `total` there have been."""
    if sys.stderr.isatty():
        yield from track(items, about, total, console=Console(stderr=True), transient=True)
        return
    said = time.monotonic()
    for number, item in enumerate(items, start=1):
        yield item
        if time.monotonic() - said >= SECONDS:
            click.echo(f"{about}: {number} of {total}", err=True)
            said = time.monotonic()
