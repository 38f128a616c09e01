"""What is told of an exception raised in student code: type, capped message, the student's own lines.

Cells are compiled under the file name `<cell N>` and their source is in `linecache`, so the
student's lines can be told from ours and from the libraries'.
"""

from __future__ import annotations

import linecache
import re
from types import TracebackType
from typing import Any

from ..wire.values import type_name

MAX_MESSAGE = 2000  # characters
MAX_SOURCE = 200  # characters of one line
MAX_LINES = 12
_CELL = re.compile(r"<cell (\d{1,9})>")


class RequestError(Exception):
    """The request cannot be met, through no line of the student's: a missing name, a lost handle."""

    def __init__(self, type: str, message: str) -> None:
        super().__init__(message)
        self.type = type
        self.message = message


def describe(error: BaseException) -> dict[str, Any]:
    """Return error E of the wire. Never raises, whatever the exception's own methods do."""
    if type(error) is RequestError:
        return {"type": error.type, "message": _cap(error.message, MAX_MESSAGE), "lines": [], "where": "request"}
    return {
        "type": type_name(type(error)),
        "message": _message(error),
        "lines": student_lines(BaseException.__dict__["__traceback__"].__get__(error)),
        "where": "student",
    }


def student_lines(traceback: TracebackType | None) -> list[list[Any]]:
    """Return `[cell, line, source]` of the frames that run cell code, outermost first; the middle is cut out."""
    lines: list[list[Any]] = []
    while traceback is not None:
        match = _CELL.fullmatch(traceback.tb_frame.f_code.co_filename)
        if match:
            source = linecache.getline(match[0], traceback.tb_lineno).strip()
            lines.append([int(match[1]), traceback.tb_lineno, _cap(source, MAX_SOURCE)])
        traceback = traceback.tb_next
    if len(lines) > MAX_LINES:  # recursion: how it was entered, and where it ended
        lines = lines[: MAX_LINES // 2] + lines[-MAX_LINES // 2 :]
    return lines


def _message(error: BaseException) -> str:
    try:
        text = str(error)
    except BaseException:  # noqa: BLE001 - an exception's own __str__ is student code
        return "(its message could not be formed)"
    return _cap(text, MAX_MESSAGE)


def _cap(text: str, size: int) -> str:
    text = str.__getitem__(text, slice(0, size + 1))
    text = text if len(text) <= size else text[: size - 1] + "…"
    return text.encode("utf-8", "replace").decode()
