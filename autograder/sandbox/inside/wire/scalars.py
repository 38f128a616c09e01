"""Single values beyond numbers and texts: dates, times, durations, decimals, long integers, missing values.

Each travels as a short text of an own form, and is read by the type's own parser, with a bound on its length.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any

from .protocol import ProtocolError

MAX_DIGITS = 4096  # of a long integer, in hexadecimal
MAX_TEXT = 200  # characters of the others
_ZONE = re.compile(r"[A-Za-z0-9_+\-]{1,40}(/[A-Za-z0-9_+\-]{1,40}){0,2}")
_HEX = re.compile(r"-?0x[0-9a-f]{1,4096}")
MISSING = ("NaT", "NA")


def encode_scalar(thing: Any, kind: type) -> dict[str, Any] | None:
    """Return the wire value of such a value, looked at by exact type; None for everything else, and for what is too
    long.
    """
    if kind is int:
        text = hex(thing) if thing.bit_length() <= 4 * MAX_DIGITS else ""
        return {"integer": text} if text else None
    if kind is datetime:
        zone = zone_name(thing.tzinfo)
        return (
            None if zone is None else {"datetime": [datetime.isoformat(thing.replace(tzinfo=None)), zone, thing.fold]}
        )
    if kind is date:
        return {"date": thing.isoformat()}
    if kind is time and thing.tzinfo is None:
        return {"time": thing.isoformat()}
    if kind is timedelta:
        return {"timedelta": [thing.days, thing.seconds, thing.microseconds]}
    if kind is Decimal:
        text = str(thing)
        return {"decimal": text} if len(text) <= MAX_TEXT else None
    pandas = sys.modules.get("pandas")
    if pandas is not None and (thing is pandas.NaT or thing is pandas.NA):
        return {"missing": "NaT" if thing is pandas.NaT else "NA"}
    return None


def zone_name(zone: Any) -> str | None:
    """Return "" for no zone, `+02:00` for a fixed one, the name of another; None if it has none."""
    if zone is None:
        return ""
    if isinstance(zone, timezone):
        return datetime(2000, 1, 1, tzinfo=zone).isoformat()[19:]
    name = getattr(zone, "key", None)
    return name if type(name) is str and _ZONE.fullmatch(name) else None


def zone_of(name: Any) -> Any:
    """Return the zone of this name. Raises ProtocolError if there is none."""
    if type(name) is not str or len(name) > MAX_TEXT:
        raise ProtocolError("a time zone that is no name")
    if name == "":
        return None
    if name[0] in "+-":
        return _parsed(datetime.fromisoformat, f"2000-01-01T00:00:00{name}").tzinfo
    if not _ZONE.fullmatch(name):
        raise ProtocolError("a time zone that is no name")
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # few values have one

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ProtocolError("a time zone that is not known") from error


def _parsed(parse: Callable[[str], Any], content: Any) -> Any:
    if type(content) is not str or len(content) > MAX_TEXT or not content.isascii():
        raise ProtocolError("a date, time or decimal that is no short text")
    try:
        return parse(content)
    except (ValueError, InvalidOperation, OverflowError) as error:
        raise ProtocolError("a date, time or decimal that cannot be read") from error


def _integer(content: Any) -> int:
    if type(content) is not str or not _HEX.fullmatch(content):
        raise ProtocolError("a long integer that is no hexadecimal text")
    return int(content, 16)


def _datetime(content: Any) -> datetime:
    if type(content) is not list or len(content) != 3 or content[2] not in (0, 1) or type(content[2]) is not int:
        raise ProtocolError("a datetime that is not (text, zone, fold)")
    found: datetime = _parsed(datetime.fromisoformat, content[0])
    if found.tzinfo is not None:
        raise ProtocolError("a datetime with a zone in its text")
    return found.replace(tzinfo=zone_of(content[1]), fold=content[2])


def _timedelta(content: Any) -> timedelta:
    if type(content) is not list or [type(part) for part in content] != [int, int, int]:
        raise ProtocolError("a timedelta that is not (days, seconds, microseconds)")
    try:
        return timedelta(*content)
    except OverflowError as error:
        raise ProtocolError("a timedelta that is too long") from error


def _missing(content: Any) -> Any:
    if content not in MISSING:
        raise ProtocolError("an unknown kind of missing value")
    try:
        import pandas
    except ImportError:
        return None
    return pandas.NaT if content == "NaT" else pandas.NA


SCALARS: dict[str, Callable[[Any], Any]] = {
    "integer": _integer,
    "date": lambda content: _parsed(date.fromisoformat, content),
    "time": lambda content: _parsed(time.fromisoformat, content),
    "datetime": _datetime,
    "timedelta": _timedelta,
    "decimal": lambda content: _parsed(Decimal, content),
    "missing": _missing,
}
