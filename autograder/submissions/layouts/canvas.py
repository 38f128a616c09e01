"""Canvas: "Download Submissions", one flat zip.

    upload   {name}[_LATE]_{user}_{file}_{own name}       LATE_anon_{id}_{file}_{own name} where grading is anonymous
    text     {name}[_LATE]_{user}_text.html               link: …_link.html

`{user}` identifies; `{file}` differs from file to file of one person. `{name}` is empty where a display name holds no
letter. It may end in `_10003`, and a student's file name may begin with digits, so where three or more numbers follow
each other the first two are both tried as the user's; numbers after those were chosen by the student. One reading is
sure where the rest is a released name, since there a file's number would stand before it, or where the file's number
would be that of two files of one person. What stays open joins nobody's sure files as the one to grade. Whether
grading is anonymous is decided for the whole download, since somebody may call themselves `anon_x`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.submissions.layouts.base import Batch, HandedFile, HandIn, Owner, Reading, Unit, find_owner
from autograder.submissions.listing import folded, shown
from autograder.submissions.opened import archive_stem
from autograder.submissions.receipt import Receipt

_START = re.compile(r"(?P<name>.*?)(?:_(?P<late>LATE))?_(?P<user>\d+)_(?=\d+_.|(?:text|link)\.html\Z)", re.DOTALL)
_SECOND = re.compile(r"(?P<user>\d+)_(?=\d+_.|(?:text|link)\.html\Z)", re.DOTALL)
_ANONYMOUS = re.compile(
    r"(?:(?P<late>LATE)_)?anon_(?P<anon>[A-Za-z0-9]+)_(?:(?P<file>\d+)_(?=.)|(?=(?:text|link)\.html\Z))"
)
_AGAIN = re.compile(r"(.*)-(\d{1,3})(\.[^.]*)", re.DOTALL)


@dataclass(frozen=True)
class _Split:
    """One reading of a name. person: the part that is equal for all files of one person, without LATE. file: the
    file's number; "" for a text entry."""

    person: str
    user: str
    late: bool
    file: str
    rest: str


@dataclass(frozen=True)
class _Read:
    """One name as it is read. sure: no other reading is possible."""

    unit: Unit
    split: _Split
    sure: bool


class Canvas:
    name = "canvas"
    title = "Canvas"

    def ends(self, batch: Batch) -> list[int | None]:
        return [_end(unit.name) for unit in batch.units]

    def read(self, batch: Batch) -> Reading:
        people: dict[tuple[str, str], list[_Read]] = defaultdict(list)
        owners: dict[tuple[str, str], Owner] = {}
        ambiguous: list[tuple[Unit, list[_Split]]] = []
        for unit, splits in _readings(batch):
            if len(splits) > 1:
                ambiguous.append((unit, splits))
                continue
            [split] = splits
            people["", split.person].append(_Read(unit, split, True))
            owners["", split.person] = _of_user(split, batch)
        sure = dict(owners)
        for unit, splits in ambiguous:
            owner, split, key = _whose(splits, sure, batch)
            people[key].append(_Read(unit, split, False))
            owners.setdefault(key, owner)
        _refuse_rivals(owners)
        hand_ins = [_hand_in(owners[key], reads, batch) for key, reads in people.items()]
        return Reading(sorted(hand_ins, key=lambda hand_in: hand_in.source))


def _end(name: str) -> int | None:
    splits = _splits(name, anonymous=True) or _splits(name, anonymous=False)
    return len(name) - len(splits[0].rest) if splits else None


def _readings(batch: Batch) -> list[tuple[Unit, list[_Split]]]:
    """Return each unit that Canvas named with the readings of its name that are possible."""
    anonymous = sum(_ANONYMOUS.match(unit.name) is not None for unit in batch.units) * 2 > len(batch.units)
    found = [(unit, splits) for unit in batch.units if (splits := _splits(unit.name, anonymous))]
    numbers = Counter((splits[0].person, splits[0].file) for _, splits in found)
    return [(unit, _possible(splits, numbers, batch)) for unit, splits in found]


def _possible(splits: list[_Split], numbers: Mapping[tuple[str, str], int], batch: Batch) -> list[_Split]:
    first = splits[0]
    if len(splits) > 1 and folded(_own_name(first.rest, batch)[0]) in batch.released:
        return [first]  # were the second one true, the number of a file would stand before the released name
    if len(splits) > 1 and numbers[first.person, first.file] > 1:
        return splits[1:]  # no two files have one number: it is the user's
    return splits


def _splits(name: str, anonymous: bool) -> list[_Split]:
    if found := _ANONYMOUS.match(name) if anonymous else None:
        person = f"anon_{found['anon']}"
        return [_Split(person, "", found["late"] is not None, found["file"] or "", name[found.end() :])]
    first = _START.match(name)
    if first is None:
        return []
    late = first["late"] is not None
    splits = [_split(name, first.end(), first["user"], late)]
    second = _SECOND.match(name, first.end())
    if second is not None:
        splits.append(_split(name, second.end(), second["user"], late))
    return splits


