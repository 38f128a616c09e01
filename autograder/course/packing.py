"""One assignment of a course as bytes, for a grader on another machine, and back into a folder there.

What is packed is what grading reads: course.yaml, the folders of the assignment in `solutions/` and `assignments/`,
its public files and weights, and the course's own packages that its Python files import. Submissions, results, the
roster and the course's secret are never in it. Both sides are the instructor's; what students wrote is not in here.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path

from autograder.course.course import Assignment, CourseError
from autograder.course.own_modules import LEFT_OUT, own_modules
from autograder.course.yaml_sections import Problem

MOST_BYTES = 1 << 30  # of one packed assignment, and of what it unpacks to


def packed_assignment(course_path: Path, assignment: Assignment) -> bytes:
    """Return a gzipped tar of what grading this assignment reads; equal files give equal bytes.

    Raises CourseError if it is larger than a gigabyte.
    """
    root = assignment.root
    files = {course_path.resolve()}
    for folder in (assignment.solution_dir, assignment.starter_dir):
        files.update(_files_in(folder))
    files.update(assignment.beside.values())
    files.update(root / file for model in assignment.weights for file in model.files)
    files.update(own_modules(root, [path for path in files if path.suffix == ".py"]))
    if (total := sum(path.stat().st_size for path in files)) > MOST_BYTES:
        raise CourseError(
            course_path.name,
            [Problem(0, f"{total >> 20} MiB of files for {assignment.name}", f"at most {MOST_BYTES >> 20} MiB to send; "
                     "put the course where the other machine reads it, and name the folder as the host's `course`")],
        )  # fmt: skip
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as archive:
        for path in sorted(files):
            entry = tarfile.TarInfo(path.relative_to(root).as_posix())
            entry.size, entry.mode = path.stat().st_size, 0o600
            with path.open("rb") as data:
                archive.addfile(entry, data)
    packed = bytearray(buffer.getvalue())
    packed[4:8] = bytes(4)  # the time in gzip's header
    return bytes(packed)


def unpacked_assignment(packed: bytes, cache: Path) -> Path:
    """Return the folder of `cache` in which these bytes lie unpacked; only this user can read it.

    Several processes may ask at once: one folder stays. Raises OSError, tarfile.TarError.
    """
    private_folder(cache)
    place = cache / hashlib.sha256(packed).hexdigest()
    if not place.exists():
        making = cache / f".{secrets.token_hex(8)}"
        making.mkdir(mode=0o700)
        try:
            with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as archive:
                archive.extractall(making, filter="data")
            try:
                making.rename(place)
            except OSError:  # another process was first
                if not place.exists():
                    raise
        finally:
            shutil.rmtree(making, ignore_errors=True)
    return place


def private_folder(path: Path) -> Path:
    """Return a folder that only this user can read, made where it is missing. Raises PermissionError if others can."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.stat()
    if found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(f"{path}: others can read or write it; expected a folder of this user's alone (mode 700)")
    return path


def _files_in(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and not LEFT_OUT & set(path.parts):
            yield path
