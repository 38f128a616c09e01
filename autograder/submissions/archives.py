"""The files under a path, folders and archives alike, listed without unpacking anything to where a name says.

Archives come from a learning platform with students' own archives inside, so nothing in them is trusted: names
that leave the folder, links, encrypted and repeated members, bombs. What is refused is reported, one
message a file, and the rest is used. In folders, links and special files are reported and not opened.

Each archive is opened once while its files are listed, and stays open while they are read (`opened`). What one
student's archives may cost is bounded, for each student alone (`listing`).
"""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from autograder.submissions.listing import (
    MAX_DEPTH,
    MAX_FILE,
    FileRefused,
    GrowingListing,
    ListedFile,
    Listing,
    is_left_by_program,
    plain_name,
    shown,
)
from autograder.submissions.opened import ARCHIVE_ERRORS, Archive, archive_kind, archive_of_file, reason

_IGNORED_FOLDERS = frozenset({"__MACOSX", ".ipynb_checkpoints", "__pycache__", ".git"})
MOST_DEEP = 12  # folders in folders
_NOT_LOOKED_INTO = "is not looked into"
_CANNOT_OPEN = (".7z", ".rar", ".gz", ".bz2", ".xz", ".zst", ".dmg", ".iso")


def list_files(
    path: Path,
    is_wrapper: Callable[[str], bool] = lambda name: False,
    rank: Callable[[str], int] = lambda name: 0,
    one_owner: bool = False,
) -> Listing:
    """Return all regular files of a folder (links are not followed), of an archive, or the one file itself.

    is_wrapper: whether an outermost name is no student's, but one that holds the whole class. rank: of a file's name,
    smaller for those that were asked for: they are the last that a limit leaves out. one_owner: all of it is one
    student's, an archive too. Raises FileRefused where `path` itself is not there or cannot be opened.
    """
    lister = _Lister(GrowingListing(is_wrapper, rank, one_owner))
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        raise FileRefused(f"{shown(str(path))}: found nothing there, expected a notebook, a folder or a zip") from error
    if stat.S_ISDIR(mode):
        lister.folders(path)
    elif stat.S_ISREG(mode):
        lister.file(path, (path.name,), path.name, given=True, channel=not one_owner)
    else:
        raise FileRefused(f"{shown(str(path))}: found a special file, expected a notebook, a folder or a zip")
    return lister.found.listing()


