"""Blackboard Learn (Original): "Assignment File Download".

    file     {assignment}_{username}_attempt_{YYYY-MM-DD-HH-MM-SS}_{own name}
    info     {assignment}_{username}_attempt_{YYYY-MM-DD-HH-MM-SS}.txt        one per attempt

Title and user name may both hold `_`, and so may the student's own name, even a whole name like these: the first
`_attempt_{time}` ends the platform's part. The info file says who it is. Without it the title is what all names of the
batch begin with, and the roster decides; where that leaves two students, nobody is credited.
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
)
from autograder.submissions.listing import FileRefused, shown
from autograder.submissions.receipt import Receipt, read_time

_NAME = re.compile(r"(?P<before>.+?)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?:(?P<info>\.txt)|_(?P<rest>.+))", re.DOTALL)
_MOST_INFO = 1 << 20


class Blackboard:
    name = "blackboard"
    title = "Blackboard"

    def ends(self, batch: Batch) -> list[int | None]:
        matches = (_NAME.fullmatch(unit.name) for unit in batch.units)
        return [(found.start("rest") if found["rest"] else found.end()) if found else None for found in matches]

    def read(self, batch: Batch) -> Reading:
        attempts: dict[tuple[str, str], list[tuple[Unit, re.Match[str]]]] = defaultdict(list)
        for unit in batch.units:
            found = _NAME.fullmatch(unit.name)
            if found is not None:
                attempts[found["before"], found["time"]].append((unit, found))
        users: dict[str, str] = {}
        said: dict[tuple[str, str], str] = {}
        for key, units in attempts.items():
            text = _info(units)
            if user := _user(text, key[0]):
                users[key[0]] = user
            said[key] = _date(text)
        titles = _titles([before for before, _ in attempts])
        reading = Reading()
        for (before, time), units in attempts.items():
            owner = _whose(before, users, titles, batch)
            reading.hand_ins.append(_hand_in(owner, time, said[before, time], units, batch))
        return reading


def _info(units: list[tuple[Unit, re.Match[str]]]) -> str:
    """Return the text of the attempt's info file, or nothing."""
    for unit, found in units:
        if found["info"] and not unit.folder and unit.entries and unit.entries[0].size <= _MOST_INFO:
            try:
                return unit.entries[0].read().decode("utf-8", "replace")
            except FileRefused:
                return ""
    return ""


def _user(text: str, before: str) -> str:
    """Return the user name in the info file's first line: its last parenthesis. Display names may hold others."""
    first = text.lstrip("\ufeff").split("\n", 1)[0].strip()
    found = re.search(r"\(([^()]+)\)$", first)
    return found[1] if found and before.endswith(f"_{found[1]}") else ""


def _date(text: str) -> str:
    """Return the time in the info file's head, which ends where the student's own text may begin."""
    for line in text.split("\n")[1:6]:
        title, colon, value = line.partition(":")
        if colon and title.strip().casefold() == "date submitted":
            return value.replace("o'clock", "").strip()
    return ""


def _titles(befores: list[str]) -> list[str]:
    """Return every beginning, up to a `_`, that all names share: the title is one of them."""
    shared = befores[0] if befores else ""
    for before in befores:
        while not before.startswith(shared):
            shared = shared[:-1]
    ends = [found.end() for found in re.finditer("_", shared)]
    titles = [shared[:end] for end in ends if all(len(before) > end for before in befores)]
    # A title with spaces keeps them, so underscores in it would be a second spelling of the same: the user's begin.
    spaced = [title for title in titles if " " not in title or "_" not in title[:-1]]
    return spaced if any(" " in title for title in titles) and spaced else titles


def _whose(before: str, users: dict[str, str], titles: list[str], batch: Batch) -> Owner:
    if before in users:
        owner = find_owner(batch.roster, "login", users[before], "Blackboard")
        return owner if owner.match is not None else _group([users[before]], batch) or owner
    candidates = [before[len(title) :] for title in titles]
    owners = [(user, find_owner(batch.roster, "login", user, "Blackboard")) for user in candidates]
    hits = {owner.match.subject: (user, owner) for user, owner in owners if owner.match is not None}
    if len(hits) == 1:
        [(_, owner)] = hits.values()
        return owner
    if hits:
        who = " and ".join(f"{user} ({subject})" for subject, (user, _) in hits.items())
        why = f"without Blackboard's info file the name can be read as {who}: put the .txt files beside it"
        return Owner(before, None, why)
    if group := _group(candidates, batch):
        return group
    if owners:
        return replace(owners[0][1], key=f"login:{owners[0][0]}")
    return Owner(before, None, f"{shown(before)!r} holds no user name")


def _group(names: list[str], batch: Batch) -> Owner | None:
    """Return the one group of the roster that is called so: of a group Blackboard writes the name, not a login."""
    found = {match.subject: Owner(name, match) for name in names if (match := batch.roster.group(name)) is not None}
    if len(found) != 1:
        return None
    [owner] = found.values()
    note = f"found by the name of the group {shown(owner.key)!r}, the only thing that Blackboard writes of a group"
    return replace(owner, note=f"{note}: look whether its members can change it")


def _hand_in(owner: Owner, time: str, said: str, units: list[tuple[Unit, re.Match[str]]], batch: Batch) -> HandIn:
    files: list[HandedFile] = []
    for unit, found in units:
        if found["info"] and not unit.folder:
            continue
        own = found["rest"] or unit.name
        if unit.folder:
            files += [HandedFile((own, *file.path), file.entry) for file in files_of(unit)]
        else:
            files += [HandedFile((own,), entry) for entry in unit.entries]
    return HandIn(
        layout="blackboard",
        source=units[0][0].name,
        owner=owner,
        files=tuple(files),
        refused=tuple(refused for unit, _ in units for refused in unit.refused),
        skipped=tuple(skipped for unit, _ in units for skipped in unit.skipped),
        receipt=_receipt(time, said, batch),
        number=batch.number,
    )


def _receipt(time: str, said: str, batch: Batch) -> Receipt:
    year, month, day, hour, minute, second = time.split("-")
    text = f"{year}-{month}-{day} {hour}:{minute}:{second}"
    if said:  # the info file has the zone; the name has the same time without
        with_zone = read_time(said, "Blackboard's info file", batch.clock)
        if (
            with_zone.when is not None
            and with_zone.local is not None
            and with_zone.local.strftime("%H%M") == hour + minute
        ):
            return replace(with_zone, local=read_time(text, "", batch.clock).local)
    return read_time(text, "Blackboard's file name", batch.clock)
