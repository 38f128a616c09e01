"""From a master to what students get: the starter notebook, copies of the public files, and nothing else.

The cells go through nbgrader's own preprocessors, in the order of its `generate_assignment`, without its course tree
and database. What comes out depends on the master, course.yaml and the public files only: the same input gives the
same bytes. The release id is a hash of all of it and stands in the notebook's metadata,
`{"autograder": {"assignment": …, "release": …}}`.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.course.answer_keys import written_key
from autograder.course.course import Assignment, question_of
from autograder.course.releases import ReleasedCell, ReleaseDescriptor
from autograder.release.leaks import find_leaks, seen_lines
from autograder.release.markers import solved
from autograder.release.master import Master, ReleaseError, read_master
from autograder.release.opening import OPENING

__all__ = ["Release", "ReleaseError", "build_release", "read_master", "solution_notebook", "starter_notebook"]


@dataclass(frozen=True)
class Release:
    """Everything one release consists of. files: path under the starter's folder -> bytes."""

    assignment: Assignment
    id: str
    files: Mapping[str, bytes]
    descriptor: ReleaseDescriptor


def build_release(assignment: Assignment) -> Release:
    """Read the master and make the release, in memory.

    Raises ReleaseError with every mistake, among them a secret line that would reach students.
    """
    master = read_master(assignment)
    public = _public_files(assignment)
    notebook = _starter(master, public)
    release = str(notebook.metadata["autograder"]["release"])
    if problems := find_leaks(master, notebook, public):
        raise ReleaseError(problems)
    files = {f"{assignment.name}.ipynb": _to_bytes(notebook), **public}
    cells = tuple(
        ReleasedCell(
            id=cell["id"],
            grade_id=cell.metadata.get("nbgrader", {}).get("grade_id", ""),
            cell_type=cell.cell_type,
            tags=tuple(cell.metadata.get("tags", ())),
            source=cell.source,
            task=bool(cell.metadata.get("nbgrader", {}).get("task")),
        )
        for cell in notebook.cells
    )
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    quiz = [cell for cell in cells if cell.cell_type == "markdown" or _is_of_quiz(cell.grade_id, assignment)]
    key = written_key(quiz, assignment.solution_path.read_text(encoding="utf-8"))
    return Release(assignment, release, files, ReleaseDescriptor(release, cells, hashes, key))


def _is_of_quiz(grade_id: str, assignment: Assignment) -> bool:
    question = question_of(grade_id, assignment) if grade_id else None
    return question is not None and question.kind == "quiz"


def lines_shown_anyway(assignment: Assignment) -> tuple[str, ...]:
    """Return the lines of solutions that a release would show, so that it refuses. Raises ReleaseError."""
    master, public = read_master(assignment), _public_files(assignment)
    return seen_lines(master, _starter(master, public), public)


def starter_notebook(master: Master) -> bytes:
    """Return the notebook students get: nbformat 4.5 JSON. Raises ReleaseError if a public file cannot be read."""
    return _to_bytes(_starter(master, _public_files(master.assignment)))


def solution_notebook(master: Master) -> bytes:
    """Return the starter with all blanks filled, as a perfect student would hand it in: same cells, ids and metadata.

    A written answer holds its sample answer and mark scheme, so this notebook is for instructors only.
    """
    notebook = _starter(master, _public_files(master.assignment))
    for cell, original in zip(notebook.cells, master.notebook.cells, strict=True):
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = solved(original.source).rstrip()
    return _to_bytes(notebook)


def _starter(master: Master, public: Mapping[str, bytes]) -> NotebookNode:
    notebook = copy.deepcopy(master.notebook)
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    from autograder.release.nbgrader_steps import without_answers  # loads nbgrader: a second of processor time

    notebook = without_answers(notebook, master.assignment)
    _set_ids(notebook)
    digest = hashlib.sha256(_to_bytes(notebook))
    for name, data in sorted(public.items()):
        digest.update(f"\0{name}\0{len(data)}\0".encode() + data)
    release = digest.hexdigest()[:12]
    notebook.metadata["autograder"] = {"assignment": master.assignment.name, "release": release}
    nbformat.validate(notebook)
    return notebook


def _set_ids(notebook: NotebookNode) -> None:
    """Set each cell's id to its grade_id; cells without one count from the last cell that has one."""
    anchor, count = "top", 0
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in OPENING:  # a course that names its repository later keeps the ids of its cells
            cell["id"] = grade_id
            continue
        anchor, count = (grade_id, 0) if grade_id else (anchor, count + 1)
        cell["id"] = grade_id or f"{anchor[:54]}-plus-{count}"


def _public_files(assignment: Assignment) -> dict[str, bytes]:
    """Return path beside the notebook -> bytes. Files lie there under their plain names and folders in their shape, as
    they do in the sandbox."""
    files: dict[str, bytes] = {}
    for name, path in assignment.beside.items():
        try:
            files[name] = path.read_bytes()
        except OSError as error:
            place = path.relative_to(assignment.root)
            raise ReleaseError(
                [f"{place}: public file of {assignment.name}, not readable: {error.strerror}"]
            ) from error
    return files


def _to_bytes(notebook: NotebookNode) -> bytes:
    text: str = nbformat.writes(notebook, version=4)  # type: ignore[no-untyped-call]
    return (text.rstrip("\n") + "\n").encode()
