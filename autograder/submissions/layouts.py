"""Whose a file is, and when it came, from how the channel laid it out: never from what is in it.

Channels are nbgrader's exchange (`submitted/<student>/<assignment>/`), exports of learning platforms
(Canvas, Moodle, Blackboard, Brightspace), a folder or zip per student, and a folder of notebooks.
The part of a name that the platform wrote goes first; the part that a student chose is used only
where there is no other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from dateutil import parser as date_parser
from dateutil import tz

# Groups: `key` (the platform's own id, or a user name), `name` (a person's), `rest` (chosen by the student).
_PLATFORMS = (
    # Canvas: lovelaceada_12345_67890_file-1.ipynb, lovelaceada_LATE_12345_67890_file.ipynb
    re.compile(r"(?P<name>[^_/]+?)(?:_LATE)?_(?P<key>\d+)_\d+_(?P<rest>.+)", re.DOTALL),
    # Moodle: Ada Lovelace_12345_assignsubmission_file_ (a folder), the same before a file's name
    re.compile(r"(?P<name>.+?)_(?P<key>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<rest>.*)", re.DOTALL),
    # Blackboard: Assignment 3_al815_attempt_2026-10-12-21-04-33_file.ipynb
    re.compile(r".+_(?P<key>[^_/]+)_attempt_\d{4}(?:-\d\d){5}_?(?P<rest>.*)", re.DOTALL),
    # Brightspace: 12345-67890 - Ada Lovelace - Oct 12, 2026 904 PM
    re.compile(r"(?P<key>\d+-\d+) *- (?P<name>.+?) - .*\d{4}.*(?P<rest>)", re.DOTALL),
)
# Zones that people write and the zone database does not have under that name.
_ZONES = {"PST": -8, "PDT": -7, "MDT": -6, "CST": -6, "CDT": -5, "EDT": -4, "BST": 1, "CEST": 2, "EEST": 3}


@dataclass(frozen=True)
class Claim:
    """keys: names to look up in the roster, best first. assignment: "" where the layout does not say.

    nbgrader: the layout is that of nbgrader's exchange if it is the last key that matches.
    """

    keys: tuple[str, ...]
    assignment: str = ""
    nbgrader: bool = False


def read_layout(
    parts: Sequence[str],
    assignments: Sequence[str],
    context: Sequence[str] = (),
    *,
    stem_counts: bool = True,
    by_student: bool = False,
) -> Claim:
    """What the layout says of the notebook at `parts`.

    context: names of the folders above what was given to `grade` (outermost first), which count for nbgrader's
    layout only. stem_counts: whether the file's own name may say whose it is. by_student: the innermost folders
    were made by a student (a zip of theirs), who may have named one like a fellow student.
    """
    folders = list(parts[:-1])
    above = [*context, *folders]
    if len(above) >= 2 and above[-1] in assignments and not by_student:
        # A folder further out that names a student goes first, for the same reason.
        outer = [key for folder in folders[:-2] for key in (_platform_keys(folder) or [folder])]
        return Claim((*outer, above[-2]), above[-1], nbgrader=True)
    stem = parts[-1].rpartition(".")[0]
    keys: list[str] = []
    for folder in folders:  # the outermost is the channel's, the innermost may be a student's own
        keys += _platform_keys(folder) or [folder]
    platform = _platform_keys(stem)
    if platform:
        keys = [*platform, *keys]
    elif stem_counts:
        keys += _without_assignment(stem, assignments)
    assignment = next(
        (found for part in (stem, *reversed(above)) if (found := named_assignment(part, assignments))), ""
    )
    return Claim(tuple(dict.fromkeys(key.strip() for key in keys if key.strip())), assignment)


def named_assignment(text: str, assignments: Sequence[str]) -> str:
    """The assignment whose name `text` contains (the longest), or ""."""
    plain = _plain(text)
    fitting = [name for name in assignments if re.search(rf"(?<![a-z0-9]){re.escape(_plain(name))}(?![a-z0-9])", plain)]
    return max(fitting, key=len, default="")


def parse_timestamp(text: str) -> datetime | None:
    """A time of receipt as nbgrader's `timestamp.txt` has it, in UTC; None where it cannot be understood.

    `2026-10-12 21:04:33.948203 UTC`, the same with another zone's name or offset, ISO 8601, or without a zone, which
    nbgrader takes as UTC. A zone that nobody knows is not guessed.
    """
    text = text.strip().lstrip("\ufeff")[:100]
    found = re.fullmatch(r"(\S+[ T]\S+) ([A-Za-z][A-Za-z_/+-]*\d*)", text)
    zone: tzinfo | None = UTC
    if found:
        name = found[2]
        zone = timezone(timedelta(hours=_ZONES[name])) if name in _ZONES else tz.gettz(name)
        if zone is None:
            return None
        text = found[1]
    try:
        when = date_parser.parse(text)
        if not re.search(r"\d{4}", text):
            return None
        if when.tzinfo is None:
            when = when.replace(tzinfo=zone)
        return when.astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        return None


def _platform_keys(name: str) -> list[str]:
    for pattern in _PLATFORMS:
        found = pattern.fullmatch(name)
        if found:
            groups = found.groupdict()
            return [value for value in (groups.get("key"), groups.get("name")) if value]
    return []


def _without_assignment(stem: str, assignments: Sequence[str]) -> list[str]:
    """`alice` of alice_03_separable, 03_separable-alice, "03_separable (1)" -> nothing."""
    keys = [stem]
    for name in sorted(assignments, key=len, reverse=True):
        pattern = r"[\W_]*".join(map(re.escape, re.findall(r"[A-Za-z]+|\d+", name)))
        left = re.sub(rf"(?i)(?<![a-z0-9]){pattern}(?![a-z0-9])", "\0", stem)
        if left != stem:
            left = re.sub(r"\s*(?:\(\d+\)|-\s*copy|[-_ ]copy\d*)", "", left, flags=re.IGNORECASE)
            keys.append(left.replace("\0", " ").strip(" _-.+,@"))
            break
    return keys


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    return re.sub(r"[\W_]+", "-", folded)
