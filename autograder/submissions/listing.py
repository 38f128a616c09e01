"""What a path holds: its files, those that are refused, and what else was seen there."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

MAX_FILE = 128 << 20  # bytes of one file, unpacked
MAX_NAME = 1000  # characters of a path
MAX_FILES = 500_000  # of a whole batch
# Of one outermost entry, that is of one student, so that nobody's archive takes room from others:
MAX_FILES_EACH = 2000  # that are kept, those first whose names were asked for
MAX_SEEN_EACH = 50_000  # whose names are looked at; also of what is refused, of folders, and of members of archives
MAX_TOLD_EACH = 200  # refused ones that are told one by one
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


_OF_PROGRAMS = (".DS_Store", "Thumbs.db", "desktop.ini", ".OTTER_LOG", "__zip_filename__")


@dataclass(frozen=True)
class Refused:
    parts: tuple[str, ...]
    source: str
    message: str


@dataclass(frozen=True)
class Listing:
    """entries: in a stable order. empty: folders without anything. skipped: folders and files that programs leave, such
    as `.ipynb_checkpoints`, `.DS_Store` and `.OTTER_LOG`: told like all others, and not looked into."""

    entries: tuple[ListedFile, ...]
    refused: tuple[Refused, ...] = ()
    empty: tuple[tuple[str, ...], ...] = ()
    skipped: tuple[Refused, ...] = ()


class _OfOne:
    """Hold what was found of one outermost component."""

    def __init__(self) -> None:
        self.kept: list[tuple[int, int, int, ListedFile]] = []  # (rank, depth, order, file)
        self.files = 0
        self.seen = 0
        self.archives = 0
        self.unpacked = 0
        self.told = 0
        self.skipped: set[tuple[str, ...]] = set()
        self.untold: tuple[str, ...] = ()  # where the first one is that is not told by itself

    def prune(self) -> None:
        self.kept.sort(key=lambda one: one[:3])
        del self.kept[MAX_FILES_EACH:]


class GrowingListing:
    """A listing that grows, within the limits of each student and of the batch.

    is_wrapper: whether an outermost name is no student's, but one that holds the whole class. rank: of a file's name,
    smaller for those that were asked for: of more than MAX_FILES_EACH files they are the ones that are kept.
    one_owner: everything is one student's.
    """

    def __init__(
        self, is_wrapper: Callable[[str], bool], rank: Callable[[str], int] = lambda name: 0, one_owner: bool = False
    ) -> None:
        self.refused: list[Refused] = []
        self.empty: list[tuple[str, ...]] = []
        self.skipped: list[Refused] = []
        self._is_wrapper = is_wrapper
        self._one_owner = one_owner
        self.rank = rank
        self._of: dict[str, _OfOne] = {}
        self._order = 0
        self._room = MAX_FILES

    def listing(self) -> Listing:
        kept: list[ListedFile] = []
        limits: list[Refused] = []  # are told first
        for owner, one in self._of.items():
            one.prune()
            kept += [entry for _, _, _, entry in one.kept]
            if one.files > len(one.kept) or one.seen > MAX_SEEN_EACH:
                many = f"more than {MAX_SEEN_EACH}" if one.seen > MAX_SEEN_EACH else f"{one.files}"
                message = (
                    f"found {many} files, expected at most {MAX_FILES_EACH}: those with the names that were asked for "
                    "are looked at first, and the others are left out"
                )
                limits.append(Refused(self._place(one.kept[0][3].parts if one.kept else ()), shown(owner), message))
            if one.told > MAX_TOLD_EACH:
                message = f"{one.told - MAX_TOLD_EACH} more such files or folders were refused or not looked into"
                limits.append(Refused(self._place(one.untold), shown(owner), message))
        kept.sort(key=lambda entry: (entry.parts, entry.source))
        return Listing(tuple(kept), (*limits, *self.refused), tuple(self.empty), tuple(self.skipped))

    def add(self, entry: ListedFile) -> None:
        one = self._one(entry.parts)
        one.files += 1
        one.seen += 1
        self._order += 1
        if self._room <= 0:
            return
        self._room -= 1
        one.kept.append((self.rank(entry.name), len(entry.parts), self._order, entry))
        if len(one.kept) >= 2 * MAX_FILES_EACH:
            before = len(one.kept)
            one.prune()
            self._room += before - len(one.kept)

    def full(self, parts: tuple[str, ...]) -> bool:
        """Return whether this student's files are so many that no further name is looked at."""
        return self._one(parts).seen > MAX_SEEN_EACH

    def add_empty(self, parts: tuple[str, ...]) -> None:
        if self._is_told(parts):
            self.empty.append(parts)

    def refuse(self, parts: tuple[str, ...], source: str, message: str) -> None:
        if self._is_told(parts):
            self.refused.append(Refused(parts, shown(source), message))

    def skip(self, parts: tuple[str, ...], source: str, message: str) -> None:
        one = self._one(parts)
        if parts in one.skipped:
            one.seen += 1
        elif self._is_told(parts):
            one.skipped.add(parts)
            self.skipped.append(Refused(parts, shown(source), message))

    def may_unpack(self, parts: tuple[str, ...], size: int) -> str:
        """Count an archive of `size` bytes that is about to be opened; why it must not be, or nothing."""
        one = self._one(parts)
        one.archives += 1
        one.unpacked += size
        if one.archives > MAX_ARCHIVES_EACH:
            return f"found more than {MAX_ARCHIVES_EACH} archives, expected one; unpack them and zip the files once"
        if one.unpacked > MAX_UNPACKED_EACH:
            return f"found archives of more than {MAX_UNPACKED_EACH >> 20} MiB in all; hand in less"
        return ""

    def count_unpacked(self, parts: tuple[str, ...], size: int) -> None:
        """Count what an archive was found to hold once it was unpacked."""
        self._one(parts).unpacked += size

    def owner(self, parts: tuple[str, ...]) -> str:
        """Return the outermost component that may be a student's."""
        top = self._top(parts)
        return top[-1] if top else ""

    def _top(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        """Return the path to the outermost component that may be a student's."""
        if self._one_owner:
            return ()
        depth = next((n for n, part in enumerate(parts, start=1) if not self._is_wrapper(part)), 1)
        return parts[:depth]

    def _place(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        """Return where a limit is told: the student's outermost component, or one of the files if all are theirs."""
        return parts if self._one_owner else self._top(parts)

    def _one(self, parts: tuple[str, ...]) -> _OfOne:
        return self._of.setdefault(self.owner(parts), _OfOne())

    def _is_told(self, parts: tuple[str, ...]) -> bool:
        one = self._one(parts)
        one.seen += 1
        one.told += 1
        if one.told > MAX_TOLD_EACH:
            one.untold = one.untold or parts
        return one.told <= MAX_TOLD_EACH


def shown(name: str) -> str:
    """Return a file name that is safe to print: no control, direction or invisible characters, at most 300
    characters.
    """
    text = unicodedata.normalize("NFC", name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
    text = "".join("�" if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") else char for char in text)
    return text if len(text) <= 300 else f"{text[:140]}…{text[-140:]}"


def is_left_by_program(name: str) -> bool:
    """Return whether an operating system, or otter beside a notebook, writes files of this name by itself. Of a folder
    the name says nothing."""
    return name.startswith("._") or name in _OF_PROGRAMS


def plain_name(part: str) -> str:
    return unicodedata.normalize("NFC", part)


def folded(name: str) -> str:
    """Return the form in which names are compared: without case, in one Unicode form."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
