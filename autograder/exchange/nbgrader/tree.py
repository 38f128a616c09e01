"""nbgrader's course tree in the results folder: nbgrader_config.py and autograded/.

What a student handed in is shown by nbgrader in the browser of the person who grades, with raw HTML, attachments and
MathJax on. So an autograded notebook is built anew from what is known to be harmless: sources, text, pictures. Nothing
else of the submitted notebook (metadata, widgets, HTML, scripts) gets into it, and what it marks as graded is what the
released starter marks, wherever the submission's own marks say.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.course.course import Assignment, Course
from autograder.exchange.nbgrader.database import course_id
from autograder.exchange.nbgrader.executed import Executed
from autograder.exchange.nbgrader.rubric import MasterCell, MasterNotebook
from autograder.files import write_whole
from autograder.notebooks.executed import AS_TYPED
from autograder.notebooks.markdown import harmless_cell, harmless_markdown
from autograder.notebooks.outputs import clean_outputs, png_text, text_of

_CONFIG = """\
# Made by `autograder`, so that nbgrader finds this results folder; edit it as you like, it is not written again.
# Grade with `autograder grade` only: `nbgrader autograde` would run student code without a sandbox.
import os

c = get_config()  # noqa: F821
c.CourseDirectory.root = os.path.dirname(os.path.abspath(__file__))
c.CourseDirectory.course_id = "{course_id}"
# `nbgrader export` would write grades.csv, which is the autograder's own file.
c.ExportPlugin.to = "nbgrader_grades.csv"
"""
_BEFORE_EXPORT = _CONFIG[: _CONFIG.index("# `nbgrader export`")]  # as folders have it that were made earlier
_NOT_THERE = "This cell was not in the notebook that was handed in."


@dataclass(frozen=True)
class Autograded:
    """Hold what was written for one student: the answer cells whose text differs from the one that was there before,
    and those that are as released (nothing was answered)."""

    changed: frozenset[str]
    untouched: frozenset[str]


def write_course_tree(root: Path, course: Course, assignment: Assignment) -> None:
    """Write nbgrader_config.py, unless somebody edited it, and the starter under source/: formgrader lists what is
    there."""
    path = root / "nbgrader_config.py"
    earlier = _BEFORE_EXPORT.format(course_id=course_id(course)).encode()
    if not path.exists() or path.read_bytes() == earlier:
        write_whole(path, _CONFIG.format(course_id=course_id(course)).encode())
    source = root / "source" / assignment.name / assignment.starter_path.name
    source.parent.mkdir(parents=True, exist_ok=True)
    _write_changed(source, assignment.starter_path.read_bytes())


def write_autograded(
    root: Path,
    student: str,
    assignment: str,
    master: MasterNotebook,
    executed: Executed,
    received_at: datetime | None,
) -> Autograded:
    """Write autograded/<student>/<assignment>/ and the time stamp under submitted/ that nbgrader compares it with.

    Files are replaced whole, and only where they change; a notebook that was made of the same parts is left alone.
    """
    folder = root / "autograded" / student / assignment
    submitted = root / "submitted" / student / assignment
    for made in (folder, submitted):
        made.mkdir(parents=True, exist_ok=True)
    path = folder / f"{master.name}.ipynb"
    made_of, before = _written_before(path)
    after = before
    if made_of != executed.fingerprint:
        notebook = autograded_notebook(master, executed)
        after = _answers(notebook)
        write_whole(path, json.dumps(notebook, ensure_ascii=False).encode("utf-8", "replace"))
    # The notebook itself stays out of submitted/, so that `nbgrader autograde` finds nothing to run there.
    for place in (folder, submitted):
        stamp = place / "timestamp.txt"
        if received_at is None:
            stamp.unlink(missing_ok=True)
        else:
            _write_changed(stamp, f"{utc(received_at):%Y-%m-%d %H:%M:%S.%f} UTC\n".encode())
    secret = folder / "submission_secret.txt"  # names the feedback file in nbgrader's exchange; must never change
    if not secret.exists():
        write_whole(secret, secrets.token_hex(64).encode())
    released = {cell.grade_id: _shown_source(cell).strip() for cell in master.cells}
    return Autograded(
        changed=frozenset(id for id, source in after.items() if before.get(id, source) != source),
        untouched=frozenset(id for id, source in after.items() if source.strip() == released[id]),
    )


def remove_autograded(root: Path, student: str, assignment: str, master: MasterNotebook) -> None:
    """Remove what `write_autograded` wrote for a student, so that formgrader does not list it. Other files stay."""
    folder = root / "autograded" / student / assignment
    if not _written_before(folder / f"{master.name}.ipynb")[0]:
        return
    for path in (folder / f"{master.name}.ipynb", folder / "timestamp.txt", folder / "submission_secret.txt",
                 root / "submitted" / student / assignment / "timestamp.txt"):  # fmt: skip
        path.unlink(missing_ok=True)
    for place in (folder, root / "submitted" / student / assignment):
        for empty in (place, place.parent):
            if empty.is_dir() and not any(empty.iterdir()):
                empty.rmdir()


def utc(moment: datetime) -> datetime:
    """Return a time as nbgrader keeps it: UTC, without its zone."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def autograded_notebook(master: MasterNotebook, executed: Executed) -> dict[str, Any]:
    """Return the notebook that nbgrader shows, as plain JSON (nbformat 4.5).

    Each cell of the starter that nbgrader knows is marked once: the first one recognised as it. Those that a person or
    a score needs and that are missing are added at the end.
    """
    by_id = {cell.grade_id: cell for cell in master.cells}
    shown: list[dict[str, Any]] = []
    seen: set[str] = set()
    for index, cell in enumerate(executed.cells):
        known = by_id.get(executed.grade_ids.get(index, ""))
        if known is not None and known.grade_id in seen:
            known = None
        if known is not None and known.cell_type != cell.get("cell_type"):
            known, cell = (known, _of_another_type(cell, known)) if known.solution else (None, cell)
        if known is not None:
            seen.add(known.grade_id)
        shown.append(_cell(cell, known))
    for master_cell in master.cells:
        if master_cell.grade_id not in seen and (master_cell.grade or master_cell.solution or master_cell.task):
            said = f"# {_NOT_THERE}" if master_cell.cell_type == "code" else f"*{_NOT_THERE}*"
            source = master_cell.source if not master_cell.solution else said
            shown.append(_cell({"cell_type": master_cell.cell_type, "source": source}, master_cell))
    for number, made in enumerate(shown):
        made["id"] = f"cell-{number}"
    kept = {key: master.metadata[key] for key in ("kernelspec", "language_info") if key in master.metadata}
    return {
        "cells": shown,
        "metadata": {**kept, "autograder": {"made_of": executed.fingerprint}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(cell: Mapping[str, Any], known: MasterCell | None) -> dict[str, Any]:
    source = _text(cell.get("source", ""))
    metadata = {"nbgrader": dict(known.metadata)} if known else {}
    if cell.get("cell_type") == "code":
        outputs = list(clean_outputs(cell.get("outputs")))
        return {
            "cell_type": "code",
            "execution_count": None,
            "metadata": metadata,
            "outputs": outputs,
            "source": source,
        }
    if cell.get("cell_type") != "markdown":  # nbconvert passes raw cells on as they are
        source = "```\n" + source.replace("```", "'''") + "\n```"
    attachments = cell.get("attachments")
    found = {str(name): _picture(data) for name, data in attachments.items()} if isinstance(attachments, dict) else {}
    text, pictures = harmless_cell(source, {name: picture for name, picture in found.items() if picture})
    made = {"cell_type": "markdown", "metadata": metadata, "source": text}
    if pictures:
        made["attachments"] = {name: {"image/png": picture} for name, picture in pictures.items()}
    return made


def _of_another_type(cell: Mapping[str, Any], known: MasterCell) -> dict[str, Any]:
    """Return an answer whose cell is of another type than the blank's as the person who grades it should see it."""
    kind, source = str(cell.get("cell_type")), _text(cell.get("source", ""))
    if known.cell_type == "code":
        own = cell.get("metadata", {}).get("autograder") if isinstance(cell.get("metadata"), dict) else None
        source = _text(own.get(AS_TYPED, source)) if isinstance(own, dict) else source
        name = "Markdown" if kind == "markdown" else "raw text"
        return {"cell_type": "code", "source": f"# Handed in as {name}, not as code, so it was not run:\n{source}"}
    if kind == "code":
        source = "```\n" + source.replace("```", "'''") + "\n```"
    return {"cell_type": "markdown", "source": f"*Handed in as a {kind} cell:*\n\n{source}"}


def _picture(data: object) -> str | None:
    return png_text(data.get("image/png")) if isinstance(data, dict) else None


def _text(value: object) -> str:
    return text_of(value) or ""


def _shown_source(cell: MasterCell) -> str:
    return cell.source if cell.cell_type == "code" else harmless_markdown(cell.source)


def _answers(notebook: Mapping[str, Any]) -> dict[str, str]:
    """Return the text of each answer cell of an autograded notebook, by grade_id; of a task what follows it."""
    found: dict[str, str] = {}
    task = ""
    for cell in notebook["cells"]:
        mark = cell["metadata"].get("nbgrader", {})
        if mark:
            task = mark["grade_id"] if mark.get("task") else ""
        if mark.get("solution") or mark.get("task"):
            found[mark["grade_id"]] = cell["source"] if mark.get("solution") else ""
        elif task:
            found[task] += cell["source"] + "\n"
    return found


def _written_before(path: Path) -> tuple[str, dict[str, str]]:
    """Return what the autograded notebook that is there was made of, and its answers; nothing where it is not one of
    ours.
    """
    try:
        notebook = json.loads(path.read_bytes())
        return str(notebook["metadata"]["autograder"]["made_of"]), _answers(notebook)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "", {}


def _write_changed(path: Path, data: bytes) -> None:
    if not path.exists() or path.read_bytes() != data:
        write_whole(path, data)
