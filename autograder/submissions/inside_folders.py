"""Paths inside students' folders: `grade in/*/03_separable` means what `grade in` finds there of this assignment.

A shell's `*` often stands for the students, with the assignment's folder behind it, or a notebook in that. Each such
path alone would be a class, whose files are named after the assignment and so are nobody's. They are read as the folder
of all students that they lie in, as far as they were given. That is what is meant where every path is a folder named
after an assignment, or a notebook in one, where they lie in the folders of several students, and one of those is in the
roster. One such path alone may be a class's, kept by somebody who is in the roster: it stays what it was.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.submissions.archives import list_files
from autograder.submissions.batches import RawBatch, split_listing, with_what_lies_beside
from autograder.submissions.layouts.base import assignment_folder
from autograder.submissions.listing import ListedFile, Listing, Refused, plain_name

Numbered = tuple[int, Path]


def of_students(
    paths: Sequence[Numbered], assignments: Sequence[str], is_person: Callable[[Path], bool]
) -> list[list[Numbered]]:
    """Return those groups of paths that lie in the folders of several students; one group for each class folder."""
    groups: dict[Path, list[Numbered]] = {}
    for number, path in paths:
        if (folder := _folder_of_assignment(path, assignments)) is not None:
            groups.setdefault(folder.parent.parent, []).append((number, path))

    def students(group: Sequence[Numbered]) -> set[Path]:
        folders = (_folder_of_assignment(path, assignments) for _, path in group)
        return {folder.parent for folder in folders if folder is not None}

    return [group for group in groups.values() if len(students(group)) > 1 and any(map(is_person, students(group)))]


def class_of(
    group: Sequence[Numbered], assignments: Sequence[str], rank: Callable[[str], int]
) -> list[tuple[int, Path, RawBatch]]:
    """Return (number, path, batch) of the class whose students' folders these paths lie in; number and path are those
    of the first one. rank: of a file's name, see `list_files`. Raises FileRefused if a path is not there."""
    entries: dict[tuple[str, ...], ListedFile] = {}  # of two notebooks in one folder, what lies beside comes once
    refused: dict[tuple[tuple[str, ...], str], Refused] = {}
    skipped: dict[tuple[tuple[str, ...], str], Refused] = {}
    empty: list[tuple[str, ...]] = []
    for _, path in group:
        folder = _folder_of_assignment(path, assignments)
        assert folder is not None
        listing = list_files(folder, rank=rank, one_owner=True)
        if path.is_file():
            listing = Listing(with_what_lies_beside(path, listing.entries))
        part = _below(listing, (plain_name(folder.parent.name), plain_name(folder.name)))
        entries |= {entry.parts: entry for entry in part.entries}
        refused |= {(one.parts, one.source): one for one in part.refused}
        skipped |= {(one.parts, one.source): one for one in part.skipped}
        empty += part.empty
    found = Listing(tuple(entries.values()), tuple(refused.values()), tuple(empty), tuple(skipped.values()))
    number, path = group[0]
    return [(number, path, raw) for raw in split_listing(found, assignments)]


def _folder_of_assignment(path: Path, assignments: Sequence[str]) -> Path | None:
    """Return the folder named after an assignment that a path is, or that it is a notebook in."""
    whole = path.absolute()
    folder = whole.parent if path.name.lower().endswith(".ipynb") and os.path.isfile(path) else whole
    named = assignment_folder(plain_name(folder.name), assignments)
    return folder if named and os.path.isdir(folder) and len(folder.parts) > 2 else None


def _below(listing: Listing, folder: tuple[str, str]) -> Listing:
    """Return a listing as one of what lies below a student's folder and an assignment's."""
    before = "/".join(folder)
    entries = (
        replace(e, parts=(*folder, *e.parts), source=f"{before}/{e.source}", archives=tuple(n + 2 for n in e.archives))
        for e in listing.entries
    )
    refused, skipped = (
        tuple(replace(r, parts=(*folder, *r.parts), source=f"{before}/{r.source}".rstrip("/")) for r in some)
        for some in (listing.refused, listing.skipped)
    )
    nothing: tuple[tuple[str, ...], ...] = () if listing.entries or listing.empty else ((),)
    return Listing(tuple(entries), refused, tuple((*folder, *parts) for parts in listing.empty + nothing), skipped)
