"""ILIAS: exercise, all submissions.

    single   {Last}_{First}_{login}_{user}/[{late word} - ]{own name}
    team     {team word} {team id}/{Last}_{First}_{login}_{user}/…

Parsed from the right: the number is the user's, the login before it may hold `_`. Names of people identify nobody;
where number and login name different students, nobody is credited. Late is a word without hours; a member's time in
the zip is the server's, but is used only where course.yaml says so (`member_times`): whoever zips again loses it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
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
from autograder.submissions.listing import folded, shown
from autograder.submissions.receipt import NO_RECEIPT, Receipt, read_time

_NAME = re.compile(r"(?P<names>[^_]*_.*_[^_].*)_(?P<user>\d+)", re.DOTALL)  # either name may hold no letter
_TEAM = re.compile(r"(?P<word>\w+) (?P<team>\d+)")
# The word in the language of whoever downloads, with its accents or as ILIAS turns them into plain letters.
_LATE = re.compile(
    r"(?:Late(?: Submission)?|Versp(?:ä|ae|a)tet(?:e Abgabe)?|Soumission tardive|"
    r"Entrega tard(?:í|i)a) - (?=.)"
)
_WORD = re.compile(r"[^\W\d_][\w ]{2,40} - (?=.)")


class Ilias:
    name = "ilias"
    title = "ILIAS"

    def ends(self, batch: Batch) -> list[int | None]:
        return [len(unit.name) if _fits(unit) else None for unit in batch.units]

    def read(self, batch: Batch) -> Reading:
        return Reading([_hand_in(unit, batch) for unit in batch.units if _fits(unit)])


def _fits(unit: Unit) -> bool:
    if not unit.folder or unit.archive:
        return False
    return _NAME.fullmatch(unit.name) is not None or bool(_TEAM.fullmatch(unit.name) and _members(unit))


def _members(unit: Unit) -> list[str]:
    """Return the folders of a team's members; empty where something else lies there."""
    inside = [entry.parts for entry in unit.entries] + [one.parts for one in (*unit.refused, *unit.skipped)]
    inside = [parts for parts in inside if len(parts) > unit.depth + 1]
    names = {parts[unit.depth] for parts in (*inside, *unit.empty) if len(parts) > unit.depth}
    flat = any(len(entry.parts) == unit.depth + 1 for entry in unit.entries)
    return sorted(names) if names and not flat and all(_NAME.fullmatch(name) for name in names) else []


def _hand_in(unit: Unit, batch: Batch) -> HandIn:
    members = _members(unit) if _TEAM.fullmatch(unit.name) else []
    owner = merge_owners(unit.name, [_whose(name, batch) for name in members]) if members else _whose(unit.name, batch)
    files, late = [], False
    for file in files_of(unit):
        path = file.path[1:] if members else file.path
        found = _LATE.match(path[0])
        late = late or found is not None
        files.append(HandedFile((path[0][found.end() :], *path[1:]) if found else path, file.entry))
    notes: tuple[str, ...] = ()
    if word := _unknown_word(files, batch):
        files = [HandedFile((file.path[0][len(word) :], *file.path[1:]), file.entry) for file in files]
        notes = (f"all its files begin with {shown(word)!r}: if that is ILIAS's word for late, it came late",)
    return HandIn(
        layout="ilias",
        source=unit.name,
        owner=owner,
        files=tuple(files),
        refused=unit.refused,
        skipped=unit.skipped,
        receipt=_receipt(files, late, batch),
        notes=notes,
        number=batch.number,
    )


def _unknown_word(files: Sequence[HandedFile], batch: Batch) -> str:
    """Return what all files begin with before the names of released ones, as a late word of another language would."""
    begins = {found[0] if (found := _WORD.match(file.path[0])) else "" for file in files}
    word = begins.pop() if len(begins) == 1 else ""
    released = any(folded(file.path[0][len(word) :]) in batch.released for file in files)
    return word if released else ""


def _whose(name: str, batch: Batch) -> Owner:
    found = _NAME.fullmatch(name)
    if found is None:
        return Owner(name, None, "the folder's name is none of ILIAS's")
    owners = [find_owner(batch.roster, "ilias", found["user"], "ILIAS")]
    parts = found["names"].split("_")
    logins = ["_".join(parts[start:]) for start in range(2, len(parts))]
    by_login = [owner for login in logins if (owner := find_owner(batch.roster, "login", login)).match is not None]
    by_login = [_told(owner, logins[-1], found["user"]) if owners[0].match is None else owner for owner in by_login]
    if len({owner.match.subject for owner in by_login if owner.match}) > 1 and owners[0].match is None:
        return Owner(
            f"ilias:{found['user']}", None, f"the login in {name!r} can be read in two ways: a person must say"
        )
    if owners[0].match is not None and any(owner.match == owners[0].match for owner in by_login):
        return owners[0]
    return merge_owners(f"ilias:{found['user']}", [*owners, *by_login])


def _told(owner: Owner, shortest: str, user: str) -> Owner:
    """Return the owner, told where a login may be a shorter one behind a part of a first name."""
    if owner.key == f"login:{shortest}":
        return owner
    note = (
        f"the login can also be read as {shown(shortest)!r}, who is not in the roster: ilias:{user} in it settles that"
    )
    return replace(owner, note="; ".join(filter(None, (owner.note, note))))


def _receipt(files: list[HandedFile], late: bool, batch: Batch) -> Receipt:
    receipt = NO_RECEIPT
    if batch.rules.member_times:
        times = [file.entry.modified for file in files if file.entry.modified and not file.entry.archives]
        if times:
            receipt = read_time(max(times).isoformat(sep=" "), "ILIAS's time of the file", batch.clock)
    if not late or receipt.when is not None:
        return receipt
    note = "late by an unknown amount: ILIAS marks it late, and writes no hour"
    return replace(receipt, late=True, how=receipt.how or "ILIAS's word", note=note)
