"""How far a loop is, and how long it will take: one line, for whoever watches a terminal or a notebook.

    from progress_bar import with_bar

    for epoch in with_bar(range(8), "student"):
        ...

Elsewhere (output that goes into a file) nothing is written, and the loop is the same.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
WIDTH = 20


def line(title: str, done: int, total: int, seconds: float) -> str:
    """Return the line after `done` of `total` rounds, which took so many seconds."""
    full = WIDTH * done // total
    left = f", about {_time(seconds / done * (total - done))} left" if 0 < done < total else ""
    return f"{title} [{'=' * full}{'.' * (WIDTH - full)}] {done} of {total}, {_time(seconds)}{left}"


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def with_bar(items: Iterable[Item], title: str) -> Iterator[Item]:
    """Yield the items, and show after each how many are done; when the loop has ended the line is gone."""
    every = list(items)
    show = _writer()
    if show is None or not every:
        yield from every
        return
    began = time.monotonic()
    try:
        for done, item in enumerate(every):
            show(line(title, done, len(every), time.monotonic() - began))
            yield item
    finally:  # also where the loop was left, or raised
        show("")


def _writer() -> Callable[[str], None] | None:
    """Return what writes a line over the last one; None where nobody watches."""
    if "ipykernel" in sys.modules and "IPython" in sys.modules:
        from IPython.display import display

        handle = display({"text/plain": ""}, raw=True, display_id=True)
        if handle is not None:
            return lambda text: handle.update({"text/plain": text}, raw=True)
    if sys.stdout.isatty():
        return lambda text: print(f"\r\x1b[2K{text}", end="", flush=True)
    return None
