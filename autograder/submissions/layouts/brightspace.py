"""Brightspace (D2L): "Download" of an assignment's submissions.

    folder   {n1}-{n2} - {First Last} - {Mon} {d}, {YYYY} {h}{mm} {AM|PM}/{own name}
    flat     the same before ` - {own name}`;  index.html at the top is an overview

What is before the date, seen from the left, belongs to the platform. A folder ends with it, whatever date the display
name holds; a flat name may hold further dates, in the display name or the file's: the latest of them counts, so that
nobody dates their own work, and the page says so.
Month and order follow the language of whoever downloads: `12 okt. 2026 2104`. `{n1}` identifies. One folder a hand-in,
so one student has several.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace

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

_WHO = r"(?P<n1>\d+)-(?P<n2>\d+) ?- (?P<name>.+?) - "
_TIME = r"(?P<time>(?:\S+ \d{1,2},?|\d{1,2}\.? [^\W\d]\S*) \d{4} \d{3,4}(?: [APap][Mm])?)"
_FLAT = re.compile(_WHO + _TIME + r"(?: - (?P<rest>.+))?", re.DOTALL)
_FOLDER = re.compile(_WHO.replace(".+?", ".+") + _TIME + "(?P<rest>)", re.DOTALL)
_FURTHER = re.compile("(?<= - )" + _TIME + r"(?= - |\Z)")


class Brightspace:
    name = "brightspace"
    title = "Brightspace"

    def ends(self, batch: Batch) -> list[int | None]:
        matches = map(_read, batch.units)
        return [(found.start("rest") if found["rest"] else found.end()) if found else None for found in matches]

    def read(self, batch: Batch) -> Reading:
        people: dict[tuple[str, str], list[tuple[Unit, re.Match[str]]]] = defaultdict(list)
        for unit in batch.units:
            found = _read(unit)
            if found is not None:
                people[f"{found['n1']}-{found['n2']}", found["time"]].append((unit, found))
        return Reading([_hand_in(units, batch) for units in people.values()])


def _read(unit: Unit) -> re.Match[str] | None:
    plain_folder = unit.folder and not unit.archive
    return (_FOLDER.fullmatch(unit.name) if plain_folder else None) or _FLAT.fullmatch(unit.name)


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
        receipt=_receipt(first, batch),
        number=batch.number,
    )


def _whose(n1: str, n2: str, batch: Batch) -> Owner:
    owners = [find_owner(batch.roster, "d2l", name, "Brightspace") for name in (n1, f"{n1}-{n2}")]
    return merge_owners(f"d2l:{n1}", owners)


def _receipt(found: re.Match[str], batch: Batch) -> Receipt:
    times = [found["time"]]
    if found["rest"]:  # nothing tells whether the display name or the file's name ends here
        times += [further["time"] for further in _FURTHER.finditer(found.string, found.end("time"))]
    receipts = [read_time(_with_colon(text), "Brightspace's name", batch.clock) for text in times]
    known = [receipt for receipt in receipts if receipt.when is not None]
    if receipts[0].when is None or len(known) == 1:
        return receipts[0]
    latest = max(known, key=lambda receipt: str(receipt.when))
    note = "the name holds several dates, of which one is Brightspace's: read as the latest"
    return replace(latest, note="; ".join(filter(None, (latest.note, note))))


def _with_colon(text: str) -> str:
    return re.sub(r"(\d{1,2})(\d\d)(?= [APap][Mm]$|$)", r"\1:\2", text)
