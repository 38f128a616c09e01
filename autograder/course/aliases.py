"""What a submission may be called by: names with their kind, and whose they are.

A number or a login means nothing without the system that gave it: `10003` is one student's Canvas number and another's
university number. So an alias names its kind, `canvas:10003`, and a channel asks for its own kind only.

Aliases without a kind, as older rosters have them, are served where that cannot credit the wrong person:

* a text (`al815`) counts as a `login`, and as the name of a student's folder or file;
* a number counts as the number of the platform that a batch comes from (canvas, moodle, ilias, d2l), and `n1-n2` as
  Brightspace's pair, but only while the roster has no alias of that platform's kind: once it names one, it is taken at
  its word;
* nothing without a kind ever stands for a GitHub login, which its owner chooses and can change.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from autograder.course.yaml_sections import did_you_mean

KINDS: Mapping[str, str] = {
    "canvas": "Canvas user number",
    "moodle": "Moodle participant number",
    "d2l": "Brightspace number",
    "ilias": "ILIAS user number",
    "github": "GitHub login",
    "login": "login",
    "sid": "university number",
    "email": "e-mail address",
}
PLATFORM_NUMBERS = ("canvas", "moodle", "d2l", "ilias")
_NUMBER = re.compile(r"\d+")
_PAIR = re.compile(r"\d+-\d+")

# What each question of a channel may be answered by: kinds of alias, and (from `_`) what else the roster has.
_ASKED: Mapping[str, tuple[str, ...]] = {
    "person": ("_id", "_email", "_group", "_text", "login", "sid"),
    "login": ("login", "_id", "_text"),
    "email": ("_email",),
    "sid": ("sid",),
    "github": ("github",),
    "canvas": ("canvas",),
    "moodle": ("moodle",),
    "d2l": ("d2l",),
    "ilias": ("ilias",),
}


@dataclass(frozen=True)
class Alias:
    """One alias. kind: of KINDS, or `_text`, `_number`, `_pair` or `_email` where it names none."""

    kind: str
    value: str

    def __str__(self) -> str:
        return self.value if self.kind.startswith("_") else f"{self.kind}:{self.value}"


def normal(key: str) -> str:
    """Return the form in which names are compared: without case, without spaces around it, in one Unicode form."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", key.strip()).casefold())


def read_alias(text: str) -> Alias:
    """Return the alias that a roster's text means. Raises ValueError(found, expected) where its kind is unknown."""
    kind, colon, value = text.partition(":")
    if colon:
        kind, value = kind.strip().lower(), value.strip()
        if kind not in KINDS:
            expected = f"one of {', '.join(f'{known}:' for known in KINDS)} before the name, or a login without ':'"
            raise ValueError(f"alias {text!r} of the unknown kind {kind!r}{did_you_mean(kind, KINDS)}", expected)
        if not value:
            raise ValueError(f"alias {text!r} without a name", f"the {KINDS[kind]} after the colon")
        return Alias("_email" if kind == "email" else kind, value)
    if _NUMBER.fullmatch(text):
        return Alias("_number", text)
    if _PAIR.fullmatch(text):
        return Alias("_pair", text)
    return Alias("_email" if re.fullmatch(r"[^@\s]+@[^@\s]+", text) else "_text", text)


def asked(kind: str, known: frozenset[str]) -> tuple[str, ...]:
    """Return the kinds of name that answer a channel's question, of which `known` are in the roster.

    kind: one of KINDS, or `person`: the name of a student's folder, zip or file that no platform wrote.
    """
    kinds = _ASKED[kind]
    if kind in PLATFORM_NUMBERS and kind not in known:
        return (*kinds, "_number", "_pair") if kind == "d2l" else (*kinds, "_number")
    if kind == "login" and "login" in known:
        return ("login",)
    return kinds


def without_kind(kind: str) -> bool:
    """Return whether a name of this kind was found although the roster does not say what it is."""
    return kind in ("_number", "_pair")
