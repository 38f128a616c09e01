"""Reads a YAML file as a tree of sections that collect mistakes instead of stopping at the first one.

The composed node tree is used, not the constructed values: every node knows its line, duplicate keys are still there,
and dates are still the text that was typed (YAML libraries turn `2026-10-12T23:59:00+02:00` into a time without zone).
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

_TAG = "tag:yaml.org,2002:"
_NAMES = {"str": "text", "int": "a number", "float": "a number", "bool": "true or false", "null": "nothing"}


@dataclass(frozen=True)
class Problem:
    """One mistake in a file: line (from 1; 0 for the file as a whole), what stands there, what was expected."""

    line: int
    found: str
    expected: str


class CourseError(Exception):
    """Everything that is wrong with one file of the course, one message a mistake."""

    def __init__(self, file: str, problems: Iterable[Problem]) -> None:
        self.file = file
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__("\n".join(self.messages))

    @property
    def messages(self) -> tuple[str, ...]:
        """`course.yaml:12: found …, expected …`, in the order of the lines."""
        return tuple(
            f"{self.file}{f':{problem.line}' if problem.line else ''}: found {problem.found}, "
            f"expected {problem.expected}"
            for problem in self.problems
        )


@dataclass
class Notes:
    """The mistakes noted so far in one file."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def add(self, line: int, found: str, expected: str) -> None:
        self.problems.append(Problem(line, found, expected))

    def raise_if_any(self) -> None:
        if self.problems:
            raise CourseError(self.file, self.problems)


@dataclass(frozen=True)
class Located:
    """A text and the line it stands on."""

    text: str
    line: int


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _kind(node: Node) -> str:
    """Return the YAML type of a node in short: str, int, float, bool, null, timestamp, map, seq."""
    return str(node.tag).removeprefix(_TAG)


def _describe(node: Node) -> str:
    if isinstance(node, MappingNode):
        return "a mapping"
    if isinstance(node, SequenceNode):
        return "a list"
    if _kind(node) == "null":
        return "nothing"
    value = str(node.value)
    return repr(value if len(value) <= 60 else value[:57] + "...")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ` (did you mean 'title'?)`, or nothing where no known word is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" (did you mean {near[0]!r}?)" if near else ""


def inside(root: Path, text: str) -> bool:
    """Return whether a path as written in the file stays inside root, with symbolic links followed."""
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or "\\" in text or "\0" in text:
        return False
    return (root / path).resolve().is_relative_to(root)


