"""events.jsonl: one line for each change of a grade, only ever appended to. Erasure alone takes lines out.

A submission's lines are kept in memory as they stand in the file, which is a fifth of what their objects take; they are
read again where somebody asks. A torn last line, which only a power cut can leave, is cut off by the next writer.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import ValidationError

from autograder.files import write_whole
from autograder.records import GradeEvent
from autograder.results.lock import StoreError
from autograder.results.place import Place


class GradeLog:
    """The changes of all grades of one results folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: dict[Place, list[bytes]] = {}

    def repair(self) -> None:
        """Cut off a torn last line. Whoever calls holds the folder's lock."""
        data = self._path.read_bytes() if self._path.exists() else b""
        if data and not data.endswith(b"\n"):
            os.truncate(self._path, data.rfind(b"\n") + 1)

    def read(self) -> None:
        """Read which lines are whose. Raises StoreError for a line that is no event."""
        self._lines = {}
        for line, event in self._events():
            self._lines.setdefault(Place(event.assignment, event.subject), []).append(line)

    def __iter__(self) -> Iterator[GradeEvent]:
        for _, event in self._events():
            yield event

    def _events(self) -> Iterator[tuple[bytes, GradeEvent]]:
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    yield line, GradeEvent.model_validate_json(line)
                except ValidationError as error:
                    raise StoreError(
                        f"{self._path}, line {number}: {error.errors()[0]['msg']}; expected one grade event as JSON. "
                        "Events are never edited: restore the line, or remove it"
                    ) from None

    def of(self, place: Place) -> tuple[GradeEvent, ...]:
        """Return the changes of one submission's grade, the oldest first."""
        return tuple(GradeEvent.model_validate_json(line) for line in self._lines.get(place, ()))

    def append(self, event: GradeEvent) -> bool:
        """Append a change unless the grade is that already. Returns whether it was new.

        `event.before` is replaced by what the last recorded event of this submission ended in.
        """
        lines = self._lines.setdefault(Place(event.assignment, event.subject), [])
        before = GradeEvent.model_validate_json(lines[-1]).after if lines else None
        if before == event.after:
            return False
        line = event.model_copy(update={"before": before}).model_dump_json().encode() + b"\n"
        log = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.write(log, line)  # one write: a kill leaves the whole line or none of it
        finally:
            os.close(log)
        lines.append(line)
        return True

    def forget(self, concerned: Callable[[GradeEvent], bool]) -> None:
        """Remove every event that is `concerned`, for erasure: the only time that events are taken out."""
        if self._path.exists():
            kept = (line for line, event in self._events() if not concerned(event))
            write_whole(self._path, b"".join(kept), flush=True)
        self.read()
