"""Parse JSON that a student may have crafted: bounded in size, nesting and number of elements.

Size and nesting are measured before the parser runs, in time linear in the input, because Python's
parser recurses and because ten bytes of JSON can become a hundred bytes of objects.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

MAX_BYTES = 32 << 20
MAX_DEPTH = 64
MAX_ELEMENTS = 1_000_000

# A string, or its unterminated rest: one pass, whatever the quotes and backslashes.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_FOREIGN = (
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x89HDF", "an HDF5 file"),
    (b"{\\rtf", "a text document"),
)
_NOT_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


class UntrustedJsonError(ValueError):
    """Say what is wrong, in words that fit after "<file>: "."""


@dataclass(frozen=True)
class Parsed:
    value: Any
    notices: tuple[str, ...]


def parse(data: bytes, max_bytes: int = MAX_BYTES) -> Parsed:
    """Parse `data`. Odd but readable input (byte order mark, wrong bytes, repeated keys, NaN) is noted, not refused.

    NaN and infinities become None. Raises UntrustedJsonError.
    """
    if len(data) > max_bytes:
        raise UntrustedJsonError(
            f"found {len(data) / 2**20:.0f} MiB, expected at most {max_bytes >> 20} MiB; "
            "clear large outputs and save again"
        )
    if not data.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise UntrustedJsonError("found an empty file, expected a notebook; save it again and hand in that file")
    for beginning, what in _FOREIGN:
        if data.startswith(beginning):
            raise UntrustedJsonError(f"found {what}, expected a notebook; hand in the .ipynb file itself")
    notices: list[str] = []
    text = _decode(data, notices)
    whole = text.rstrip("\0")
    if len(whole) < len(text):
        notices.append(f"The file ends in {len(text) - len(whole)} empty bytes, which were left out.")
        text = whole
    _check_structure(text.encode("utf-8", "replace"))
    repeated: set[str] = set()

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) < len(items):
            seen: set[str] = set()
            repeated.update(key for key, _ in items if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        return found

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_constant=lambda _: None)
    except json.JSONDecodeError as error:
        raise UntrustedJsonError(_explain(text, error)) from error
    except (ValueError, RecursionError) as error:  # an integer of thousands of digits
        raise UntrustedJsonError(f"found JSON that cannot be read ({error}), expected a notebook") from error
    if repeated:
        names = ", ".join(repr(key[:40]) for key in sorted(repeated)[:3])
        notices.append(f"The file repeats keys ({names}); the last of each counts.")
    return Parsed(value, tuple(notices))


def _decode(data: bytes, notices: list[str]) -> str:
    encoding = json.detect_encoding(data)  # by its first bytes: JSON begins with ASCII
    name = "UTF-8" if encoding.startswith("utf-8") else encoding.upper()[:6]
    if name != "UTF-8":
        notices.append(f"The file is written in {name}, not in UTF-8; it was read all the same.")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        notices.append(f"The file has bytes that are not {name}; they were replaced by �.")
        return data.decode(encoding, "replace")


def _check_structure(data: bytes) -> None:
    structure = _STRING.sub(b"", data)
    brackets = structure.translate(None, _NOT_BRACKETS)
    if len(brackets) // 2 + structure.count(b",") > MAX_ELEMENTS:
        raise UntrustedJsonError(f"found more than {MAX_ELEMENTS} elements, expected a notebook; clear its outputs")
    depth = 0
    for bracket in brackets:
        if bracket in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise UntrustedJsonError(f"found JSON nested deeper than {MAX_DEPTH} levels, expected a notebook")
        else:
            depth -= 1


def _explain(text: str, error: json.JSONDecodeError) -> str:
    start = text.lstrip()[:200].lower()
    place = f"line {error.lineno}, column {error.colno}"
    if start.startswith(("<!doctype", "<html", "<?xml")):
        return "found a web page, expected a notebook; download the .ipynb file itself and hand in that"
    if "<<<<<<< " in text and ">>>>>>> " in text:
        return f"{place}: found Git's conflict marks, expected JSON; resolve the conflict and save the notebook again"
    if not start.startswith(("{", "[")):
        return f"{place}: found something that is not a notebook, expected JSON that starts with '{{'"
    if error.msg == "Extra data":
        return f"{place}: {_after_the_end(text[error.pos :])}"
    if (what := _common_mistake(text, error)) is not None:
        return f"{place}: found {what}, expected JSON; open the notebook in Jupyter, save it, and hand in that file"
    if error.pos >= len(text.rstrip()) - 1 or error.msg.startswith("Unterminated string"):
        return f"{place}: the file ends in the middle, expected a whole notebook; save it again and hand in that file"
    return f"{place}: found broken JSON ({error.msg}), expected a notebook; open it in Jupyter, save, hand it in again"


def _after_the_end(rest: str) -> str:
    """Return what comes after a whole JSON value, in words."""
    if rest.lstrip().startswith("{"):
        return (
            "a second notebook begins where the first one ends, expected one; hand in a file with the one that counts"
        )
    return (
        "the file goes on after the notebook's end, expected nothing there; open it in Jupyter, save it, and hand in "
        "that file"
    )


def _common_mistake(text: str, error: json.JSONDecodeError) -> str | None:
    """Name what people and their tools often do to JSON; None for anything else."""
    here = text[error.pos : error.pos + 2]
    if here[:1] == "'" or here in ("Tr", "Fa", "No", "u'"):
        return "a Python dictionary printed as text"
    before = text[: error.pos].rstrip()[-1:]
    if (here[:1] in ("}", "]") and before == ",") or error.msg.startswith("Illegal trailing comma"):
        return "a comma before a closing bracket"
    if here in ("//", "/*") or here[:1] == "#":
        return "a comment"
    if error.msg.startswith("Invalid control character"):
        return "a line break in the middle of a text"
    if error.msg.startswith("Invalid \\"):
        return "a backslash that JSON does not know"
    return None