def _split(name: str, end: int, user: str, late: bool) -> _Split:
    found = re.match(r"(\d+)_(?=.)", name[end:], re.DOTALL)
    rest = name[end + found.end() :] if found else name[end:]
    return _Split(name[: end - 1].replace("_LATE_", "_"), user, late, found[1] if found else "", rest)


def _of_user(split: _Split, batch: Batch) -> Owner:
    if not split.user:
        return _anonymous(split.person.removeprefix("anon_"), batch)
    return find_owner(batch.roster, "canvas", split.user, "Canvas")


def _whose(
    splits: list[_Split], sure: Mapping[tuple[str, str], Owner], batch: Batch
) -> tuple[Owner, _Split, tuple[str, str]]:
    """Return the owner of a name with two readings, by which of them, and with which other names it belongs.

    sure: whose the names are of which there is only one reading, by the person's part.
    """
    found = [(_of_user(split, batch), split) for split in splits]
    hits = [(owner, split) for owner, split in found if owner.match is not None]
    apart = ("?", splits[-1].person)  # with no name that is somebody's
    if len({owner.match.subject for owner, _ in hits if owner.match}) > 1:
        users = " and ".join(f"{split.user} ({owner.match.subject})" for owner, split in hits if owner.match)
        why = f"the name can be read as Canvas user {users}: a person must say whose it is"
        return Owner(splits[-1].person, None, why), splits[0], apart
    if not hits:
        owner, split = found[0]
        return owner, split, ("", split.person) if ("", split.person) in sure else apart
    owner, split = hits[0]
    if ("", split.person) in sure:  # a further file of theirs, unless somebody outside the roster is called so
        return owner, split, ("", split.person)
    # Canvas writes one name for one person, so where another name is theirs without doubt this one only looks so.
    for (_, other), theirs in sure.items():
        if theirs.match == owner.match:
            why = f"the name reads as {owner.key}, which {shown(other)!r} of the same download is: not counted"
            return Owner(splits[-1].person, None, why), split, apart
    others = [one.user for one in splits if one.user != split.user]
    if others:
        note = f"the name can also be read as Canvas user {others[0]}, who is not in the roster"
        owner = replace(owner, note="; ".join(filter(None, (owner.note, note))))
    return owner, split, ("?", split.person)


def _refuse_rivals(owners: dict[tuple[str, str], Owner]) -> None:
    """Set aside names of which each has two readings where they have the same student and different people's parts."""
    by_subject: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for key, owner in owners.items():
        if owner.match is not None and key[0]:
            by_subject[owner.match.subject].append(key)
    for keys in by_subject.values():
        for kind, person in keys if len(keys) > 1 else ():
            owner = owners[kind, person]
            others = " and ".join(repr(shown(other)) for _, other in keys if other != person)
            why = f"the name reads as {owner.key}, and so does {others} of the same download: a person must say whose"
            owners[kind, person] = Owner(person, None, why)


def _anonymous(anon: str, batch: Batch) -> Owner:
    row = batch.worksheet.rows.get(anon)
    if row is not None:
        return Owner(f"anon_{anon}", row.match, row.why)
    why = (
        f"Canvas's anonymous id {anon!r} belongs to one submission of one assignment and is in no roster: give a list "
        "with the columns anonymous_id and email as --worksheet"
    )
    return Owner(f"anon_{anon}", None, why)


def _hand_in(owner: Owner, reads: list[_Read], batch: Batch) -> HandIn:
    files: list[HandedFile] = []
    surely = any(read.sure for read in reads)
    archives = [read.split.rest for read in reads if read.unit.archive]
    for read in reads:
        unit = read.unit
        own, again = _own_name(read.split.rest, batch)
        again = again or (_again_of_archive(own, archives) if unit.archive else 0)
        doubtful = surely and not read.sure
        for entry in unit.entries:
            path = (own, *unit.below(entry)) if unit.folder else (own,)
            files.append(HandedFile(path, entry, again, doubtful))
    late = any(read.split.late for read in reads)
    note = "late by an unknown amount: Canvas marks it LATE, and writes no hour" if late else ""
    return HandIn(
        layout="canvas",
        source=reads[0].unit.name,
        owner=owner,
        files=tuple(files),
        refused=tuple(refused for read in reads for refused in read.unit.refused),
        skipped=tuple(skipped for read in reads for skipped in read.unit.skipped),
        receipt=Receipt(how="Canvas's LATE" if late else "", late=late, note=note),
        number=batch.number,
    )


def _own_name(rest: str, batch: Batch) -> tuple[str, int]:
    """Return the name before Canvas numbered a resubmission, and the number: only where that gives an expected name."""
    found = _AGAIN.fullmatch(rest)
    if found and folded(found[1] + found[3]) in batch.released:
        return found[1] + found[3], int(found[2])
    return rest, 0


def _again_of_archive(name: str, archives: Sequence[str]) -> int:
    """Return Canvas's number of an archive: only beside another of the same name but for that number."""
    stem = archive_stem(name)
    found = re.fullmatch(r"(.*)-(\d{1,3})", stem, re.DOTALL)
    if not found:
        return 0
    others = {re.sub(r"-\d{1,3}\Z", "", archive_stem(other)) for other in archives if other != name}
    return int(found[2]) if found[1] in others else 0
