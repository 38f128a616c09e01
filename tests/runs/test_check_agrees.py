"""`autograder check` and `autograder grade` say the same of the same notebooks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.course.course import load_course
from autograder.records import Result, TestStatus
from autograder.submissions.check import check_notebook

Notebook = dict[str, Any]
Change = Callable[[Notebook], None]


def cell(notebook: Notebook, grade_id: str) -> dict[str, Any]:
    return next(c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)


def retyped(notebook: Notebook) -> None:
    cell(notebook, "add")["cell_type"] = "markdown"


def deleted(notebook: Notebook) -> None:
    notebook["cells"].remove(cell(notebook, "add"))


def typed_anew(notebook: Notebook) -> None:
    mine = cell(notebook, "add")
    mine["metadata"], mine["id"] = {}, "mine"


def source(grade_id: str, text: str) -> Change:
    def change(notebook: Notebook) -> None:
        cell(notebook, grade_id)["source"] = text

    return change


def stub_below(notebook: Notebook) -> None:
    stub = json.loads(json.dumps(cell(notebook, "add")))
    stub["source"] = 'def add(a, b):\n    """The sum of two numbers."""\n    raise NotImplementedError\n'
    notebook["cells"].append(stub | {"id": "again"})


BRANCH = "def add(a, b):\n    if a is None:\n        raise NotImplementedError\n    return a + b"
# change -> whether check calls it a problem
CASES: dict[str, tuple[Change, bool]] = {
    "s00": (lambda notebook: None, False),
    "s01": (retyped, True),
    "s02": (deleted, True),
    "s03": (typed_anew, False),
    "s04": (source("add", "def add(a, b):\n    raise NotImplementedError"), True),
    "s05": (source("add", BRANCH), False),
    "s06": (source("add", "def add(a, b:\n    return a + b"), True),
    "s07": (source("quiz", "quiz_1 = None"), True),
    "s08": (stub_below, False),
    "s09": (source("check_add", "assert True"), False),
}


@pytest.fixture
def books(solution: bytes, tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, (change, _) in CASES.items():
        notebook = json.loads(solution)
        for one in notebook["cells"]:
            if one["cell_type"] == "code":
                one.setdefault("outputs", [])
        change(notebook)
        (folder / f"{name}.ipynb").write_text(json.dumps(notebook))
    return folder


def test_a_problem_costs_points_and_no_problem_costs_none(
    books: Path, course_root: Path, grade: Callable[..., Any], tmp_path: Path
) -> None:
    course = load_course(course_root)
    done = grade(books, "-o", tmp_path / "results", "--no-resident")
    assert done.returncode == 0, done.stderr
    results = {path.parent.name: Result.model_validate_json(path.read_bytes())
               for path in tmp_path.glob("results/**/result.json")}  # fmt: skip
    assert set(results) == set(CASES)
    for name, (_, expected) in CASES.items():
        path = books / f"{name}.ipynb"
        findings = check_notebook(path.read_bytes(), path, course)
        problems = [f"{finding.place} {finding.text}" for finding in findings if finding.level == "problem"]
        tested = [question for question in results[name].questions if question.kind != "manual"]
        lost = [question.id for question in tested if question.score != question.max_score]
        assert (bool(problems), bool(lost)) == (expected, expected), (name, problems, lost)
        untouched = {test.question for question in tested for test in question.tests if test.untouched}
        assert bool(untouched) == any("not filled in" in p or "not answered" in p for p in problems), name
        assert all(test.status is not TestStatus.NOT_RUN for q in tested for test in q.tests) or lost
