"""No platform: a folder per student, an archive per student, or notebooks named after their students.

The outermost name is the student's (id, e-mail, login, university number, or an alias without a kind; or the group's).
In a folder of notebooks the assignment's name may stand beside the student's: `alice_03_separable.ipynb`. Files named
after one student and one assignment are one hand-in; what is no notebook belongs to all of the student's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from autograder.course.aliases import normal
from autograder.submissions.layouts.base import (
    Batch,
    HandedFile,
    HandIn,
    LeftOver,
    Owner,
    Reading,
    Unit,
    assignment_folder,
    files_of,
    find_owner,
    merge_owners,
)
from autograder.submissions.listing import folded, shown
from autograder.submissions.naming import named_assignment, without_assignment


class Plain:
    name = "folders"
    title = "a folder, zip or notebook per student"

    def ends(self, batch: Batch) -> list[int | None]:
        return [len(unit.name) for unit in batch.units]

    def read(self, batch: Batch) -> Reading:
        reading = Reading()
        files: list[HandIn] = []
        for unit in batch.units:
            if unit.folder:
                reading.hand_ins.append(_of_folder(unit, batch))
            elif (hand_in := _of_file(unit, batch)) is not None:
                files.append(hand_in)
            else:
                why = "it is no notebook, and its name is nobody's in the roster"
                # A link or a pipe was not looked into, so its name alone is not why.
                told = next((one.message for one in unit.refused if len(one.parts) == 1), why)
                reading.left_over.append(LeftOver(unit.name, told))
        reading.hand_ins += _together(files)
        return reading


def _together(files: Sequence[HandIn]) -> Iterator[HandIn]:
    """Yield the hand-ins that single files are: those of one student and one assignment together."""
    people: dict[str, list[HandIn]] = defaultdict(list)
    for file in files:
        if file.owner.match is None:
            yield file  # whose it is, is to be found out for each
        else:
            people[normal(file.owner.key)].append(file)
    for theirs in people.values():
        notebooks: dict[str, list[HandIn]] = defaultdict(list)
        for file in theirs:
            if _is_notebook(file):
                notebooks[file.assignment].append(file)
        for assignment, mine in (notebooks or {"": []}).items():
            mine = mine + [file for file in theirs if not _is_notebook(file)]
            yield replace(
                mine[0],
                assignment=assignment or mine[0].assignment,
                files=tuple(one for file in mine for one in file.files),
                refused=tuple(one for file in mine for one in file.refused),
                skipped=tuple(one for file in mine for one in file.skipped),
            )


def _is_notebook(file: HandIn) -> bool:
    return _stem(file.source)[1]


def _of_folder(unit: Unit, batch: Batch) -> HandIn:
    names = [unit.stem]
    if unit.archive:
        names += without_assignment(unit.stem, batch.assignments)
    owners = [find_owner(batch.roster, "person", name) for name in dict.fromkeys(names)]
    return HandIn(
        layout="folders",
        source=unit.name,
        owner=merge_owners(unit.stem, owners),
        files=files_of(unit),
        refused=unit.refused,
        skipped=unit.skipped,
        assignment=named_assignment(unit.stem, batch.assignments) if unit.archive else "",
        number=batch.number,
        notes=_stamps_told(unit, batch),
    )


def _stamps_told(unit: Unit, batch: Batch) -> tuple[str, ...]:
    """Return what to tell of a time stamp that would count in nbgrader's tree, and here may be the student's own."""
    places = [unit.below(entry) for entry in unit.entries if not entry.archives]
    if any(path[1:] == ("timestamp.txt",) and assignment_folder(path[0], batch.assignments) for path in places):
        return ("timestamp.txt is not counted, it may be the student's own: say --layout nbgrader if nbgrader made it",)
    return ()


def _of_file(unit: Unit, batch: Batch) -> HandIn | None:
    """Return the hand-in that a file at the top is; None if it is neither a notebook nor named after anybody."""
    stem, is_notebook = _stem(unit.name)
    owner = _of_stem(stem, batch) if is_notebook else _of_other(unit.name, stem, batch)
    if not is_notebook and owner.match is None:
        return None
    own = unit.name
    if owner.match is not None:
        own = next((name for name in _released(batch) if _ends_with(unit.name, name)), unit.name)
    return HandIn(
        layout="folders",
        source=unit.name,
        owner=owner,
        files=tuple(HandedFile((own,), entry) for entry in unit.entries),
        refused=unit.refused,
        skipped=unit.skipped,
        assignment=named_assignment(stem, batch.assignments),
        number=batch.number,
        flat=True,
    )


def _stem(name: str) -> tuple[str, bool]:
    found = re.fullmatch(r"(.+?)\.ipynb(?:\.\w{1,5})?", name, re.IGNORECASE | re.DOTALL)
    return (found[1], True) if found else (name.rpartition(".")[0] or name, False)


def _of_stem(stem: str, batch: Batch) -> Owner:
    names: Sequence[str] = list(dict.fromkeys([stem, *without_assignment(stem, batch.assignments)]))
    owner = merge_owners(names[-1], [find_owner(batch.roster, "person", name) for name in names])
    if owner.match is None and not owner.why:
        return Owner(owner.key, None, f"{shown(stem)!r} is nobody's in the roster")
    return owner


def _of_other(name: str, stem: str, batch: Batch) -> Owner:
    """Return whose a file beside the notebooks is: `alice.pdf`, or `alice_weights.safetensors` where weights are
    expected."""
    for expected in _released(batch):
        if _ends_with(name, expected):
            return _of_stem(name[: -len(expected)].strip(" _-.+,@"), batch)
    return _of_stem(stem, batch)


def _released(batch: Batch) -> list[str]:
    return sorted(batch.released, key=lambda name: (-len(name), name))


def _ends_with(name: str, expected: str) -> bool:
    """Return whether a name is an expected one behind a student's."""
    before = folded(name)[: -len(expected)]
    return folded(name).endswith(expected) and before != "" and not before[-1].isalnum()
