"""How many things may run at a time here. Apart from the pool, which takes a third of a second to import when cold."""

from __future__ import annotations

import os


def default_workers() -> int:
    """Return as many as there are cores for this process."""
    return max(1, len(os.sched_getaffinity(0)))
