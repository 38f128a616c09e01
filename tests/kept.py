"""What a results folder holds, archives included: for tests that look for a word in all of it."""

from __future__ import annotations

import zipfile
from pathlib import Path


def members(path: Path) -> dict[str, bytes]:
    """Return name -> bytes of what is in an archive."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def bytes_of(path: Path) -> bytes:
    """Return the bytes of a file; those of an archive as they are in there, one member after the other."""
    return b"".join(members(path).values()) if path.suffix == ".zip" else path.read_bytes()
