"""`autograder check` and `autograder grade` say the same of the same notebooks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.course.course import load_course
from autograder.notebooks.read import NotebookError
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


def without(*grade_ids: str) -> Change:
    def change(notebook: Notebook) -> None:
        notebook["cells"] = [c for c in notebook["cells"]
                             if c["metadata"].get("nbgrader", {}).get("grade_id") not in grade_ids]  # fmt: skip

    return change


def as_kind(grade_id: str, kind: str) -> Change:
    def change(notebook: Notebook) -> None:
        cell(notebook, grade_id)["cell_type"] = kind

    return change


def wiped(notebook: Notebook) -> None:
    """A converter took all metadata with it."""
    notebook["metadata"] = {}
    for number, one in enumerate(notebook["cells"]):
        one["metadata"], one["id"] = {}, f"n{number}"


def of_assignment(name: str) -> Change:
    def change(notebook: Notebook) -> None:
        notebook["metadata"]["autograder"]["assignment"] = name

    return change


def reordered(notebook: Notebook) -> None:
    notebook["cells"].reverse()


BROKEN = "s50"
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
    "s10": (without("check_add", "check_total", "intro"), False),
    "s11": (as_kind("quiz", "markdown"), True),
    "s12": (without("add", "total"), True),
    "s13": (as_kind("add", "raw"), True),
    "s14": (as_kind("check_add", "markdown"), False),
    "s15": (wiped, False),
    "s16": (source("essay", "# My words\nbelong here"), False),
    "s17": (source("essay", "Because."), False),
    "s20": (source("essay", ""), True),
    "s21": (of_assignment("elsewhere"), False),
    "s22": (source("quiz", "quiz_1 = 'a'\nquiz_1 = None"), True),
    "s23": (source("add", "# later"), True),
    "s24": (source("add", "add = lambda a, b: a + b"), False),
    "s25": (source("add", "def add(a, b): raise NotImplementedError()\ndef add(a, b): return a + b"), False),
    "s27": (source("total", "def total(values):\n    return sum(values)\n!ls\n%matplotlib inline"), False),
    "s28": (source("add", "def add(a, b):\n    'raise NotImplementedError'\n    return a + b"), False),
    "s29": (source("quiz", "quiz_1: str = 'b'"), False),
    "s30": (source("quiz", "quiz_1 = quiz_2 = 'b'"), False),
    "s31": (source("quiz", "(quiz_1,) = ['b']"), False),
    "s26": (reordered, False),
    "s32": (source("quiz", "if True:\n    quiz_1 = 'b'"), False),
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
        (folder / name).mkdir()
        (folder / name / "tiny.ipynb").write_text(json.dumps(notebook))
    for name in ("tiny-Copy1.ipynb", "tiny (1).ipynb"):
        (folder / "s03" / name).write_text(json.dumps(notebook))
    (folder / "s02" / "tiny.ipynb").rename(folder / "s02" / "my work.ipynb")
    (folder / BROKEN).mkdir()
    (folder / BROKEN / "tiny.ipynb").write_bytes(solution[:900])
    return folder


def test_a_problem_costs_points_and_no_problem_costs_none(
    books: Path, course_root: Path, grade: Callable[..., Any], tmp_path: Path
) -> None:
    course = load_course(course_root)
    done = grade(books, "-o", tmp_path / "results", "--no-resident")
    assert done.returncode == 1, done.stderr  # one cannot be graded
    results = {path.parent.name: Result.model_validate_json(path.read_bytes())
               for path in tmp_path.glob("results/**/result.json")}  # fmt: skip
    assert set(results) == {*CASES, BROKEN}
    with pytest.raises(NotebookError) as refused:
        check_notebook((books / BROKEN / "tiny.ipynb").read_bytes(), books / BROKEN / "tiny.ipynb", course)
    assert str(refused.value).partition(": ")[2] in results[BROKEN].reason
    for name in ("tiny-Copy1.ipynb", "tiny (1).ipynb"):
        path = books / "s03" / name
        said = [finding.text for finding in check_notebook(path.read_bytes(), path, course)]
        assert "Of the notebooks in this folder tiny.ipynb is graded, not this one: hand in one." in said
    for name, (_, expected) in CASES.items():
        path = next(path for path in (books / name).iterdir() if path.name in ("tiny.ipynb", "my work.ipynb"))
        findings = check_notebook(path.read_bytes(), path, course)
        problems = [f"{finding.place} {finding.text}" for finding in findings if finding.level == "problem"]
        tested = [question for question in results[name].questions if question.kind != "manual"]
        scored = [question for question in results[name].questions if question.score is not None]
        lost = [question.id for question in scored if question.score != question.max_score]
        assert (bool(problems), bool(lost)) == (expected, expected), (name, problems, lost)
        untouched = {test.question for question in tested for test in question.tests if test.untouched}
        untouched |= {question.id for question in scored if question.status == "untouched"}
        assert bool(untouched) == any("not filled in" in p or "not answered" in p for p in problems), name
        assert all(test.status is not TestStatus.NOT_RUN for q in tested for test in q.tests) or lost
