"""How long what students handed in is kept: `retention` in course.yaml.

retention:
  days: 365      # after the deadline; after the hand-in where that came later, or where there is no deadline
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from autograder.course.late_policy import aware
from autograder.course.yaml_sections import Section

_LONGEST = 36_500  # days


@dataclass(frozen=True)
class Retention:
    """days: whole days, of 24 hours."""

    days: int

    def over(self, handed_in: datetime, due: datetime | None) -> datetime:
        """Return from when on a submission is due to be erased. A time without a zone counts as UTC."""
        last = max(aware(handed_in), aware(due)) if due is not None else aware(handed_in)
        return last + timedelta(days=self.days)


def read_retention(top: Section) -> Retention | None:
    """Return the course's `retention`; None where course.yaml does not say how long anything is kept."""
    section = top.section("retention", ("days",), "'retention'")
    if section is None:
        return None
    return Retention(int(section.number("days", None, least=1, most=_LONGEST, whole=True)))
