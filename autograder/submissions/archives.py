"""The files under a path, folders and zips alike, listed without unpacking anything to disk.

Zips come from a learning platform with students' own zips inside, so nothing in them is trusted: names
that leave the folder, links, encrypted and repeated members, bombs. What is refused is reported, one
message a file, and the rest is used. In folders, links and special files are reported and not opened.
"""

from __future__ import annotations

import io
import os
import stat
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

MAX_FILE = 128 << 20  # bytes of one file, unpacked
MAX_TOTAL = 8 << 30  # bytes of all files of one zip, unpacked, those of zips inside it too
MAX_FILES = 50_000
MAX_RATIO = 200  # unpacked to packed, for files over a megabyte
MAX_DEPTH = 2  # a zip, and zips in it
MAX_NAME = 1000  # characters of a path
_IGNORED_FOLDERS = frozenset({"__MACOSX", ".ipynb_checkpoints", "__pycache__", ".git"})


class FileRefused(Exception):
    """A file cannot be used; the message says what was found and what was expected."""


@dataclass(frozen=True)
class Entry:
    """One file. parts: its path, with a zip as the folder of its stem; source: its path as a person would find it."""

    parts: tuple[str, ...]
    source: str
    size: int
    modified: datetime | None  # as the file system or the zip says it, without time zone: for ordering only
    from_student_zip: bool  # inside a zip that itself lay in a folder or a zip
    read: Callable[[], bytes]

    @property
    def name(self) -> str:
        return self.parts[-1]


@dataclass(frozen=True)
class Refused:
    source: str
    message: str


@dataclass(frozen=True)
class Listing:
    entries: tuple[Entry, ...]
    refused: tuple[Refused, ...]


def list_files(path: Path) -> Listing:
    """All regular files of a folder (links are not followed), of a zip, or the one file itself.

    Raises FileRefused where `path` itself is not there or cannot be opened.
    """
    lister = _Lister()
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        raise FileRefused(f"{shown(str(path))}: found nothing there, expected a notebook, a folder or a zip") from error
    if stat.S_ISDIR(mode):
        lister.folder(path, (), "")
    elif stat.S_ISREG(mode):
        lister.file(path, (path.name,), path.name, depth=0)
    else:
        raise FileRefused(f"{shown(str(path))}: found a special file, expected a notebook, a folder or a zip")
    return Listing(tuple(lister.entries), tuple(lister.refused))


