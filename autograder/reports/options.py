"""What the index of a run is told beside the results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from autograder.records import Result
from autograder.submissions.arrivals import Absent


def no_link(result: Result) -> str | None:
    """The default of `IndexOptions.link`: no page to link to."""
    return None


@dataclass(frozen=True)
class IndexOptions:
    """How the index of a run is rendered. `link` gives the path of a student's page relative to the index."""

    course: str = ""
    link: Callable[[Result], str | None] = no_link
    made_at: datetime | None = None
    absent: Sequence[Absent] = ()  # who and what has no result
