"""What an assignment asks for, and how the names of files rank by it: what was asked for comes first."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from autograder.submissions.artifacts import copy_number, plain_copy
from autograder.submissions.layouts.base import HandedFile
from autograder.submissions.layouts.nbgrader import TIMESTAMP
from autograder.submissions.listing import folded
from autograder.submissions.naming import named_assignment

DISGUISED = (
    ".txt",
    ".json",
    ".bak",
    ".html",
    ".htm",
    ".download",
    ".jupyter",
    ".nb",
)
_COPY = re.compile(r"-copy\d*(?=\.)|^copy[ _]of[ _]|[ _-]copy(?=\.)", re.IGNORECASE)


@dataclass(frozen=True)
class Wanted:
    """Hold what is known of one assignment: its name, the files to hand in beside the notebook (None: not known), and
    how to learn the ids of its releases."""

    name: str
    artifacts: tuple[str, ...] | None = None
    releases: Callable[[], frozenset[str]] = field(default=frozenset, compare=False)
    released: datetime | None = None  # nothing can have come in before

    @property
    def notebook(self) -> str:
        return f"{self.name}.ipynb"


def rank_of_names(wanted: Sequence[Wanted]) -> Callable[[str], int]:
    """Return what ranks a file's name among many: smaller for those that were asked for, whatever is in the file."""
    notebooks = frozenset(folded(one.notebook) for one in wanted)
    asked = frozenset(folded(name) for one in wanted for name in one.artifacts or ())
    named = tuple(folded(one.name) for one in wanted)

    def rank(name: str) -> int:
        lower = folded(name)
        if lower in notebooks:
            return 0
        if lower in asked or plain_copy(lower) in notebooks or name == TIMESTAMP:
            return 1
        if ".ipynb" in lower:
            return 2 if any(one in lower for one in named) else 3
        return 4 if lower.endswith(DISGUISED) else 5

    return rank


def has_released_name(file: HandedFile, wanted: Wanted) -> bool:
    return folded(file.name) == folded(wanted.notebook)


def rank_in_hand_in(file: HandedFile, wanted: Wanted) -> tuple[object, ...]:
    """Return the released name, then copies of it that a browser or a platform numbered, then the assignment's name
    in it.
    """
    name = folded(file.name)
    if name == folded(wanted.notebook):
        kind = 0
    elif _COPY.search(name):
        kind = 4
    elif plain_copy(name) == folded(wanted.notebook):
        kind = 1
    else:
        kind = 2 if named_assignment(file.name, [wanted.name]) else 3
    return (
        kind,
        -file.again,
        file.name != wanted.notebook,
        len(file.path),
        -copy_number(name) if kind == 1 else 0,
        file.path,
    )
