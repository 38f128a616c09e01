"""From the files under a path to batches: the outermost components that a channel wrote, one batch a folder of them.

Folders that hold a whole class are looked through: `submitted`, a classroom's `…-submissions`, Gradescope's
`assignment_…_export`, a folder named after an assignment, ILIAS's `Submissions`. No other folder is: an
outermost name that nobody knows is set aside, and what lies in it never says whose it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.submissions.archives import list_files
from autograder.submissions.layouts.base import Unit, assignment_folder
from autograder.submissions.listing import ListedFile, Listing, Refused, plain_name
from autograder.submissions.opened import archive_kind, archive_stem

_WRAPPERS = re.compile(r"submitted|collected|inbound|.+-submissions|assignment_\d+_export", re.IGNORECASE)
_SUBMISSIONS_WORD = re.compile(r"Submissions|Abgaben|Einreichungen|Soumissions|Entregas", re.IGNORECASE)
_COLLECTED = "submitted"


@dataclass(frozen=True)
class RawBatch:
    """Units that lie side by side. wrappers: names of the folders around them. assignment: as such a folder says.
    skipped: what programs left beside the units."""

    units: tuple[Unit, ...]
    wrappers: tuple[str, ...] = ()
    assignment: str = ""
    skipped: tuple[Refused, ...] = ()


def wrapper_test(assignments: Sequence[str]) -> Callable[[str], bool]:
    """Return what says of a name whether it is a folder around a class."""

    def is_wrapper(name: str) -> bool:
        fits = _WRAPPERS.fullmatch(name) or _SUBMISSIONS_WORD.fullmatch(name)
        return fits is not None or assignment_folder(name, assignments) != ""

    return is_wrapper


def in_collected_tree(path: Path) -> bool:
    """Return whether a path is a student's or an assignment's folder, or a file, of nbgrader's tree `submitted/`."""
    return 0 < len(_below_collected(path)) <= 3


def _below_collected(path: Path) -> tuple[str, ...]:
    whole = path.absolute().parts
    below = whole[len(whole) - whole[::-1].index(_COLLECTED) :] if _COLLECTED in whole else ()
    return tuple(map(plain_name, below))


def find_batches(path: Path, assignments: Sequence[str], rank: Callable[[str], int] = lambda name: 0) -> list[RawBatch]:
    """Return the batches under a path. rank: of a file's name, see `list_files`. Raises FileRefused if `path` is not
    there.
    """
    listing, around = _rooted(path, assignments, rank)
    wrappers: tuple[str, ...] = ()
    shared = _only_folder(listing)
    if archive_kind(path.name) and shared and shared == archive_stem(path.name):
        wrappers = (shared,)  # somebody zipped the folder instead of what is in it
    if not around and plain_name(path.name).lower() == _COLLECTED and path.is_dir():
        wrappers = (path.name.lower(),)
        return _split(listing, 0, wrappers, "", assignments)
    if not around and path.is_dir() and _WRAPPERS.fullmatch(path.name):
        return _split(listing, 0, (path.name,), "", assignments)
    return _split(listing, len(wrappers), wrappers, "", assignments)


def _rooted(path: Path, assignments: Sequence[str], rank: Callable[[str], int]) -> tuple[Listing, bool]:
    """Return the files under `path`; where it is a part of nbgrader's tree, as if the whole tree had been given.

    `submitted/alice`, `submitted/alice/03_separable` and the notebook in it name the student as the tree does. Of the
    notebook's folder the files beside it are taken too.
    """
    is_wrapper = wrapper_test(assignments)
    below = _below_collected(path)
    if not 0 < len(below) <= 3:
        return list_files(path, is_wrapper, rank), False
    if path.is_file():
        if len(below) != 3 or archive_kind(path.name):
            return list_files(path, is_wrapper, rank), False
        keep = with_what_lies_beside(path, list_files(path.parent, is_wrapper, rank).entries)
        return _below(Listing(keep), (_COLLECTED, *below[:-1])), True
    listing = list_files(path, rank=rank, one_owner=True)
    name = plain_name(path.name)  # of what a limit is about: all of it
    told = tuple(replace(refused, source=refused.source or name) for refused in listing.refused)
    return _below(replace(listing, refused=told), (_COLLECTED, *below)), True


