"""The outputs of one submission's cells, counted again on the trusted side.

The shell beside student code keeps to the notebook's limit, and student code can take it apart. So what arrives is
cleaned and counted here once more; what is over the limit is left out, with a note where it would have stood. Honest
notebooks never meet this count: the shell's own is the stricter one.
"""

from __future__ import annotations

from typing import Any

from autograder.notebooks.outputs import clean_outputs, stream
from autograder.records import StudentTraceback

ROOM = 64 << 10  # characters beyond the limit, for what the shell does not count: notes and tracebacks
_LEFT_OUT = "[outputs were left out: the notebook's output limit is reached]\n"


class OutputsKept:
    """`outputs`: cell index -> nbformat outputs, in all at most `limit` characters and a little room for notes."""

    def __init__(self, limit: int) -> None:
        self.outputs: dict[int, list[dict[str, Any]]] = {}
        self._left = limit + ROOM

    def keep(self, index: int, found: list[dict[str, Any]]) -> None:
        """Keep what the cell at `index` showed, in place of what it showed when it ran before."""
        kept: list[dict[str, Any]] = []
        for output in clean_outputs(found):
            self._left -= _size(output)
            if self._left < 0:
                kept.append(stream(_LEFT_OUT, "stderr"))
                break
            kept.append(output)
        self.outputs[index] = kept

    def room_for(self, text: StudentTraceback) -> bool:
        """Return whether the traceback may be kept, too. It is counted."""
        self._left -= len(text.exception) + len(text.message) + sum(len(line[2]) for line in text.lines)
        return self._left >= 0


def _size(output: Any) -> int:
    """Return characters of all text in it."""
    if isinstance(output, str):
        return len(output)
    if isinstance(output, dict):
        return sum(map(_size, output.values()))
    return sum(map(_size, output)) if isinstance(output, list) else 1
