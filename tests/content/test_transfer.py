"""07_transfer: the numbers of its text, the broken function, and the given helpers, which no hidden test calls."""

from __future__ import annotations

import ast
import json
import statistics
from pathlib import Path
from typing import Any

import jupytext
import pytest
import torch
from torch import nn

from autograder.suite.reference import reference_namespace
from reference_models.shifts import CLEAN, SHIFTS, TRANSFER

ROOT = Path(__file__).resolve().parents[2]
MASTER = ROOT / "solutions" / "07_transfer" / "solution.py"


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    return reference_namespace(MASTER, [ROOT / "reference_models"])


def test_the_text_shows_the_worked_numbers() -> None:
    text = MASTER.read_text(encoding="utf-8")
    assert all(value in text for value in ("(2, -0.6, -0.5)", "0.1556", "0.2056", "-0.3418", "514", "1,226,400"))


def test_the_second_step_of_the_probe_is_that_of_the_text(names: dict[str, Any]) -> None:
    features, labels = torch.tensor([[1.0], [3.0]]), torch.tensor([0, 1])
    for decay, weight in ((0.1, 0.1556), (0.0, 0.2056)):
        probe = names["train_linear_probe"](features, labels, 2, 2, 1.0, decay)
        assert probe.weight[1].item() == pytest.approx(weight, abs=5e-5)
        assert probe.bias[1].item() == pytest.approx(-0.3418, abs=5e-5)


def test_predictions_about_the_network_hold(names: dict[str, Any]) -> None:
    network = names["SmallResNet"](8)
    assert sum(p.numel() for p in network.parameters()) == 1_228_456
    head = nn.Linear(network.classifier.in_features, 2)
    assert sum(p.numel() for p in head.parameters()) == 514
    narrow = names["SmallResNet"](2, widths=(4, 4, 4, 4)).requires_grad_(False)
    image = torch.rand(1, 3, 8, 8)
    before = narrow.eval()(image)
    narrow.train()(torch.rand(4, 3, 8, 8))
    assert not torch.equal(narrow.eval()(image), before)


def test_the_broken_matrix_is_wrong_in_three_ways(names: dict[str, Any]) -> None:
    broken, repaired = names["broken_confusion_matrix"], names["confusion_matrix"]
    once = torch.tensor([0, 1, 1]), torch.tensor([0, 0, 1])  # no pair twice, both classes
    assert torch.equal(broken(*once, 2), repaired(*once, 2).T)  # transposed
    assert broken(*once, 3).shape == (2, 2)  # the size of the labels
    assert broken(torch.zeros(5).long(), torch.tensor([0, 0, 0, 0, 1]), 2).sum() == 2  # every pair once


def test_a_handful_is_balanced_and_repeatable(names: dict[str, Any]) -> None:
    labels = torch.tensor([0] * 30 + [1] * 20)
    chosen = names["handful"](labels, 12, seed=3)
    assert labels[chosen].bincount().tolist() == [6, 6]
    assert len(chosen.unique()) == 12
    assert torch.equal(chosen, names["handful"](labels, 12, seed=3))
    assert not torch.equal(chosen, names["handful"](labels, 12, seed=4))


def test_features_are_scaled_by_the_first_set(names: dict[str, Any]) -> None:
    rows, others = 5 + 3 * torch.randn(2, 40, 6, generator=torch.Generator().manual_seed(0))
    first, second = names["scaled"](rows, others)
    assert first.mean(dim=0).abs().max() < 1e-5
    assert first.square().sum(dim=1).mean().item() == pytest.approx(1)
    torch.testing.assert_close(second - first, (others - rows) / ((others - rows)[0, 0] / (second - first)[0, 0]))


def test_copies_leave_the_network_alone(names: dict[str, Any]) -> None:
    network = names["SmallResNet"](8, widths=(4, 4, 4, 4)).eval().requires_grad_(False)
    state = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    tuned, fresh = names["with_new_head"](network), names["without_knowledge"](network)
    assert all(p.requires_grad for p in [*tuned.parameters(), *fresh.parameters()])
    assert torch.equal(tuned.stem[0].weight, network.stem[0].weight)
    assert not torch.equal(fresh.stem[0].weight, network.stem[0].weight)
    features = names["all_features"](network, torch.rand(3, 3, 8, 8))
    assert features.shape == (3, 4)
    assert all(torch.equal(network.state_dict()[name], tensor) for name, tensor in state.items())


def test_labels_of_the_pair_and_of_the_rest(names: dict[str, Any]) -> None:
    labels = torch.arange(10)
    assert names["relabelled"](labels, [3, 5]).tolist() == [-1, -1, -1, 0, -1, 1, -1, -1, -1, -1]
    rest = names["relabelled"](labels, [0, 1, 2, 4, 6, 7, 8, 9])
    assert rest.tolist() == [0, 1, 2, -1, 3, -1, 4, 5, 6, 7]


def test_the_nine_networks_are_those_of_the_card() -> None:
    """The figure's numbers stand in its cell, so that it needs no file: they are the means of the card."""
    card = json.loads((ROOT / "reference_models/cards/shifts.json").read_text(encoding="utf-8"))["networks"]
    source = next(
        cell.source
        for cell in jupytext.read(MASTER).cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "figure_shifts"
    )
    table = source[source.index("asked = {") + len("asked = ") : source.index("\n}") + 2]
    shown = ast.literal_eval(table)
    assert list(shown) == [name.replace("_", " ") for name in card]
    for (millions, *columns), found in zip(shown.values(), card.values(), strict=True):
        assert millions == pytest.approx(found["parameters"] / 1e6, abs=0.05)
        for column, asked in zip(columns, ((CLEAN,), SHIFTS, TRANSFER), strict=True):
            draws = zip(*(found["right"][name] for name in asked), strict=True)
            assert column == pytest.approx([100 * statistics.mean(draw) for draw in draws], abs=0.051)
