"""Files handed in with a notebook, such as trained weights: which stands for which name."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.submissions.layouts.base import HandedFile
from autograder.submissions.listing import FileRefused, shown

MAX_ARTIFACTS = 20  # files with one notebook
MAX_ARTIFACT = 100 << 20  # bytes of one of them
NO_ARTIFACTS = (".ipynb", ".zip", ".pyc")
_COPY = re.compile(r"( ?\(\d{1,3}\)|-\d{1,3})$")


@dataclass(frozen=True)
class Artifact:
    """A file handed in beside the notebook, e.g. trained weights. `read` may raise FileRefused."""

    name: str
    sha256: str
    size: int
    read: Callable[[], bytes] = field(repr=False, compare=False)


def find_artifacts(
    files: Sequence[HandedFile], notebook: HandedFile, expected: Sequence[str] | None
) -> tuple[dict[str, Artifact], list[str]]:
    """Return the artifacts of a hand-in by their names, and what to tell of those that cannot be used.

    expected: names that the assignment asks for; a file of such a name counts wherever the hand-in holds it, the one
    beside the notebook first, and no other is opened. None: everything in the notebook's folder.
    """
    folder = notebook.path[:-1]
    near = sorted(files, key=lambda file: (file.path[:-1] != folder, len(file.path), -file.again, file.path))
    found: dict[str, Artifact] = {}
    told: list[str] = []
    for file in near if expected is None else _one_for_each(near, expected):
        name = shown(file.name)
        beside = expected is not None or file.path[:-1] == folder
        if not beside or name in found or name.lower().endswith(NO_ARTIFACTS) or name.startswith("."):
            continue
        if file.entry.size > MAX_ARTIFACT:
            told.append(f"{name}: found {file.entry.size >> 20} MiB, expected at most {MAX_ARTIFACT >> 20} MiB")
        elif len(found) < MAX_ARTIFACTS:
            try:
                digest = hashlib.sha256(file.entry.read()).hexdigest()
            except FileRefused as error:
                told.append(f"{name}: {error}")
            else:
                found[name] = Artifact(name, digest, file.entry.size, file.entry.read)
    return found, told


def _one_for_each(near: Sequence[HandedFile], expected: Sequence[str]) -> list[HandedFile]:
    """Return the file for each expected name, the nearest of that name, or else the copy of the highest number: what a
    student's many copies hold is never read.
    """
    chosen = []
    for one in expected:
        exact = next((file for file in near if file.name == one), None)
        alike = [file for file in near if plain_copy(file.name) == one.lower()]
        if exact is not None:
            chosen.append(exact)
        elif alike:
            chosen.append(max(alike, key=lambda file: (copy_number(file.name), -near.index(file))))
    return chosen


def named_artifact(artifacts: Mapping[str, Artifact], name: str) -> Artifact | None:
    """Return the artifact of this name, or else the one whose name differs by case or a copy's ` (1)` or `-1` only."""
    if name in artifacts:
        return artifacts[name]
    alike = [artifact for found, artifact in sorted(artifacts.items()) if plain_copy(found) == name.lower()]
    return alike[-1] if alike else None


def plain_copy(name: str) -> str:
    """Return a file's name in lower case without a browser's or a platform's number of a copy."""
    stem, dot, ending = name.lower().rpartition(".")
    return _COPY.sub("", stem) + dot + ending


def copy_number(name: str) -> int:
    """Return the number of a browser's or a platform's copy of a file; 0 where its name has none."""
    found = _COPY.search(name.rpartition(".")[0])
    return int(re.sub(r"\D", "", found[0])) if found else 0
