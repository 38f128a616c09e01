"""`### AUTOTEST` lines become tests as nbgrader makes them, and nothing of a solution is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.exchange.legacy.model import ImportFailed
from autograder.exchange.legacy.nbgrader_source import read_source
from tests.exchange.legacy.conftest import Course, answer, checked, code, written

TEMPLATES = """\
python3:
  setup: "from hashlib import sha1"
  hash: 'sha1({{snippet}}.encode("utf-8")+b"{{salt}}").hexdigest()'
  dispatch: "type({{snippet}})"
  normalize: "str({{snippet}})"
  check: 'assert {{snippet}} == "{{value}}", "{{message}}"'
  success: "print('fine')"
  templates:
    default:
      - test: "type({{snippet}})"
        fail: "type of {{snippet}} is not correct"
      - test: "{{snippet}}"
        fail: "value of {{snippet}} is not correct"
"""
NUMBER = "### BEGIN SOLUTION\nnumber = 5\ndef double(x):\n    return 2 * x\n### END SOLUTION"
CELLS = (
    answer("number", NUMBER),
    checked("open", 1, "### AUTOTEST number; double(4)"),
    checked("hashed", 1, "### HASHED AUTOTEST double(21)"),
    checked("hidden", 1, "### BEGIN HIDDEN TESTS\n### AUTOTEST double(77)\n### END HIDDEN TESTS\nassert number"),
)


def source(folder: Path) -> Path:
    path = written(folder, *CELLS)
    (folder / "autotests.yml").write_text(TEMPLATES)
    return path


@pytest.fixture(scope="module")
def course(imported: Callable[..., Course], tmp_path_factory: pytest.TempPathFactory) -> Course:
    pytest.importorskip("nbgrader")
    return imported(read_source(source(tmp_path_factory.mktemp("autotests"))))


def test_every_cell_is_an_item_that_the_solution_passes(course: Course) -> None:
    assert {item.id: item.level for item in course.draft.items} == {
        "open": "trusted", "hashed": "trusted", "hidden": "trusted"
    }  # fmt: skip


def test_hidden_values_and_templates_stay_here(course: Course) -> None:
    released = course.assignment.starter_path.read_text()
    assert "154" not in released
    assert "42" not in released.split("hashed")[1].split("hidden")[0], "a hash stands there"
    assert not list(course.root.rglob("autotests.yml"))


def test_right_and_wrong_answers(course: Course) -> None:
    def answers(text: str) -> set[str]:
        return course.passed(code(text, grade_id="number", solution=True), *CELLS[1:])

    assert answers("number = 5\ndef double(x):\n    return x + x") == {"open", "hashed", "hidden"}
    assert answers("number = 5\ndef double(x):\n    return 8 if x == 4 else 42") == {"open", "hashed"}
    assert answers("number = 5.0\ndef double(x):\n    return 2 * x") == {"hashed", "hidden"}


def test_without_templates_it_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ImportFailed, match=r"no autotests\.yml beside or above"):
        read_source(written(tmp_path, *CELLS))
