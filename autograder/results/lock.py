"""One process writes to a results folder: a lock on the file `.lock` in it."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class StoreError(Exception):
    """The results folder cannot be used as it is. The message says what to do."""


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Hold the folder's lock. Raises StoreError if another process holds it."""
    lock = take_lock(root, 0.0)
    try:
        yield
    finally:
        os.close(lock)


def take_lock(root: Path, wait_seconds: float) -> int:
    """Return a descriptor that holds the lock until it is closed. Raises StoreError if another process holds it."""
    lock = os.open(root / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    if not _locked(lock, wait_seconds):
        holder = os.read(lock, 32).decode("ascii", "replace").strip() or "unknown"
        os.close(lock)
        raise StoreError(
            f"{root}: another autograder (process {holder}) is writing there; "
            "wait until it ends, or name another folder with --output"
        )
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return lock


def _locked(descriptor: int, wait_seconds: float) -> bool:
    """Take the lock of an open file; False if another process still holds it after `wait_seconds`."""
    end = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(0.05)
