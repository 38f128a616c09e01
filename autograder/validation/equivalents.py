"""The reviewed list of mutants that no test can tell from the solution, `equivalent_mutants.yaml` beside it.

    - question: soften
      before: return F.softmax(logits / T, dim=1)
      after: return F.softmax(logits / T, )
      reason: For a matrix, torch takes dimension 1 where none is given.

`before` and `after` are the changed lines without indentation, as `autograder validate` prints them, so the list
outlives edits elsewhere in the master. An entry that fits no mutant any more, or one that a test does catch, is named:
the list holds what is true of the suite as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course.course import Assignment
from autograder.course.yaml_sections import read_section_list
from autograder.validation.mutants import Mutant

FILE = "equivalent_mutants.yaml"
_KEYS = ("question", "before", "after", "reason")


@dataclass(frozen=True)
class Equivalent:
    """One reviewed entry. line: where it begins in the file, from 1."""

    question: str
    before: str
    after: str
    reason: str
    line: int

    def fits(self, mutant: Mutant) -> bool:
        return (self.question, self.before, self.after) == (mutant.question, mutant.before, mutant.after)


def equivalents_path(assignment: Assignment) -> Path:
    return assignment.solution_dir / FILE


def read_equivalents(assignment: Assignment) -> tuple[Equivalent, ...]:
    """Return the reviewed list of an assignment; empty where it has none. Raises CourseError."""
    path = equivalents_path(assignment)
    if not path.exists():
        return ()
    sections, notes = read_section_list(path, _KEYS, "entry")
    entries = tuple(
        Equivalent(**{key: section.text(key).strip() for key in _KEYS}, line=section.line) for section in sections
    )
    notes.raise_if_any()
    return entries


def stale(listed: Sequence[Equivalent], mutants: Sequence[Mutant], assignment: Assignment) -> list[str]:
    """Return a message for each entry that fits no mutant."""
    path = equivalents_path(assignment)
    return [
        f"{path}:{entry.line}: found no mutant of {entry.question} that makes {entry.before!r} into {entry.after!r}; "
        "remove the entry, or copy both lines anew from what validation prints"
        for entry in listed
        if not any(entry.fits(mutant) for mutant in mutants)
    ]
