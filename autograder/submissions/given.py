"""What several paths are together: class folders, or single hand-ins that a shell's `*` listed one by one.

`grade in/*` names the same files as `grade in`, and must mean the same: were each path a class of its own, a student's
zip would be the channel's, and the names in it would say whose the work is. So files that lie side by side are one
batch, and so are paths inside the folders of several students (`inside_folders`); and folders and archives are
hand-ins, not classes, where the name of anything beside them is a student's or a platform's for a student.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.course.roster import Roster
from autograder.submissions.archives import list_files
from autograder.submissions.batches import RawBatch, find_batches, in_collected_tree
from autograder.submissions.inside_folders import class_of, of_students
from autograder.submissions.layouts.base import Batch, Unit
from autograder.submissions.layouts.choose import PLAIN, choose_layout
from autograder.submissions.listing import Refused, plain_name, shown
from autograder.submissions.naming import without_assignment
from autograder.submissions.opened import archive_kind, archive_stem


def batches_of(
    paths: Sequence[Path],
    roster: Roster,
    assignments: Sequence[str],
    batch: Callable[[RawBatch], Batch],
    rank: Callable[[str], int],
) -> list[tuple[int, Path, RawBatch]]:
    """Return (number of the path, path, batch) for all paths. Raises FileRefused if one of them is not there.

    batch: makes a whole batch of a raw one, for asking which layout it has. rank: of a file's name, see `list_files`.
    """
    found: list[tuple[int, Path, RawBatch]] = []
    beside: dict[Path, list[tuple[int, Path]]] = {}
    given = _once(paths)
    outside = [one for one in given if not in_collected_tree(one[1])]
    inside = of_students(outside, assignments, lambda folder: _is_person(folder, roster, assignments))
    for group in inside:
        found += class_of(group, assignments, rank)
    taken = {number for group in inside for number, _ in group}
    for number, path in given:
        if number in taken:
            continue
        if in_collected_tree(path):
            found += [(number, path, raw) for raw in find_batches(path, assignments, rank)]
        else:
            beside.setdefault(path.absolute().parent, []).append((number, path))
    for group in beside.values():
        single = _single(group, roster, assignments, batch)
        for number, path in group:
            if path not in single:
                found += [(number, path, raw) for raw in find_batches(path, assignments, rank)]
        if single:
            number, path = next((number, path) for number, path in group if path in single)
            found.append((number, path, RawBatch(tuple(_unit(path, rank) for _, path in group if path in single))))
    return sorted(found, key=lambda item: item[0])


def places(batches: Sequence[tuple[int, Path, RawBatch]]) -> dict[int, str]:
    """Return what tells the files of several paths apart where their names do not: of each path's number, the folder
    to put before them, or "".
    """
    seen: dict[str, int] = {}
    paths = {number: path for number, path, _ in batches}
    alike = False
    for number, _, raw in batches:
        for source in {entry.source for unit in raw.units for entry in unit.entries}:
            alike = alike or seen.setdefault(source, number) != number
    if not alike:
        return dict.fromkeys(paths, "")
    folders = {n: os.path.abspath(path if _is_folder(path) else path.parent) for n, path in paths.items()}
    above = os.path.commonpath(list(folders.values()))
    return {n: shown(os.path.relpath(folder, above)) for n, folder in folders.items()}


def placed(raw: RawBatch, place: str) -> RawBatch:
    """Return a batch with a folder before where its files are, as a person would find them."""
    if not place:
        return raw
    units = tuple(
        replace(unit, entries=tuple(replace(e, source=f"{place}/{e.source}") for e in unit.entries),
                refused=tuple(replace(r, source=f"{place}/{r.source}") for r in unit.refused),
                skipped=tuple(replace(s, source=f"{place}/{s.source}") for s in unit.skipped))
        for unit in raw.units
    )  # fmt: skip
    return replace(raw, units=units)


def _once(paths: Sequence[Path]) -> list[tuple[int, Path]]:
    """Return (number, path) of those paths that are no other one's, nor in another one: nothing comes in twice."""
    real = [_real(path) for path in paths]
    kept = []
    for number, path in enumerate(paths):
        above = (other for at, other in enumerate(real) if other != real[number] or at < number)
        if not any(real[number] == other or real[number].startswith(f"{other.rstrip('/')}/") for other in above):
            kept.append((number, path))
    return kept


def _single(
    group: Sequence[tuple[int, Path]], roster: Roster, assignments: Sequence[str], batch: Callable[[RawBatch], Batch]
) -> list[Path]:
    """Return those paths that are one student's each."""
    paths = [path for _, path in group]
    holders = [path for path in paths if _is_folder(path) or archive_kind(path.name)]
    files = [path for path in paths if path not in holders and os.path.isfile(path)]
    named = any(_is_person(path, roster, assignments) for path in holders + files)
    empty = [Unit(plain_name(p.name), p in holders, bool(archive_kind(p.name)), 1) for p in holders + files]
    layout = choose_layout(batch(RawBatch(tuple(empty)))) if empty else PLAIN
    # One name that looks like a platform's may be a class's export; two and more are hand-ins.
    platform = layout is not PLAIN and (len(empty) > 1 or layout.name in ("moodle", "blackboard", "brightspace"))
    return files + (holders if named or platform else [])


def _real(path: Path) -> str:
    try:
        return os.path.realpath(path)
    except ValueError:  # a name that no file can have
        return str(path)


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # False, not an error, for names that no file can have


def _is_person(path: Path, roster: Roster, assignments: Sequence[str]) -> bool:
    name = plain_name(re.sub(r"\.ipynb\Z", "", archive_stem(path.name), flags=re.IGNORECASE))
    return any(roster.who("person", one) for one in (name, *without_assignment(name, assignments)))


def _unit(path: Path, rank: Callable[[str], int]) -> Unit:
    """Return a path as the one outermost component that it is."""
    listing, name = list_files(path, rank=rank, one_owner=True), plain_name(path.name)
    folder, archive = _is_folder(path), bool(archive_kind(path.name))
    if not folder and not archive:
        return Unit(name, False, False, 1, listing.entries, listing.refused)
    entries = tuple(
        replace(
            entry,
            parts=(name, *entry.parts),
            source=f"{name}/{entry.source}" if folder else entry.source,
            archives=(*((1,) if archive else ()), *(at + 1 for at in entry.archives)),
        )
        for entry in listing.entries
    )

    def below(one: Refused) -> Refused:  # of what is said of all of it, the source is empty
        source = f"{name}/{one.source}".rstrip("/") if folder else one.source or name
        return replace(one, parts=(name, *one.parts), source=source)

    refused, skipped = tuple(map(below, listing.refused)), tuple(map(below, listing.skipped))
    empty = tuple((name, *parts) for parts in listing.empty)
    return Unit(name, True, archive, 1, entries, refused, skipped, empty)
