"""Read a notebook that a student handed in: untrusted bytes -> Notebook.

nbformat is not imported (it costs 0.8 s, and validation would refuse what can still be graded).
What decides the grade, the cells' kind and source, must be right or the notebook is refused with one
message; everything else (ids, tags, outputs, metadata) may be missing or wrong and is then left out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from autograder.course.imported import ForeignCells
from autograder.notebooks.outputs import clean_outputs, png_text, text_of, well_formed
from autograder.notebooks.untrusted_json import UntrustedJsonError, parse

MAX_CELLS = 10_000
MAX_SOURCE = 16 << 20  # characters of all cells together
MAX_ATTACHMENTS = 20  # images pasted into one Markdown cell

CellKind = Literal["code", "markdown", "raw"]
_KINDS: dict[str, CellKind] = {
    "code": "code",
    "markdown": "markdown",
    "raw": "raw",
    "heading": "markdown",  # nbformat 3
    "html": "markdown",  # nbformat 2
}
_GRADE_ID = re.compile(r"[A-Za-z0-9_-]{1,200}")
_OTTER_CHECK = re.compile(r"""\s*grader\.check\(\s*["']([^"']{1,100})["']\s*\)\s*$""")
_TAG = re.compile(r"[^\s,]{1,100}")


class NotebookError(Exception):
    """The file cannot be graded: which file, where in it, what was found, what was expected, what to do."""


@dataclass(frozen=True)
class Cell:
    """One cell as handed in. Nothing of it is trusted: ids, tags and grade_id are claims."""

    index: int  # position in the notebook, from 0
    kind: CellKind
    source: str  # "\n" at line ends
    id: str = ""
    grade_id: str = ""  # nbgrader's
    tags: frozenset[str] = frozenset()
    outputs: tuple[dict[str, Any], ...] = ()  # nbformat 4; text and checked PNG only
    attachments: Mapping[str, str] = field(default_factory=dict)  # file name -> PNG as base64


@dataclass(frozen=True)
class Notebook:
    """A notebook as handed in. assignment and release are what its metadata says, or empty."""

    name: str
    cells: tuple[Cell, ...]
    sha256: str  # of the bytes
    assignment: str = ""
    release: str = ""
    nbformat: int = 4
    python: tuple[int, ...] = ()  # the version it says it was written with
    notices: tuple[str, ...] = ()  # for the student

    @property
    def code_cells(self) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if cell.kind == "code")


def read_notebook(data: bytes, name: str = "the notebook", *, outputs: bool = True) -> Notebook:
    """Read nbformat 2, 3 or 4. `name` is how messages call the file. Raises NotebookError.

    outputs: whether cells keep their outputs and pictures, which have to be checked one by one.
    """
    try:
        parsed = parse(data)
    except UntrustedJsonError as error:
        raise NotebookError(f"{name}: {error}") from error
    reader = _NotebookReader(name, list(parsed.notices), outputs)
    return reader.read(parsed.value, hashlib.sha256(data).hexdigest())


def in_our_terms(notebook: Notebook, foreign: ForeignCells, released: Mapping[str, str]) -> Notebook:
    """Return a notebook that names no release of ours as if it had been made from ours.

    foreign: another grader's cells, of an assignment that was imported: theirs get our grade_ids, and an answer cell
    that is as it was handed out there is as it is handed out here. otter's cells have no id: the call
    `grader.check("q1")` is known by the name in it. released: our grade_id -> the cell's text in our newest release.
    """
    if notebook.release or not foreign.grade_ids:
        return notebook
    cells = []
    for cell in notebook.cells:
        check = _OTTER_CHECK.match(cell.source) if cell.kind == "code" and not cell.grade_id else None
        name = check[1] if check is not None else cell.grade_id
        ours = foreign.grade_ids.get(name, cell.grade_id)
        handed_out = foreign.handed_out.get(ours)
        if handed_out is not None and ours in released and cell.source.strip() == handed_out.strip():
            cell = replace(cell, source=released[ours])
        cells.append(replace(cell, grade_id=ours))
    return replace(notebook, cells=tuple(cells))


class _NotebookReader:
    def __init__(self, name: str, notices: list[str], outputs: bool) -> None:
        self.name = name
        self.outputs = outputs
        self.notices = notices

    def wrong(self, place: str, found: str, expected: str) -> NotebookError:
        advice = "open it in Jupyter, save it, and hand in that file"
        return NotebookError(f"{self.name}: {place}: found {found}, expected {expected}; {advice}")

    def read(self, document: Any, sha256: str) -> Notebook:
        if isinstance(document, str) and document.lstrip().startswith("{"):
            raise self.wrong("the whole file", "a notebook packed into a text", "a notebook, which is a JSON object")
        if not isinstance(document, dict):
            raise self.wrong("the whole file", _kind_of(document), "a notebook, which is a JSON object")
        version = document.get("nbformat")
        if type(version) is not int or not 1 <= version <= 99:
            version = 3 if "worksheets" in document and "cells" not in document else 4
            self.notices.append(f"The notebook does not say its format; it was read as nbformat {version}.")
        if version > 4:
            self.notices.append(f"The notebook has nbformat {version}, which is newer than known; it was read as 4.")
        raw_cells = self._raw_cells(document)
        if len(raw_cells) > MAX_CELLS:
            raise self.wrong("cells", f"{len(raw_cells)} cells", f"at most {MAX_CELLS}")
        cells = tuple(self._cell(raw, index) for index, raw in enumerate(raw_cells))
        if sum(len(cell.source) for cell in cells) > MAX_SOURCE:
            raise self.wrong("cells", f"more than {MAX_SOURCE >> 20} million characters of source", "a notebook")
        if not any(cell.kind == "code" and cell.source.strip() for cell in cells):
            raise NotebookError(
                f"{self.name}: cells: found no code, expected the assignment's notebook; "
                "perhaps an empty copy was saved: hand in the one you worked in"
            )
        metadata = _mapping(document.get("metadata"))
        self._check_language(metadata)
        ours = _mapping(metadata.get("autograder"))
        return Notebook(
            name=self.name,
            cells=cells,
            sha256=sha256,
            assignment=_short_text(ours.get("assignment")),
            release=_short_text(ours.get("release")),
            nbformat=version,
            python=_version(_mapping(metadata.get("language_info")).get("version")),
            notices=tuple(self.notices),
        )

    def _raw_cells(self, document: dict[str, Any]) -> list[Any]:
        cells = document.get("cells")
        if cells is None and "worksheets" in document:  # nbformat 2 and 3
            worksheets = document["worksheets"]
            if not isinstance(worksheets, list):
                raise self.wrong("worksheets", _kind_of(worksheets), "a list of worksheets")
            cells = []
            for number, sheet in enumerate(worksheets):
                found = _mapping(sheet).get("cells")
                if not isinstance(found, list):
                    raise self.wrong(f"worksheets[{number}].cells", _kind_of(found), "a list of cells")
                cells.extend(found)
        if not isinstance(cells, list):
            raise self.wrong("cells", _kind_of(cells), "a list of cells")
        return cells

    def _cell(self, raw: Any, index: int) -> Cell:
        place = f"cells[{index}]"
        if not isinstance(raw, dict):
            raise self.wrong(place, _kind_of(raw), "a cell, which is a JSON object")
        kind_found = raw.get("cell_type")
        if not isinstance(kind_found, str):
            raise self.wrong(f"{place}.cell_type", _kind_of(kind_found), "'code', 'markdown' or 'raw'")
        kind = _KINDS.get(kind_found, "raw")
        if kind_found not in _KINDS:
            self.notices.append(f"Cell {index + 1} has the unknown type {kind_found[:40]!r} and was read as text.")
        key = "input" if kind == "code" and "source" not in raw and "input" in raw else "source"  # nbformat 3
        source = text_of(raw.get(key, ""))
        if source is None:
            raise self.wrong(f"{place}.{key}", _kind_of(raw.get(key)), "text, or a list of lines of text")
        if kind_found == "heading":
            level = raw.get("level")
            source = f"{'#' * (level if type(level) is int and 1 <= level <= 6 else 1)} {source}"
        metadata = _mapping(raw.get("metadata"))
        return Cell(
            index=index,
            kind=kind,
            source=source,
            id=_short_text(raw.get("id")) or _short_text(metadata.get("id")),  # Colab keeps ids in the metadata
            grade_id=_grade_id(metadata),
            tags=_tags(metadata),
            outputs=clean_outputs(raw.get("outputs")) if kind == "code" and self.outputs else (),
            attachments=_attachments(raw.get("attachments")) if kind == "markdown" and self.outputs else {},
        )

    def _check_language(self, metadata: Mapping[str, Any]) -> None:
        language = _mapping(metadata.get("kernelspec")).get("language") or _mapping(metadata.get("language_info")).get(
            "name"
        )
        if isinstance(language, str) and not language.lower().startswith(("python", "ipython")):
            self.notices.append(f"The notebook says its language is {language[:40]!r}; it was run as Python.")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _version(value: Any) -> tuple[int, ...]:
    """Return major and minor number of a version, or nothing."""
    found = re.match(r"(\d{1,2})\.(\d{1,3})\b", value) if isinstance(value, str) else None
    return tuple(map(int, found.groups())) if found else ()


def _short_text(value: Any) -> str:
    return well_formed(value) if isinstance(value, str) and len(value) <= 200 else ""


def _grade_id(metadata: Mapping[str, Any]) -> str:
    value = _mapping(metadata.get("nbgrader")).get("grade_id")
    return value if isinstance(value, str) and _GRADE_ID.fullmatch(value) else ""


def _tags(metadata: Mapping[str, Any]) -> frozenset[str]:
    tags = metadata.get("tags")
    if not isinstance(tags, list):
        return frozenset()
    return frozenset(tag for tag in tags[:100] if isinstance(tag, str) and _TAG.fullmatch(tag))


def _attachments(value: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, bundle in list(_mapping(value).items())[:MAX_ATTACHMENTS]:
        image = png_text(_mapping(bundle).get("image/png"))
        if image is not None and re.fullmatch(r"[\w. -]{1,200}", name):
            found[name] = image
    return found


def _kind_of(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}
    return "nothing" if value is None else names.get(type(value), type(value).__name__)
