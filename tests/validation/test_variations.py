"""The solution is graded in other arithmetic: what it is called with differs, what it gives does not."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from autograder.course.course import Assignment
from autograder.release.starter import read_master, solution_notebook
from autograder.validation.variations import FORMS, in_form, variation_cases

CELL = """
import torch
from torch import nn
SEEN = []
def add(x, y=None, model=None):
    SEEN.append((x.dtype, x.is_contiguous(), torch.backends.mkldnn.enabled, torch.zeros(1).dtype))
    return x + (0 if y is None else y), [x.sum()]
def probe(x):
    return nn.Linear(x.shape[1], 2)
def picky(x):
    return x.view(-1) + torch.zeros(1, dtype=torch.float32)
class Net(nn.Module):
    def forward(self, x):
        SEEN.append((x.dtype, x.is_contiguous(), torch.backends.mkldnn.enabled, torch.zeros(1).dtype))
        return x
"""


def names_of(what: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(in_form(CELL, what), names)  # noqa: S102 - the test's own
    return names


@pytest.mark.parametrize(
    ("what", "seen"),
    [
        ("in other layouts", (torch.float32, False, True, torch.float32)),
        ("in float64", (torch.float64, True, True, torch.float64)),
        ("without oneDNN", (torch.float32, True, False, torch.float32)),
    ],
)
def test_a_function_is_called_in_another_form_and_gives_the_same(what: str, seen: tuple[Any, ...]) -> None:
    names, x = names_of(what), torch.rand(3, 4)
    total, (number,) = names["add"](x, y=x)
    assert names["SEEN"] == [seen]
    torch.testing.assert_close(total, 2 * x, rtol=1e-6, atol=1e-6)
    assert number.dtype == torch.float32
    assert names["probe"](x).weight.dtype == torch.float32
    assert torch.equal(names["picky"](x), x.flatten())  # as it is, where the form does not do
    assert torch.zeros(1).dtype == torch.float32
    assert torch.backends.mkldnn.enabled


def test_views_come_in_order_in_other_layouts() -> None:
    names = names_of("in other layouts")
    names["add"](torch.rand(3, 4).T)
    names["Net"]()(torch.rand(2, 3, 4))
    assert [contiguous for _, contiguous, *_ in names["SEEN"]] == [True, False]


def test_float64_does_not_touch_what_has_other_numbers() -> None:
    names = names_of("in float64")
    names["add"](torch.tensor([1, 2]))
    names["add"](torch.rand(2), model=torch.nn.Linear(1, 1))
    assert [dtype for dtype, *_ in names["SEEN"]] == [torch.int64, torch.float32]


def test_a_course_without_torch_has_no_such_cases(tiny: Assignment) -> None:
    master = read_master(tiny)
    assert list(variation_cases(master, solution_notebook(master))) == []
    assert len(FORMS) == 3
