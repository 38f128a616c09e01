"""Releases on disk: writing a starter's folder and releases.json, and finding what is stale in them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from autograder.course.answer_keys import with_keys
from autograder.course.course import Assignment
from autograder.course.releases import Releases, load_releases
from autograder.release.starter import Release

_IGNORED = {"__pycache__", ".ipynb_checkpoints"}  # what Python and Jupyter leave; never committed


@dataclass(frozen=True)
class Stale:
    """One path that is not as a fresh release would have it."""

    path: Path
    reason: str  # missing | differs from the master | is not part of the release


def stale_files(release: Release) -> tuple[Stale, ...]:
    """Return what `write_release` would change, and files that do not belong there. Raises ReleasesError."""
    found = []
    for path, data in _wanted(release).items():
        if not path.is_file():
            found.append(Stale(path, "missing"))
        elif path.read_bytes() != data:
            found.append(Stale(path, "differs from what the master gives"))
    found += [Stale(path, "is not part of the release") for path in _others(release)]
    return tuple(found)


def write_release(release: Release, *, drop_earlier: bool = False) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Write the starter, its public files and releases.json, each atomically, and only where they change.

    Files of an earlier release that are no longer part of it are removed, if nobody changed them since. The first
    result is what was written or removed; the second what lies there and belongs to no release, which is left alone.
    drop_earlier: forget earlier releases. Notebooks made from them can then be matched by likeness only.
    """
    changed = []
    wanted = _wanted(release, drop_earlier=drop_earlier)
    earlier = load_releases(release.assignment.releases_path)
    for path, data in wanted.items():
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, data)
            changed.append(path)
    strangers = []
    for path in _others(release):
        if _is_ours(path, release.assignment, earlier):
            path.unlink()
            changed.append(path)
        else:
            strangers.append(path)
    return tuple(changed), tuple(strangers)


def _wanted(release: Release, *, drop_earlier: bool = False) -> dict[Path, bytes]:
    """Return every file of the release; releases.json last, so that an interrupted release is seen as stale."""
    assignment = release.assignment
    releases = Releases() if drop_earlier else load_releases(assignment.releases_path)
    files = {assignment.starter_dir / name: data for name, data in release.files.items()}
    files[assignment.releases_path] = with_keys(releases.with_newest(release.descriptor)).to_json().encode()
    return files


def _others(release: Release) -> list[Path]:
    """Return files in the starter's folder that the release does not have, links among them."""
    folder = release.assignment.starter_dir
    wanted = {folder / name for name in release.files}
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path not in wanted
        and (path.is_symlink() or not path.is_dir())
        and not _IGNORED & set(path.relative_to(folder).parts)
    ]


def _is_ours(path: Path, assignment: Assignment, releases: Releases) -> bool:
    if path.is_symlink():
        return False
    name = path.relative_to(assignment.starter_dir).as_posix()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return any(entry.files.get(name) == digest for entry in releases.entries)


def _write(path: Path, data: bytes) -> None:
    """Write beside the target and rename, so that nobody ever sees half a file."""
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
