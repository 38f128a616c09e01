"""GitHub Classroom: {slug}-submissions/{prefix}-{login}[-{n}]/…

A login is chosen by its owner and can be changed, so only `github:` aliases name anybody. `-{n}` is a duplicate
repository, or part of the login: the roster decides, but anybody can call themselves `ada-1`, so beside a repository
under the login itself it is set aside. Nothing says when work came in: commit dates are the author's.
`.git` is not looked into, and git is never run.
"""

from __future__ import annotations

import re

from autograder.course.aliases import normal
from autograder.submissions.layouts.base import Batch, HandIn, Owner, Reading, Unit, files_of, find_owner
from autograder.submissions.listing import folded

_LOGIN = re.compile(r"[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}")
_SLUG = re.compile(r"(?P<slug>.+)-submissions")


class GitHub:
    name = "github"
    title = "GitHub Classroom"

    def ends(self, batch: Batch) -> list[int | None]:
        prefix = _prefix(batch)
        return [len(unit.name) if _login(unit, prefix) else None for unit in batch.units]

    def read(self, batch: Batch) -> Reading:
        reading = Reading()
        prefix = _prefix(batch)
        logins = frozenset(folded(_login(unit, prefix)) for unit in batch.units)
        for unit in batch.units:
            if login := _login(unit, prefix):
                reading.hand_ins.append(
                    HandIn(
                        layout=self.name,
                        source=unit.name,
                        owner=_whose(login, logins, batch),
                        files=files_of(unit),
                        refused=unit.refused,
                        skipped=unit.skipped,
                        number=batch.number,
                    )
                )
        awaited = len({normal(student.group) or student.id for student in batch.roster.students})
        if len(reading.hand_ins) < awaited:
            reading.notes.append(
                f"GitHub Classroom: found {len(reading.hand_ins)} folders for {awaited} students or groups of the "
                "roster; its command clones 30 repositories unless told otherwise (--per-page): see that all are there"
            )
        return reading


def _login(unit: Unit, prefix: str) -> str:
    login = unit.name[len(prefix) :]
    fits = prefix and unit.folder and not unit.archive and folded(unit.name).startswith(folded(prefix))
    return login if fits and _LOGIN.fullmatch(login) else ""


def _prefix(batch: Batch) -> str:
    """Return what stands before every login, with its hyphen: the classroom's slug, an assignment, or what all
    share.
    """
    names = [unit.name for unit in batch.units if unit.folder and not unit.archive]
    slug = next((found["slug"] for name in reversed(batch.wrappers) if (found := _SLUG.fullmatch(name))), "")
    known = [slug] if slug else []
    for assignment in batch.assignments:
        known += [assignment, assignment.replace("_", "-")]
    for prefix in known:
        if names and sum(folded(name).startswith(folded(f"{prefix}-")) for name in names) * 2 > len(names):
            return f"{prefix}-"
    if len(names) > 1 and any(kind == "github" for kind, _ in batch.roster.names):
        shared = _shared(names)
        hits = sum(bool(batch.roster.who("github", name[len(shared) :])) for name in names)
        return shared if shared.endswith("-") and hits * 2 > len(names) else ""
    return ""


def _shared(names: list[str]) -> str:
    shared = min(names, key=len)
    while not all(name.startswith(shared) for name in names):
        shared = shared[:-1]
    return shared[: shared.rfind("-") + 1]


def _whose(login: str, logins: frozenset[str], batch: Batch) -> Owner:
    """Return the owner. logins: what all folders of the batch read as, folded."""
    exact = find_owner(batch.roster, "github", login)
    duplicate = re.fullmatch(r"(.+)-\d{1,3}", login)
    if exact.match is not None or duplicate is None:
        return exact
    owner = find_owner(batch.roster, "github", duplicate[1])
    if owner.match is None:
        return exact
    reading = f"a duplicate repository of {duplicate[1]!r}, or of somebody called {login!r}, who is not in the roster"
    if folded(duplicate[1]) in logins:
        return Owner(f"github:{login}", None, f"it is {reading}: the other one counts until a person says whose it is")
    return Owner(f"github:{login}", owner.match, note=f"taken for {reading}")
