"""A platform's table (CSV, or Blackboard's tab-separated `.xls`) in which single cells change and nothing else does.

Platforms check their own files in odd ways: quotes around every field, UTF-16, a blank before "Points Possible". So a
table keeps the text of each cell as it was found beside its value, and writes a cell anew only where it was set.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.pages.text import starts_formula

_MOST_BYTES = 64 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DELIMITERS = ("\t", ";", ",")


class PlatformFileError(Exception):
    """A file of a platform cannot be used as it is. The message says which, what was found, and what to do."""


@dataclass
class _TableCell:
    value: str
    raw: str  # as it stands in the file


class PlatformTable:
    """Rows of cells, the header among them. `value` reads, `put` changes, `data` gives the bytes of the file."""

    def __init__(
        self, path: Path, encoding: str, bom: bytes, delimiter: str, rows: list[list[_TableCell]], ends: list[str]
    ):
        self.path = path
        self.encoding = encoding
        self.delimiter = delimiter
        self.lost: set[str] = set()  # characters that the file's encoding has not
        self._bom = bom
        self._rows = rows
        self._ends = ends

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, line: int) -> list[str]:
        """Return the values of one row; the header is row 0."""
        return [cell.value for cell in self._rows[line]]

    def value(self, line: int, column: int) -> str:
        """Return the value of a cell; "" where the row is shorter."""
        row = self._rows[line]
        return row[column].value if column < len(row) else ""

    def put(self, line: int, column: int, value: str) -> None:
        """Set a cell. Raises PlatformFileError where the row has no such cell."""
        row = self._rows[line]
        if column >= len(row):
            raise PlatformFileError(
                f"{self.path}: row {line + 1} has {len(row)} cells, expected {column + 1}; download the file again"
            )
        cell = row[column]
        if cell.value == value:
            return
        held = self._held(value)
        quoted = cell.raw.startswith('"') or any(sign in held for sign in (self.delimiter, '"', "\n", "\r"))
        text = '"' + held.replace('"', '""') + '"' if quoted or held != held.strip() else held
        row[column] = _TableCell(held, text)

    def _held(self, value: str) -> str:
        """Return the value in characters that the file's encoding has."""
        held = []
        for character in value:
            try:
                character.encode(self.encoding.removesuffix("-sig"))
                held.append(character)
            except UnicodeEncodeError:
                self.lost.add(character)
                held.append("?")
        return "".join(held)

    def data(self) -> bytes:
        """Return the whole file."""
        text = "".join(
            self.delimiter.join(cell.raw for cell in row) + end for row, end in zip(self._rows, self._ends, strict=True)
        )
        return self._bom + text.encode(self.encoding.removesuffix("-sig"))


def read_table(path: Path) -> PlatformTable:
    """Read a table of unknown encoding (UTF-8, UTF-16 with its mark, else Windows-1252) and separator.

    Raises PlatformFileError where it cannot be read, has no rows, or its quotes do not close.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise PlatformFileError(f"{path}: found more than {_MOST_BYTES >> 20} MiB, expected a table of one class")
        data = path.read_bytes()
    except OSError as error:
        raise PlatformFileError(f"{path}: cannot be read ({error.strerror})") from error
    if data[:4] == b"PK\x03\x04" or data[:4] == b"\xd0\xcf\x11\xe0":
        raise PlatformFileError(f"{path}: found a workbook, expected a text table; download it as CSV or tab-delimited")
    text, encoding, bom = _decoded(path, data)
    delimiter = _delimiter(text)
    rows, ends = _cells(text, delimiter)
    try:
        expected = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise PlatformFileError(
            f"{path}: found a broken line ({error}), expected a table; download it again"
        ) from error
    if [[cell.value for cell in row] for row in rows] != [row or [""] for row in expected]:
        raise PlatformFileError(f"{path}: found quotes that do not close, expected a table; download it again")
    if not rows or not any(cell.value for cell in rows[0]):
        raise PlatformFileError(f"{path}: found no header line, expected the platform's own export")
    return PlatformTable(path, encoding, bom, delimiter, rows, ends)


def _decoded(path: Path, data: bytes) -> tuple[str, str, bytes]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return data[len(bom) :].decode(encoding.removesuffix("-sig")), encoding, bom
            except UnicodeDecodeError as error:
                raise PlatformFileError(f"{path}: found bytes that are no {encoding} ({error})") from error
    for encoding in ("utf-8", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text, encoding, b""
    raise PlatformFileError(f"{path}: found bytes that are neither UTF-8, UTF-16 nor Windows-1252, expected a table")


def _delimiter(text: str) -> str:
    first = re.sub(r'"(?:[^"]|"")*"', "", text.split("\n", 1)[0])
    return max(_DELIMITERS, key=first.count)


def _cells(text: str, delimiter: str) -> tuple[list[list[_TableCell]], list[str]]:
    """Return the cells of each row, and what ends each row."""
    d = re.escape(delimiter)
    pattern = re.compile(rf'("(?:[^"]|"")*"|[^{d}\r\n]*)({d}|\r\n|\r|\n|\Z)')
    rows: list[list[_TableCell]] = []
    ends: list[str] = []
    row: list[_TableCell] = []
    at = 0
    while at < len(text) or row:
        match = pattern.match(text, at)
        if match is None:  # something behind a closing quote; the caller's comparison says so
            break
        raw, end = match[1], match[2]
        row.append(_TableCell(raw[1:-1].replace('""', '"') if raw.startswith('"') else raw, raw))
        at = match.end()
        if end != delimiter:
            rows.append(row)
            ends.append(end)
            row = []
    return rows, ends


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet would compute the text."""
    return starts_formula(text) and not re.fullmatch(r"\s*[+-]?[\d.,]+\s*", text)


def plain_text(text: str) -> str:
    """Free text that no spreadsheet computes: an apostrophe before what would start a formula. Never for numbers or
    ids, which have to come back as they are."""
    text = text.replace("\0", "")
    return f"'{text}" if is_formula(text) else text


def find_column(header: Sequence[str], titles: Sequence[str]) -> int | None:
    """Return the first column that has one of the titles (case and blanks around do not matter); None if there is
    none.
    """
    wanted = [title.casefold() for title in titles]
    return next((i for i, title in enumerate(header) if title.strip().lstrip("\ufeff").casefold() in wanted), None)
