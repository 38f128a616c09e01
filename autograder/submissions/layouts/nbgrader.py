"""nbgrader: what `collect` leaves, the exchange's inbound folder, ngshare.

    collected  submitted/{student}/{assignment}/{notebook}.ipynb, timestamp.txt
    inbound    {user}+{assignment}+{YYYY-MM-DD HH:MM:SS.ffffff ZONE}[+{random}]/…

`timestamp.txt` counts at `{student}/{assignment}/` only, outside every archive; one further in is the student's, and so
is one in capitals, since nbgrader writes small letters over whatever the student called so.
Whether that folder is nbgrader's at all is known by the name `submitted` around it, by --layout nbgrader, or because
everybody's folder, of three and more, has that form with a time stamp in each place: in a plain folder per student the
same files would be the student's own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC

from autograder.submissions.layouts.base import (
    Batch,
    HandedFile,
    HandIn,
    LeftOver,
    Reading,
    Unit,
    assignment_folder,
    files_of,
    find_owner,
)
from autograder.submissions.listing import FileRefused, ListedFile, Refused
from autograder.submissions.receipt import NO_RECEIPT, Receipt, read_time

TIMESTAMP = "timestamp.txt"
_INBOUND = re.compile(
    r"(?P<user>.+)\+(?P<assignment>[^+]+)\+(?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? [^+]+)"
    r"(?:\+(?P<random>[A-Za-z0-9_-]+))?",
    re.DOTALL,
)


def is_collected(units: Sequence[Unit], wrappers: Sequence[str], assignments: Sequence[str]) -> bool:
    """Return whether nbgrader made the folders of the students; see the module's text."""
    if "submitted" in wrappers[-1:]:
        return True
    return len(units) >= 3 and all(_has_stamps(unit, assignments) for unit in units)


def _has_stamps(unit: Unit, assignments: Sequence[str]) -> bool:
    """Return whether a student's folder holds folders of assignments only, each with a time stamp."""
    if not unit.folder or unit.archive or not unit.entries:
        return False
    paths = [(unit.below(entry), entry) for entry in unit.entries]
    stamped = {path[0] for path, entry in paths if path[1:] == (TIMESTAMP,) and not entry.archives}
    folders = {path[0] for path, _ in paths}
    return stamped == folders and all(assignment_folder(name, assignments) for name in folders)


class Inbound:
    name = "nbgrader-inbound"
    title = "nbgrader's exchange"

    def ends(self, batch: Batch) -> list[int | None]:
        return [len(u.name) if u.folder and _INBOUND.fullmatch(u.name) else None for u in batch.units]

    def read(self, batch: Batch) -> Reading:
        reading = Reading()
        for unit in batch.units:
            found = _INBOUND.fullmatch(unit.name)
            if found is None:
                continue
            receipt = read_time(found["time"], "nbgrader's folder name", batch.clock)
            files = files_of(unit)
            stamp = _stamp([file.entry for file in files if file.path == (TIMESTAMP,)], batch)
            if stamp.when is not None and stamp.when != receipt.when:
                note = (
                    "timestamp.txt says another time than its folder, whose time counts; both are the student's to edit"
                )
                receipt = replace(receipt, note=note)
            reading.hand_ins.append(
                HandIn(
                    layout=self.name,
                    source=unit.name,
                    owner=find_owner(batch.roster, "person", found["user"], "nbgrader user"),
                    files=tuple(file for file in files if file.path != (TIMESTAMP,)),
                    refused=unit.refused,
                    assignment=assignment_folder(found["assignment"], batch.assignments),
                    receipt=receipt,
                    number=batch.number,
                    skipped=unit.skipped,
                )
            )
        return reading


class Collected:
    name = "nbgrader"
    title = "nbgrader, collected"

    def ends(self, batch: Batch) -> list[int | None]:
        collected = is_collected(batch.units, batch.wrappers, batch.assignments)
        return [len(u.name) if collected and u.folder and not u.archive else None for u in batch.units]

    def read(self, batch: Batch) -> Reading:
        reading = Reading()
        for unit in batch.units:
            if not unit.folder or unit.archive:
                reading.left_over.append(LeftOver(unit.name, "expected a folder per student here"))
                continue
            folders: dict[str, list[ListedFile]] = {}
            for entry in unit.entries:
                below = unit.below(entry)
                folders.setdefault(below[0] if len(below) > 1 else "", []).append(entry)
            for refused in unit.refused:
                if len(refused.parts) > unit.depth:
                    folders.setdefault(_folder_of(refused, unit), [])
            for skipped in unit.skipped:
                if name := _folder_of(skipped, unit):
                    folders.setdefault(name, [])
            for parts in unit.empty:
                if len(parts) > unit.depth:
                    folders.setdefault(parts[unit.depth], [])
            if not folders:
                folders[""] = []
            first = min(folders)  # is told what programs left in the student's folder itself, and what is said of it
            for name in sorted(folders):
                reading.hand_ins.append(_collected(unit, name, folders[name], batch, top=name == first))
        return reading


def _folder_of(found: Refused, unit: Unit) -> str:
    """Return the folder in the student's that it lies in, or ""."""
    return found.parts[unit.depth] if len(found.parts) > unit.depth + 1 else ""


def _collected(unit: Unit, folder: str, entries: list[ListedFile], batch: Batch, *, top: bool) -> HandIn:
    assignment = assignment_folder(folder, batch.assignments)
    depth = unit.depth + bool(folder)
    at_place = [entry for entry in entries if len(entry.parts) == depth + 1 and assignment]
    receipt = _stamp([entry for entry in at_place if entry.name == TIMESTAMP], batch)
    files = tuple(
        HandedFile(entry.parts[depth:], entry)
        for entry in entries
        if not (entry in at_place and entry.name == TIMESTAMP)
    )
    here = ("", folder) if top else (folder,)
    refused = [one for one in unit.refused if _folder_of(one, unit) == folder and len(one.parts) > unit.depth]
    refused += [one for one in unit.refused if top and len(one.parts) <= unit.depth]
    return HandIn(
        layout="nbgrader",
        source="/".join(part for part in (*batch.wrappers, unit.name, folder) if part),
        owner=find_owner(batch.roster, "person", unit.name, "nbgrader student"),
        files=files,
        refused=tuple(refused),
        skipped=tuple(one for one in unit.skipped if _folder_of(one, unit) in here),
        assignment=assignment,
        receipt=receipt,
        number=batch.number,
    )


def _stamp(entries: list[ListedFile], batch: Batch) -> Receipt:
    """Return the time in a timestamp.txt outside archives, which without a zone is UTC."""
    for entry in entries:
        if entry.archives:
            continue
        if entry.size > 1000:
            found = f"found {entry.size} bytes, expected a time"
            return Receipt(how=TIMESTAMP, note=f"{TIMESTAMP}: {found}: time of receipt unknown")
        try:
            return read_time(
                entry.read().decode("utf-8", "replace"),
                TIMESTAMP,
                replace(batch.clock, zone=UTC, home=batch.clock.zone),
            )
        except FileRefused as error:
            return Receipt(how=TIMESTAMP, note=f"{TIMESTAMP}: {error}: time of receipt unknown")
    return NO_RECEIPT
