"""Untrusted text made fit to be read: no escapes, no invisible tricks, bounded length.

This is not escaping for HTML (the templates do that, always). It removes what would still deceive or drown a
reader *after* escaping: terminal escapes, control characters, right-to-left overrides, a million characters.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo

# CSI (colours, cursor), OSC (titles, hyperlinks; ended by BEL or ST), two-character escapes; then C1 CSI.
_ESCAPE = re.compile(
    r"\x1b\[[0-?]{0,64}[ -/]{0,8}[@-~]"
    r"|\x1b[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)?"
    r"|\x1b[ -/]{0,8}[0-~]?"
    r"|\x9b[0-?]{0,64}[ -/]{0,8}[@-~]?"
)
# What can reorder or hide what is on the page: bidirectional controls, zero-width characters, tags, line separators.
_DECEIVING = re.compile("[\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_HOME = re.compile(r"(?:/home/|/Users/|[A-Za-z]:\\Users\\)[^/\\\s\"'<>:]+")
_STACKED = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff\ufe20-\ufe2f]{4})[\\u0300-\\u036f"
    "\u0483-\u0489\u1ab0-\u1aff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
# What a spreadsheet takes for the beginning of a formula, in the wide forms of East Asian keyboards too.
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]| *[\t\r\n]")


def starts_formula(text: str) -> bool:
    """Return whether a spreadsheet may take a cell of this text for a formula."""
    return _FORMULA.match(text) is not None


def clean(text: object, limit: int = 4_000) -> str:
    """Return `text` without escapes and control characters, cut to `limit` characters; deceiving characters by their
    name.

    Anything but a string gives the empty string: a field of the wrong type is not shown.
    """
    if not isinstance(text, str):
        return ""
    cut = len(text) > limit
    text = text[:limit] if cut else text
    if not (text.isascii() and text.isprintable()):
        text = _readable(text)
    return f"{text.rstrip()} … ({_thousands(limit)} characters are shown)" if cut else text


def _readable(text: str) -> str:
    text = _ESCAPE.sub("", text).replace("\r\n", "\n")
    if "\r" in text or "\b" in text:
        text = "\n".join(_overwritten(line) for line in text.split("\n"))
    text = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
    if not text.isascii():
        text = _DECEIVING.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)
        text = _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)
        text = _STACKED.sub(r"\1", text)
    return text


def _overwritten(line: str) -> str:
    """Return what a terminal shows after carriage returns: a progress bar leaves its last state."""
    parts = [part for part in line.split("\r") if part]
    return parts[-1].replace("\b", "") if parts else ""


def clean_line(text: object, limit: int = 300) -> str:
    """Return the text as `clean` does, on one line."""
    return " ".join(clean(text, limit).split())


def without_home(text: str) -> str:
    """Replace home directories, which hold people's names: `/home/ada/x` becomes `~/x`."""
    return _HOME.sub("~", text)


def number(value: float) -> str:
    """Return a score as people write it: at most two decimals, none that are zero."""
    return f"{value + 0.0:.2f}".rstrip("0").rstrip(".")


def plural(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"


def _thousands(count: int) -> str:
    return f"{count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def moment(when: datetime, zone: tzinfo | None = None) -> str:
    """Return `12 October 2026, 23:41 (CEST)` in `zone`, else in the zone it has; one without a zone is UTC, as
    everywhere.
    """
    when = aware(when).astimezone(zone) if zone is not None else aware(when)
    name, offset = when.tzname() or "UTC", when.strftime("%z")
    shown = "UTC" if offset == "+0000" and name in {"UTC", "UTC+00:00"} else name
    return f"{when.day} {when:%B %Y, %H:%M} ({shown})"


def aware(when: datetime) -> datetime:
    """Return a time without a zone is UTC, as everywhere in the package."""
    return when if when.tzinfo else when.replace(tzinfo=UTC)
