"""When a submission was received: times as platforms write them, and what cannot be known.

A time counts only where the channel wrote it, so the layouts, which know what the channel wrote, call this module.
A date in numbers alone (12/10/2026) has two readings. It gets one where course.yaml says which, or where another date
of the same batch admits one order only and none contradicts it; otherwise the time is unknown, and a person is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Literal

from dateutil import parser as date_parser
from dateutil import tz

from autograder.course.submission_rules import DateOrder
from autograder.submissions.calendar_words import in_english, is_filler
from autograder.submissions.listing import shown

# Zones that people write and the zone database does not have under that name.
_ZONES = {
    "PST": -8, "PDT": -7, "MST": -7, "MDT": -6, "CST": -6, "CDT": -5, "EST": -5, "EDT": -4, "BST": 1, "MESZ": 2,
    "MEZ": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "Z": 0,
}  # fmt: skip
_ISO = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?!\d)")
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?!\d)")


@dataclass(frozen=True)
class Receipt:
    """Say when work came in. when: in UTC; None if unknown. late: the platform's own word, without an hour. note: for a
    person, or empty.

    how: where the time stands, e.g. "timestamp.txt". local: as written, without a zone: tells which of several of one
    channel is the latest even where `when` is unknown. day_only: `local` is a day's beginning, its hour is unknown.
    """

    when: datetime | None = None
    how: str = ""
    late: bool = False
    note: str = ""
    local: datetime | None = None
    day_only: bool = False


NO_RECEIPT = Receipt()


@dataclass(frozen=True)
class Clock:
    """Say how times without a zone, and dates in numbers alone, are read.

    zone: of what the platform writes without one; None if nobody said. home: the course's, whose own abbreviations
    (CST, IST) are read as it uses them; None if nobody said. order: "" where nobody knows.
    """

    zone: tzinfo | None = None
    order: DateOrder = ""
    inferred: bool = False  # the order is what other dates of the batch show
    home: tzinfo | None = None


NO_CLOCK = Clock()


def infer_order(texts: Iterable[str]) -> DateOrder:
    """Return the order of day and month that the dates of a batch show; "" where they show none, or both."""
    shown_by = set()
    for text in texts:
        found = _NUMBERS.search(text)
        if found and not _ISO.search(text):
            first, second = int(found[1]), int(found[3])
            if first > 12 >= second:
                shown_by.add("day_first")
            elif second > 12 >= first:
                shown_by.add("month_first")
    return shown_by.pop() if len(shown_by) == 1 else ""  # type: ignore[return-value]


def read_time(text: str, how: str, clock: Clock) -> Receipt:
    """Return the time that a text of the channel means.

    A text without a zone is read in the clock's. What cannot be understood, is ambiguous, or has no hour or no zone is
    unknown, with a note that says so. Of an hour that the clock shows twice the first counts, for the student.
    """
    text = " ".join(text[:200].lstrip("\ufeff").split())[:120]
    words = shown(text)
    plain, name = _without_zone(text)
    plain = in_english(plain)
    zone = _zone(name, plain, clock) if name else None
    if zone is _UNKNOWN_ZONE:
        return Receipt(how=how, note=f"{how} says {words!r}, in a time zone that is not known: time of receipt unknown")
    when = _naive(plain, clock.order)
    if when == "ambiguous":
        return Receipt(how=how, note=f"{how} says {words!r}, which has two readings (day or month first): time of "
                       "receipt unknown; set submissions: date_order in course.yaml")  # fmt: skip
    if when is None or isinstance(when, str):
        return Receipt(how=how, note=f"{how} says {words!r}, which is no time: time of receipt unknown")
    if not _has_hour(plain):
        # Neither the day's beginning nor its end is when it came: one would excuse lateness, the other invent it.
        day = when.replace(tzinfo=None)
        return Receipt(how=how, local=day, day_only=True, note=f"{how} says {words!r}, a day without an hour: time of "
                       "receipt unknown")  # fmt: skip
    if when.tzinfo is None:
        used = zone if isinstance(zone, tzinfo) else clock.zone
        if used is None:
            return Receipt(how=how, local=when, note=f"{how} says {words!r} without a time zone: time of receipt "
                           "unknown; set 'time_zone' in course.yaml")  # fmt: skip
        when = when.replace(tzinfo=used)
    notes = []
    if clock.inferred and _ambiguous(plain):
        notes.append(f"{how} says {words!r}: read {clock.order.replace('_', ' ')}, as other dates of this batch are")
    try:
        if not tz.datetime_exists(when):
            notes.append(f"{how} says {words!r}, an hour that the clock skipped that day: read as if it had not")
        elif tz.datetime_ambiguous(when):
            notes.append(f"{how} says {words!r}, an hour that the clock showed twice that day: read as the first")
        return Receipt(when.astimezone(UTC), how, note="; ".join(notes), local=when.replace(tzinfo=None))
    except (ValueError, OverflowError):
        return Receipt(how=how, note=f"{how} says {words!r}, which is no time: time of receipt unknown")


_UNKNOWN_ZONE = object()
_DEFAULTS = (datetime(2000, 1, 1, 0), datetime(2001, 2, 2, 1))


def _without_zone(text: str) -> tuple[str, str]:
    """Return the text without the zone's name at its end, and that name; "" if it names none."""
    found = re.fullmatch(r"(.*\d(?: ?[AaPp]\.?[Mm]\.?)?) \(?([A-Za-z][A-Za-z_]*(?:[/+-]\w+)*)\)?", text, re.DOTALL)
    if not found or re.fullmatch(r"[AaPp][Mm]|o", found[2]) or is_filler(found[2]):
        return text, ""
    return found[1], found[2]


