"""Names that a site writes by a pattern of its own: `submissions: pattern:` in course.yaml says how to read them."""

from __future__ import annotations

import re
from collections import defaultdict

from autograder.course.aliases import KINDS
from autograder.submissions.layouts.base import (
    Batch,
    HandedFile,
    HandIn,
    Reading,
    Unit,
    files_of,
    find_owner,
    merge_owners,
)
from autograder.submissions.receipt import NO_RECEIPT, read_time

_TIME = re.compile(r"(\d{4})[-_.]?(\d\d)[-_.]?(\d\d)[-_. T]?(\d\d)[-_.:h]?(\d\d)(?:[-_.:m]?(\d\d))?")


class Pattern:
    name = "pattern"
    title = "the pattern in course.yaml"

    def ends(self, batch: Batch) -> list[int | None]:
        pattern = batch.rules.pattern
        return [len(unit.name) if pattern and pattern.fullmatch(unit.name) else None for unit in batch.units]

    def read(self, batch: Batch) -> Reading:
        people: dict[tuple[str, ...], list[tuple[Unit, dict[str, str]]]] = defaultdict(list)
        for unit in batch.units:
            found = batch.rules.pattern.fullmatch(unit.name) if batch.rules.pattern is not None else None
            if found is not None:
                groups = {name: value or "" for name, value in found.groupdict().items()}
                people[tuple(groups[name] for name in sorted(groups) if name != "rest")].append((unit, groups))
        return Reading([self._hand_in(units, batch) for units in people.values()])

    def _hand_in(self, units: list[tuple[Unit, dict[str, str]]], batch: Batch) -> HandIn:
        groups = units[0][1]
        asked = [(kind, groups[kind]) for kind in ("person", *KINDS) if groups.get(kind)]
        owners = [find_owner(batch.roster, kind, value) for kind, value in asked]
        files: list[HandedFile] = []
        for unit, found in units:
            rest = (found["rest"],) if found.get("rest") else ()
            if unit.folder:
                files += [HandedFile((*rest, *file.path), file.entry) for file in files_of(unit)]
            else:
                files += [HandedFile(rest or (unit.name,), entry) for entry in unit.entries]
        return HandIn(
            layout=self.name,
            source=units[0][0].name,
            owner=merge_owners(": ".join(asked[0]) if asked else "", owners),
            files=tuple(files),
            refused=tuple(refused for unit, _ in units for refused in unit.refused),
            skipped=tuple(skipped for unit, _ in units for skipped in unit.skipped),
            receipt=read_time(_plain(groups["time"]), "the file's name", batch.clock)
            if groups.get("time")
            else NO_RECEIPT,
            number=batch.number,
        )


def _plain(time: str) -> str:
    """Return a time as it is read: year to second whatever stands between them (2026-10-12_21-04), others as it is."""
    found = _TIME.fullmatch(time)
    return "{}-{}-{} {}:{}:{}".format(*found.groups("00")) if found else time.replace("_", " ")
