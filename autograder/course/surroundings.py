"""What course.yaml says about the computer that a notebook runs on: how it is hurried, and where data lie."""

from __future__ import annotations

import re
from dataclasses import dataclass

from autograder.course.yaml_sections import Section, refuse_duplicates

_KEYS = ("name", "variables", "folder", "size_mb")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_EXPECTED = "an environment variable's name"


@dataclass(frozen=True)
class DataSet:
    """Public data that notebooks fetch for themselves.

    variables: environment variables that say where it lies; the first is the one that notebooks read. folder: what
    must lie in there. size_mb: of what is downloaded where it is not there, 0 if that is not said.
    """

    name: str
    variables: tuple[str, ...]
    folder: str
    size_mb: float


@dataclass(frozen=True)
class Surroundings:
    """fast: the environment variable that is 1 where cells that train should take seconds, or empty."""

    fast: str = ""
    data_sets: tuple[DataSet, ...] = ()


PLAIN = Surroundings()


def read_surroundings(top: Section) -> Surroundings:
    """Read the course's `fast_variable` and `data_sets`; a course may have neither."""
    fast = top.text("fast_variable", "", expected=_EXPECTED)
    if fast and not _VARIABLE.fullmatch(fast):
        top.wrong("fast_variable", _EXPECTED)
    if "data_sets" not in top:
        return Surroundings(fast)
    found, names = [], []
    for item in top.sections("data_sets", _KEYS, "data set"):
        name = item.text("name")
        names.append((name, item.line_of("name")))
        variables = item.texts("variables")
        for variable in variables:
            if not _VARIABLE.fullmatch(variable.text):
                item.notes.add(variable.line, f"{variable.text!r} in 'variables' of {item.name}", _EXPECTED)
        if not variables:
            item.require("variables", f"a list with at least one {_EXPECTED}")
        found.append(
            DataSet(name, tuple(one.text for one in variables), item.text("folder", ""), item.number("size_mb", 0))
        )
    refuse_duplicates(top.notes, names, "a data set's name")
    return Surroundings(fast, tuple(found))
