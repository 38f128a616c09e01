"""Zip and tar archives of untrusted origin: their members, each archive opened once and unpacked once.

An archive inside another one is copied to an unnamed temporary file when it is first needed. The last archives that
were used stay open, more than one student may hand in, so that a student's files cost one opening of each.
"""

from __future__ import annotations

import bz2
import gzip
import io
import itertools
import lzma
import os
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import IO, Literal, cast

from autograder.submissions.listing import (
    MAX_ARCHIVES_EACH,
    MAX_FILE,
    MAX_FILES,
    MAX_NAME,
    MAX_SEEN_EACH,
    FileRefused,
    folded,
    plain_name,
    shown,
)

MAX_DIRECTORY = 64 << 20  # bytes of the table of a zip that was given to `grade`
MAX_DIRECTORY_INSIDE = 4 << 20  # of a student's zip: some fifty thousand members
MAX_TAR = 256 << 20  # bytes of a tar, unpacked
MAX_RATIO = 200  # unpacked to packed, for files over a megabyte
_IN_MEMORY = 1 << 20
_STAY_OPEN = MAX_ARCHIVES_EACH + 2  # a student's, and the one that they lie in
_STAY_LISTED = 2 * MAX_SEEN_EACH  # files that they list in all: some 500 bytes of memory each

ArchiveKind = Literal["zip", "tar"]
# What zipfile and tarfile raise for damaged, encrypted and exotic archives.
ARCHIVE_ERRORS = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, RuntimeError,
    KeyError, struct.error, OverflowError,
)  # fmt: skip
_FEWER = "expected a few; hand in the notebook and its files only"
_TARS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")


def archive_kind(name: str) -> ArchiveKind | Literal[""]:
    """Return what kind of archive a file is by its name; "" where it is none that can be opened."""
    lower = name.lower()
    return "zip" if lower.endswith(".zip") else "tar" if lower.endswith(_TARS) else ""


def archive_stem(name: str) -> str:
    """Return an archive's name without its ending."""
    ending = next((e for e in sorted((".zip", *_TARS), key=len, reverse=True) if name.lower().endswith(e)), "")
    return name[: len(name) - len(ending)]


@dataclass(frozen=True)
class Member:
    """One file of an archive. name: with `/` between its parts. problem: why it is not read, or nothing."""

    name: str
    size: int
    modified: datetime | None
    problem: str
    info: zipfile.ZipInfo | tarfile.TarInfo = field(repr=False, compare=False)


