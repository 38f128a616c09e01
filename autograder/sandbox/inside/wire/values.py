"""The values inside a frame's header: their limits, references to objects that stay in the student process, and names.

Both ends use these files. `encoder.py` makes values of Python objects, `decoder.py` objects of values.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from .protocol import ProtocolError

HANDLE_KINDS = ("module", "function", "class", "object", "optimizer", "loader", "generator")
MAX_NAME = 200  # characters of a type's name
MAX_ITEMS = 20_000  # of a container that travels item by item; more would not fit into a header
LONG_LIST = 32  # from this length on, lists of plain ints or floats travel as an array
MAX_LEVELS = 31  # of JSON that a value may take; the header itself takes one
MAX_NUMBERS = 1 << 20  # of all lists of numbers in one message: as Python objects they take five times their bytes
PLAIN = {type(None), bool, int, str}  # what is itself on the wire
KEYS = {type(None), bool, int, float, str, date, datetime, Decimal}  # of dicts, alone or in a tuple
SMALL_HASH = 2**61 - 1  # from here on different ints may have one hash


@dataclass(frozen=True)
class HandleRef:
    """An object that stays in the student process."""

    number: int
    kind: str
    class_name: str


@dataclass(frozen=True)
class Other:
    """A value that cannot travel; all that is known is its type's name."""

    type_name: str


class CannotBeSent(TypeError):
    """A value that cannot travel was to be sent to student code."""


def parse_handle(value: dict[str, Any]) -> HandleRef:
    if value.keys() != {"handle", "kind", "class"}:
        raise ProtocolError("a handle with missing or extra keys")
    number, kind, name = value["handle"], value["kind"], value["class"]
    if type(number) is not int or number < 0 or kind not in HANDLE_KINDS or type(name) is not str:
        raise ProtocolError("a handle with odd content")
    return HandleRef(number, kind, name[:MAX_NAME])


def encode_handle(reference: HandleRef) -> dict[str, Any]:
    return {"handle": reference.number, "kind": reference.kind, "class": reference.class_name}


def type_name(kind: type) -> str:
    """Return the name a type was made with, past any metaclass that would answer for it; capped."""
    name = type.__dict__["__name__"].__get__(kind)
    return name[:MAX_NAME].encode("utf-8", "replace").decode() if type(name) is str else "object"


def hex_float(number: float) -> str:
    return float.hex(number) if abs(number) < float("inf") else str(number)  # "nan", "inf", "-inf"


def parse_hex_float(content: Any) -> float:
    text = checked_text(content, "float")
    if text in ("nan", "inf", "-inf"):
        return float(text)
    if not text.lstrip("-").startswith("0x"):
        raise ProtocolError("a float that is not in hexadecimal form")
    try:
        return float.fromhex(text)
    except (ValueError, OverflowError) as error:
        raise ProtocolError("a float that is not in hexadecimal form") from error


def checked_text(content: Any, form: str) -> str:
    if type(content) is not str:
        raise ProtocolError(f"{form} whose content is no string")
    return content
