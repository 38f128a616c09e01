"""What a path holds: its files, those that are refused, and what else was seen there."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

MAX_FILE = 128 << 20  # bytes of one file, unpacked
MAX_NAME = 1000  # characters of a path
MAX_FILES = 500_000  # of a whole batch
# Of one outermost entry, that is of one student, so that nobody's archive takes room from others:
MAX_FILES_EACH = 2000
MAX_ARCHIVES_EACH = 30
MAX_UNPACKED_EACH = 1 << 30  # bytes of archives that are unpacked to look into them
MAX_DEPTH = 2  # an archive, and archives in it


class FileRefused(Exception):
    """A file cannot be used; the message says what was found and what was expected."""


@dataclass(frozen=True)
class ListedFile:
    """One file.

    parts: its path, with an archive as a folder of the archive's name. source: its path as a person would find it.
    modified: as the file system or the archive says it, without time zone. archives: how many parts lead to each
    archive that it lies in, but for the one that was given to `grade`, which is the channel's.
    """

    parts: tuple[str, ...]
    source: str
    size: int
    modified: datetime | None
    archives: tuple[int, ...]
    read: Callable[[], bytes] = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        return self.parts[-1]


@dataclass(frozen=True)
class Refused:
    parts: tuple[str, ...]
    source: str
    message: str


@dataclass(frozen=True)
class Listing:
    """entries: in a stable order. empty: folders without anything. skipped: folders and files that programs leave, such
    as `.ipynb_checkpoints` and `.DS_Store`: told like all others, and not looked into."""

    entries: tuple[ListedFile, ...]
    refused: tuple[Refused, ...] = ()
    empty: tuple[tuple[str, ...], ...] = ()
    skipped: tuple[Refused, ...] = ()


class GrowingListing:
    """A listing that grows, within the limits of each student and of the batch."""

    def __init__(self, is_wrapper: Callable[[str], bool]) -> None:
        self.entries: list[ListedFile] = []
        self.refused: list[Refused] = []
        self.empty: list[tuple[str, ...]] = []
        self.skipped: list[Refused] = []
        self._is_wrapper = is_wrapper
        self._files: Counter[str] = Counter()
        self._archives: Counter[str] = Counter()
        self._unpacked: Counter[str] = Counter()

    def listing(self) -> Listing:
        entries = sorted(self.entries, key=lambda entry: (entry.parts, entry.source))
        return Listing(tuple(entries), tuple(self.refused), tuple(self.empty), tuple(dict.fromkeys(self.skipped)))

    def add(self, entry: ListedFile) -> None:
        owner = self.owner(entry.parts)
        self._files[owner] += 1
        if self._files[owner] <= MAX_FILES_EACH and len(self.entries) < MAX_FILES:
            self.entries.append(entry)
        elif self._files[owner] == MAX_FILES_EACH + 1:
            message = f"found more than {MAX_FILES_EACH} files, expected fewer; the others are not looked at"
            self.refuse(entry.parts[:1], owner, message)

    def full(self, parts: tuple[str, ...]) -> bool:
        """Return whether this student's files are so many that no further one is listed."""
        return self._files[self.owner(parts)] > MAX_FILES_EACH

    def refuse(self, parts: tuple[str, ...], source: str, message: str) -> None:
        if len(self.refused) < MAX_FILES:
            self.refused.append(Refused(parts, shown(source), message))

    def skip(self, parts: tuple[str, ...], source: str, message: str) -> None:
        if len(self.skipped) < MAX_FILES:
            self.skipped.append(Refused(parts, shown(source), message))

    def may_unpack(self, parts: tuple[str, ...], size: int) -> str:
        """Count an archive of `size` bytes that is about to be opened; why it must not be, or nothing."""
        owner = self.owner(parts)
        self._archives[owner] += 1
        self._unpacked[owner] += size
        if self._archives[owner] > MAX_ARCHIVES_EACH:
            return f"found more than {MAX_ARCHIVES_EACH} archives, expected one; unpack them and zip the files once"
        if self._unpacked[owner] > MAX_UNPACKED_EACH:
            return f"found archives of more than {MAX_UNPACKED_EACH >> 20} MiB in all; hand in less"
        return ""

    def owner(self, parts: tuple[str, ...]) -> str:
        """Return the outermost component that may be a student's."""
        return next((part for part in parts if not self._is_wrapper(part)), parts[0] if parts else "")


def shown(name: str) -> str:
    """Return a file name that is safe to print: no control, direction or invisible characters, at most 300
    characters.
    """
    text = unicodedata.normalize("NFC", name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
    text = "".join("�" if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") else char for char in text)
    return text if len(text) <= 300 else f"{text[:140]}…{text[-140:]}"


def is_system_file(name: str) -> bool:
    """Return whether an operating system writes files of this name by itself. Of a folder the name says nothing."""
    return name.startswith("._") or name in (".DS_Store", "Thumbs.db", "desktop.ini")


def plain_name(part: str) -> str:
    return unicodedata.normalize("NFC", part)


def folded(name: str) -> str:
    """Return the form in which names are compared: without case, in one Unicode form."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
