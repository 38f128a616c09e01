"""Names of assignments in names of files and folders."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence


def named_assignment(text: str, assignments: Sequence[str]) -> str:
    """Return the assignment whose name `text` contains (the longest), or ""."""
    plain = _plain(text)
    fitting = [name for name in assignments if re.search(rf"(?<![a-z0-9]){re.escape(_plain(name))}(?![a-z0-9])", plain)]
    return max(fitting, key=len, default="")


def without_assignment(stem: str, assignments: Sequence[str]) -> list[str]:
    """Return `alice` of alice_03_separable, 03_separable-alice, "03_separable (1)" -> nothing."""
    for name in sorted(assignments, key=len, reverse=True):
        pattern = r"[\W_]*".join(map(re.escape, re.findall(r"[A-Za-z]+|\d+", name)))
        left = re.sub(rf"(?i)(?<![a-z0-9]){pattern}(?![a-z0-9])", "\0", stem)
        if left != stem:
            left = re.sub(r"\s*(?:\(\d+\)|-\s*copy|[-_ ]copy\d*)", "", left, flags=re.IGNORECASE)
            left = left.replace("\0", " ").strip(" _-.+,@")
            return [left] if left else []
    return []


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text).casefold()
    return re.sub(r"[\W_]+", "-", folded)
