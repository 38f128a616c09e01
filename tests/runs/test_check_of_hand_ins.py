"""`autograder check` says of every kind of hand-in what `autograder grade` does with it."""

from __future__ import annotations

import codecs
import copy
import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from autograder.course.course import load_course
from autograder.notebooks.read import NotebookError
from autograder.records import Outcome, Result
from autograder.submissions.arrivals import read_arrivals
from autograder.submissions.check import check_notebook

Notebook = dict[str, Any]
OTHER = "\n  - {name: other, title: Other, questions: [{id: a, title: A, points: 1}]}\n"
STUB = 'def add(a, b):\n    """The sum of two numbers."""\n    raise NotImplementedError\n'


@dataclass(frozen=True)
class Case:
    """A hand-in's file. change: what the student did; write: how the program saved it. fate: full, less, refused or
    aside, as grading and check agree on it.
    """

    fate: str
    change: Callable[[Notebook], object] = lambda notebook: None
    write: Callable[[bytes], bytes] = lambda data: data
    name: str = "tiny.ipynb"


def cell(notebook: Notebook, grade_id: str) -> dict[str, Any]:
    return next(c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == grade_id)


def code(source: str) -> dict[str, Any]:
    return {"cell_type": "code", "id": "own", "metadata": {}, "outputs": [], "execution_count": None, "source": source}


def above(source: str) -> Callable[[Notebook], object]:
    return lambda notebook: notebook["cells"].insert(0, code(source))


def below(source: str) -> Callable[[Notebook], object]:
    return lambda notebook: notebook["cells"].append(code(source))


def source(grade_id: str, text: str) -> Callable[[Notebook], object]:
    return lambda notebook: cell(notebook, grade_id).update(source=text)


def kind(grade_id: str, cell_type: str) -> Callable[[Notebook], object]:
    return lambda notebook: cell(notebook, grade_id).update(cell_type=cell_type)


def metadata(assignment: str, release: str = "0" * 12) -> Callable[[Notebook], object]:
    def change(notebook: Notebook) -> None:
        notebook["metadata"]["autograder"] = {"assignment": assignment, "release": release}

    return change


def typed_as_code(grade_id: str) -> Callable[[Notebook], object]:
    def change(notebook: Notebook) -> None:
        cell(notebook, grade_id)["metadata"]["nbgrader"]["cell_type"] = "code"
        cell(notebook, grade_id)["cell_type"] = "markdown"

    return change


def emptied_and_typed_below(notebook: Notebook) -> None:
    mine = cell(notebook, "add")
    notebook["cells"].insert(notebook["cells"].index(mine) + 1, code(mine["source"]))
    mine["source"] = ""


def helper_that_does_not_run(notebook: Notebook) -> None:
    source("add", "def add(a, b):\n    return helper(a) + b")(notebook)
    above("def helper(a)\n    return a")(notebook)


def helper_of_a_helper_that_does_not_run(notebook: Notebook) -> None:
    source("add", "def add(a, b):\n    return outer(a) + b")(notebook)
    above("def outer(a):\n    return inner(a)")(notebook)
    above("def inner(a)\n    return a")(notebook)


def import_that_does_not_run(notebook: Notebook) -> None:
    source("add", "def add(a, b):\n    return op.add(a, b)")(notebook)
    above("import math, operator as op\nfor in in in:")(notebook)


def helpers_nobody_asks_for(notebook: Notebook) -> None:
    above("def outer(a):\n    return inner(a)")(notebook)
    above("from math import floor as inner\nfor in in in:")(notebook)


def starter_below(notebook: Notebook) -> None:
    again = copy.deepcopy(notebook["cells"])
    for number, one in enumerate(again):
        one["id"] = f"again{number}"
        if one["metadata"].get("nbgrader", {}).get("grade_id") == "add":
            one["source"] = STUB
    notebook["cells"] += again


def no_tags(notebook: Notebook) -> None:
    for one in notebook["cells"]:
        one["metadata"] = {}


def moved_down(notebook: Notebook) -> None:
    mine = cell(notebook, "quiz")
    notebook["cells"].remove(mine)
    notebook["cells"].append(mine)