class Section:
    """One mapping of the file. A reader that finds a mistake notes it and returns its default, so reading goes on."""

    def __init__(self, node: Node, name: str, notes: Notes, known: Sequence[str]) -> None:
        self.name = name
        self.notes = notes
        self.line = _line(node)
        self._values: dict[str, Node] = {}
        if not isinstance(node, MappingNode):
            notes.add(self.line, _describe(node), f"a mapping with the keys of {name}: {', '.join(known)}")
            return
        for key_node, value in node.value:
            key = str(key_node.value)
            if key in self._values:
                notes.add(_line(key_node), f"the key {key!r} a second time in {name}", "each key once")
            elif key not in known:
                hint = did_you_mean(key, known)
                notes.add(_line(key_node), f"the unknown key {key!r} in {name}{hint}", f"one of {', '.join(known)}")
            else:
                self._values[key] = value

    def __contains__(self, key: str) -> bool:
        return key in self._values and _kind(self._values[key]) != "null"

    def line_of(self, key: str) -> int:
        return _line(self._values[key]) if key in self._values else self.line

    def wrong(self, key: str, expected: str, found: str | None = None) -> None:
        node = self._values.get(key)
        text = found if found is not None else (_describe(node) if node is not None else "nothing")
        self.notes.add(self.line_of(key), f"{text} as {key!r} of {self.name}", expected)

    def require(self, key: str, expected: str) -> bool:
        if key in self._values:
            return True
        self.notes.add(self.line, f"no {key!r} in {self.name}", expected)
        return False

    def text(self, key: str, default: str | None = None, *, expected: str = "a text") -> str:
        """Return a non-empty text. Without a default the key is required."""
        if key not in self._values:
            if default is None:
                self.require(key, expected)
            return default or ""
        node = self._values[key]
        if not isinstance(node, ScalarNode) or _kind(node) in {"null", "bool"} or not str(node.value).strip():
            self.wrong(key, expected)
            return default or ""
        return str(node.value)

    def number(self, key: str, default: float | None, *, above: float | None = None, least: float = 0.0,
               most: float = math.inf, whole: bool = False) -> float:  # fmt: skip
        """Return a finite number in [least, most], or in (above, most]. Without a default the key is required."""
        bound = f"above {above:g}" if above is not None else f"of at least {least:g}"
        upper = f" and at most {most:g}" if math.isfinite(most) else ""
        expected = f"a {'whole ' if whole else ''}number {bound}{upper}"
        fallback = 1.0 if default is None else default
        if key not in self._values:
            if default is None:
                self.require(key, expected)
            return fallback
        node = self._values[key]
        if not isinstance(node, ScalarNode) or _kind(node) not in {"int", "float"}:
            self.wrong(key, expected)
            return fallback
        try:
            value = float(str(node.value).replace("_", ""))
        except ValueError:  # .inf, .nan, 0x10: YAML numbers that nobody means here
            self.wrong(key, expected)
            return fallback
        too_low = value <= above if above is not None else value < least
        if not math.isfinite(value) or too_low or value > most or (whole and not value.is_integer()):
            self.wrong(key, expected)
            return fallback
        return value

    def choice(self, key: str, options: Sequence[str], default: str | None = None) -> str:
        expected = f"one of {', '.join(options)}"
        value = self.text(key, default, expected=expected)
        if value and value not in options:
            self.wrong(key, expected, f"{value!r}{did_you_mean(value, options)}")
            return default or options[0]
        return value or options[0]

    def flag(self, key: str) -> bool:
        """Return true or false; false if the key is absent."""
        if key not in self:
            return False
        node = self._values[key]
        if not isinstance(node, ScalarNode) or _kind(node) != "bool":
            self.wrong(key, "true or false")
            return False
        return str(node.value).lower() in ("true", "yes", "on")

    def moment(self, key: str) -> datetime | None:
        """Return a date and time with its zone; None if the key is absent or empty."""
        if key not in self:
            return None
        expected = "a date and time with its zone, as in 2026-10-12T23:59:00+02:00"
        node = self._values[key]
        try:
            value = datetime.fromisoformat(str(node.value)) if isinstance(node, ScalarNode) else None
        except ValueError:
            value = None
        if value is None:
            self.wrong(key, expected)
        elif value.tzinfo is None:
            self.wrong(key, expected, f"{node.value!r}, which has no time zone,")
            value = None
        return value

    def texts(self, key: str) -> list[Located]:
        """Return a list of texts, in order, each once; empty where the key is absent."""
        if key not in self:
            return []
        node = self._values[key]
        if not isinstance(node, SequenceNode):
            self.wrong(key, "a list of texts")
            return []
        found: dict[str, Located] = {}
        for item in node.value:
            value = str(item.value)
            if not isinstance(item, ScalarNode) or _kind(item) != "str" or not value.strip():
                self.notes.add(_line(item), f"{_describe(item)} in {key!r} of {self.name}", "a text")
            elif value in found:
                self.notes.add(_line(item), f"{value!r} a second time in {key!r} of {self.name}", "each entry once")
            else:
                found[value] = Located(value, _line(item))
        return list(found.values())

    def section(self, key: str, known: Sequence[str], name: str) -> Section | None:
        """Return the mapping under a key, or None if the key is absent."""
        return Section(self._values[key], name, self.notes, known) if key in self else None

    def sections(self, key: str, known: Sequence[str], name: str) -> Iterator[Section]:
        """Yield the mappings in the list under a key, which is required and not empty."""
        expected = f"a list with at least one {name}"
        if not self.require(key, expected):
            return
        node = self._values[key]
        if not isinstance(node, SequenceNode) or not node.value:
            self.wrong(key, expected)
            return
        for number, item in enumerate(node.value, start=1):
            yield Section(item, f"{name} {number}", self.notes, known)


def read_sections(path: Path, known: Sequence[str], name: str) -> Section:
    """Return the file's outermost mapping. Raises CourseError if the file cannot be read or is not YAML."""
    node = _compose(path)
    if node is None:
        raise CourseError(path.name, [Problem(0, "an empty file", f"the keys {', '.join(known)}")])
    return Section(node, name, Notes(path.name), known)


def read_section_list(path: Path, known: Sequence[str], name: str) -> tuple[list[Section], Notes]:
    """Return the mappings of a file that is one list, and where their mistakes are noted; an empty file has none.

    Raises CourseError if the file cannot be read, is not YAML or is no list.
    """
    node, notes = _compose(path), Notes(path.name)
    if node is None:
        return [], notes
    if not isinstance(node, SequenceNode):
        expected = f"a list, each {name} with the keys {', '.join(known)}"
        raise CourseError(path.name, [Problem(_line(node), _describe(node), expected)])
    return [Section(item, f"{name} {number}", notes, known) for number, item in enumerate(node.value, start=1)], notes


def _compose(path: Path) -> Node | None:
    """Return the tree of a YAML file; None if it is empty. Raises CourseError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "bytes that are not UTF-8"
        raise CourseError(path.name, [Problem(0, f"{reason} ({path})", "a readable YAML file in UTF-8")]) from error
    try:
        return YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 0
        expected = "valid YAML; a value with a colon or a hash in it stands between quotes"
        raise CourseError(path.name, [Problem(line, f"broken YAML: {error.problem}", expected)]) from error
    except YAMLError as error:  # e.g. a control character, which has no mark
        raise CourseError(path.name, [Problem(0, f"broken YAML: {error}", "valid YAML")]) from error


def refuse_duplicates(notes: Notes, names: Sequence[tuple[str, int]], what: str) -> None:
    """Note every (name, line) whose name came before."""
    seen: set[str] = set()
    for name, line in names:
        if name and name in seen:
            notes.add(line, f"{name!r} a second time as {what}", "each once")
        seen.add(name)
