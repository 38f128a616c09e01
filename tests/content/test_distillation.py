"""Assignment 04's nine methods: what each loss is, that each teaches, and that all that is dealt is there."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest
import torch

from autograder.course.variant_codes import new_code
from autograder.suite.reference import reference_namespace
from reference_models.baseline import BaselineNet
from reference_models.personal import own_noise

ROOT = Path(__file__).resolve().parents[2]
MASTER = ROOT / "solutions" / "04_distillation" / "solution.py"


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    return reference_namespace(MASTER, [ROOT / "reference_models"])


def test_flow_is_what_two_layers_do_together(names: dict[str, Any]) -> None:
    """One image of 1×2 places, two channels and one: (1·5 + 3·7) / 2 = 13 and (2·5 + 4·7) / 2 = 19."""
    flow = names["flow_loss"]
    a, b = torch.tensor([[[[1.0, 3.0]], [[2.0, 4.0]]]]), torch.tensor([[[[5.0, 7.0]]]])
    assert float(flow(a, b, torch.zeros(1, 9, 1, 2), torch.zeros(1, 9, 1, 2))) == (13**2 + 19**2) / 2
    assert float(flow(a, b, torch.cat([a, 7 * a], dim=1), b)) == 0, "of a wider teacher the first channels count"


def test_an_ensemble_teaches_its_branches_and_is_taught_by_labels(names: dict[str, Any]) -> None:
    losses = names["ensemble_losses"]
    branches = torch.randn(4, 3, 10, requires_grad=True)
    ensemble = torch.randn(4, 10, requires_grad=True)
    of_ensemble, *of_branches = losses(branches, ensemble, torch.tensor([0, 1, 2, 3]), 2.0)
    assert len(of_branches) == 3
    sum(of_branches).backward()
    assert ensemble.grad is None, "a branch does not pull the ensemble towards itself"
    of_ensemble.backward()
    assert ensemble.grad is not None


def test_every_method_teaches_the_student_something_of_its_own(names: dict[str, Any]) -> None:
    """Where its weight is not 0, the first layer learns otherwise than by labels alone."""
    images, labels = names["small_images"](32, 0)
    torch.manual_seed(0)
    knowledge = names["teacher_knowledge"](BaselineNet(), images, 16)

    def first_layer(method: str, weight: float) -> torch.Tensor:
        return names["trained_by"](method, weight, "plain", 0, images, labels, knowledge, 1, 16)[0].weight

    alone = first_layer("labels alone", 0)
    for method, (_, weights, _) in names["METHODS"].items():
        if method == "labels alone":
            continue
        assert len(weights) == 3
        taught = first_layer(method, weights[1])
        assert torch.isfinite(taught).all(), method
        assert not torch.allclose(taught, alone), method
        if method != "on the fly":  # whose further ends learn on the same trunk
            torch.testing.assert_close(first_layer(method, 0), alone)


def test_conditions_make_it_hard_in_their_own_way(names: dict[str, Any]) -> None:
    labels = torch.arange(10).repeat(100)
    plain, smaller, rare, wrong = (names["made_hard"](condition, labels, 0) for condition in names["CONDITIONS"])
    assert torch.equal(plain[1], labels)
    assert torch.equal(smaller[1], labels)
    assert [2 * width for width in smaller[2]] == list(plain[2])
    assert torch.equal(rare[1], labels[rare[0]])
    assert torch.bincount(rare[1])[[0, 9]].tolist() == [100, 20]
    assert 0.3 < (wrong[1] != labels).float().mean() < 0.5


def test_what_is_dealt_is_there_and_every_given_loss_is_trained(names: dict[str, Any]) -> None:
    dealt = [own_noise(new_code((), random.Random(number).choice)) for number in range(100)]
    assert {method for noise in dealt for method in noise.methods} <= names["METHODS"].keys() - {"soft targets"}
    assert {noise.condition for noise in dealt} == set(names["CONDITIONS"]) - {"plain"}
    source = MASTER.read_text("utf-8")
    given, methods = (
        source[source.index(f'"{name}"') :].split("\n# %%")[0] for name in ("given_losses", "given_methods")
    )
    for loss in re.findall(r"^def (\w+)", given, re.MULTILINE):
        assert f"{loss}(" in methods, f"{loss} is given, and nothing is trained by it"