CASES = {
    "right": Case("full"),
    "copy": Case("full", name="tiny-Copy1.ipynb"),
    "numbered": Case("full", name="tiny (1).ipynb"),
    "upper": Case("full", name="TINY.IPYNB"),
    "txt": Case("full", name="tiny.ipynb.txt"),
    "json": Case("full", name="tiny.json"),
    "own_name": Case("full", name="my work.ipynb"),
    "bom": Case("full", write=lambda data: codecs.BOM_UTF8 + data),
    "nul_tail": Case("full", write=lambda data: data + b"\0" * 900),
    "utf16": Case("full", write=lambda data: data.decode().encode("utf-16")),
    "twice": Case("refused", write=lambda data: data + data),
    "cut": Case("refused", write=lambda data: data[: len(data) // 2]),
    "empty": Case("refused", write=lambda data: b""),
    "pdf": Case("refused", write=lambda data: b"%PDF-1.7\n"),
    "html": Case("refused", write=lambda data: b"<html><body>blocked</body></html>"),
    "list": Case("refused", write=lambda data: b"[]"),
    "no_cells": Case("refused", write=lambda data: b'{"nbformat": 4, "metadata": {}}'),
    "foreign": Case("aside", metadata("other")),
    "under_other": Case("aside", name="other.ipynb"),
    "nobody_s": Case("full", metadata("elsewhere")),
    "unnamed": Case("aside", metadata(""), name="my work.ipynb"),
    "unnamed_foreign": Case("aside", metadata("elsewhere"), name="my work.ipynb"),
    "emptied_moved": Case("full", emptied_and_typed_below),
    "helper_syntax": Case("less", helper_that_does_not_run),
    "helper_chain": Case("less", helper_of_a_helper_that_does_not_run),
    "import_syntax": Case("less", import_that_does_not_run),
    "unused_chain": Case("full", helpers_nobody_asks_for),
    "old_release": Case("full", metadata("tiny")),
    "no_metadata": Case("full", lambda notebook: notebook["metadata"].clear()),
    "markdown": Case("less", kind("add", "markdown")),
    "raw": Case("less", kind("total", "raw")),
    "retyped_claim": Case("less", typed_as_code("quiz")),
    "deleted": Case("less", lambda notebook: notebook["cells"].remove(cell(notebook, "total"))),
    "quiz_deleted": Case("less", lambda notebook: notebook["cells"].remove(cell(notebook, "quiz"))),
    "check_deleted": Case("full", lambda notebook: notebook["cells"].remove(cell(notebook, "check_add"))),
    "check_changed": Case("full", source("check_total", "assert True")),
    "no_tags": Case("full", no_tags),
    "moved": Case("full", moved_down),
    "starter_below": Case("full", starter_below),
    "stub_above": Case("full", above(STUB)),
    "stub": Case("less", source("add", STUB)),
    "blank": Case("less", source("total", "")),
    "comment": Case("less", source("total", "# later")),
    "syntax": Case("less", source("total", "def total(values)\n    return 0")),
    "own_syntax": Case("full", below("for in in in:")),
    "magics": Case("full", above("%matplotlib inline\n!pip install rich\n?print")),
    "cell_magic": Case("full", above("%%bash\necho hello")),
    "fails_above": Case("full", above("import no_such_package_at_all")),
    "newer": Case(
        "full" if sys.version_info >= (3, 12) else "less", source("quiz", 'quiz_1 = f"{"b" + f"{""}"}"\ntype X = int')
    ),
    "no_answer": Case("less", source("quiz", "quiz_1 = None")),
    "rebound": Case("full", below("add = 3")),
    "essay_gone": Case("less", lambda notebook: notebook["cells"].remove(cell(notebook, "essay"))),
    "no_code": Case("refused", lambda notebook: notebook.update(cells=[])),
    "crlf": Case("full", source("add", "def add(a, b):\r\n    return a + b\r\n")),
    "source_list": Case("full", source("add", ["def add(a, b):\n", "    return a + b"])),  # type: ignore[arg-type]
    "await": Case("full", above("import asyncio\nawait asyncio.sleep(0)")),
    "odd_ids": Case("full", lambda notebook: [one.update(id="same") for one in notebook["cells"]]),
}


@pytest.fixture
def course_with_another(course_root: Path, tmp_path: Path) -> Path:
    root = tmp_path / "course"
    shutil.copytree(course_root, root)
    (root / "course.yaml").write_text((root / "course.yaml").read_text().rstrip() + OTHER)
    rows = ["id,email,aliases,group,section,extensions", *(f"{name},,,,," for name in CASES)]
    (root / "roster.csv").write_text("\n".join(rows) + "\n")
    return root


def test_check_and_grade_agree_on_every_kind_of_hand_in(
    course_with_another: Path, solution: bytes, grade: Callable[..., Any], tmp_path: Path
) -> None:
    course = load_course(course_with_another)
    for name, case in CASES.items():
        notebook = json.loads(solution)
        case.change(notebook)
        path = tmp_path / "in" / name / case.name
        path.parent.mkdir(parents=True)
        path.write_bytes(case.write(json.dumps(notebook).encode()))
    # in this Python, as `check` is: an image may have another, which knows another syntax
    done = grade("--course", course_with_another, tmp_path / "in", "-o", tmp_path / "results", "--backend", "namespace",
                 "--no-resident", "-j", "1")  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    results = {path.parent.name: Result.model_validate_json(path.read_bytes())
               for path in (tmp_path / "results").glob("**/result.json")}  # fmt: skip
    arrivals = read_arrivals(tmp_path / "results" / "staff").arrivals
    aside = {one.subject for one in arrivals if one.standing == "set_aside"}
    wrong = []
    for name, case in CASES.items():
        path = tmp_path / "in" / name / case.name
        graded = "aside" if name in aside else _fate(results.get(name))
        checked = _checked(path, course)
        if (graded, checked) != (case.fate, "problem" if case.fate in ("less", "aside") else case.fate):
            wrong.append(f"{name}: expected {case.fate}, grade: {graded}, check: {checked}")
    assert not wrong, "\n".join(wrong)


def _fate(result: Result | None) -> str:
    if result is None or result.outcome is not Outcome.GRADED:
        return "refused"
    if any("was not found" in notice for notice in result.notices):
        return "less"
    tested = [question for question in result.questions if question.kind != "manual"]
    return "full" if all(question.score == question.max_score for question in tested) else "less"


def _checked(path: Path, course: Any) -> str:
    try:
        findings = check_notebook(path.read_bytes(), path, course)
    except NotebookError:
        return "refused"
    return "problem" if any(finding.level == "problem" for finding in findings) else "full"
