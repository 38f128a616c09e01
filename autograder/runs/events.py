"""What a run tells, as plain data for programs: one dictionary an event, the same from every command."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from autograder.records import Result


class Tally:
    """Say how far a run is: submissions done of all, in all assignments, and how fast it goes.

    What an earlier run graded is done at once and says nothing of the rate. clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.total = 0
        self.done = 0
        self._graded = 0
        self._clock = clock
        self._began = clock()

    def plan(self, total: int) -> None:
        self.total, self.done, self._graded, self._began = total, 0, 0, self._clock()

    def skip(self, count: int) -> None:
        """Note what is done already."""
        self.done += count

    def advance(self) -> None:
        self.done += 1
        self._graded += 1

    @property
    def rate(self) -> float:
        """Return submissions a second since the run began, its start-up included; 0 before the first."""
        seconds = self._clock() - self._began
        return self._graded / seconds if self._graded and seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Return how long the rest takes at this rate; None where nothing is known yet."""
        return (self.total - self.done) / self.rate if self.rate else None


class Events:
    """A run's listener that says every event as a dictionary."""

    def __init__(self, say: Callable[[Mapping[str, Any]], None]) -> None:
        self._say = say
        self._tally = Tally()

    def planned(self, total: int) -> None:
        self._tally.plan(total)
        self._say({"event": "planned", "total": total})

    def note(self, text: str) -> None:
        self._say({"event": "note", "text": text})

    def starting(self, assignment: str, to_grade: int, kept: int) -> None:
        self._tally.skip(kept)
        self._say({"event": "starting", "assignment": assignment, "to_grade": to_grade, "kept": kept})

    def ready(self, backend: str, unsafe: bool, seconds: float) -> None:
        self._say({"event": "ready", "backend": backend, "unsafe": unsafe, "seconds": round(seconds, 3)})

    def graded(self, result: Result, seconds: float) -> None:
        self._tally.advance()
        left = self._tally.seconds_left
        self._say({
            "event": "graded", "assignment": result.assignment, "subject": result.subject, "score": result.score,
            "max_score": result.max_score, "outcome": result.outcome.value, "reason": result.reason, "seconds": seconds,
            "done": self._tally.done, "total": self._tally.total, "rate": round(self._tally.rate, 3),
            "seconds_left": round(left, 1) if left is not None else None,
        })  # fmt: skip
