"""Brightspace (D2L): "Download" of an assignment's submissions.

    folder   {n1}-{n2} - {First Last} - {Mon} {d}, {YYYY} {h}{mm} {AM|PM}/{own name}
    flat     the same before ` - {own name}`;  index.html at the top is an overview

The name before the *first* date, seen from the left, belongs to the platform: a student's file may hold a second date.
Month and order follow the language of whoever downloads: `12 okt. 2026 2104`. `{n1}` identifies. One folder a hand-in,
so one student has several.
"""

from __future__ import annotations

import re
from collections import defaultdict

from autograder.submissions.layouts.base import (
    Batch,
    HandedFile,
    HandIn,
    Owner,
    Reading,
    Unit,
    files_of,
    find_owner,
    merge_owners,
)
from autograder.submissions.receipt import Receipt, read_time

_NAME = re.compile(
    r"(?P<n1>\d+)-(?P<n2>\d+) ?- (?P<name>.+?) - (?P<time>(?:\S+ \d{1,2},?|\d{1,2}\.? [^\W\d]\S*) \d{4} \d{3,4}"
    r"(?: [APap][Mm])?)"
    r"(?: - (?P<rest>.+))?",
    re.DOTALL,
)


class Brightspace:
    name = "brightspace"
    title = "Brightspace"

    def ends(self, batch: Batch) -> list[int | None]:
        matches = (_NAME.fullmatch(unit.name) for unit in batch.units)
        return [(found.start("rest") if found["rest"] else found.end()) if found else None for found in matches]

    def read(self, batch: Batch) -> Reading:
        people: dict[tuple[str, str], list[tuple[Unit, re.Match[str]]]] = defaultdict(list)
        for unit in batch.units:
            found = _NAME.fullmatch(unit.name)
            if found is not None:
                people[f"{found['n1']}-{found['n2']}", found["time"]].append((unit, found))
        return Reading([_hand_in(units, batch) for units in people.values()])


def is_overview(unit: Unit) -> bool:
    return not unit.folder and unit.name == "index.html"


def _hand_in(units: list[tuple[Unit, re.Match[str]]], batch: Batch) -> HandIn:
    first = units[0][1]
    files: list[HandedFile] = []
    for unit, found in units:
        rest = (found["rest"],) if found["rest"] else ()
        if unit.folder:
            files += [HandedFile((*rest, *file.path), file.entry) for file in files_of(unit)]
        else:
            files += [HandedFile(rest or (unit.name,), entry) for entry in unit.entries]
    return HandIn(
        layout="brightspace",
        source=units[0][0].name,
        owner=_whose(first["n1"], first["n2"], batch),
        files=tuple(files),
        refused=tuple(refused for unit, _ in units for refused in unit.refused),
        skipped=tuple(skipped for unit, _ in units for skipped in unit.skipped),
        receipt=_receipt(first["time"], batch),
        number=batch.number,
    )


def _whose(n1: str, n2: str, batch: Batch) -> Owner:
    owners = [find_owner(batch.roster, "d2l", name, "Brightspace") for name in (n1, f"{n1}-{n2}")]
    return merge_owners(f"d2l:{n1}", owners)


def _receipt(text: str, batch: Batch) -> Receipt:
    clock = re.sub(r"(\d{1,2})(\d\d)(?= [APap][Mm]$|$)", r"\1:\2", text)
    return read_time(clock, "Brightspace's name", batch.clock)