def with_what_lies_beside(notebook: Path, entries: Iterable[ListedFile]) -> tuple[ListedFile, ...]:
    """Return, of the files of a notebook's folder, the notebook and what lies beside it but for other notebooks."""
    name = plain_name(notebook.name)
    return tuple(e for e in entries if len(e.parts) == 1 and (e.name == name or not e.name.lower().endswith(".ipynb")))


def _below(listing: Listing, prefix: tuple[str, ...]) -> Listing:
    length = len(prefix)
    return Listing(
        tuple(
            replace(e, parts=(*prefix, *e.parts), archives=tuple(at + length for at in e.archives))
            for e in listing.entries
        ),
        tuple(replace(refused, parts=(*prefix, *refused.parts)) for refused in listing.refused),
        tuple((*prefix, *parts) for parts in listing.empty),
        tuple(replace(skipped, parts=(*prefix, *skipped.parts)) for skipped in listing.skipped),
    )


def _only_folder(listing: Listing) -> str:
    """Return the one folder that everything lies in; "" where there is more beside it."""
    paths = [entry.parts for entry in listing.entries] + [refused.parts for refused in listing.refused]
    tops = {parts[0] for parts in paths if parts}
    return tops.pop() if len(tops) == 1 and all(len(parts) > 1 for parts in paths) else ""


class _Group:
    def __init__(self) -> None:
        self.entries: list[ListedFile] = []
        self.refused: list[Refused] = []
        self.skipped: list[Refused] = []
        self.empty: list[tuple[str, ...]] = []
        self.folder = False


def split_listing(listing: Listing, assignments: Sequence[str]) -> list[RawBatch]:
    """Return the batches of a class folder's files, as `find_batches` does for a path."""
    return _split(listing, 0, (), "", assignments)


def _split(
    listing: Listing, depth: int, wrappers: tuple[str, ...], assignment: str, assignments: Sequence[str]
) -> list[RawBatch]:
    groups: dict[str, _Group] = {}
    beside: list[Refused] = []

    def group(parts: tuple[str, ...]) -> _Group | None:
        return groups.setdefault(parts[depth], _Group()) if len(parts) > depth else None

    for entry in listing.entries:
        if (found := group(entry.parts)) is not None:
            found.entries.append(entry)
            found.folder = found.folder or len(entry.parts) > depth + 1
    for refused in listing.refused:
        if (found := group(refused.parts)) is not None:
            found.refused.append(refused)
            found.folder = found.folder or len(refused.parts) > depth + 1
    for skipped in listing.skipped:
        if len(skipped.parts) <= depth + 1:
            beside.append(skipped)
        elif (found := group(skipped.parts)) is not None:
            found.skipped.append(skipped)
            found.folder = True
    for parts in listing.empty:
        if (found := group(parts)) is not None:
            found.empty.append(parts)
            found.folder = True
    batches: list[RawBatch] = []
    units: list[Unit] = []
    for name, found in groups.items():
        inner = _wraps(name, found, depth, wrappers, assignment, assignments)
        if inner is not None:
            part = Listing(tuple(found.entries), tuple(found.refused), tuple(found.empty), tuple(found.skipped))
            batches += _split(part, depth + 1, (*wrappers, inner[0]), inner[1] or assignment, assignments)
        else:
            kind = archive_kind(name)
            units.append(
                Unit(
                    name, found.folder or bool(kind), bool(kind), depth + 1, tuple(found.entries),
                    tuple(found.refused), tuple(found.skipped), tuple(found.empty),
                )
            )  # fmt: skip
    if units or beside or not batches:
        batches.insert(0, RawBatch(tuple(units), wrappers, assignment, tuple(beside)))
    return batches


def _wraps(
    name: str, found: _Group, depth: int, wrappers: tuple[str, ...], assignment: str, assignments: Sequence[str]
) -> tuple[str, str] | None:
    """Return (name, the assignment that it says) where a folder holds a class; None if it is a unit."""
    closed = any(wrapper.lower() == _COLLECTED or wrapper.endswith("-submissions") for wrapper in wrappers)
    if not found.folder or archive_kind(name) or closed or len(wrappers) >= 3:
        return None
    named = "" if assignment else assignment_folder(name, assignments)
    if named:
        return name, named
    if _WRAPPERS.fullmatch(name) or _SUBMISSIONS_WORD.fullmatch(name):
        return name.lower() if name.lower() == _COLLECTED else name, ""
    return None
