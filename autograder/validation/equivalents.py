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

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from autograder.course.course import Assignment
from autograder.validation.mutants import Mutant

FILE = "equivalent_mutants.yaml"
_KEYS = ("question", "before", "after", "reason")


class ReviewError(Exception):
    """The reviewed list is not as it should be; one message a mistake, with its line."""


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
    """The reviewed list of an assignment; empty where it has none. Raises ReviewError."""
    path = equivalents_path(assignment)
    try:
        root = YAML(typ="rt").compose(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    except MarkedYAMLError as error:
        place = f"{path}:{error.problem_mark.line + 1}" if error.problem_mark is not None else str(path)
        found = f"found what is no YAML ({error.problem})"
        raise ReviewError(f"{place}: {found}; put code with a colon or a hash in it between quotes") from error
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise ReviewError(f"{path}: cannot be read as YAML ({str(error).splitlines()[0]})") from error
    if root is None:
        return ()
    if not isinstance(root, SequenceNode):
        place = f"{path}:{_line(root)}"
        raise ReviewError(f"{place}: found {_kind(root)}, expected a list of entries, each with '- question:'")
    problems: list[str] = []
    entries = [entry for node in root.value if (entry := _entry(path, node, problems)) is not None]
    if problems:
        raise ReviewError("\n".join(problems))
    return tuple(entries)


def stale(listed: Sequence[Equivalent], mutants: Sequence[Mutant], assignment: Assignment) -> list[str]:
    """A message for each entry that fits no mutant."""
    path = equivalents_path(assignment)
    return [
        f"{path}:{entry.line}: found no mutant of {entry.question} that makes {entry.before!r} into {entry.after!r}; "
        "remove the entry, or copy both lines anew from what validation prints"
        for entry in listed
        if not any(entry.fits(mutant) for mutant in mutants)
    ]


def _entry(path: Path, node: Node, problems: list[str]) -> Equivalent | None:
    place, expected = f"{path}:{_line(node)}", ", ".join(_KEYS)
    if not isinstance(node, MappingNode):
        problems.append(f"{place}: found {_kind(node)}, expected an entry with {expected}")
        return None
    values: dict[str, str] = {}
    for key, value in node.value:
        if key.value not in _KEYS:
            problems.append(f"{path}:{_line(key)}: found the key {key.value!r}, expected {expected}")
        elif key.value in values:
            problems.append(f"{path}:{_line(key)}: found {key.value!r} a second time, expected it once")
        elif not isinstance(value, ScalarNode):
            problems.append(f"{path}:{_line(value)}: found {_kind(value)} as {key.value!r}, expected text")
        else:
            values[key.value] = value.value.strip()
    missing = [key for key in _KEYS if key not in values or (key != "after" and not values[key])]
    if missing:
        problems.append(f"{place}: found no {', '.join(missing)}, expected each of {expected}")
        return None
    return Equivalent(**values, line=_line(node))


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _kind(node: Node) -> str:
    if isinstance(node, MappingNode):
        return "keys and values"
    return "a list" if isinstance(node, SequenceNode) else "text"
