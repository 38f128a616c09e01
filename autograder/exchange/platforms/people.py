"""Who a row of a platform's file is: by the platform's own numbers, never by a name.

An alias in the roster says what kind of name it is: `canvas:10003`, `sid:20067930`, `login:al815`, `github:ada-l`. A
row offers what it has, each with its kind, and a kind is compared with its own kind only: user 10003 of Canvas is
somebody else than the student whose university number is 10003.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograder.course.roster import Roster, Student

KINDS = ("id", "email", "canvas", "sid", "login", "github", "moodle", "d2l", "ilias")
Name = tuple[str, str]
"""(kind, value) as a platform's file has it."""


@dataclass(frozen=True)
class RowOwner:
    """Whom the names of a row mean; `problem` says why it is nobody, for the person who exports."""

    student: str = ""
    problem: str = ""


class People:
    """The roster's students by kind and name."""

    def __init__(self, roster: Roster) -> None:
        self._by_name: dict[Name, set[str]] = defaultdict(set)
        for student in roster.students:
            for kind, value in names_of(student):
                self._by_name[kind, normal(value)].add(student.id)

    def find(self, names: Sequence[Name]) -> RowOwner:
        """Return the one student whom all names that are known agree on."""
        hits: dict[str, list[str]] = defaultdict(list)
        for kind, value in names:
            for student in self._by_name.get((kind, normal(value)), ()) if value.strip() else ():
                hits[student].append(f"{kind}:{value}")
        if len(hits) == 1:
            return RowOwner(student=next(iter(hits)))
        if hits:
            told = "; ".join(f"{student} by {', '.join(by)}" for student, by in sorted(hits.items()))
            return RowOwner(problem=f"its names belong to different students ({told})")
        offered = ", ".join(f"{kind}:{value}" for kind, value in names if value.strip())
        if not offered:
            return RowOwner(problem="has no number, login or e-mail address: only a name, which identifies nobody")
        return RowOwner(problem=f"nobody in the roster has {offered}")


def names_of(student: Student) -> Iterable[Name]:
    """Return all (kind, name) of a student: id, e-mail address, and aliases that say their kind."""
    yield "id", student.id
    if student.email:
        yield "email", student.email
    for alias in student.aliases:
        kind, colon, value = alias.partition(":")
        if colon and kind in KINDS:
            yield kind, value


def normal(value: str) -> str:
    """Return a name as it is compared: case, blanks around it and the Unicode form do not matter."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", value.strip()).casefold())
