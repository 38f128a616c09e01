"""docs/weights.md, the review of what mistakes cost, names every test and its weight as they are."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from autograder.course.course import Assignment, load_course

COURSE = load_course(Path(__file__).resolve().parents[2])
REVIEW = (COURSE.root / "docs/weights.md").read_text(encoding="utf-8")


def weights_of(path: Path) -> dict[str, list[str]]:
    """Question -> its tests without `test_`, each with its weight; of a parametrised one that of all its cases."""
    found: dict[str, list[str]] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.FunctionDef) or not node.name.startswith("test_"):
            continue
        question, weight, cases = "", 1.0, 1
        for mark in node.decorator_list:
            assert isinstance(mark, ast.Call)
            if isinstance(mark.func, ast.Name):
                question = ast.literal_eval(mark.args[0])
                weight = float(next((ast.literal_eval(k.value) for k in mark.keywords if k.arg == "weight"), 1.0))
            else:
                cases = len(ast.literal_eval(mark.args[1]))
        found.setdefault(question, []).append(f"{node.name.removeprefix('test_')} {weight * cases:g}")
    return found


@pytest.mark.parametrize("assignment", COURSE.assignments, ids=lambda assignment: assignment.name)
def test_the_review_has_the_weights_of_the_tests(assignment: Assignment) -> None:
    section = re.split(r"^## ", REVIEW, flags=re.MULTILINE)
    rows = next(part for part in section if part.startswith(f"{assignment.name}\n"))
    reviewed = re.findall(r"^\| `(\w+)` \| (\S+) \| (.*?) \| (.+) \|$", rows, re.MULTILINE)
    of_tests = [question for question in assignment.questions if question.kind == "tests"]
    written = weights_of(assignment.hidden_tests_path)
    assert [(name, points, weights) for name, points, weights, _ in reviewed] == [
        (question.id, f"{question.points:g}", ", ".join(written[question.id])) for question in of_tests
    ]
