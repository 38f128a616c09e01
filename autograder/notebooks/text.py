"""What can be said of a cell's code without running or parsing it: students write what is looked at here.

All patterns take time linear in the text. They look at lines that begin at the left edge, which is where a notebook
defines what hidden tests ask for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

Found = TypeVar("Found")
REMEMBERED = 1024  # texts of one function
LONGEST_REMEMBERED = 8000  # characters of one
_DEFINED = re.compile(r"^(?:async[ \t]+def|def|class)[ \t]+(\w+)", re.MULTILINE)
_FUNCTION = re.compile(r"^([A-Za-z_]\w*)[ \t]*(?::[^=\n]{0,200})?=[ \t]*lambda\b", re.MULTILINE)
_ASSIGNED = re.compile(r"^([A-Za-z_]\w*)[ \t]*(?::[^=\n]{0,200})?=(?!=)", re.MULTILINE)
_IMPORTED = re.compile(r"^(?:from[ \t]+\S+[ \t]+)?import[ \t]+([^#\n;]+)", re.MULTILINE)


def remembered(function: Callable[[str], Found]) -> Callable[[str], Found]:
    """Return the function with what it said of short texts remembered: most cells of a class are those of the release.

    Nobody may change what it returns.
    """
    known = lru_cache(maxsize=REMEMBERED)(function)
    return lambda text: known(text) if len(text) <= LONGEST_REMEMBERED else function(text)


def defined_names(source: str) -> list[str]:
    """Return the functions and classes that a cell defines at its top level, in order."""
    return list(dict.fromkeys(_DEFINED.findall(source) + _FUNCTION.findall(source)))


def assigned_names(source: str) -> list[str]:
    """Return the variables that a cell assigns at its top level, one name to a line, in order."""
    return list(dict.fromkeys(_ASSIGNED.findall(source)))


def given_names(source: str) -> set[str]:
    """Return all names that a cell gives a meaning at its top level: defines, assigns or imports."""
    named = [part.split() for names in _IMPORTED.findall(source) for part in re.split("[,()]", names)]
    imported = (words[-1].partition(".")[0] for words in named if words)
    return {*defined_names(source), *assigned_names(source), *imported}


@remembered
def essence(source: str) -> tuple[str, ...]:
    """Return the lines of code without comments, blank lines and spaces at line ends: equal means the same code."""
    lines = (_without_comment(line).rstrip() for line in source.split("\n"))
    return tuple(line for line in lines if line)


def _without_comment(line: str) -> str:
    code, mark, comment = line.partition("#")
    in_text = any(quote in code and quote in comment for quote in "'\"")  # it may stand between quotes
    return line if not mark or in_text else code
