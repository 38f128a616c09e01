"""A draft and the levels of its items become the files of an assignment of this project."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import PurePosixPath
from typing import Any

import jupytext
import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.course.imported import FILE
from autograder.exchange.legacy.model import DraftCell, ForeignAssignment, ForeignItem
from autograder.exchange.legacy.preloading import preloads
from autograder.exchange.legacy.provided import asked_names, provided_names, shared_by_tests
from autograder.exchange.legacy.reaching import tools
from autograder.release.leaks import SHOWN_ANYWAY
from autograder.release.pictures import left_as_files
from autograder.suite.reference import RAISES
from autograder.testing.legacy import Level

PLACE = "imported_files"  # folder of the course for what students get beside imported notebooks


def master(draft: ForeignAssignment) -> str:
    """Return solution.py, in percent format."""
    notebook: NotebookNode = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    notebook.metadata = {"jupytext": {"text_representation": {"extension": ".py", "format_name": "percent"}}}
    notebook.cells = [_cell(draft, cell) for cell in draft.cells]
    text: str = jupytext.writes(notebook, fmt="py:percent")
    body = text.split("\n# ---\n", 1)[-1] if text.startswith("# ---") else text
    return body.lstrip("\n")


def _cell(draft: ForeignAssignment, cell: DraftCell) -> NotebookNode:
    new = nbformat.v4.new_code_cell if cell.kind == "code" else nbformat.v4.new_markdown_cell
    source = cell.source if cell.kind == "code" else left_as_files(cell.source)
    made: NotebookNode = new(source)  # type: ignore[no-untyped-call]
    tags = [cell.role] if cell.role in ("given", "check") else []
    if tags or cell.raises:
        made.metadata["tags"] = [*tags, *([RAISES] if cell.raises else [])]
    if cell.role == "blank":
        made.metadata["nbgrader"] = {"grade_id": cell.grade_id, "solution": True}
    elif cell.role == "manual":
        made.metadata["nbgrader"] = {"grade_id": cell.grade_id, "grade": True, "solution": True}
    elif cell.grade_id:
        checks = cell.role == "check" and cell.grade_id == f"check_{cell.question}"
        made.metadata["nbgrader"] = {"grade_id": cell.grade_id, "grade": checks, "locked": True}
    return made


def hidden_tests(draft: ForeignAssignment, levels: Mapping[str, tuple[Level, ...]] | None = None) -> str:
    """Return hidden_tests.py. levels: at which each item runs, by its id; by default at its own."""
    provided = provided_names(draft.cells)
    parts = [
        f'"""Imported from {draft.system}: each test of `{draft.source.name}` as it was there.\n\n'
        "`trusted`: judged in a process that student code never enters. `beside`: judged beside the student's code,\n"
        'which could read the test. See docs/exchange.md.\n"""',
        "from __future__ import annotations",
        "from autograder.testing import question\nfrom autograder.testing.legacy import ImportedTests",
        f"# These names came with the assignment; all others are the student's.\nPROVIDED = {_names(provided)}",
        f"IMPORTED = ImportedTests(PROVIDED, copies={draft.copies}{_first(draft, provided)}{_seeded(draft)})",
    ]
    for item in draft.items:
        wanted = levels.get(item.id, ()) if levels is not None else ((item.level,) if item.level else ())
        parts += [_test(draft, item, level, several=levels is not None) for level in wanted]
    return "\n\n".join(parts[:3]) + "\n\n" + "\n".join(parts[3:5]) + "\n\n\n" + "\n\n".join(parts[5:]) + "\n"


def _seeded(draft: ForeignAssignment) -> str:
    return f", seed={draft.seed.value}" if draft.seed is not None and not draft.seed.variable else ""


def _first(draft: ForeignAssignment, provided: tuple[str, ...]) -> str:
    """Return the arguments with what tests share (otter's share nothing), and what students have to import."""
    sources = [item.source for item in draft.items if item.form == "cell"]
    shared = shared_by_tests(sources, provided, tools(draft))
    asked = asked_names(draft.cells)
    return (f", first={shared!r}" if shared else "") + (f", asked={asked!r}" if asked else "")


