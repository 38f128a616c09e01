"""Blanks that do nothing are made of every blank, and must earn nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner
from torch import nn

from autograder.commands.validate import command
from autograder.course.course import Assignment, load_course
from autograder.course.yaml_sections import CourseError
from autograder.release.starter import read_master, solution_notebook
from autograder.validation.noops import ANSWERS, does_nothing, excused_path, noop_cases, read_excused, stale

CELL = """
import torch
from torch import nn
RATE = 0.5
def soften(logits, T=2.0):
    return logits / T
class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layer = nn.Linear(width, 2)
    def forward(self, x):
        return self.layer(x)
    @property
    def width(self):
        return 3
class Plain:
    def __init__(self, size): self.size = size
    def __len__(self): return self.size
"""


def names_of(answer: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    exec(does_nothing(CELL, answer), found)  # noqa: S102 - the test's own
    return found


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("first argument", torch.ones(2, 3)),
        ("zero", 0.0),
        ("zeros like the first argument", torch.zeros(2, 3)),
        ("None", None),
    ],
)
def test_everything_returns_the_answer(answer: str, expected: Any) -> None:
    names, x = names_of(answer), torch.ones(2, 3)
    for got in (
        names["soften"](x, 3.0),
        names["soften"](logits=x),
        names["Net"](7, "more")(x),
        names["Plain"](4).__len__(x),
    ):
        assert type(got) is type(expected)
        assert torch.equal(got, expected) if isinstance(expected, torch.Tensor) else got == expected
    assert names["RATE"] == 0.5
    assert isinstance(names["Net"](), nn.Module)
    assert not list(names["Net"]().parameters())


def test_an_answer_without_arguments_is_an_answer() -> None:
    assert names_of("first argument")["soften"]() is None
    assert names_of("zeros like the first argument")["soften"]([1]) == 0


def test_each_question_of_functions_has_a_case_for_each_answer(tiny: Assignment) -> None:
    master = read_master(tiny)
    cases = list(noop_cases(master, solution_notebook(master)))
    assert [(case.questions, case.answer) for case in cases] == [((q,), a) for q in ("add", "total") for a in ANSWERS]
    for case in cases:
        source = "".join("".join(cell["source"]) for cell in json.loads(case.notebook)["cells"])
        assert f"def {case.questions[0]}(*arguments, **named)" in source
        assert source.count("*arguments") >= 1
        other = {"add": "total", "total": "add"}[case.questions[0]]
        assert f"def {other}(*" not in source  # other blanks are the solution's


def entry(question: str, answer: str) -> str:
    return f"- question: {question}\n  answer: {answer}\n  reason: It is asked for.\n"


def test_the_list_of_exceptions_holds_what_is_true(copy_course: Callable[[], Path]) -> None:
    assignment = load_course(copy_course()).assignment("tiny")
    assert read_excused(assignment) == ()
    excused_path(assignment).write_text(entry("add", "zero") + entry("add", "None") + entry("more", "zero"))
    listed = read_excused(assignment)
    none, more = stale(listed, {("add", "zero"): 1.0, ("add", "None"): 0.0}, assignment)
    assert "doing_nothing.yaml:4: found that add gives nothing to None" in none
    assert "doing_nothing.yaml:7: found no question 'more'" in more
    excused_path(assignment).write_text(entry("add", "one"))
    with pytest.raises(CourseError, match=r"doing_nothing\.yaml:1: found the answer 'one', expected one of first"):
        read_excused(assignment)


def test_points_for_nothing_are_off_until_they_are_marked_or_listed(copy_course: Callable[[], Path]) -> None:
    root = copy_course()
    tests = root / "solutions/tiny/hidden_tests.py"
    kind = """

@question("total"{})
def test_argument_stays(student):
    \"\"\"The list is not changed.\"\"\"
    values = [1, 2]
    with unchanged(values):
        student.total(values)
"""
    text = tests.read_text().replace("import close", "import unchanged, close")
    tests.write_text(text + kind.format(""))
    options = ["--course", str(root), "--no-mutants", "--seeds", "1", "--threads", "1", "--jobs", "2"]
    done = CliRunner().invoke(command, options)
    assert done.exit_code == 1
    assert "total returns None: total: expected 0 from a blank that does nothing (it returns None)" in done.output
    assert "test_argument_stays passed; mark what only forbids with forbids=True" in done.output
    assert "add returns" not in done.output
    tests.write_text(text + kind.format(", forbids=True"))
    assert CliRunner().invoke(command, options).exit_code == 0
    tests.write_text(text + kind.format(""))
    assignment = load_course(root).assignment("tiny")
    excused_path(assignment).write_text("".join(entry("total", answer) for answer in ANSWERS))
    done = CliRunner().invoke(command, options)
    assert done.exit_code == 0, done.output
