"""The engine as a wheel, and the exact versions it runs with here: what another machine installs to grade the same."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import autograder
from autograder.course.course import Assignment
from autograder.release.bundle import CONSTRAINTS, beside
from autograder.release.requirements import RequirementsError, requirements
from autograder.release.starter import build_release

DISTRIBUTION = "course-autograder"
_TIME = (1980, 1, 1, 0, 0, 0)
_LEFT_OUT = {"__pycache__"}


class EngineError(Exception):
    """Say that what the engine or the assignment needs cannot be named. The message says what is missing and what to
    do."""


def engine_files(assignment: Assignment) -> dict[str, bytes]:
    """Return a wheel of the engine, and the requirements and constraints with which pip installs it elsewhere.

    Raises EngineError, ReleaseError.
    """
    release = build_release(assignment)
    try:
        wanted = requirements(beside(release), assignment.root / CONSTRAINTS)
    except RequirementsError as error:
        raise EngineError(str(error)) from error
    torch = any(name.split(".")[0] in ("torch", "torchvision") for name in assignment.preload) or "torch==" in wanted
    extras = ("torch",) if torch else ()
    name, engine = wheel()
    pins = {line.partition("==")[0].lower().replace("_", "-"): line for line in constraints(extras)}
    pins |= {line.partition("==")[0].lower().replace("_", "-"): line for line in wanted.split("\n") if line}
    extra = f"[{','.join(extras)}]" if extras else ""
    return {
        name: engine,
        "requirements.txt": f"./{name}{extra}\n{wanted}".encode(),
        "constraints.txt": "".join(f"{pins[pin]}\n" for pin in sorted(pins)).encode(),
    }


def wheel() -> tuple[str, bytes]:
    """Return the file name and the bytes of a wheel of the engine here; the same engine gives the same bytes.

    Raises EngineError.
    """
    found = _distribution()
    described = found.read_text("METADATA") or found.read_text("PKG-INFO")  # the second where it was built in place
    if not described:
        raise EngineError(
            f"{DISTRIBUTION} is installed here without a description; install it again (pip install -e .)"
        )
    name = f"{DISTRIBUTION.replace('-', '_')}-{found.version}"
    package = Path(autograder.__file__).parent
    files = {
        f"autograder/{path.relative_to(package).as_posix()}": path.read_bytes()
        for path in sorted(package.rglob("*"))
        if path.is_file() and not _LEFT_OUT & set(path.parts)
    }
    folder = f"{name}.dist-info"
    files[f"{folder}/METADATA"] = described.encode()
    files[f"{folder}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: autograder\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{folder}/top_level.txt"] = b"autograder\n"
    files[f"{folder}/entry_points.txt"] = b"[console_scripts]\nautograder = autograder.cli:main\n"
    record = io.StringIO()
    rows = csv.writer(record, lineterminator="\n")
    for path, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        rows.writerow([path, f"sha256={digest}", len(data)])
    rows.writerow([f"{folder}/RECORD", "", ""])
    files[f"{folder}/RECORD"] = record.getvalue().encode()
    return f"{name}-py3-none-any.whl", zipped(files)


def zipped(files: dict[str, bytes], executable: Iterable[str] = ()) -> bytes:
    """Return a zip of these files, compressed, whose bytes depend on nothing else. executable: names of programs."""
    programs = set(executable)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            member = zipfile.ZipInfo(name, _TIME)
            member.create_system = 3  # Unix, so that the mode counts
            member.external_attr = (0o100755 if name in programs else 0o100644) << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, data)
    return stream.getvalue()


def constraints(extras: Iterable[str]) -> list[str]:
    """Return `name==version` of everything that the engine with these extras needs and that is installed here."""
    pins: dict[str, str] = {}
    waiting = [(DISTRIBUTION, frozenset(extras))]
    seen = set(waiting)
    while waiting:
        name, wanted = waiting.pop()
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # needed on another kind of machine
        if name != DISTRIBUTION:
            pins[name] = f"{name}=={found.version}"
        for line in found.requires or ():
            need = Requirement(line)
            marker = need.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in (*wanted, "")):
                key = (canonicalize_name(need.name), frozenset(need.extras))
                if key not in seen:
                    seen.add(key)
                    waiting.append(key)
    return [pins[name] for name in sorted(pins)]


def _distribution() -> metadata.Distribution:
    try:
        return metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        raise EngineError(
            f"{DISTRIBUTION} is not installed here; install it (pip install -e .), so that what it needs is known"
        ) from None
