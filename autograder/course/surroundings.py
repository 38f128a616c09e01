"""What course.yaml says about the computer that a notebook runs on: how it is hurried, and where data lie."""

from __future__ import annotations

import re
from dataclasses import dataclass

from autograder.course.yaml_sections import Section, refuse_duplicates

_KEYS = ("name", "variables", "folder", "size_mb")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_REPOSITORY = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+)(?:/tree/([\w.-]+)((?:/[\w.-]+)*))?/?", re.ASCII)
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
class Repository:
    """Say where the public can read the course's `assignments/`: on GitHub, as `owner/name`, a branch, and a folder
    in it ("" for its top)."""

    name: str
    branch: str = "main"
    folder: str = ""

    def blob(self, path: str) -> str:
        """Return what names a file after `https://github.com/`."""
        return f"{self.name}/blob/{self._in(path)}"

    def raw(self, path: str) -> str:
        """Return the address of a file's bytes."""
        return f"https://raw.githubusercontent.com/{self.name}/{self._in(path)}"

    def _in(self, path: str) -> str:
        return "/".join(filter(None, (self.branch, self.folder, path)))


@dataclass(frozen=True)
class Surroundings:
    """fast: the environment variable that is 1 where cells that train should take seconds, or empty.

    repository: where starters can be opened from by one click; None where the course does not say.
    """

    fast: str = ""
    data_sets: tuple[DataSet, ...] = ()
    repository: Repository | None = None


PLAIN = Surroundings()


def read_surroundings(top: Section) -> Surroundings:
    """Read the course's `fast_variable`, `data_sets` and `repository_url`; a course may have none of them."""
    fast = top.text("fast_variable", "", expected=_EXPECTED)
    if fast and not _VARIABLE.fullmatch(fast):
        top.wrong("fast_variable", _EXPECTED)
    repository = _repository(top)
    if "data_sets" not in top:
        return Surroundings(fast, (), repository)
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
    return Surroundings(fast, tuple(found), repository)


def _repository(top: Section) -> Repository | None:
    text = top.text("repository_url", "")
    if not text:
        return None
    found = _REPOSITORY.fullmatch(text)
    if found is None:
        top.wrong("repository_url", "https://github.com/OWNER/NAME, or a branch of it with /tree/BRANCH and a folder")
        return None
    return Repository(found[1], found[2] or "main", (found[3] or "").strip("/"))
