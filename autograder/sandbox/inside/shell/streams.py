"""The standard streams of a student process: text kept within bounds, no input, raw descriptors read back."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import Any

NO_INPUT = "input() cannot be answered while grading"


def collapse(text: str) -> str:
    """Apply carriage returns and backspaces the way a terminal shows them in the end.

    A progress bar that redrew itself leaves only its last state. A trailing carriage return is
    kept, since what overwrites the line may still come.
    """
    if "\r" in text:
        *lines, last = text.replace("\r\n", "\n").split("\n")
        states = [_last_state(line).rstrip("\r") if "\r" in line else line for line in lines]
        text = "\n".join([*states, _last_state(last) if "\r" in last else last])
    if "\b" in text:
        kept: list[str] = []
        for char in text:
            if char != "\b":
                kept.append(char)
            elif kept and kept[-1] != "\n":
                kept.pop()
        text = "".join(kept)
    return text


def _last_state(line: str) -> str:
    body = line.rstrip("\r")
    return body[body.rfind("\r") + 1 :] + ("\r" if body != line else "")


def plain_text(text: str) -> str:
    """Return text that is valid in UTF-8 JSON: lone surrogates become escapes."""
    return str.encode(text, "utf-8", "backslashreplace").decode("utf-8")


class StreamText:
    """Text of one stream: all of it while it is short, else its head and its tail."""

    def __init__(self, name: str, limit: int) -> None:
        self.name = name
        self._half = max(limit // 2, 64)
        self._head = ""
        self._pending: list[str] = []
        self._pending_size = 0
        self._dropped = 0

    def write(self, text: str) -> None:
        self._pending.append(text)
        self._pending_size += len(text)
        if self._pending_size > 4 * self._half:
            self._compact()

    def _compact(self) -> str:
        tail = collapse("".join(self._pending))
        if not self._head and len(tail) > 2 * self._half:
            self._head, tail = tail[: self._half], tail[self._half :]
        if self._head and len(tail) > self._half:
            self._dropped += len(tail) - self._half
            tail = tail[-self._half :]
        self._pending, self._pending_size = [tail], len(tail)
        return tail

    def text(self) -> str:
        tail = self._compact().rstrip("\r")
        if self._dropped:
            return f"{self._head}\n[... {self._dropped} characters of output left out ...]\n{tail}"
        return self._head + tail


class CaptureStream(io.TextIOBase):
    """sys.stdout or sys.stderr of the student process."""

    def __init__(self, write: Callable[[str, str], None], name: str, descriptor: int) -> None:
        self._write = write
        self._name = name
        self._descriptor = descriptor
        self._raw: io.RawIOBase | None = None

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        return "backslashreplace"

    @property
    def name(self) -> str:
        return f"<{self._name}>"

    @property
    def buffer(self) -> io.RawIOBase:
        if self._raw is None:
            self._raw = _ByteStream(self)
        return self._raw

    def reconfigure(self, **_: Any) -> None:
        """Accept and ignore: there is nothing to reconfigure."""

    def fileno(self) -> int:
        return self._descriptor

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._write(self._name, text)
        return len(text)

    def close(self) -> None:
        """Do nothing: a cell that closes sys.stdout would silence the rest of the notebook."""


class _ByteStream(io.RawIOBase):
    def __init__(self, stream: CaptureStream) -> None:
        self._stream = stream

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        raw = bytes(data)
        self._stream.write(raw.decode("utf-8", "replace"))
        return len(raw)

    def close(self) -> None:
        """Do nothing, as for the text stream."""


class NoInput(io.TextIOBase):
    """sys.stdin of the student process: nobody is there to answer."""

    def readable(self) -> bool:
        return True

    def read(self, _size: int | None = -1) -> str:
        raise EOFError(NO_INPUT)

    def readline(self, _size: int = -1) -> str:  # type: ignore[override]
        raise EOFError(NO_INPUT)

    def __next__(self) -> str:  # type: ignore[override]
        raise EOFError(NO_INPUT)


class DescriptorOutput:
    """Give back what student code wrote to descriptors 1 and 2 directly, read back from a file.

    The file is opened with O_APPEND by whoever set the descriptors up; it is emptied after each
    cell, so that one cell's flood does not fill the file-size limit of the next.
    """

    def __init__(self, path: str) -> None:
        self._path = path

    def take(self, limit: int) -> str:
        """Return at most `limit` bytes of what was written since the last call, as text."""
        try:
            with open(self._path, "rb") as file:
                size = os.fstat(file.fileno()).st_size
                if not size:
                    return ""
                data = file.read(limit).lstrip(b"\0")
            os.truncate(self._path, 0)
        except OSError:
            return ""  # the student removed the file: there is nothing to show
        note = f"\n[... {size - limit} bytes of output left out ...]\n" if size > limit else ""
        return data.decode("utf-8", "replace") + note
