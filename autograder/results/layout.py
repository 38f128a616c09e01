"""Where things lie in a results folder: what is for staff, what may be given to students, and how an old folder moves.

    results/
      .lock
      staff/       all but the pages: evidence, results, events, reports, nbgrader's root (gradebook.db, source/, …)
      students/    one page for each submission and one for each student; nothing else is ever published

Folders of earlier versions hold everything at the top, or an attempt in three files. They are read and written as they
are until `migrate` moves everything, and `pack_evidence` makes archives of attempts.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from autograder.results import attempts

_MOVING = ".moving"
_TERM = "_term"  # no assignment's name begins with an underscore


class LayoutError(Exception):
    """The folder cannot be used as it is; the message says what to do."""


@dataclass(frozen=True)
class ResultsLayout:
    """The two sides of a results folder. old: everything lies at the top, as earlier versions wrote it."""

    root: Path
    old: bool

    @property
    def staff(self) -> Path:
        """Evidence, results and reports; nbgrader's root."""
        return self.root if self.old else self.root / "staff"

    @property
    def students(self) -> Path:
        """Return what may be given to students."""
        return self.root / ("submissions" if self.old else "students")

    def page(self, assignment: str, subject: str) -> Path:
        """Return the page of one submission."""
        return self.students / assignment / subject / "feedback.html"

    def overview(self, student: str) -> Path:
        """Return the page of one student over the term."""
        return self.root / "students" / _TERM / f"{student}.html"

    def from_staff(self, path: Path) -> str:
        """Return a path as a link from a page that lies in `staff`."""
        return Path(os.path.relpath(path, self.staff)).as_posix()


def layout_of(root: Path) -> ResultsLayout:
    """Return how a folder is laid out; a new one has both sides. Raises LayoutError if a move was interrupted."""
    if (root / _MOVING).exists():
        raise LayoutError(f"{root}: moving it was interrupted; run `autograder migrate {root}` to finish")
    return ResultsLayout(root, old=not (root / "staff").is_dir() and (root / "evidence").is_dir())


def migrate(root: Path) -> bool:
    """Split a folder of an earlier version into `staff/` and `students/`. Returns whether there was anything to move.

    May be interrupted at any moment and run again: everything moves into one hidden folder, which becomes `staff/` in
    the last step. Whoever calls holds the folder's lock.
    """
    moving = root / _MOVING
    if not moving.exists():
        if not layout_of(root).old:
            return False
        moving.mkdir()
    for entry in sorted(root.iterdir()):
        if entry.name not in {".lock", _MOVING, "students"}:
            entry.rename(moving / entry.name)
    for page in sorted((moving / "submissions").glob("*/*/feedback.html")):
        target = root / "students" / page.parent.parent.name / page.parent.name / page.name
        target.parent.mkdir(parents=True, exist_ok=True)
        page.rename(target)
    moving.rename(root / "staff")
    return True


def pack_evidence(root: Path) -> int:
    """Put attempts that earlier versions kept in three files into archives, and remove executed notebooks, which are
    made when somebody asks for them. Returns how many attempts were packed.

    May be interrupted at any moment and run again. Whoever calls holds the folder's lock.
    """
    staff = layout_of(root).staff
    packed = sum(attempts.pack(folder) for folder in (staff / "evidence").glob("*/*") if folder.is_dir())
    for path in (staff / "submissions").glob("*/*/executed.ipynb"):
        path.unlink()
    return packed
