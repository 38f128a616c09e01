"""Every bundle, unpacked somewhere else, works: its starter, and the solution in the starter's place.

In a plain kernel, in fast mode, without a network and without the course's packages. One assignment here, all of them
by `make test-notebooks`.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import nbformat
import pytest

from autograder.course.course import load_course
from autograder.release.bundle import build_bundle
from autograder.release.executed_solution import plain_environment
from autograder.release.kernel import run_notebook
from autograder.release.master import read_master
from autograder.release.starter import solution_notebook

ROOT = Path(__file__).parents[2]
COURSE = load_course(ROOT)
QUICK = "03_separable"
NAMES = [
    pytest.param(assignment.name, marks=() if assignment.name == QUICK else pytest.mark.slow)
    for assignment in COURSE.assignments
]


@pytest.fixture
def unpacked(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The folder of an unpacked bundle."""
    masters = [read_master(assignment) for assignment in COURSE.assignments]
    made = build_bundle(COURSE, COURSE.assignment(request.param), masters)
    with zipfile.ZipFile(io.BytesIO(made.data)) as archive:
        archive.extractall(tmp_path)
    return tmp_path / request.param


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("unpacked", NAMES, indirect=True)
def test_the_starter_runs_and_only_unfilled_blanks_raise(unpacked: Path) -> None:
    starter = nbformat.read(unpacked / f"{unpacked.name}.ipynb", as_version=4)
    environment = plain_environment(COURSE.assignment(unpacked.name))
    done = run_notebook(starter, unpacked, environment=environment, without=ROOT)
    others = [(done.notebook.cells[cell.index]["id"], cell.exception, cell.message) for cell in done.errors
              if cell.exception != "NotImplementedError"]  # fmt: skip
    assert others == []
    assert len(done.errors) >= 5, "a starter with nothing to fill"


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("unpacked", NAMES, indirect=True)
def test_the_solution_runs_to_its_end(unpacked: Path) -> None:
    assignment = COURSE.assignment(unpacked.name)
    solved = nbformat.reads(solution_notebook(read_master(assignment)).decode(), as_version=4)
    done = run_notebook(solved, unpacked, environment=plain_environment(assignment), without=ROOT)
    assert [(done.notebook.cells[cell.index]["id"], cell.exception, cell.message) for cell in done.errors] == []
    for name in assignment.artifacts:
        assert (unpacked / name).stat().st_size > 0, f"the notebook says to hand in {name} and does not write it"