class Archive:
    """One archive. `open_file` gives its bytes; it is called again only where the archive was closed in between.

    unpacked: bytes of a tar out of its compression, known once it was opened; 0 for a zip, of which single files are.
    """

    def __init__(self, kind: ArchiveKind, open_file: Callable[[], IO[bytes]], size: int, channel: bool = False) -> None:
        self.kind = kind
        self.size = size
        self._open_file = open_file
        self._channel = channel
        self.unpacked = 0

    @property
    def again(self) -> str:
        """Return what to tell a student whose archive is damaged."""
        return "zip it again" if self.kind == "zip" else "pack it again, as a zip"

    def members(self) -> list[Member]:
        """Return all files, without folders. Raises FileRefused and ARCHIVE_ERRORS."""
        archive = _OPEN.get(self)
        if isinstance(archive, tarfile.TarFile):
            most = MAX_FILES if self._channel else MAX_SEEN_EACH
            infos = list(itertools.islice(archive, most + 1))  # a tar has no table that says how many there are
            if len(infos) > most:
                raise FileRefused(f"found a tar of more than {most} files, {_FEWER}")
            members = [_tar_member(info) for info in infos if not info.isdir()]
        else:
            members = [_zip_member(info) for info in archive.infolist()]
            members = [member for member in members if not (member.name.endswith("/") and member.size == 0)]
        counts = Counter(plain_name(member.name) for member in members)
        once = {plain_name(member.name): member for member in reversed(members)}
        # Where one name is there twice, a neighbour that differs by case would win by default: it is refused, too.
        alike = Counter(folded(member.name) for member in members)
        twice = {folded(name) for name, count in counts.items() if count > 1}
        return [
            self._repeated(member, alike[folded(name)]) if folded(name) in twice else member
            for name, member in reversed(once.items())
        ]

    def _repeated(self, member: Member, count: int) -> Member:
        problem = f"found {count} files of this name in the {self.kind}, expected one; {self.again}"
        return replace(member, problem=problem)

    def reader(self, member: Member) -> Callable[[], bytes]:
        """Return what reads one member's bytes, or raises FileRefused."""

        def read() -> bytes:
            buffer = io.BytesIO()
            self._copy(member, buffer)
            return buffer.getvalue()

        return read

    def inner(self, member: Member, kind: ArchiveKind) -> Archive:
        """Return the archive that a member is."""

        def open_file() -> IO[bytes]:
            spool = cast(IO[bytes], tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115  # stays open
            try:
                self._copy(member, spool)
            except FileRefused as error:
                spool.close()
                raise zipfile.BadZipFile(str(error)) from error
            spool.seek(0)
            return spool

        return Archive(kind, open_file, member.size)

    def open(self) -> zipfile.ZipFile | tarfile.TarFile:
        file = self._open_file()
        try:
            if self.kind == "tar":
                unpacked = _unpacked_tar(file)
                self.unpacked = unpacked.seek(0, os.SEEK_END)
                unpacked.seek(0)
                return tarfile.open(fileobj=unpacked, mode="r:")
            _check_directory(file, MAX_DIRECTORY if self._channel else MAX_DIRECTORY_INSIDE)
            return zipfile.ZipFile(file)
        except BaseException:
            file.close()
            raise

    def _copy(self, member: Member, target: IO[bytes]) -> None:
        try:
            archive = _OPEN.get(self)
            if isinstance(archive, tarfile.TarFile):
                stream = archive.extractfile(cast(tarfile.TarInfo, member.info))
            else:
                stream = archive.open(cast(zipfile.ZipInfo, member.info))
            if stream is None:
                raise FileRefused("found no file in the archive, expected one")
            with stream:
                left = member.size + 1
                while left > 0 and (chunk := stream.read(min(left, 1 << 20))):
                    target.write(chunk)
                    left -= len(chunk)
        except ARCHIVE_ERRORS as error:
            _OPEN.close(self)
            raise FileRefused(f"found a damaged file in the {self.kind} ({reason(error)}); {self.again}") from error
        if left <= 0:
            raise FileRefused(f"found more bytes in the {self.kind} than it says; {self.again}")


class _Open:
    """The last few archives that were used."""

    def __init__(self) -> None:
        self._archives: OrderedDict[int, tuple[Archive, zipfile.ZipFile | tarfile.TarFile]] = OrderedDict()

    def get(self, archive: Archive) -> zipfile.ZipFile | tarfile.TarFile:
        known = self._archives.pop(id(archive), None)
        opened = known[1] if known is not None else archive.open()
        self._archives[id(archive)] = (archive, opened)
        while len(self._archives) > _STAY_OPEN or (len(self._archives) > 2 and self._files() > _STAY_LISTED):
            self._archives.popitem(last=False)[1][1].close()
        return opened

    def _files(self) -> int:
        """Return how many files all of them list."""
        count = 0
        for _, opened in self._archives.values():
            listed = opened.filelist if isinstance(opened, zipfile.ZipFile) else vars(opened)["members"]  # read so far
            count += len(listed)
        return count

    def close(self, archive: Archive) -> None:
        known = self._archives.pop(id(archive), None)
        if known is not None:
            known[1].close()


_OPEN = _Open()


def archive_of_file(path: Path, kind: ArchiveKind, *, channel: bool) -> Archive:
    """Return the archive at a path. channel: the platform made it, so its table may be as large as a class's."""

    def open_file() -> IO[bytes]:
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if channel else os.O_NOFOLLOW)
        file = open(os.open(path, flags), "rb")  # noqa: SIM115  # stays open
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            file.close()
            raise OSError("found a special file, expected a plain file")
        return file

    return Archive(kind, open_file, 0, channel)


