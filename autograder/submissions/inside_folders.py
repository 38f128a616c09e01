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
from autograder.submissions.batches import RawBatch, split_listing
from autograder.submissions.layouts.base import assignment_folder
from autograder.submissions.listing import ListedFile, Listing, plain_name

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
    found = Listing(())
    for _, path in group:
        folder = _folder_of_assignment(path, assignments)
        assert folder is not None
        listing = list_files(folder, rank=rank, one_owner=True)
        if path.is_file():  # the notebook, and what lies beside it but for other notebooks
            listing = Listing(tuple(entry for entry in listing.entries if _is_given(entry, path)))
        found = _joined(found, listing, (plain_name(folder.parent.name), plain_name(folder.name)))
    number, path = group[0]
    return [(number, path, raw) for raw in split_listing(found, assignments)]


def _folder_of_assignment(path: Path, assignments: Sequence[str]) -> Path | None:
    """Return the folder named after an assignment that a path is, or that it is a notebook in."""
    whole = path.absolute()
    folder = whole.parent if path.name.lower().endswith(".ipynb") and os.path.isfile(path) else whole
    named = assignment_folder(plain_name(folder.name), assignments)
    return folder if named and os.path.isdir(folder) and len(folder.parts) > 2 else None


def _is_given(entry: ListedFile, path: Path) -> bool:
    is_book = entry.name.lower().endswith(".ipynb")
    return len(entry.parts) == 1 and (entry.name == plain_name(path.name) or not is_book)


def _joined(whole: Listing, part: Listing, folder: tuple[str, str]) -> Listing:
    """Return both listings as one, the second one below a folder."""
    before = "/".join(folder)
    seen = {entry.parts for entry in whole.entries}
    entries = (
        replace(e, parts=(*folder, *e.parts), source=f"{before}/{e.source}", archives=tuple(n + 2 for n in e.archives))
        for e in part.entries
    )
    refused, skipped = (
        tuple(replace(r, parts=(*folder, *r.parts), source=f"{before}/{r.source}".rstrip("/")) for r in some)
        for some in (part.refused, part.skipped)
    )
    nothing: tuple[tuple[str, ...], ...] = () if part.entries or part.empty else ((),)
    return Listing(
        whole.entries + tuple(entry for entry in entries if entry.parts not in seen),
        whole.refused + refused,
        whole.empty + tuple((*folder, *parts) for parts in part.empty + nothing),
        whole.skipped + tuple(one for one in skipped if one not in whole.skipped),
    )
