"""What course.yaml says about how work comes in, where the learning platform leaves it open.

Times that the platform writes without a zone are of course.yaml's `time_zone`. Beside it:

time_zone: Europe/Berlin       # of times that the platform writes without a zone
submissions:
  date_order: day_first        # of dates such as 12/10/2026; else inferred from the batch, or unknown
  member_times: true           # ILIAS only: a zip's member times are the server's times of receipt
  pattern: '(?P<login>[^_]+)_(?P<time>\\d{8}-\\d{4})_(?P<rest>.+)'   # names that a plugin of the site writes
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast

from autograder.course.aliases import KINDS
from autograder.course.yaml_sections import Section

DateOrder = Literal["", "day_first", "month_first"]
_KEYS = ("date_order", "member_times", "pattern")
_GROUPS = ("rest", "time", "person", *KINDS)


@dataclass(frozen=True)
class SubmissionRules:
    """date_order: of dates in numbers alone; "" where nobody said. member_times: see the module's text.

    pattern: of the outermost name in an export; it names its parts by the kind of alias, `time` and `rest`.
    """

    date_order: DateOrder = ""
    member_times: bool = False
    pattern: re.Pattern[str] | None = None


NO_RULES = SubmissionRules()


def read_submission_rules(top: Section) -> SubmissionRules:
    """Return the course's `submissions` section; without one, nothing is assumed."""
    section = top.section("submissions", _KEYS, "'submissions'")
    if section is None:
        return SubmissionRules()
    order = section.choice("date_order", ("day_first", "month_first"), "day_first") if "date_order" in section else ""
    return SubmissionRules(cast(DateOrder, order), section.flag("member_times"), _pattern(section))


def _pattern(section: Section) -> re.Pattern[str] | None:
    expected = f"a regular expression with (?P<rest>...) and one of {', '.join(f'(?P<{kind}>...)' for kind in KINDS)}"
    text = section.text("pattern", "", expected=expected)
    if not text:
        return None
    try:
        pattern = re.compile(text, re.DOTALL)
    except re.error as error:
        section.wrong("pattern", expected, f"{text!r} ({error})")
        return None
    groups = set(pattern.groupindex)
    if not groups & {"person", *KINDS} or not groups <= set(_GROUPS):
        section.wrong("pattern", expected)
        return None
    return pattern
