"""`nbgrader validate` passes on the solution and names exactly the unfilled questions on the starter."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader.validator import Validator

from autograder.course.course import Assignment, load_course
from autograder.release.starter import build_release, read_master, solution_notebook

ROOT = Path(__file__).parents[2]
Small = Callable[..., Assignment]


@pytest.fixture(autouse=True)
def quick_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_FAST", "1")  # training cells take seconds
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


def validate(assignment: Assignment, folder: Path, notebook: bytes | None = None) -> tuple[set[str], dict[str, Any]]:
    """(grade ids of the cells that nbgrader names as failed, its whole answer)."""
    for name, data in build_release(assignment).files.items():
        (folder / name).write_bytes(data)
    path = folder / assignment.starter_path.name
    if notebook is not None:
        path.write_bytes(notebook)
    answer = Validator().validate(str(path))
    ids = {cell.source.strip(): cell.metadata.get("nbgrader", {}).get("grade_id")
           for cell in nbformat.read(path, as_version=4).cells}  # fmt: skip
    return {ids[cell["source"]] for cell in answer.get("failed", [])}, answer


def expected(assignment: Assignment) -> set[str]:
    cells = [q for q in assignment.questions if q.kind != "artifact"]  # which are files
    return {q.id if q.kind == "manual" else f"check_{q.id}" for q in cells}


def test_the_small_solution_passes(small: Small, tmp_path: Path) -> None:
    assignment = small()
    assert validate(assignment, tmp_path, solution_notebook(read_master(assignment)))[1] == {}


def test_the_small_starter_fails_in_every_question_and_nowhere_else(small: Small, tmp_path: Path) -> None:
    assignment = small()
    failed, answer = validate(assignment, tmp_path)
    assert failed == expected(assignment)
    assert set(answer) == {"failed"}


def test_a_filled_question_is_no_longer_named(small: Small, tmp_path: Path) -> None:
    assignment = small()
    text = build_release(assignment).files["01_small.ipynb"].decode()
    filled = re.sub(r"raise NotImplementedError", "return x * 2", text, count=1)
    assert validate(assignment, tmp_path, filled.encode())[0] == expected(assignment) - {"check_double"}


def test_an_edited_check_is_named_as_changed(small: Small, tmp_path: Path) -> None:
    assignment = small()
    text = solution_notebook(read_master(assignment)).decode().replace("assert mean([1, 3]) == 2", "assert True")
    assert [c["source"] for c in validate(assignment, tmp_path, text.encode())[1]["changed"]] == ["assert True"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["03_separable", "04_distillation"])
def test_the_course_s_own_assignments(name: str, tmp_path: Path) -> None:
    assignment = load_course(ROOT).assignment(name)
    failed, answer = validate(assignment, tmp_path)
    assert failed == expected(assignment)
    assert set(answer) == {"failed"}
    assert validate(assignment, tmp_path, solution_notebook(read_master(assignment)))[1] == {}