def _zone(name: str, text: str, clock: Clock) -> object:
    """Return the zone of that name at the time that `text` says: as the course's place uses it, else as most do."""
    home = clock.home or clock.zone
    when = _naive(text, clock.order)
    if home is not None and isinstance(when, datetime):
        offsets = {(at := when.replace(tzinfo=home, fold=fold)).tzname(): at.utcoffset() for fold in (0, 1)}
        if (offset := offsets.get(name)) is not None:
            return timezone(offset)
    zone = timezone(timedelta(hours=_ZONES[name])) if name in _ZONES else tz.gettz(name)
    return zone if zone is not None else _UNKNOWN_ZONE


def _naive(text: str, order: DateOrder) -> datetime | Literal["ambiguous"] | None:
    """Return the time as written, with its zone only where it gives an offset."""
    if _ISO.search(text) or not _NUMBERS.search(text):  # the latter with the month's name
        return _parsed(text)
    day_first, month_first = _parsed(text, dayfirst=True), _parsed(text, dayfirst=False)
    if day_first == month_first:
        return day_first
    return {"day_first": day_first, "month_first": month_first}.get(order, "ambiguous")


def _zone_inside(name: str | None, offset: int | None) -> tzinfo | None:
    """Return the zone that a text names in its middle, if any. Raises ValueError for one that is not known."""
    if offset is None and name is None:
        return None
    if offset is not None:
        return timezone(timedelta(seconds=offset))
    if name in _ZONES:
        return timezone(timedelta(hours=_ZONES[name]))
    if name == "UTC":
        return UTC
    raise ValueError(f"unknown zone {name!r}")


def _has_hour(text: str) -> bool:
    """Return whether a text that the parser understands names an hour, which the parser would take from a default."""
    hours = {date_parser.parse(text, default=d, tzinfos=_zone_inside).hour for d in _DEFAULTS}
    return len(hours) == 1


def _ambiguous(text: str) -> bool:
    return _naive(text, "") == "ambiguous"


def _parsed(text: str, *, dayfirst: bool = False) -> datetime | None:
    """Return the time, only where the text has the whole date: the parser fills gaps with parts of a default."""
    if not re.search(r"\d{4}", text):
        return None
    try:
        first, second = (
            date_parser.parse(text, default=default, dayfirst=dayfirst, tzinfos=_zone_inside) for default in _DEFAULTS
        )
    except (ValueError, OverflowError, TypeError, AttributeError):
        return None
    return first if first == second.replace(hour=first.hour) else None
