"""Names of months and days as platforms write them in the languages that their users choose.

The names are those of the Unicode locale data. A name that means different months in different languages is left as
it is, and so is one that is not known: the time is then unknown, and a person is told. Nothing is guessed.
"""

from __future__ import annotations

import re
from functools import cache

from babel import Locale

from autograder.submissions.listing import folded

LANGUAGES = (
    "cs", "cy", "da", "de", "de_AT", "es", "es_MX", "fi", "fr", "fr_CA", "hr", "hu", "it", "nb", "nl", "nn", "pl", "pt",
    "pt_PT", "ro", "sk", "sl", "sv", "tr",
)  # fmt: skip
_ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BETWEEN = frozenset({"de", "del", "den", "le", "el", "um", "uhr", "kl", "klo", "à", "às"})  # stand between the parts
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*\.?")


def in_english(text: str) -> str:
    """Return a date with its month's name in English, without the day of the week; other words stay as they are."""
    return " ".join(_WORD.sub(_english, text).replace(" ,", " ").split()).strip(", ")


def is_filler(word: str) -> bool:
    """Return whether a word stands between the parts of a date or behind its hour, and says nothing: `Uhr`."""
    return folded(word).rstrip(".") in _BETWEEN


def _english(found: re.Match[str]) -> str:
    months, days = _names()
    word = folded(found[0]).rstrip(".")
    numbers = months.get(word, frozenset())
    if len(numbers) == 1:
        [number] = numbers
        return _ENGLISH[number - 1]
    return "" if not numbers and (word in days or word in _BETWEEN) else found[0]


@cache
def _names() -> tuple[dict[str, frozenset[int]], frozenset[str]]:
    """Return the numbers of the months that a name stands for in some language, and all names of days."""
    months: dict[str, frozenset[int]] = {}
    days: set[str] = set()
    for language in ("en", *LANGUAGES):
        locale = Locale.parse(language)
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in locale.months[context][width].items():
                    word = folded(name).rstrip(".")
                    if not word.isdigit():
                        months[word] = months.get(word, frozenset()) | {number}
                days |= {folded(name).rstrip(".") for name in locale.days[context][width].values()}
    return months, frozenset(days)
