"""A bound on the time that a hidden test computes on the trusted side.

A number or a length from a student can make an honest test loop for hours. Calls of student code have limits of their
own; what the test does with the answers is bounded here: a timer interrupts it once the submission's time is used up.
Python delivers signals between byte codes, so one long call into C ends first.

The timer never strikes inside a conversation with the sandbox, which would leave a half-read reply behind: there it
looks again a little later, and the limits of the conversation end it.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import TypeVar

LOOK_AGAIN_SECONDS = 0.25
_ENGINE = Path(__file__).parents[1]
_CONVERSING = tuple(f"{_ENGINE / room}/" for room in ("sandbox", "grading"))

Returned = TypeVar("Returned")


class Overtime(Exception):
    """Say that what a hidden test computes took longer than the submission may take."""


def interruptible(work: Callable[[], Returned], seconds_left: Callable[[], float]) -> Returned:
    """Return what `work` gives; Overtime is raised in it once no seconds are left.

    Outside of the main thread, which signals need, there is no bound.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()

    def strike(_number: int, frame: FrameType | None) -> None:
        left = seconds_left()
        if left <= 0 and _at_work(frame):
            raise Overtime
        signal.setitimer(signal.ITIMER_REAL, max(left, LOOK_AGAIN_SECONDS))

    before = signal.signal(signal.SIGALRM, strike)
    signal.setitimer(signal.ITIMER_REAL, max(seconds_left(), LOOK_AGAIN_SECONDS))
    try:
        return work()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _at_work(frame: FrameType | None) -> bool:
    """Return whether the test computes, and does not speak with the sandbox: its innermost frame that can tell says
    so.
    """
    innermost = frame
    while frame is not None:
        name = frame.f_code.co_filename
        if name == __file__:
            return frame is not innermost  # else the block has just ended, and its own frame is left
        if name.startswith(_CONVERSING):
            return False
        frame = frame.f_back
    return False
