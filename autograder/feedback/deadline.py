"""Deadline, receipt and lateness in words, in the course's time zone, with the rule that was applied."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from autograder.feedback.options import FeedbackOptions
from autograder.pages.text import aware, clean_line, moment, number, plural
from autograder.records import Outcome, Result

_DAY = timedelta(days=1)


def facts(result: Result, options: FeedbackOptions) -> tuple[str, ...]:
    """Return when the work was due, came in and was graded."""
    said = []
    due = result.due or options.due
    if due is not None:
        own = options.due is not None and aware(due) > aware(options.due)
        said.append(f"{'Your own deadline' if own else 'Deadline'} {moment(due, options.zone)}")
    if result.received_at is not None:
        said.append(f"handed in {moment(result.received_at, options.zone)}{_lateness(result.received_at, due)}")
    elif due is not None and result.outcome is Outcome.GRADED:
        said.append("time of receipt unknown, so nothing is taken off for it")
    said.append(f"graded {moment(result.graded_at, options.zone)}")
    if result.attempt > 1:
        said.append(f"attempt {result.attempt}")
    said[0] = said[0][0].upper() + said[0][1:]
    return tuple(said)


def _lateness(received: datetime, due: datetime | None) -> str:
    if due is None:
        return ""
    late = aware(received) - aware(due)
    return f" ({duration(late)} late)" if late > timedelta(0) else " (in time)"


def duration(span: timedelta) -> str:
    """Return a length of time as people say it: its two largest units, down to minutes."""
    minutes = max(1, math.ceil(span.total_seconds() / 60))
    days, rest = divmod(minutes, 1440)
    hours, left = divmod(rest, 60)
    parts = [plural(count, unit) for count, unit in ((days, "day"), (hours, "hour"), (left, "minute")) if count]
    return " ".join(parts[:2])


def late_words(result: Result, any_closed: bool, options: FeedbackOptions) -> str:
    """Return the sum that lateness makes and the rule behind it; "" where nothing is taken off."""
    if result.late_penalty <= 0:
        return ""
    policy = clean_line(options.late_policy, 500)
    if any_closed:
        return f"Handed in late: points will be taken off once all questions are open. {policy}".strip()
    days = _days_begun(result, options)
    if result.score is None:
        return f"Handed in late{days}: {points(result.late_penalty)} taken off. {policy}".strip()
    earned = number(result.score + result.late_penalty)
    sums = f"{earned} earned − {number(result.late_penalty)} for handing in late{days} = {number(result.score)}."
    return f"{sums} {policy}".strip()


def _days_begun(result: Result, options: FeedbackOptions) -> str:
    due = result.due or options.due
    if due is None or result.received_at is None:
        return ""
    late = aware(result.received_at) - aware(due) - timedelta(minutes=options.grace_minutes)
    days = math.ceil(late / _DAY)
    return f" ({plural(days, 'day')} begun)" if days > 0 else ""


def hand_in_again(result: Result, options: FeedbackOptions) -> str:
    """Return until when another file counts, for work that could not be graded."""
    due = result.due or options.due
    if due is None:
        return ""
    when = moment(due, options.zone)
    if options.now is not None and aware(options.now) > aware(due):
        return f"The deadline was {when}. Hand in the right file all the same, and tell your teachers."
    return f"You can hand in again until {when}."


def points(value: float) -> str:
    """Return points with their word: `1 point`, `2.5 points`."""
    return f"{number(value)} {'point' if value == 1 else 'points'}"
