"""An assignment as a course of nbgrader: `source/`, `release/` and `nbgrader_config.py`.

`release/` is the release that students get here, byte for byte, so that `nbgrader release_assignment` hands it out and
what comes back is graded by `autograder grade`, which writes nbgrader's gradebook. `source/` is the master in
nbgrader's own words, for those who go on with nbgrader alone: then only the visible checks score.
"""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from autograder.course.course import Assignment, Course
from autograder.exchange.nbgrader.database import course_id
from autograder.files import write_whole
from autograder.release.markers import TEXT_STUB, regions, without_starter
from autograder.release.master import Master
from autograder.release.starter import build_release, read_master

_CONFIG = """\
# Made by `autograder export nbgrader`. `nbgrader release_assignment` hands out what is in release/; what comes back is
# graded by `autograder grade`, whose results folder has a gradebook of nbgrader's.
c = get_config()  # noqa: F821
c.CourseDirectory.course_id = {course_id}
c.ClearSolutions.text_stub = {text_stub}
# Mark schemes stand in written answers, too, and not in task cells alone.
c.ClearMarkScheme.enforce_metadata = False
"""
_SCHEME = re.compile(r"^\s*#{0,3}\s*(BEGIN|END) MARK SCHEME\b.*$")


class AlreadyThere(Exception):
    """The folder has an assignment of this name."""


def write_nbgrader_course(course: Course, assignment: Assignment, folder: Path) -> list[str]:
    """Write an assignment into the nbgrader course at `folder`, which may be new; return what a person should know.

    Raises AlreadyThere where `source/` or `release/` has the assignment already, and ReleaseError.
    """
    for part in ("source", "release"):
        if (folder / part / assignment.name).exists():
            raise AlreadyThere(f"{folder / part / assignment.name}: is there already, and nothing is overwritten")
    release = build_release(assignment)
    master = read_master(assignment)
    notebook = f"{assignment.name}.ipynb"
    starter = json.loads(release.files[notebook])
    files = {f"release/{assignment.name}/{path}": data for path, data in release.files.items()}
    files |= {f"source/{assignment.name}/{path}": data for path, data in release.files.items() if path != notebook}
    made = source_notebook(master, starter["metadata"])
    files[f"source/{assignment.name}/{notebook}"] = nbformat.writes(made).encode()  # type: ignore[no-untyped-call]
    notes = []
    if (folder / "nbgrader_config.py").exists():
        needed = f"ClearSolutions.text_stub = {TEXT_STUB!r} and ClearMarkScheme.enforce_metadata = False"
        notes.append(f"nbgrader_config.py stays as it is; written answers need {needed}")
    else:
        text = _CONFIG.format(course_id=repr(course_id(course)), text_stub=repr(TEXT_STUB))
        files["nbgrader_config.py"] = text.encode()
    for path, data in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place, data)
    return [*notes, *_notes(assignment, master)]


def source_notebook(master: Master, metadata: object) -> NotebookNode:
    """Return the master as nbgrader's source has it. metadata: of the release, so that both are known as one."""
    made: NotebookNode = copy.deepcopy(master.notebook)
    made.metadata = nbformat.from_dict(metadata)  # type: ignore[no-untyped-call]
    made.nbformat, made.nbformat_minor = 4, 5
    for number, cell in enumerate(made.cells):
        cell["id"] = f"cell-{number}"
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = _answer(cell)
    return made


def _answer(cell: NotebookNode) -> str:
    """Return an answer cell without what nbgrader does not know: starters, and schemes in place of an answer."""
    source = without_starter(cell.source)
    kinds = {region for region, _ in regions(source)}
    if cell.cell_type != "markdown" or "MARK SCHEME" not in kinds or "SOLUTION" in kinds:
        return source
    return "\n".join(
        line.replace("MARK SCHEME", "SOLUTION") if _SCHEME.match(line) else line for line in source.split("\n")
    )


def _notes(assignment: Assignment, master: Master) -> list[str]:
    tested = [question.id for question in assignment.questions if question.kind in ("tests", "artifact")]
    notes = [
        f"the hidden tests of {', '.join(tested) or 'no question'} stay here: `nbgrader autograde` gives the points of "
        "a question for its visible check alone; `autograder grade` writes the scores into nbgrader's gradebook"
    ]
    if any("STARTER" in {region for region, _ in regions(cell.source)} for cell in master.notebook.cells):
        notes.append("release/ has the code that is wrong on purpose; what nbgrader makes of source/ has a stub there")
    return notes
