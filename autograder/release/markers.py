"""The markers of a master: `### BEGIN SOLUTION`, `### END SOLUTION` and their kin, each on a line of its own.

A region is what stands between BEGIN and END of one kind: SOLUTION (what students write), STARTER (code that is wrong
on purpose and takes the solution's place in the starter), HIDDEN TESTS, MARK SCHEME. Regions do not nest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_KINDS = "SOLUTION|STARTER|HIDDEN TESTS|MARK SCHEME"
MARKER = re.compile(rf"^\s*#{{0,3}}\s*(BEGIN|END) ({_KINDS})\b")
MARKER_ANYWHERE = re.compile(rf"(BEGIN|END) ({_KINDS})\b")
TEXT_STUB = "*Write your answer here.*"  # in the place of a written answer


def numbered_regions(source: str) -> Iterator[tuple[int, str, str]]:
    """Yield (line number from 1, region or "", line) for each line of a cell; marker lines are left out."""
    current = ""
    for number, line in enumerate(source.split("\n"), start=1):
        if (marker := MARKER.match(line)) is not None:
            current = marker[2] if marker[1] == "BEGIN" else ""
        else:
            yield number, current, line


def regions(source: str) -> Iterator[tuple[str, str]]:
    """Yield (region or "", line) for each line of a cell; marker lines are left out."""
    return ((region, line) for _, region, line in numbered_regions(source))


def solved(source: str) -> str:
    """Return the cell as the solution has it: without markers and without what only the starter shows."""
    return "\n".join(line for region, line in regions(source) if region != "STARTER")


def solution_lines(source: str) -> set[int]:
    """Return the numbers (from 1) of the lines between solution markers."""
    return {number for number, region, _ in numbered_regions(source) if region == "SOLUTION"}


def without_starter(source: str) -> str:
    """Return the cell without its STARTER region and that region's markers; other markers stay."""
    kept, inside = [], False
    for line in source.split("\n"):
        marker = MARKER.match(line)
        if marker is not None and marker[2] == "STARTER":
            inside = marker[1] == "BEGIN"
        elif not inside:
            kept.append(line)
    return "\n".join(kept)
