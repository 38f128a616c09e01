"""One attempt on disk: a zip archive with the evidence, the notebook and its outputs.

An archive appears whole or not at all, so it is the one commit point of grading; a checksum for each member is part
of its form, so damage is found; and any tool opens it. Its times are fixed: the same attempt is the same bytes.

Earlier versions kept three files beside each other, of which the evidence was written last. They are read as they are
until `pack` puts them into an archive.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from autograder.files import write_whole
from autograder.results.lock import StoreError

EVIDENCE, NOTEBOOK, OUTPUTS = "evidence.json", "notebook.ipynb", "outputs.json"

_COMMITTED = re.compile(r"attempt-(\d{3,6})\.(?:zip|json)")
_LOOSE = {EVIDENCE: ".json", NOTEBOOK: ".notebook.ipynb", OUTPUTS: ".outputs.json"}  # of earlier versions
_LEVEL = 4  # of compression: 6 saves some 4 % more, and takes half as long again


def archive(folder: Path, number: int) -> Path:
    """Return where the archive of an attempt is. folder: of the submission's evidence."""
    return folder / f"attempt-{number:03d}.zip"


def numbers(folder: Path) -> list[int]:
    """Return the numbers of all attempts in a folder, which need not exist, the lowest first."""
    found = (_COMMITTED.fullmatch(entry.name) for entry in folder.iterdir()) if folder.is_dir() else ()
    return sorted({int(match[1]) for match in found if match})


def read(folder: Path, number: int, part: str) -> bytes:
    """Return one part of an attempt. part: EVIDENCE, NOTEBOOK or OUTPUTS. Raises StoreError if it is missing or
    damaged.
    """
    path = archive(folder, number)
    try:
        with zipfile.ZipFile(path) as opened:
            return opened.read(part)
    except FileNotFoundError:
        return _read_loose(folder, number, part)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError) as error:
        raise damaged(path, part, str(error)) from None


def damaged(path: Path, where: str, what: str) -> StoreError:
    """Return the error for evidence that cannot be read."""
    return StoreError(
        f"{path}: {where}: {what}; evidence is never edited: restore the file, "
        "or move it away and grade the submission again"
    )


def write(folder: Path, number: int, parts: Mapping[str, bytes], *, flush: bool = True) -> None:
    """Write an attempt, whole or not at all. flush: so that a power cut does not lose it."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as made:
        for name in (EVIDENCE, NOTEBOOK, OUTPUTS):
            made.writestr(_member(name), parts[name])
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(archive(folder, number), data.getvalue(), flush=flush)
    if not flush:
        return
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def rewrite_evidence(folder: Path, number: int, evidence: bytes) -> None:
    """Write other evidence into an attempt, for erasure; the loose files of an earlier version become an archive."""
    write(folder, number, {EVIDENCE: evidence} | {part: read(folder, number, part) for part in (NOTEBOOK, OUTPUTS)})
    for part in _LOOSE:
        _loose(folder, number, part).unlink(missing_ok=True)


def pack(folder: Path) -> int:
    """Put the loose files of earlier versions into archives; returns how many attempts were packed.

    May be interrupted at any moment and run again: loose files go only after their archive is on the disk. What a
    killed run left of an attempt that did not happen goes with them.
    """
    packed = 0
    for path in sorted(folder.glob("attempt-*.json")):
        match = _COMMITTED.fullmatch(path.name)
        if match and not archive(folder, int(match[1])).exists():
            write(folder, int(match[1]), {part: _read_loose(folder, int(match[1]), part) for part in _LOOSE})
            packed += 1
    for suffix in (_LOOSE[NOTEBOOK], _LOOSE[OUTPUTS], _LOOSE[EVIDENCE]):  # the evidence last: it says there were more
        for path in folder.glob(f"attempt-*{suffix}"):
            path.unlink()
    return packed


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)  # its date is fixed
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o644 << 16
    return member


def _loose(folder: Path, number: int, part: str) -> Path:
    return folder / f"attempt-{number:03d}{_LOOSE[part]}"


def _read_loose(folder: Path, number: int, part: str) -> bytes:
    path = _loose(folder, number, part)
    try:
        return path.read_bytes()
    except FileNotFoundError:
        if _loose(folder, number, EVIDENCE).exists():
            raise damaged(path, part, "the file is missing") from None
        raise StoreError(f"{archive(folder, number)}: no such attempt") from None
