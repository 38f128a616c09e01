"""`autograder check`: what a student is told before handing in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.course.course import Assignment, Course, load_course
from autograder.release.files import write_release
from autograder.release.starter import build_release, read_master, solution_notebook
from autograder.submissions.check import check_notebook

Small = Callable[..., Assignment]


@pytest.fixture
def solved(small: Small) -> dict[str, Any]:
    assignment = small()
    write_release(build_release(assignment))
    return json.loads(solution_notebook(read_master(assignment)))


def cell(document: dict[str, Any], id: str) -> dict[str, Any]:
    return next(cell for cell in document["cells"] if cell["id"] == id)


def said(document: dict[str, Any], folder: Path, course: Course | None = None) -> list[str]:
    findings = check_notebook(json.dumps(document).encode(), folder / "mine.ipynb", course)
    return [f"{finding.level} {finding.place}: {finding.text}" for finding in findings]


def test_a_complete_notebook_gets_no_finding(solved: dict[str, Any], tmp_path: Path) -> None:
    assert said(solved, tmp_path) == []
    assert said(solved, tmp_path, load_course(tmp_path)) == []


def test_every_blank_of_the_starter_is_named(small: Small, tmp_path: Path) -> None:
    starter = json.loads(build_release(small()).files["01_small.ipynb"])
    named = [line.split("(")[1].split(")")[0] for line in said(starter, tmp_path)]
    assert named == ["double", "repair", "quiz_1", "quiz_2", "essay"]


@pytest.mark.parametrize(
    ("id", "source", "message"),
    [
        (
            "double",
            "def double(x):\n    y = 2\n    raise NotImplementedError",
            "problem cell 4 (double): not filled in yet",
        ),
        ("double", "def double(x):\n    return 2 *", "problem cell 4 (double): does not run, line 2: invalid syntax"),
        ("quiz_1", "quiz_1 = None  # later", "problem cell 9 (quiz_1): not answered yet: quiz_1"),
        ("check_double", "assert True", "note cell 5 (check_double): changed from how it was released"),
    ],
)
def test_what_is_wrong_in_a_cell_is_said(
    solved: dict[str, Any], tmp_path: Path, id: str, source: str, message: str
) -> None:
    cell(solved, id)["source"] = source
    lines = said(solved, tmp_path)
    assert len(lines) == 1
    assert lines[0].startswith(message)


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_a_blank_that_is_no_code_cell_any_more_is_a_problem(solved: dict[str, Any], tmp_path: Path, kind: str) -> None:
    changed = cell(solved, "double")
    changed["cell_type"] = kind
    del changed["outputs"], changed["execution_count"]
    (line,) = said(solved, tmp_path)
    assert line.startswith("problem cell 4 (double): is a ")
    assert "not a code cell: change it back" in line
    assert not any("is gone" in line for line in said(solved, tmp_path, load_course(tmp_path)))


def test_magics_shell_lines_and_await_are_no_syntax_errors(solved: dict[str, Any], tmp_path: Path) -> None:
    cell(solved, "double")["source"] += "\n%time 1\n!pip list\nawait something()"
    assert said(solved, tmp_path) == []


def test_a_deleted_blank_is_named_even_without_the_course(solved: dict[str, Any], tmp_path: Path) -> None:
    solved["cells"].remove(cell(solved, "double"))
    assert any("The check of 'double' is there, but not the cell" in line for line in said(solved, tmp_path))
    assert any(
        "The cell of question 'double' is gone" in line for line in said(solved, tmp_path, load_course(tmp_path))
    )


def test_a_copied_cell_is_noted(solved: dict[str, Any], tmp_path: Path) -> None:
    solved["cells"].append(cell(solved, "double"))
    assert said(solved, tmp_path) == ["note : The cell 'double' is there 2 times; the last that is filled in counts."]


def test_another_notebook_is_told_apart(solved: dict[str, Any], tmp_path: Path) -> None:
    solved["metadata"]["autograder"]["assignment"] = "09_other"
    assert any(
        "'09_other', which is no assignment of Small" in s for s in said(solved, tmp_path, load_course(tmp_path))
    )
    del solved["metadata"]["autograder"]
    assert any("do not say which assignment" in line for line in said(solved, tmp_path))


def test_older_and_unknown_releases_are_noted(
    solved: dict[str, Any], small: Small, master_text: str, tmp_path: Path
) -> None:
    write_release(build_release(small(master_text.replace("# # Small", "# # Tiny"))))
    assert any("A newer version" in line for line in said(solved, tmp_path, load_course(tmp_path)))
    solved["metadata"]["autograder"]["release"] = "0" * 12
    assert any("'000000000000' is not known here" in line for line in said(solved, tmp_path, load_course(tmp_path)))


@pytest.mark.parametrize(
    "claim", [{"checksum": 3}, {"solution": True, "checksum": "x"}, [], "x", {"grade": 1, "checksum": "y"}]
)
def test_odd_metadata_never_break_it(solved: dict[str, Any], tmp_path: Path, claim: Any) -> None:
    cell(solved, "double")["metadata"]["nbgrader"] = claim
    assert all(isinstance(line, str) for line in said(solved, tmp_path))


def test_the_command_counts_problems_and_says_when_all_is_well(solved: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "mine.ipynb"
    path.write_text(json.dumps(solved))
    result = CliRunner().invoke(main, ["check", str(path)])
    assert (result.exit_code, result.output) == (0, "Ready to hand in.\n")
    cell(solved, "quiz_2")["source"] = "quiz_2 = None"
    path.write_text(json.dumps(solved))
    result = CliRunner().invoke(main, ["check", str(path)])
    assert result.exit_code == 1
    assert result.output.endswith("1 to put right before you hand in.\n")
    [finding] = json.loads(CliRunner().invoke(main, ["check", "--json", str(path)]).output)
    assert finding == {"level": "problem", "place": "cell 10 (quiz_2)", "text": "not answered yet: quiz_2"}


@pytest.mark.parametrize("data", [b"", b"hello", b"[]", b'{"cells": 3}', b"\xff\xfe\x00"])
def test_files_that_are_no_notebooks_get_one_message(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "mine.ipynb"
    path.write_bytes(data)
    result = CliRunner().invoke(main, ["check", str(path)])
    assert result.exit_code == 1
    assert result.output.startswith("Error: mine.ipynb: ")
    assert CliRunner().invoke(main, ["check", str(tmp_path / "none.ipynb")]).exit_code == 1


def test_a_raise_in_a_branch_is_the_student_s_own(solved: dict[str, Any], tmp_path: Path) -> None:
    source = "def double(x):\n    if x is None:\n        raise NotImplementedError\n    return 2 * x"
    cell(solved, "double")["source"] = source
    assert said(solved, tmp_path) == []


def test_an_answer_typed_anew_is_found_as_grading_finds_it(solved: dict[str, Any], tmp_path: Path) -> None:
    at = solved["cells"].index(cell(solved, "double"))
    own = {"cell_type": "code", "id": "own", "metadata": {}, "outputs": [], "execution_count": None}
    solved["cells"][at] = own | {"source": "def double(x):\n    return 2 * x"}
    assert said(solved, tmp_path) == []
    assert [line for line in said(solved, tmp_path, load_course(tmp_path)) if line.startswith("problem")] == []


def test_a_blank_below_its_answer_is_no_problem_where_the_release_is_known(
    solved: dict[str, Any], small: Small, tmp_path: Path
) -> None:
    starter = json.loads(build_release(small()).files["01_small.ipynb"])
    solved["cells"].append(cell(starter, "double"))
    assert [line for line in said(solved, tmp_path, load_course(tmp_path)) if line.startswith("problem")] == []


def test_windows_code_pages_get_signs_that_they_have(tmp_path: Path, solved: dict[str, Any]) -> None:
    cell(solved, "quiz_2")["source"] = "quiz_2 = None"
    path = tmp_path / "m\u0142\u03b1.ipynb"
    path.write_text(json.dumps(solved))
    code = "from autograder.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "check", str(path)], capture_output=True, check=False,
        env=os.environ | {"PYTHONIOENCODING": "cp1252"},
    )  # fmt: skip
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr
    assert done.stdout.decode("cp1252").startswith("x cell 10 (quiz_2): not answered yet")
