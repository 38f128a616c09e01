"""What lies beside a notebook in its student's folder: the time of receipt, and artifacts such as trained weights."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from autograder.submissions.archives import Entry, FileRefused, shown
from autograder.submissions.layouts import parse_timestamp

MAX_ARTIFACTS = 20  # files beside one notebook
MAX_ARTIFACT = 100 << 20  # bytes of one of them
NO_ARTIFACTS = (".ipynb", ".zip", ".pyc")
_TIMESTAMP = "timestamp.txt"


@dataclass(frozen=True)
class Artifact:
    """A file handed in beside the notebook, e.g. trained weights. `read` may raise FileRefused."""

    name: str
    sha256: str
    size: int
    read: Callable[[], bytes] = field(repr=False, compare=False)


def received_at(beside: Sequence[Entry]) -> datetime | None:
    """The time in nbgrader's timestamp.txt, in UTC; None where there is none or it cannot be understood."""
    for entry in beside:
        if entry.name == _TIMESTAMP and entry.size <= 1000:
            try:
                return parse_timestamp(entry.read().decode("utf-8", "replace"))
            except FileRefused:
                return None
    return None


def find_artifacts(beside: Sequence[Entry]) -> dict[str, Artifact]:
    """Other files of the notebook's folder, at most MAX_ARTIFACTS; those that cannot be read are left out."""
    found: dict[str, Artifact] = {}
    for entry in beside:
        if entry.name == _TIMESTAMP or entry.name.lower().endswith(NO_ARTIFACTS) or entry.name.startswith("."):
            continue
        if entry.size > MAX_ARTIFACT or len(found) == MAX_ARTIFACTS:
            continue
        try:
            digest = hashlib.sha256(entry.read()).hexdigest()
        except FileRefused:
            continue
        found[shown(entry.name)] = Artifact(shown(entry.name), digest, entry.size, entry.read)
    return found


def named_artifact(artifacts: Mapping[str, Artifact], name: str) -> Artifact | None:
    """The artifact of this name, or else the one whose name differs by case or a copy's ` (1)` or `-1` only."""
    if name in artifacts:
        return artifacts[name]
    alike = [artifact for found, artifact in sorted(artifacts.items()) if _plain_name(found) == name.lower()]
    return alike[-1] if alike else None


def _plain_name(name: str) -> str:
    stem, dot, ending = name.lower().rpartition(".")
    return re.sub(r"( ?\(\d{1,3}\)|-\d{1,3})$", "", stem) + dot + ending