def shown(name: str) -> str:
    """A file name that is safe to print: no control, direction or invisible characters, at most 300 characters."""
    text = unicodedata.normalize("NFC", name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
    text = "".join("�" if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") else char for char in text)
    return text if len(text) <= 300 else f"{text[:140]}…{text[-140:]}"


class _Lister:
    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.refused: list[Refused] = []
        self._unpacked = 0

    def refuse(self, source: str, message: str) -> None:
        self.refused.append(Refused(shown(source), message))

    def folder(self, path: Path, parts: tuple[str, ...], source: str) -> None:
        try:
            found = sorted(os.scandir(path), key=lambda item: item.name)
        except OSError as error:
            self.refuse(source or str(path), f"the folder cannot be opened ({error.strerror})")
            return
        for item in found:
            if _is_ignored(item.name):
                continue
            place = f"{source}/{item.name}" if source else item.name
            name = _name(item.name)
            if item.is_symlink():
                self.refuse(place, "found a symbolic link, expected a file; links are not followed")
            elif item.is_dir(follow_symlinks=False):
                if len(parts) < 12:
                    self.folder(Path(item.path), (*parts, name), place)
                else:
                    self.refuse(place, "found folders nested more than 12 deep")
            elif item.is_file(follow_symlinks=False):
                self.file(Path(item.path), (*parts, name), place, depth=1 if parts else 0)
            else:
                self.refuse(place, "found a special file (pipe, socket or device), expected a plain file")
            if len(self.entries) > MAX_FILES:
                self.refuse(source or str(path), f"found more than {MAX_FILES} files; the others are not looked at")
                return

    def file(self, path: Path, parts: tuple[str, ...], source: str, depth: int) -> None:
        """A file on disk. depth: 0 where a zip comes from the channel, 1 where it lies in a student's folder."""
        try:
            facts = path.lstat() if depth else path.stat()
        except OSError as error:
            self.refuse(source, f"cannot be read ({error.strerror})")
            return
        modified = datetime.fromtimestamp(facts.st_mtime)
        if parts[-1].lower().endswith(".zip"):
            self._zip(lambda: path.open("rb"), parts, source, depth, depth > 0)
            return
        if facts.st_size > MAX_FILE:
            self.refuse(source, f"found {facts.st_size >> 20} MiB, expected at most {MAX_FILE >> 20} MiB")
            return
        self.entries.append(Entry(parts, shown(source), facts.st_size, modified, False, lambda: _read_file(path)))

    def _zip(
        self,
        open_file: _Opener,
        parts: tuple[str, ...],
        source: str,
        depth: int,
        student: bool,
    ) -> None:
        if depth >= MAX_DEPTH + student:
            self.refuse(source, f"found zips nested more than {MAX_DEPTH} deep; unpack them once")
            return
        try:
            with open_file() as file, zipfile.ZipFile(file) as archive:
                members = archive.infolist()
        except _ZIP_ERRORS as error:
            self.refuse(source, f"found a zip that cannot be opened ({_reason(error)}); zip the files again")
            return
        if len(members) + len(self.entries) > MAX_FILES:
            self.refuse(source, f"found a zip of {len(members)} files, expected at most {MAX_FILES} in all")
            return
        folder = (*parts[:-1], parts[-1][:-4] or "zip") if depth or len(parts) > 1 else ()
        names = {id(member): _zip_name(member) for member in members}
        counts = Counter(_folded(name) for name in names.values())
        told: set[str] = set()
        for member in members:
            name = names[id(member)]
            place = f"{source}/{name}"
            inner = PurePosixPath(name).parts
            if member.is_dir() or name.endswith("/") or any(map(_is_ignored, inner)):
                continue
            problem = _problem(member, name)
            if not problem and counts[_folded(name)] > 1:
                if _folded(name) in told:
                    continue
                told.add(_folded(name))
                problem = f"found {counts[_folded(name)]} files of this name in the zip, expected one; zip it again"
            if not problem:
                self._unpacked += member.file_size
                if self._unpacked > MAX_TOTAL:
                    problem = f"found zips of more than {MAX_TOTAL >> 30} GiB unpacked; grade them in parts"
            if problem:
                self.refuse(place, problem)
                continue
            read = _member_reader(open_file, member.filename, member.header_offset, member.file_size)
            path = (*folder, *map(_name, inner))
            if name.lower().endswith(".zip"):
                self._zip(_opener(read), path, place, depth + 1, True)
            else:
                when = _zip_time(member)
                self.entries.append(Entry(path, shown(place), member.file_size, when, student, read))


# What zipfile raises for damaged, encrypted and exotic zips.
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError, KeyError)
_Opener = Callable[[], io.BufferedIOBase | io.BytesIO]


def _read_file(path: Path) -> bytes:
    # O_NOFOLLOW and O_NONBLOCK: the file may have been exchanged for a link or a pipe since it was listed.
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise FileRefused(f"cannot be read ({error.strerror})") from error
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise FileRefused("found a special file, expected a plain file")
        data = file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise FileRefused(f"found more than {MAX_FILE >> 20} MiB, expected less")
    return data


def _member_reader(open_file: _Opener, name: str, offset: int, size: int) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            with open_file() as file, zipfile.ZipFile(file) as archive:
                member = next(
                    info for info in archive.infolist() if info.header_offset == offset and info.filename == name
                )
                with archive.open(member) as stream:
                    data = stream.read(size + 1)
        except (*_ZIP_ERRORS, StopIteration) as error:
            raise FileRefused(f"found a damaged file in the zip ({_reason(error)}); zip it again") from error
        if len(data) > size:
            raise FileRefused("found more bytes in the zip than it says; zip it again")
        return data

    return read


def _opener(read: Callable[[], bytes]) -> Callable[[], io.BytesIO]:
    def opened() -> io.BytesIO:
        try:
            return io.BytesIO(read())
        except FileRefused as error:
            raise zipfile.BadZipFile(str(error)) from error

    return opened


def _problem(member: zipfile.ZipInfo, name: str) -> str:
    parts = name.split("/")
    if name.startswith("/") or (len(parts[0]) == 2 and parts[0][1] == ":") or ".." in parts:
        return "found a path that leads out of the zip, expected one inside it"
    if len(name) > MAX_NAME or any(len(part.encode()) > 255 for part in parts):
        return f"found a name of {len(name)} characters, expected a shorter one"
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "found a link or special file in the zip, expected a plain file"
    if member.flag_bits & 0x1:
        return "found an encrypted file, expected a zip without a password"
    if member.file_size > MAX_FILE:
        return f"found {member.file_size >> 20} MiB unpacked, expected at most {MAX_FILE >> 20} MiB"
    if member.file_size > 1 << 20 and member.file_size > MAX_RATIO * max(member.compress_size, 1):
        return f"found a file that unpacks to more than {MAX_RATIO} times its size, as zip bombs do"
    return ""


def _zip_name(member: zipfile.ZipInfo) -> str:
    """The member's path with "/" between its parts, as UTF-8 where the zip does not say how it is encoded."""
    name = member.orig_filename
    if not member.flag_bits & 0x800:  # macOS and others write UTF-8 without saying so
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = member.orig_filename
    return name.replace("\\", "/").replace("\0", "�")


def _name(part: str) -> str:
    return unicodedata.normalize("NFC", part)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _is_ignored(part: str) -> bool:
    return part in _IGNORED_FOLDERS or part.startswith("._") or part in (".DS_Store", "Thumbs.db", "desktop.ini")


def _zip_time(member: zipfile.ZipInfo) -> datetime | None:
    try:
        return datetime(*member.date_time)
    except ValueError:
        return None


def _reason(error: BaseException) -> str:
    return shown(str(error))[:120] or type(error).__name__


def walk(listing: Listing) -> Iterator[Entry]:
    """Entries in a stable order."""
    return iter(sorted(listing.entries, key=lambda entry: (entry.parts, entry.source)))
