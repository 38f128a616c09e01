"""What a late submission loses: the policy, the sum and the sentence that says it to students.

The deadline is the student's own (roster, extensions) and is chosen by who asks. Elapsed time counts, not days of the
calendar: a day begins 24 hours after the one before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from autograder.course.yaml_sections import Section

_DAY = timedelta(days=1)
_KEYS = ("percent_per_day", "grace_minutes", "maximum_percent")


@dataclass(frozen=True)
class LatePolicy:
    """Say how much lateness costs.

    percent_per_day: percent of the points earned, for each day begun after the grace time; 0 to 100.
    grace_minutes: minutes after the deadline that cost nothing.
    maximum_percent: the most that lateness takes; 0 to 100.
    """

    percent_per_day: float = 0.0
    grace_minutes: float = 0.0
    maximum_percent: float = 100.0

    @property
    def costs_nothing(self) -> bool:
        """True if no submission ever loses points by this policy."""
        return self.percent_per_day <= 0

    def percent(self, received_at: datetime, due: datetime) -> float:
        """Return how many percent of the points earned a submission loses that came in at this time; 0 to 100.

        A time without a zone counts as UTC.
        """
        late = aware(received_at) - aware(due) - timedelta(minutes=self.grace_minutes)
        days = max(0, math.ceil(late / _DAY))
        return min(days * self.percent_per_day, self.maximum_percent, 100.0)

    def sentence(self) -> str:
        """Return the policy in one sentence for students; empty where lateness costs nothing."""
        if self.costs_nothing:
            return ""
        minutes = int(self.grace_minutes)
        grace = f" after {minutes} minute{'' if minutes == 1 else 's'} of grace" if self.grace_minutes else ""
        most = f", at most {self.maximum_percent:g} %" if self.maximum_percent < 100 else ""
        return f"Each day begun{grace} costs {self.percent_per_day:g} % of the points earned{most}."


def aware(moment: datetime) -> datetime:
    """Return the time with a zone: UTC where it has none (a naive time cannot be compared with a deadline)."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_late_policy(top: Section) -> LatePolicy:
    """Return the course's `late_policy`; without one, lateness costs nothing."""
    section = top.section("late_policy", _KEYS, "'late_policy'")
    if section is None:
        return LatePolicy()
    return LatePolicy(
        percent_per_day=section.number("percent_per_day", 0, most=100),
        grace_minutes=section.number("grace_minutes", 0),
        maximum_percent=section.number("maximum_percent", 100, most=100),
    )
