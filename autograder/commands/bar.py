"""A bar over work that several processes do: it has no thread, since a process with threads must not be forked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress

_SECONDS = 0.1  # between two drawings


@contextmanager
def bar(console: Console, what: str) -> Iterator[Callable[[int], None]]:
    """Give a function to call after each item with how many there are. It draws only where a person looks."""
    if not console.is_terminal:
        yield lambda total: None
        return
    with Progress(console=console, transient=True, auto_refresh=False) as progress:
        task = progress.add_task(what, total=None)
        drawn = 0.0

        def advance(total: int) -> None:
            nonlocal drawn
            now = time.monotonic()
            progress.update(task, advance=1, total=total, refresh=now - drawn > _SECONDS)
            drawn = now if now - drawn > _SECONDS else drawn

        yield advance
