"""One student's own deadline: `+24h` elapsed time, `+1d` the same clock time on a later day, or a date of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_HOURS = re.compile(r"\+(\d+(?:\.\d+)?)h")
_DAYS = re.compile(r"\+(\d+)d")
EXAMPLES = "assignment=+24h, assignment=+1d or assignment=2026-10-14T23:59+02:00"


@dataclass(frozen=True)
class Extension:
    """hours: of elapsed time; days: the same clock time so many days later; until: a date of its own."""

    hours: float = 0.0
    until: datetime | None = None
    days: int = 0

    def applied_to(self, due: datetime) -> datetime:
        """Return the later of the common deadline and this one: an extension never takes time away.

        due: with its zone. The same clock time a day later needs a zone that knows when clocks change (course.yaml's
        `time_zone`); with a fixed offset a day is 24 hours.
        """
        if self.until is not None:
            return max(due, self.until)
        elapsed = (due.astimezone(UTC) + timedelta(hours=self.hours)).astimezone(due.tzinfo)
        return elapsed + timedelta(days=self.days)


def read_extension(text: str) -> Extension | None:
    """Return what the text means; None if it means nothing."""
    if (hours := _HOURS.fullmatch(text)) is not None:
        return Extension(hours=min(float(hours[1]), 24.0 * 3650))
    if (days := _DAYS.fullmatch(text)) is not None:
        return Extension(days=min(int(days[1][:6]), 3650))
    try:
        until = datetime.fromisoformat(text)
    except ValueError:
        return None
    return Extension(until=until) if until.tzinfo is not None else None