def reason(error: BaseException) -> str:
    """Return what an error says, fit to print."""
    return shown(str(error))[:160] or type(error).__name__


def _check_directory(file: IO[bytes], most: int) -> None:
    """Refuse a zip whose table is too large to be read; zipfile would read it whole."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 65_557))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at >= 0 and len(tail) >= at + 22:
        (length,) = struct.unpack_from("<I", tail, at + 12)
        if length == 0xFFFFFFFF:  # zip64: its own record says how long
            record = tail.rfind(b"PK\x06\x06", 0, at)
            length = struct.unpack_from("<Q", tail, record + 40)[0] if 0 <= record <= len(tail) - 48 else most + 1
        if length > most:
            raise FileRefused(f"found a zip of too many files, {_FEWER}")
    file.seek(0)


def _unpacked_tar(file: IO[bytes]) -> IO[bytes]:
    """Return the tar itself, out of its compression, at most MAX_TAR bytes of it."""
    start = file.read(6)
    file.seek(0)
    with file:
        stream: IO[bytes] = file
        if start.startswith(b"\x1f\x8b"):
            stream = cast(IO[bytes], gzip.GzipFile(fileobj=file, mode="rb"))
        elif start.startswith(b"BZh"):
            stream = cast(IO[bytes], bz2.BZ2File(file))
        elif start.startswith(b"\xfd7zXZ"):
            stream = cast(IO[bytes], lzma.LZMAFile(file))  # noqa: SIM115  # stays open
        spool = cast(IO[bytes], tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115  # stays open
        left = MAX_TAR + 1
        while left > 0 and (chunk := stream.read(min(left, 1 << 20))):
            spool.write(chunk)
            left -= len(chunk)
    if left <= 0:
        spool.close()
        raise FileRefused(f"found a tar of more than {MAX_TAR >> 20} MiB unpacked, expected less; leave out data")
    spool.seek(0)
    return spool


def _zip_member(info: zipfile.ZipInfo) -> Member:
    name = _zip_name(info)
    problem = _name_problem(name, "zip")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if not problem and kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        problem = "found a link or special file in the zip, expected a plain file"
    elif not problem and info.flag_bits & 0x1:
        problem = "found an encrypted file, expected a zip without a password"
    elif not problem and info.file_size > 1 << 20 and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        problem = f"found a file that unpacks to more than {MAX_RATIO} times its size, as zip bombs do"
    try:
        when: datetime | None = datetime(*info.date_time)
    except ValueError:
        when = None
    return Member(name, info.file_size, when, problem or _size_problem(info.file_size), info)


def _tar_member(info: tarfile.TarInfo) -> Member:
    name = info.name
    problem = _name_problem(name, "tar")
    if not problem and (not info.isreg() or info.issparse()):
        problem = "found a link or special file in the tar, expected a plain file"
    try:
        when: datetime | None = datetime.fromtimestamp(info.mtime)
    except (ValueError, OverflowError, OSError):
        when = None
    return Member(name.replace("\0", "�"), info.size, when, problem or _size_problem(info.size), info)


def _size_problem(size: int) -> str:
    return f"found {size >> 20} MiB unpacked, expected at most {MAX_FILE >> 20} MiB" if size > MAX_FILE else ""


def _name_problem(name: str, kind: ArchiveKind) -> str:
    parts = name.split("/")
    if parts[-1] in ("", "."):
        return "found a file with the name of a folder, expected a file's; pack the files again"
    if name.startswith("/") or (len(parts[0]) == 2 and parts[0][1] == ":") or ".." in parts:
        return f"found a path that leads out of the {kind}, expected one inside it"
    if len(name) > MAX_NAME or any(len(part.encode("utf-8", "surrogateescape")) > 255 for part in parts):
        return f"found a name of {len(name)} characters, expected a shorter one"
    return ""


def _zip_name(member: zipfile.ZipInfo) -> str:
    """Return the member's path with "/" between its parts, as UTF-8 where the zip does not say how it is encoded."""
    name = member.orig_filename
    if not member.flag_bits & 0x800:  # macOS and others write UTF-8 without saying so
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = member.orig_filename
    return name.replace("\\", "/").replace("\0", "�")