class _Lister:
    def __init__(self, found: GrowingListing) -> None:
        self.found = found
        self._folders: deque[tuple[Path, tuple[str, ...], str]] = deque()

    def folders(self, path: Path) -> None:
        """List a folder and those in it, the outer ones first: what was asked for lies seldom deep."""
        self._folders.append((path, (), ""))
        while self._folders:
            self._folder(*self._folders.popleft())

    def _folder(self, path: Path, parts: tuple[str, ...], source: str) -> None:
        found, refuse = self.found, self.found.refuse
        if parts and found.full(parts):
            return
        try:
            items = sorted(os.scandir(path), key=lambda item: (found.rank(item.name), item.name))
        except OSError as error:
            refuse(parts, source or str(path), f"the folder cannot be opened ({error.strerror})")
            return
        if not items and parts:
            found.add_empty(parts)
        for item in items:
            place = f"{source}/{item.name}" if source else item.name
            below = (*parts, plain_name(item.name))
            if item.is_symlink():
                refuse(below, place, "found a symbolic link, expected a file; links are not followed")
            elif item.is_dir(follow_symlinks=False):
                if item.name in _IGNORED_FOLDERS:
                    found.skip(below, place, _NOT_LOOKED_INTO)
                elif len(below) > MOST_DEEP:
                    refuse(below, place, f"found folders nested more than {MOST_DEEP} deep")
                else:
                    self._folders.append((Path(item.path), below, place))
            elif item.is_file(follow_symlinks=False):
                if is_left_by_program(item.name):
                    found.skip(below, place, _NOT_LOOKED_INTO)
                else:
                    self.file(Path(item.path), below, place)
            else:
                refuse(below, place, "found a special file (pipe, socket or device), expected a plain file")

    def file(
        self, path: Path, parts: tuple[str, ...], source: str, *, given: bool = False, channel: bool = False
    ) -> None:
        """Add a file on disk. given: it is the path itself. channel: an archive is the channel's, not a student's."""
        try:
            facts = path.stat() if given else path.lstat()
        except OSError as error:
            self.found.refuse(parts, source, f"cannot be read ({error.strerror})")
            return
        kind = archive_kind(parts[-1])
        if kind:
            archive = archive_of_file(path, kind, channel=channel)
            self._archive(archive, () if given else parts, source, (), counted=not channel)
        elif parts[-1].lower().endswith(_CANNOT_OPEN):
            self.found.refuse(parts, source, _cannot_open(parts[-1]))
        elif facts.st_size > MAX_FILE:
            self.found.refuse(parts, source, _too_large(facts.st_size))
        else:
            when = datetime.fromtimestamp(facts.st_mtime)
            self.found.add(ListedFile(parts, shown(source), facts.st_size, when, (), lambda: _read_file(path)))

    def _archive(
        self, archive: Archive, parts: tuple[str, ...], source: str, inside: tuple[int, ...], counted: bool = True
    ) -> None:
        """List an archive's files. inside: lengths of the paths of the archives that this one lies in. counted: it is
        a student's, whose archives are so many at most.
        """
        archives = (*inside, len(parts)) if parts else ()
        if len(archives) > MAX_DEPTH:
            self.found.refuse(parts, source, f"found archives nested more than {MAX_DEPTH} deep; unpack them once")
            return
        if counted and self.found.full(parts):
            return
        problem = self.found.may_unpack(parts, archive.size) if counted else ""
        if problem:
            self.found.refuse(parts, source, problem)
            return
        try:
            members = archive.members()
            if counted:
                self.found.count_unpacked(parts, archive.unpacked)
        except FileRefused as error:
            self.found.refuse(parts, source, str(error))
            return
        except ARCHIVE_ERRORS as error:
            message = f"found an archive that cannot be opened ({reason(error)}); {archive.again}"
            self.found.refuse(parts, source, message)
            return
        if not members and parts:
            self.found.add_empty(parts)
        for member in sorted(members, key=lambda member: self.found.rank(member.name.rpartition("/")[2])):
            inner = tuple(plain_name(part) for part in member.name.split("/") if part not in ("", ".")) or ("/",)
            below, place = (*parts, *inner), f"{source}/{member.name}"
            if self.found.full(below):
                continue
            folder = next((n for n, part in enumerate(inner[:-1], start=1) if part in _IGNORED_FOLDERS), None)
            if folder is not None:
                self.found.skip((*parts, *inner[:folder]), "/".join((source, *inner[:folder])), _NOT_LOOKED_INTO)
            elif is_left_by_program(inner[-1]):
                self.found.skip(below, place, _NOT_LOOKED_INTO)
            elif member.problem:
                self.found.refuse(below, place, member.problem)
            elif kind := archive_kind(inner[-1]):
                self._archive(archive.inner(member, kind), below, place, archives)
            elif inner[-1].lower().endswith(_CANNOT_OPEN):
                self.found.refuse(below, place, _cannot_open(inner[-1]))
            else:
                read = archive.reader(member)
                self.found.add(ListedFile(below, shown(place), member.size, member.modified, archives, read))


def _too_large(size: int) -> str:
    return f"found {size >> 20} MiB, expected at most {MAX_FILE >> 20} MiB"


def _cannot_open(name: str) -> str:
    ending = "." + name.lower().rpartition(".")[2]
    return f"found a {ending} archive, which is not opened; expected the notebook itself, or a zip or tar.gz of it"


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
        raise FileRefused(_too_large(len(data)))
    return data
