"""What a worker needs on a machine that is not the pool's: the course, where it is sent, and the lock files.

Both lie in this user's cache (`$XDG_CACHE_HOME/autograder`), in folders that nobody else can read, and are removed a
month after their last use.
"""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from autograder.course.packing import private_folder, unpacked_assignment
from autograder.workers.messages import Setup

KEPT_SECONDS = 30 * 24 * 3600.0


def course_folder(setup: Setup) -> Path:
    """Return where the course is: as named, or unpacked from what was sent. Raises OSError, tarfile.TarError."""
    if not setup.packed:
        return Path(setup.course)
    cache = _cache() / "courses"
    place = unpacked_assignment(setup.packed, cache)
    os.utime(place)
    remove_unused(cache)
    return place


def quiet_folder(setup: Setup) -> Path | None:
    """Return the folder of the lock files; None for a worker that is alone."""
    if not setup.quiet:
        return None
    if "/" in setup.quiet:
        return Path(setup.quiet)
    cache = _cache() / "quiet"
    place = private_folder(cache / setup.quiet)
    os.utime(place)
    remove_unused(cache)
    return place


def remove_unused(cache: Path, now: float | None = None) -> None:
    """Remove the folders that nobody has used for a month. now: seconds since the epoch."""
    before = (datetime.now(UTC).timestamp() if now is None else now) - KEPT_SECONDS
    for folder in cache.iterdir():
        try:
            unused = folder.stat().st_mtime < before
        except FileNotFoundError:  # another worker has removed it
            continue
        if unused:
            shutil.rmtree(folder, ignore_errors=True)


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "autograder"
