"""Moodle: "Download all submissions".

    folders  {who}_assignsubmission_{plugin}[_]/{path as uploaded}
    flat     {who}_assignsubmission_{plugin}_{own name}
    who      {full name}_{participant} | {word}_{participant} | {group name}_{group id} | {default group}

The participant's number belongs to one student in *one* assignment, and a team's number stands in another table: the
grading worksheet of the same assignment says who is behind them. There the name must fit, too: it never says whose a
hand-in is, but a number under another name is a team's, or somebody else's.
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
)
from autograder.submissions.listing import shown
from autograder.submissions.receipt import NO_RECEIPT, Receipt, read_time
from autograder.submissions.worksheet import WorksheetRow, alike

_NAME = re.compile(
    r"(?P<who>(?P<name>[^_/]+)_(?P<number>\d+)|(?P<group>[^_/]+))_assignsubmission_(?P<plugin>[a-z0-9]+)"
    r"(?:_(?P<rest>.*))?",
    re.DOTALL,
)


class Moodle:
    name = "moodle"
    title = "Moodle"

    def ends(self, batch: Batch) -> list[int | None]:
        matches = (_NAME.fullmatch(unit.name) for unit in batch.units)
        return [(found.end() if found["rest"] is None else found.start("rest")) if found else None for found in matches]

    def read(self, batch: Batch) -> Reading:
        people: dict[str, list[tuple[Unit, re.Match[str]]]] = defaultdict(list)
        for unit in batch.units:
            found = _NAME.fullmatch(unit.name)
            if found is not None:
                people[found["who"]].append((unit, found))
        return Reading([self._hand_in(units, batch) for units in people.values()])

    def _hand_in(self, units: list[tuple[Unit, re.Match[str]]], batch: Batch) -> HandIn:
        first = units[0][1]
        owner, receipt = _whose(first["name"] or first["group"], first["number"] or "", batch)
        files: list[HandedFile] = []
        for unit, found in units:
            rest = (found["rest"] or "",) if found["rest"] else ()
            if unit.folder:
                files += [HandedFile((*rest, *file.path), file.entry) for file in files_of(unit)]
            else:
                files += [HandedFile(rest or (f"{found['plugin']}.html",), entry) for entry in unit.entries]
        return HandIn(
            layout=self.name,
            source=units[0][0].name,
            owner=owner,
            files=tuple(files),
            refused=tuple(refused for unit, _ in units for refused in unit.refused),
            skipped=tuple(skipped for unit, _ in units for skipped in unit.skipped),
            receipt=receipt,
            number=batch.number,
        )


def _whose(name: str, number: str, batch: Batch) -> tuple[Owner, Receipt]:
    key = f"moodle:{number}" if number else name
    if not batch.worksheet.file:
        if not number:
            return Owner(
                key, None, f"Moodle's default group {shown(name)!r} has no number: a person must say whose it is"
            ), NO_RECEIPT
        owner = find_owner(batch.roster, "moodle", number)
        if owner.match is None:
            why = (
                f"the Moodle participant number {number} belongs to one student in one assignment: give that "
                "assignment's grading worksheet as --worksheet"
            )
            return Owner(key, None, why), NO_RECEIPT
        return owner, NO_RECEIPT
    row = batch.worksheet.rows.get(number)
    if row is not None and (not row.name or alike(row.name, name)):
        return Owner(key, row.match, row.why), _receipt([row], batch)
    team = batch.worksheet.of_group(name)
    if team:
        subjects = {one.match.subject: one.match for one in team if one.match is not None}
        if len(subjects) == 1 and all(one.match is not None for one in team):
            return Owner(f"Moodle group {name}", next(iter(subjects.values()))), _receipt(team, batch)
        why = f"the members of the Moodle group {shown(name)!r} are not one group of the roster: give them one there"
        return Owner(f"Moodle group {name}", None, why), NO_RECEIPT
    if row is not None:
        why = (
            f"the worksheet says that participant {number} is called otherwise than {shown(name)!r}: a team's number, "
            "or a worksheet of another assignment"
        )
        return Owner(key, None, why), NO_RECEIPT
    return Owner(
        key, None, f"{batch.worksheet.file} has no participant {number}: is it of this assignment?"
    ), NO_RECEIPT


def _receipt(rows: list[WorksheetRow] | tuple[WorksheetRow, ...], batch: Batch) -> Receipt:
    texts = sorted({row.received for row in rows if row.received and row.received != "-"})
    if not texts:
        return NO_RECEIPT
    found = [read_time(text, "Moodle's worksheet", batch.clock) for text in texts]
    known = [receipt for receipt in found if receipt.when is not None]
    return max(known, key=lambda receipt: str(receipt.when)) if len(known) == len(found) else found[0]
