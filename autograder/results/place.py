"""Which submission: an assignment and a subject, both safe as names of folders."""

from __future__ import annotations

import re
from dataclasses import dataclass

from autograder.results.lock import StoreError

_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,119}")


@dataclass(frozen=True)
class Place:
    """Say which submission: an assignment and the opaque id of who handed it in."""

    assignment: str
    subject: str

    def __post_init__(self) -> None:
        for what, name in (("assignment", self.assignment), ("subject", self.subject)):
            if not _SAFE_NAME.fullmatch(name):
                raise StoreError(
                    f"{what} {name!r} cannot name a folder: found characters outside A-Z a-z 0-9 . _ @ + - "
                    "or more than 120 of them; give it another id in the roster"
                )
