"""Canvas: "Download Submissions", one flat zip.

    upload   {name}[_LATE]_{user}_{file}_{own name}       LATE_anon_{id}_{file}_{own name} where grading is anonymous
    text     {name}[_LATE]_{user}_text.html               link: …_link.html

`{user}` identifies; `{file}` differs from file to file of one person. The display name may end in `_10003`, and a
student's file name may begin with digits, so where three or more numbers follow each other the first two are both tried
as the user's; numbers after those were chosen by the student.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace

from autograder.submissions.layouts.base import Batch, HandedFile, HandIn, Owner, Reading, Unit, find_owner
from autograder.submissions.listing import folded, shown
from autograder.submissions.receipt import Receipt

_START = re.compile(r"(?P<name>.+?)(?:_(?P<late>LATE))?_(?P<user>\d+)_(?=\d+_.|(?:text|link)\.html\Z)", re.DOTALL)
_SECOND = re.compile(r"(?P<user>\d+)_(?=\d+_.|(?:text|link)\.html\Z)", re.DOTALL)
_ANONYMOUS = re.compile(
    r"(?:(?P<late>LATE)_)?anon_(?P<anon>[A-Za-z0-9]+)_(?:(?P<file>\d+)_(?=.)|(?=(?:text|link)\.html\Z))"
)
_AGAIN = re.compile(r"(.*)-(\d{1,3})(\.[^.]*)", re.DOTALL)


@dataclass(frozen=True)
class _Split:
    """One reading of a name. person: the part that is equal for all files of one person."""

    person: str
    user: str
    late: bool
    rest: str


class Canvas:
    name = "canvas"
    title = "Canvas"

    def ends(self, batch: Batch) -> list[int | None]:
        return [_end(unit.name) for unit in batch.units]

    def read(self, batch: Batch) -> Reading:
        reading = Reading()
        people: dict[str, list[tuple[Unit, _Split]]] = defaultdict(list)
        owners: dict[str, Owner] = {}
        sure: dict[str, bool] = {}
        for unit in batch.units:
            if _end(unit.name) is None:
                continue
            owner, split, certain = _whose(unit, batch)
            key = split.person.replace("_LATE_", "_")
            people[key].append((unit, split))
            owners.setdefault(key, owner)
            sure[key] = sure.get(key, False) or certain
        for key, units in people.items():
            owner = owners[key]
            if owner.match is not None and not sure[key]:
                owner = _unless_taken(owner, key, owners, sure)
            reading.hand_ins.append(_hand_in(owner, units, batch))
        return reading


def _end(name: str) -> int | None:
    if anonymous := _ANONYMOUS.match(name):
        return anonymous.end()
    splits = _splits(name)
    return len(name) - len(splits[0].rest) if splits else None


def _splits(name: str) -> list[_Split]:
    first = _START.match(name)
    if first is None:
        return []
    splits = [
        _Split(name[: first.end() - 1], first["user"], first["late"] is not None, _without_file(name[first.end() :]))
    ]
    second = _SECOND.match(name, first.end())
    if second is not None:
        person = name[: second.end() - 1]
        late = first["late"] is not None
        splits.append(_Split(person, second["user"], late, _without_file(name[second.end() :])))
    return splits


def _without_file(rest: str) -> str:
    """Return the student's own name, behind the file's number."""
    return re.sub(r"\A\d+_(?=.)", "", rest, flags=re.DOTALL)


def _whose(unit: Unit, batch: Batch) -> tuple[Owner, _Split, bool]:
    """Return the owner, by which reading of the name, and whether there was only one reading."""
    if anonymous := _ANONYMOUS.match(unit.name):
        split = _Split(
            anonymous[0].rstrip("_"), anonymous["anon"], anonymous["late"] is not None, unit.name[anonymous.end() :]
        )
        person = f"anon_{anonymous['anon']}"
        return _anonymous(anonymous["anon"], batch), replace(split, person=person), True
    splits = _splits(unit.name)
    found = [(find_owner(batch.roster, "canvas", split.user, "Canvas"), split) for split in splits]
    hits = [(owner, split) for owner, split in found if owner.match is not None]
    if len({owner.match.subject for owner, _ in hits if owner.match}) > 1:
        users = " and ".join(f"{split.user} ({owner.match.subject})" for owner, split in hits if owner.match)
        why = f"the name can be read as Canvas user {users}: a person must say whose it is"
        return Owner(f"canvas:{splits[0].user}", None, why), splits[0], True
    owner, split = hits[0] if hits else found[0]
    if hits and len(splits) > 1:
        other = next(s.user for s in splits if s.user != split.user) if splits[0].user != splits[1].user else split.user
        note = f"the name can also be read as Canvas user {other}, who is not in the roster"
        owner = replace(owner, note="; ".join(filter(None, (owner.note, note))))
    return owner, split, len(splits) == 1


def _unless_taken(owner: Owner, key: str, owners: dict[str, Owner], sure: dict[str, bool]) -> Owner:
    """Return the owner of a name with two readings, unless another name of the batch says the same number without
    doubt.

    Canvas writes one name for one person, so one of the two only looks like theirs.
    """
    for other, theirs in owners.items():
        if other != key and theirs.match == owner.match:
            why = f"the name reads as {owner.key}, which {shown(other)!r} of the same download is: not counted"
            return Owner(owner.key, None, why)
    return owner


def _anonymous(anon: str, batch: Batch) -> Owner:
    row = batch.worksheet.rows.get(anon)
    if row is not None:
        return Owner(f"anon_{anon}", row.match, row.why)
    why = (
        f"Canvas's anonymous id {anon!r} belongs to one submission of one assignment and is in no roster: give the "
        "list of anonymous_id and student as --worksheet"
    )
    return Owner(f"anon_{anon}", None, why)


def _hand_in(owner: Owner, units: list[tuple[Unit, _Split]], batch: Batch) -> HandIn:
    files: list[HandedFile] = []
    for unit, split in units:
        own, again = _own_name(split.rest, batch)
        if unit.folder:
            files += [HandedFile((own, *unit.below(entry)), entry, again) for entry in unit.entries]
        else:
            files += [HandedFile((own,), entry, again) for entry in unit.entries]
    late = any(split.late for _, split in units)
    note = "late by an unknown amount: Canvas marks it LATE, and writes no hour" if late else ""
    return HandIn(
        layout="canvas",
        source=units[0][0].name,
        owner=owner,
        files=tuple(files),
        refused=tuple(refused for unit, _ in units for refused in unit.refused),
        skipped=tuple(skipped for unit, _ in units for skipped in unit.skipped),
        receipt=Receipt(how="Canvas's LATE" if late else "", late=late, note=note),
        number=batch.number,
    )


def _own_name(rest: str, batch: Batch) -> tuple[str, int]:
    """Return the name before Canvas numbered a resubmission, and the number: only where that gives an expected name."""
    found = _AGAIN.fullmatch(rest)
    if found and folded(found[1] + found[3]) in batch.released:
        return found[1] + found[3], int(found[2])
    return rest, 0
