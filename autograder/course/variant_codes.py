"""Codes of personal variants: four signs and a check digit, drawn by chance.

A code says nothing about who has it. Its alphabet has 31 signs, none of which looks like another, and 31 is a prime:
so the check digit, a sum of the signs times their places, notices every single mistyped sign and every two that were
exchanged.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection, Sequence

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 5  # with the check digit
_LITERAL = re.compile(r"""(["'])[ \t]{0,8}([0-9A-Za-z]{5})[ \t]{0,8}\1""")


def check_digit(signs: str) -> str:
    """Return the sign that makes `signs`, which are of ALPHABET, a code."""
    return ALPHABET[sum(place * ALPHABET.index(sign) for place, sign in enumerate(signs, start=1)) % len(ALPHABET)]


def is_code(text: str) -> bool:
    """Return whether this is a code, in capital letters, with the right check digit."""
    return len(text) == LENGTH and set(text) <= set(ALPHABET) and check_digit(text[:-1]) == text[-1]


def new_code(taken: Collection[str], draw: Callable[[Sequence[str]], str] = secrets.choice) -> str:
    """Return a code that is not in `taken`."""
    while True:
        signs = "".join(draw(ALPHABET) for _ in range(LENGTH - 1))
        if (code := signs + check_digit(signs)) not in taken:
            return code


def code_in(source: str) -> str:
    """Return the first code that stands between quotes in a cell's source, in capital letters; "" if there is none."""
    return next((code for match in _LITERAL.finditer(source) if is_code(code := match[2].upper())), "")


def with_code(source: str, code: str) -> str:
    """Return the source with `code` in the place of the first code that stands between quotes there."""
    for match in _LITERAL.finditer(source):
        if is_code(match[2].upper()):
            return f"{source[: match.start()]}{match[1]}{code}{match[1]}{source[match.end() :]}"
    return source
