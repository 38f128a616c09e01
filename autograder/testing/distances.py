"""How far an answer is from what a numeric check expects, in units of what the check allows.

A distance of 1 is the limit: below it `close` passes, above it fails. Validation asks for the largest distance of right
answers and the smallest one of wrong answers, which tell how much room a tolerance leaves on either side. Nothing is
noted, and nothing costs time, while no one asks.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from autograder.records import FARTHEST, Distance
from autograder.testing.running import current

ENGINE = Path(__file__).parent


_NOTED: ContextVar[dict[str, Distance] | None] = ContextVar("distances of checks", default=None)


@contextmanager
def noting() -> Iterator[dict[str, Distance]]:
    """Note distances during the block: `test:line of its check` -> the largest found there."""
    found: dict[str, Distance] = {}
    token = _NOTED.set(found)
    try:
        yield found
    finally:
        _NOTED.reset(token)


@contextmanager
def nearest() -> Iterator[Nearest]:
    """Note of several expectations, of which one must fit, the one that is nearest: each within `trying` of what is
    given."""
    tries = Nearest()
    try:
        yield tries
    finally:
        for name, distance in min(tries.found, key=_farthest, default={}).items():
            note(name, distance.ratio, distance.error)


class Nearest:
    """Hold what was noted of each expectation."""

    def __init__(self) -> None:
        self.found: list[dict[str, Distance]] = []

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Compare with the next expectation during the block."""
        if not wanted():
            yield
            return
        with noting() as found:
            self.found.append(found)
            yield


def _farthest(found: dict[str, Distance]) -> float:
    """Return how far an answer is. One whose form was refused, before any number was looked at, is farthest of all."""
    return max((distance.ratio for distance in found.values()), default=FARTHEST)


def wanted() -> bool:
    return _NOTED.get() is not None


def check_name() -> str:
    """Return `test:line` of the check that is being made: the place in the hidden tests that called."""
    frame = sys._getframe(1)
    while frame.f_back is not None and Path(frame.f_code.co_filename).is_relative_to(ENGINE):
        frame = frame.f_back
    return f"{current().test}:{frame.f_lineno}"


def note(name: str, ratio: float, error: float) -> None:
    """Keep the larger ratio of a check that is made several times, in a loop or for several tensors."""
    found = _NOTED.get()
    if found is not None and (name not in found or not ratio <= found[name].ratio):
        found[name] = Distance(ratio=min(ratio, FARTHEST), error=min(error, FARTHEST))
