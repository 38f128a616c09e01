"""Validation holds what the hidden tests declare of their inputs against what they send."""

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
from autograder.course.course import load_course
from autograder.records import InputsMet
from autograder.suite.suite import SuiteError, collect
from autograder.validation.inputs import refuses_views, unmet_inputs

OPTIONS = ["--no-mutants", "--seeds", "1", "--threads", "1", "--jobs", "2", "--draws", "0"]
CELL = """
import torch
from torch import nn
SIZE = 3
def soften(logits, T=2.0):
    return logits / T
class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layer = nn.Linear(width, 2)
    def forward(self, x):
        return self.layer(x)
class Plain:
    size = 3
"""


def test_functions_and_networks_refuse_what_is_not_in_order() -> None:
    names: dict[str, Any] = {}
    exec(refuses_views(CELL), names)  # noqa: S102 - the test's own
    soften, net, x = names["soften"], names["Net"](3), torch.rand(2, 3)
    assert torch.equal(soften(x, T=4.0), x / 4)
    assert net(x).shape == (2, 2)
    assert soften.__name__ == "soften"
    assert isinstance(net, nn.Module)
    assert names["Plain"].size == names["SIZE"] == 3
    for call in (soften, net, lambda y: soften(logits=y)):
        with pytest.raises(RuntimeError, match="in order"):
            call(torch.rand(3, 2).T)


def test_only_what_is_declared_and_not_met_is_told() -> None:
    found = [
        InputsMet(question="soften", argument="logits", wanted=("one", "view"), met=("one", "odd")),
        InputsMet(question="soften", argument="T", wanted=(), met=()),
        InputsMet(question="kl", argument="T", wanted=("odd",), met=()),
    ]
    first, second = unmet_inputs(found, Path("course/hidden_tests.py"))
    assert first.startswith("soften: hidden_tests.py says in INPUTS that `logits` meets 'view'")
    assert "found one, odd: send such an input" in first
    assert "`T` meets 'odd'" in second
    assert "found nothing of the kind" in second


def declared(root: Path, inputs: str, *options: str) -> str:
    path = root / "solutions/tiny/hidden_tests.py"
    path.write_text(path.read_text() + f"\n\nINPUTS = {inputs}\n")
    return CliRunner().invoke(command, ["--course", str(root), *OPTIONS, *options]).output


def test_a_promise_that_is_kept_is_no_problem(copy_course: Callable[[], Path], tmp_path: Path) -> None:
    inputs = '{"add": {"a": "even, extreme", "b": "odd"}, "total": {"values": "duplicates"}}'
    said = declared(copy_course(), inputs, "--output", str(tmp_path))
    assert "tiny: all as it must be" in said, said
    found = json.loads((tmp_path / "tiny/validate.json").read_text())["inputs"]
    assert [(row["argument"], row["wanted"]) for row in found] == [
        ("a", ["even", "extreme"]),
        ("b", ["odd"]),
        ("values", ["duplicates"]),
    ]


def test_a_promise_that_is_not_kept_is_off(copy_course: Callable[[], Path]) -> None:
    said = declared(copy_course(), '{"add": {"a": "one", "c": "view"}, "total": {}}')
    assert "off tiny: solution: add: hidden_tests.py says in INPUTS that `a` meets 'one'" in said
    assert "that `c` meets 'view'" in said
    assert "off tiny: add refuses views: add: expected a blank that refuses views to lose points, found" in said
    assert "not as it must be" in said


def test_a_word_that_does_not_exist_is_told_with_its_file(copy_course: Callable[[], Path]) -> None:
    root = copy_course()
    path = root / "solutions/tiny/hidden_tests.py"
    path.write_text(path.read_text() + '\n\nINPUTS = {"add": {"a": "tiny"}, "total": {}}\n')
    with pytest.raises(SuiteError, match=r"hidden_tests.py: INPUTS of add: a names 'tiny', expected some of one, odd"):
        collect(load_course(root).assignment("tiny"))
