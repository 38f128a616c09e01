"""The code cells of a percent-format notebook, for a process that only runs them.

jupytext reads masters wherever they become notebooks. It brings nbformat and JSON Schema along, a second and a half of
processor time, which every worker would pay before it can grade; so workers read cells with this. A test holds
both readings against each other for every master.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_MARKER = re.compile(r"^# ?%%+(?P<options>.*)$", re.MULTILINE)
_TEXT = re.compile(r"\[(?:markdown|md|raw)\]")
_TAGS = re.compile(r"\btags=(\[[^\]]*\])")


@dataclass(frozen=True)
class CodeCell:
    """index: among all cells of the notebook, from 0; tags: as in its metadata; source: without blank lines around."""

    index: int
    tags: frozenset[str]
    source: str


def code_cells(text: str) -> list[CodeCell]:
    """Return the code cells of a notebook in percent format, in order. What stands before the first marker is no cell
    unless it is code: a header of comments is none."""
    markers = list(_MARKER.finditer(text))
    ends = [marker.start() for marker in markers[1:]] + [len(text)] * bool(markers)
    before = text[: markers[0].start()] if markers else text
    has_code = any(line.strip() and not line.startswith("#") for line in before.splitlines())
    cells = [CodeCell(0, frozenset(), before.strip("\n"))] if has_code else []
    for index, (marker, end) in enumerate(zip(markers, ends, strict=True), start=len(cells)):
        options = marker["options"]
        if _TEXT.search(options) is None:
            tags = _TAGS.search(options)
            names = frozenset(json.loads(tags[1])) if tags is not None else frozenset()
            cells.append(CodeCell(index, names, text[marker.end() : end].strip("\n")))
    return cells
