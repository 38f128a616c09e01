"""What hidden tests say of their inputs is read strictly, and what they send is seen as it is."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
import torch

from autograder.testing.inputs import WORDS, inputs_met, note_input, note_inputs, noting_inputs, read_declared


def met(*values: Any) -> set[str]:
    """The words that hold of an argument that was sent with these values."""
    with noting_inputs() as found:
        for value in values:
            note_input("soften", "x", value)
    return set(inputs_met(found)["soften"]["x"])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([torch.rand(3, 1), torch.rand(3, 1)], set()),  # a side that is always 1 is no size
        ([torch.rand(1, 3), torch.rand(4, 3)], {"one", "even", "oblong"}),
        ([torch.rand(3, 3), torch.rand(5, 3)], {"odd"}),
        ([torch.rand(2, 3), torch.rand(2, 5)], {"odd"}),  # both are wider than high
        ([torch.rand(2, 3), torch.rand(4, 3)], {"even", "oblong"}),
        ([1], {"one"}),
        ([2, 7.0], {"even", "odd"}),
        ([0], {"extreme"}),
        ([2.5, True, "1", None], set()),
        ([600], {"even", "extreme"}),
        ([["a", "b"], ["a"]], {"one", "even"}),
        ([["a", "b", "a"]], {"duplicates"}),
        ([[torch.ones(2), torch.ones(2)]], set()),  # tensors of a list are not compared
        ([torch.tensor([4, 2, 4])], {"duplicates"}),
        ([torch.tensor([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0]])], {"duplicates"}),
        ([torch.tensor([[1.0, -1000.0]])], {"extreme"}),
        ([torch.tensor([[2.0, 2.0], [1.0, 3.0]])], {"extreme"}),
        ([torch.tensor([[0.0, 1.0], [0.5, 0.2]])], {"extreme"}),
        ([torch.tensor([1.0, float("nan")])], {"extreme"}),
        ([torch.tensor([[600, 600]])], set()),  # whole numbers are no logits
        ([torch.rand(3, 4).T], {"view"}),
        ([torch.rand(3, 8)[:, ::2]], {"view"}),
        ([torch.rand(4, 1).expand(4, 3)], {"view", "extreme"}),
        ([numpy.random.default_rng(1).normal(size=(3, 4)).T], {"view"}),
        ([torch.rand(0, 3), torch.tensor(2.0)], set()),
        ([torch.ones(3, dtype=torch.complex64) * torch.arange(3)], set()),
        ([object()], set()),
    ],
)
def test_what_is_sent_is_seen(values: list[Any], expected: set[str]) -> None:
    assert met(*values) == expected


def soften(logits: Any, T: float = 1.0, *, dim: int = 1) -> Any:
    raise NotImplementedError


def test_arguments_have_the_names_of_the_solution() -> None:
    with noting_inputs() as found:
        note_inputs("soften", soften, (torch.rand(2, 3), 1), {"dim": 1})
        note_inputs("soften", soften, (torch.rand(3, 3),), {"T": 2})
        note_inputs("soften", soften, (1, 2, 3, 4), {})  # not its arguments: the call fails by itself
        note_inputs("soften", None, (1,), {})
    assert inputs_met(found) == {"soften": {"logits": ("odd", "even"), "T": ("one", "even"), "dim": ("one",)}}


def test_data_behind_a_handle_are_looked_at() -> None:
    class Handle:
        held = torch.rand(3, 2).T

    with noting_inputs() as found:
        note_inputs("soften", soften, (Handle(),), {})
    assert inputs_met(found)["soften"]["logits"] == ("view",)


def test_nothing_is_noted_where_no_one_asks() -> None:
    note_input("soften", "x", 1)
    with noting_inputs() as found:
        pass
    note_input("soften", "x", 1)
    assert found == {}


def test_a_declaration_is_read() -> None:
    declared, problems = read_declared({"soften": {"logits": "one, view", "T": ""}, "kl": {}}, ["soften", "kl"])
    assert declared == {"soften": {"logits": ("one", "view"), "T": ()}, "kl": {}}
    assert problems == []
    assert read_declared(None, ["soften"]) == ({}, [])


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"soften": {"logits": "tiny"}}, f"INPUTS of soften: logits names 'tiny', expected some of {', '.join(WORDS)}"),
        ({"soften": {}, "harden": {}}, "INPUTS names the question 'harden', which has no test"),
        ({}, "INPUTS does not name the question 'soften'; an empty dict says that there is nothing to meet"),
        ({"soften": "one"}, "INPUTS should be a dict from questions to dicts from arguments to words"),
        ([], "INPUTS should be a dict from questions to dicts from arguments to words"),
    ],
)
def test_a_mistake_in_a_declaration_is_told(value: Any, said: str) -> None:
    _, problems = read_declared(value, ["soften"])
    assert [problem[: len(said)] for problem in problems] == [said]
