"""What all layouts share: the entries of a batch, hand-ins, and whose a hand-in is.

A batch is what one channel delivered at once. Its outermost components are its *units*: only they were named by the
channel. A layout reads the platform's part of a unit's name; whatever stands after that part, and everything inside a
folder or an archive, was named by a student and identifies nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from autograder.course.aliases import KINDS
from autograder.course.roster import Found, Match, Roster
from autograder.course.submission_rules import NO_RULES, SubmissionRules
from autograder.submissions.listing import ListedFile, Refused, folded, shown
from autograder.submissions.opened import archive_stem
from autograder.submissions.receipt import NO_CLOCK, NO_RECEIPT, Clock, Receipt
from autograder.submissions.worksheet import NO_WORKSHEET, Worksheet


@dataclass(frozen=True)
class Unit:
    """One outermost component. folder: a folder, or an archive, which is read as one.

    depth: how many parts of its entries' paths lead to it, its own name counted. empty: folders without anything.
    """

    name: str
    folder: bool
    archive: bool
    depth: int
    entries: tuple[ListedFile, ...] = ()
    refused: tuple[Refused, ...] = ()
    skipped: tuple[Refused, ...] = ()
    empty: tuple[tuple[str, ...], ...] = ()

    @property
    def stem(self) -> str:
        """Return the name without the ending of an archive."""
        return archive_stem(self.name) if self.archive else self.name

    def below(self, entry: ListedFile) -> tuple[str, ...]:
        """Return an entry's path inside this unit; for a plain file its name."""
        return entry.parts[self.depth :] or (entry.name,)


@dataclass(frozen=True)
class Batch:
    """Hold what one channel delivered, and what is needed to read it.

    assignments: names of the course's. wrappers: names of the folders around the units, outermost first.
    released: names of files that students were asked to hand in, folded.
    """

    units: tuple[Unit, ...]
    roster: Roster
    assignments: tuple[str, ...]
    wrappers: tuple[str, ...] = ()
    assignment: str = ""
    released: frozenset[str] = frozenset()
    rules: SubmissionRules = NO_RULES
    clock: Clock = NO_CLOCK
    worksheet: Worksheet = NO_WORKSHEET
    number: int = 0  # of the path that it was found under


@dataclass(frozen=True)
class Owner:
    """Say whose a hand-in is. match: None if nobody is known, and then `why` says what was found and what to do.

    key: what the channel calls the person. note: for a person to look at although somebody matched.
    """

    key: str
    match: Match | None = None
    why: str = ""
    note: str = ""


@dataclass(frozen=True)
class HandedFile:
    """One file of a hand-in under its own name. again: Canvas's number of a resubmission, the highest is the newest.

    doubtful: the channel's name can be read so that it is somebody else's; it is never graded before one that is not.
    """

    path: tuple[str, ...]
    entry: ListedFile
    again: int = 0
    doubtful: bool = False

    @property
    def name(self) -> str:
        return self.path[-1]


@dataclass(frozen=True)
class HandIn:
    """Hold what one person or group handed in at one time. source: where in its batch. place: the folder before that,
    where several paths were given in which the same names are."""

    layout: str
    source: str
    owner: Owner
    files: tuple[HandedFile, ...] = ()
    refused: tuple[Refused, ...] = ()
    skipped: tuple[Refused, ...] = ()  # what programs left, such as checkpoints
    assignment: str = ""
    receipt: Receipt = NO_RECEIPT
    notes: tuple[str, ...] = ()
    number: int = 0
    flat: bool = False  # one file, whose name is the only thing that the channel wrote
    place: str = ""

    @property
    def where(self) -> str:
        """Return where it is, as a person would find it."""
        return f"{self.place}/{self.source}" if self.place else self.source


@dataclass(frozen=True)
class LeftOver:
    """Hold what is nobody's hand-in: a file that the layout has no place for."""

    source: str
    why: str


@dataclass
class Reading:
    """Hold what a layout makes of a batch."""

    hand_ins: list[HandIn] = field(default_factory=list)
    left_over: list[LeftOver] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Layout(Protocol):
    """One way in which a channel lays out a class."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...

    def ends(self, batch: Batch) -> list[int | None]:
        """Return, of each unit, where the platform's part of its name ends; None if the unit does not fit this
        layout."""

    def read(self, batch: Batch) -> Reading: ...


def find_owner(roster: Roster, kind: str, value: str, what: str = "") -> Owner:
    """Return whose the hand-in of a person with that name is. what: the platform, for messages."""
    kind_name = KINDS.get(kind, "name")
    key = f"{kind}:{value}" if kind in KINDS else value
    found = roster.who(kind, value)
    if len(found) == 1:
        return Owner(key, found[0].match, note=_without_kind(found[0], kind))
    who = f"{what} {kind_name}".strip() if what and not kind_name.startswith(what) else kind_name
    if found:
        subjects = " and ".join(one.match.subject for one in found)
        return Owner(key, None, f"the {who} {shown(value)!r} fits {subjects}: write in the roster whose it is")
    advice = (
        roster.hint(kind, value)
        or f"add {'email' if '@' in value else 'login'}:{shown(value)} to the aliases of its student"
    )
    if kind in KINDS and not roster.hint(kind, value):
        advice = f"add {key} to the aliases of its student"
    return Owner(key, None, f"the {who} {shown(value)!r} is nobody's in the roster; {advice}")


def merge_owners(key: str, owners: Iterable[Owner]) -> Owner:
    """Return, of several readings, the one that has a student; where they name several, nobody."""
    matched = {owner.match.subject: owner for owner in owners if owner.match is not None}
    unmatched = [owner for owner in owners if owner.match is None]
    if len(matched) == 1:
        [owner] = matched.values()
        return Owner(key, owner.match, note=owner.note)
    if matched:
        return Owner(key, None, f"the name fits {' and '.join(sorted(matched))}: a person must say whose it is")
    return Owner(key, None, unmatched[0].why if unmatched else "the channel names nobody")


def files_of(unit: Unit) -> tuple[HandedFile, ...]:
    """Return a unit's files by the names that the student gave them."""
    return tuple(HandedFile(unit.below(entry), entry) for entry in unit.entries)


def assignment_folder(name: str, assignments: Sequence[str]) -> str:
    """Return the assignment that a folder is named after, whatever the case; "" where it is none."""
    return next((assignment for assignment in assignments if folded(assignment) == folded(name)), "")


def _without_kind(found: Found, kind: str) -> str:
    if not found.without_kind:
        return ""
    return (
        f"{found.match.subject} was found by the alias {found.alias!r}, which names no kind: "
        f"write {kind}:{found.alias} in the roster"
    )
