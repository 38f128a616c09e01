"""A master run from top to bottom in fast mode, with its outputs: what TAs look at beside a submission."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import nbformat

from autograder.course.course import Assignment
from autograder.release.bundle import beside
from autograder.release.kernel import KernelError, NotebookRun, run_notebook
from autograder.release.master import Master
from autograder.release.starter import ReleaseError, build_release, solution_notebook

CELL_SECONDS = 300.0
_SHOWN = 300  # characters of an exception's message


def executed_solution(master: Master, progress: Callable[[int, int], None] = lambda done, cells: None) -> bytes:
    """Return the solved notebook with the outputs of a run in a plain kernel, as nbformat 4 JSON.

    It holds sample answers and mark schemes: for instructors and TAs only. Raises ReleaseError that names the cell,
    its line in the master and the exception.
    """
    run = run_solution(master, progress)
    text: str = nbformat.writes(run.notebook, version=4)  # type: ignore[no-untyped-call]
    return (text.rstrip("\n") + "\n").encode()


def run_solution(
    master: Master, progress: Callable[[int, int], None] = lambda done, cells: None, folder: Path | None = None
) -> NotebookRun:
    """Run the solved notebook beside what students have beside theirs. folder: where, instead of a temporary one."""
    files = beside(build_release(master.assignment))
    solved = nbformat.reads(solution_notebook(master).decode(), as_version=4)  # type: ignore[no-untyped-call]
    with tempfile.TemporaryDirectory(prefix="solution-") as temporary:
        place = folder or Path(temporary)
        for name, data in files.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(data)
        try:
            run = run_notebook(
                solved, place, seconds=CELL_SECONDS, stop_at_error=True, progress=progress,
                environment=plain_environment(master.assignment), without=master.assignment.root,
            )  # fmt: skip
        except KernelError as error:
            line = f":{master.lines[error.index]}" if error.index is not None else ""
            raise ReleaseError([f"{_place(master)}{line}: {error} (in fast mode, in a plain kernel)"]) from error
    for failed in run.errors:
        name = run.notebook.cells[failed.index].metadata.get("nbgrader", {}).get("grade_id", "")
        title = f"cell {failed.index + 1}" + (f" ({name})" if name else "")
        line = f"{_place(master)}:{master.lines[failed.index]}"
        message = f"{failed.exception}: {failed.message}"[:_SHOWN]
        raise ReleaseError([f"{line}: {title} raised {message} (in fast mode, in a plain kernel)"])
    return run


def plain_environment(assignment: Assignment) -> dict[str, str | None]:
    """Return the variables that make a run of the course's own notebooks fast, and hide what a student may not have."""
    around = assignment.surroundings
    hidden: dict[str, str | None] = {name: None for data in around.data_sets for name in data.variables}
    return hidden | ({around.fast: "1"} if around.fast else {})


def _place(master: Master) -> str:
    return master.assignment.solution_path.relative_to(master.assignment.root).as_posix()