def _test(draft: ForeignAssignment, item: ForeignItem, level: Level, *, several: bool) -> str:
    question = draft.question(item.question)
    marks = [repr(item.question), f"weight={1.0 if question.all_or_nothing or not question.points else item.points:g}"]
    marks += ["all_or_nothing=True"] if question.all_or_nothing else []
    marks += ["forbids=True"] if item.forbids and not several else []
    marks += [f"at={item.at!r}"] if item.at else []
    name = f"test_{item.id}_{level}" if several else f"test_{item.id}"
    arguments = [repr(level), _text(item.source)]
    arguments += [repr(item.function)] if item.form == "function" else []
    arguments += [f"points={item.points!r}"] if item.form == "cell" else []
    arguments += [f"success={item.success!r}"] if item.success and item.form != "cell" else []
    arguments += [f"failure={item.failure!r}"] if item.failure and item.form != "cell" else []
    title = " ".join(item.title.replace("\\", "/").replace('"', "'").split())
    call = f"    IMPORTED.{item.form}(\n        " + ",\n        ".join(arguments) + ",\n    )"
    return f'@question({", ".join(marks)})\ndef {name}():\n    """{title}"""\n{call}\n'


def _text(source: str) -> str:
    """Return a Python literal of a text that is read as easily as it can be."""
    if "\\" not in source and '"""' not in source and not source.endswith('"') and source.isprintable() is False:
        return f'"""\\\n{source}\n"""' if "\r" not in source and "\t" not in source else repr(source)
    return repr(source)


def _names(names: tuple[str, ...]) -> str:
    lines, line = [], "   "
    for name in names:
        if len(line) + len(name) > 100:
            lines.append(line)
            line = "   "
        line += f" {name!r},"
    return "(\n" + "\n".join([*lines, line]) + "\n)" if names else "()"


def imported_json(draft: ForeignAssignment) -> str:
    """Return imported.json: the foreign grade_ids with ours, and what answer cells held when they were handed out."""
    ids = {cell.original: cell.grade_id for cell in draft.cells if cell.original and cell.grade_id}
    texts = {cell.grade_id: cell.handed_out for cell in draft.cells if cell.grade_id and cell.handed_out is not None}
    document: dict[str, Any] = {"system": draft.system, "grade_ids": ids, "handed_out": texts}
    if draft.seed is not None:
        document["seed"] = asdict(draft.seed)
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def entry(draft: ForeignAssignment, name: str, title: str, public: list[PurePosixPath]) -> str:
    """Return the assignment's entry for course.yaml."""
    lines = [f"- name: {name}", f"  title: {json.dumps(title, ensure_ascii=False)}", "  hours: 1"]
    lines.append(f"  preload: [{', '.join(preloads(draft))}]")
    lines.append(f"  public_files: [{', '.join(json.dumps(str(path)) for path in public)}]")
    lines.append("  questions:")
    for question in draft.questions:
        heading = json.dumps(question.title, ensure_ascii=False)
        lines.append(
            f"    - {{id: {question.id}, title: {heading}, points: {question.points:g}, kind: {question.kind}}}"
        )
    return "\n".join(lines) + "\n"


def files(
    draft: ForeignAssignment, name: str, levels: Mapping[str, tuple[Level, ...]] | None = None
) -> dict[str, bytes]:
    """Return path in the course -> content of all but course.yaml."""
    folder = f"solutions/{name}"
    texts = {
        f"{folder}/solution.py": master(draft).encode(),
        f"{folder}/hidden_tests.py": hidden_tests(draft, levels).encode(),
        f"{folder}/{FILE}": imported_json(draft).encode(),
    }
    if draft.shown_anyway:
        texts[f"{folder}/{SHOWN_ANYWAY}"] = ("\n".join(draft.shown_anyway) + "\n").encode()
    for place in draft.files:
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if file.is_file() and not file.is_symlink() and "__pycache__" not in file.parts:
                texts[f"{PLACE}/{name}/{file.relative_to(place.parent).as_posix()}"] = file.read_bytes()
    return texts


def public_paths(draft: ForeignAssignment, name: str) -> list[PurePosixPath]:
    """Return the assignment's public files as course.yaml names them."""
    found = []
    for place in draft.files:
        if place.is_file() or any(file.is_file() for file in place.rglob("*")):
            found.append(PurePosixPath(PLACE, name, place.name))
    return list(dict.fromkeys(found))
