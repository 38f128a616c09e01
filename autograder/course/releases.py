"""Descriptors of released starters: what each cell looked like when students got it.

`solutions/<assignment>/releases.json` has one entry a release, oldest first, so that notebooks of earlier releases stay
gradable: a submission names its release in the notebook's metadata, `{"autograder": {"assignment": …, "release": …}}`,
and its cells are matched to that release's. Sources that several releases share are stored once, under the first
sixteen hex digits of their SHA-256:

    {"schema_version": 1, "sources": {"<hash>": "<text>"},
     "releases": {"<release id>": {"cells": [{"id", "grade_id", "cell_type", "tags", "source": "<hash>", "task"?}],
                                   "files": {"<path under assignments/<assignment>>": "<SHA-256>"},
                                   "key": {"<blank of a quiz>": "<Python literal that is right in these words>"}}}}
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class ReleasesError(Exception):
    """A releases.json cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class ReleasedCell:
    """One cell as released. grade_id is empty where nbgrader knows nothing of the cell.

    task: it says what to do, and the student's own cells after it are the answer.
    """

    id: str
    grade_id: str
    cell_type: str  # code | markdown | raw
    tags: tuple[str, ...]
    source: str
    task: bool = False


@dataclass(frozen=True)
class ReleaseDescriptor:
    """One release. files: path under the starter's folder -> SHA-256 of its bytes.

    key: blank of a quiz -> the literal that is right there; empty in releases of earlier versions (`answer_keys`).
    """

    release: str
    cells: tuple[ReleasedCell, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    key: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Releases:
    """All releases of one assignment, oldest first."""

    entries: tuple[ReleaseDescriptor, ...] = ()

    def get(self, release: str) -> ReleaseDescriptor | None:
        return next((entry for entry in self.entries if entry.release == release), None)

    @property
    def newest(self) -> ReleaseDescriptor | None:
        return self.entries[-1] if self.entries else None

    def with_newest(self, descriptor: ReleaseDescriptor) -> Releases:
        """Return these releases with `descriptor` as the newest; one that went out before moves to the end."""
        kept = tuple(entry for entry in self.entries if entry.release != descriptor.release)
        return Releases((*kept, descriptor))

    def to_json(self) -> str:
        """Return the file's text: the same releases always give the same text."""
        sources: dict[str, str] = {}
        releases: dict[str, Any] = {}
        for entry in self.entries:
            cells = []
            for cell in entry.cells:
                key = hashlib.sha256(cell.source.encode()).hexdigest()[:16]
                sources[key] = cell.source
                cells.append({"id": cell.id, "grade_id": cell.grade_id, "cell_type": cell.cell_type,
                              "tags": list(cell.tags), "source": key,
                              **({"task": True} if cell.task else {})})  # fmt: skip
            releases[entry.release] = {"cells": cells, "files": dict(sorted(entry.files.items())),
                                       **({"key": dict(entry.key)} if entry.key else {})}  # fmt: skip
        document = {"schema_version": 1, "sources": sources, "releases": releases}
        return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def load_releases(path: Path) -> Releases:
    """Read a releases.json; no releases where there is no such file. Raises ReleasesError."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Releases()
    except (OSError, ValueError) as error:
        raise ReleasesError(f"{path}: not readable as JSON ({error}); restore it from version control") from error
    try:
        if document["schema_version"] != 1:
            raise ReleasesError(f"{path}: found schema_version {document['schema_version']!r}, expected 1")
        sources = document["sources"]
        return Releases(
            tuple(
                ReleaseDescriptor(
                    release,
                    tuple(
                        ReleasedCell(
                            cell["id"],
                            cell["grade_id"],
                            cell["cell_type"],
                            tuple(cell["tags"]),
                            sources[cell["source"]],
                            bool(cell.get("task", False)),
                        )
                        for cell in entry["cells"]
                    ),
                    dict(entry["files"]),
                    {name: str(answer) for name, answer in entry.get("key", {}).items()},
                )
                for release, entry in document["releases"].items()
            )
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ReleasesError(f"{path}: unexpected form near {error}; restore it from version control") from error
