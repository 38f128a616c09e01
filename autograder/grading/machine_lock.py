"""Silence among workers: a timeout counts only if it happens again while nobody else is computing.

Every worker holds the `running` lock shared while student code of its own runs, one cell or one test
at a time. A worker that saw a timeout takes it exclusively and runs the same thing again. flock is not
fair (a stream of sharers would keep it out for ever), so everybody passes through a second lock, the
`door`, which the one who wants silence holds while it waits: nobody new gets in before it was served.
The kernel drops the locks of a worker that dies.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self


class MachineLock:
    """The locks of one worker. `folder` None: there is no other worker, everything is quiet already."""

    def __init__(self, folder: Path | None, on_wait: Callable[[bool], None] | None = None) -> None:
        """Let `on_wait` be called with True before waiting for silence, and with False once it is there."""
        self._files: tuple[int, int] | None = None
        self._holding = False
        self._on_wait = on_wait or (lambda waiting: None)
        self._waited: Callable[[float], None] = lambda seconds: None
        if folder is not None:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._files = (os.open(folder / "door", flags, 0o600), os.open(folder / "running", flags, 0o600))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files or ():
            os.close(file)
        self._files = None

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Hold the lock while student code runs in the ordinary way, beside that of other workers."""
        with self._held(fcntl.LOCK_SH):
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the lock alone while a timeout is being confirmed. Never inside `shared`."""
        with self._held(fcntl.LOCK_EX):
            yield

    @contextmanager
    def counting(self, waited: Callable[[float], None]) -> Iterator[None]:
        """Tell `waited`, within the block, the seconds of each wait, which are nobody's fault."""
        before, self._waited = self._waited, waited
        try:
            yield
        finally:
            self._waited = before

    @contextmanager
    def _held(self, mode: int) -> Iterator[None]:
        if self._files is None or self._holding:  # nested: what the outer one holds is enough
            yield
            return
        door, running = self._files
        self._take(door, fcntl.LOCK_EX)
        try:
            self._take(running, mode)
        finally:
            fcntl.flock(door, fcntl.LOCK_UN)
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
            fcntl.flock(running, fcntl.LOCK_UN)

    def _take(self, file: int, mode: int) -> None:
        try:
            fcntl.flock(file, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            self._on_wait(True)
            since = time.monotonic()
            fcntl.flock(file, mode)
            self._waited(time.monotonic() - since)
            self._on_wait(False)
