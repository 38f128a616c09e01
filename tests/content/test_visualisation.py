"""02_visualisation: the numbers of its text, the keys of its predictions, given helpers, what its pictures show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from autograder.suite.reference import reference_namespace

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    return reference_namespace(ROOT / "solutions" / "02_visualisation" / "solution.py", [ROOT / "reference_models"])


@pytest.fixture
def network() -> nn.Sequential:
    """Random, with a last layer large enough for its logits to differ."""
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(3, 12, 3, padding=1), nn.BatchNorm2d(12), nn.ReLU(), nn.AdaptiveAvgPool2d(4), nn.Flatten(),
        nn.Linear(192, 10),
    )  # fmt: skip
    nn.init.normal_(net[5].weight)
    return net.eval().requires_grad_(False)


def test_mistakes_have_the_values_that_the_check_gives_them(names: dict[str, Any]) -> None:
    image = torch.tensor([[[0.0, 1.0], [2.0, 4.0]]])
    down, across = image.diff(dim=1), image.diff(dim=2)
    assert float(names["total_variation"](image)) == 2
    assert float(down.abs().mean() + across.abs().mean()) == 4
    assert float(down.square().sum() + across.square().sum()) / 4 == 4.5


def test_the_keys_of_the_predictions_are_the_truth(names: dict[str, Any], network: nn.Sequential) -> None:
    image, saliency = torch.rand(3, 8, 8), names["saliency_map"]
    before = saliency(network, image, 4)
    network[5].bias[4] += 100
    assert names["predict_1"] == "c"
    assert torch.equal(saliency(network, image, 4), before)

    board = (torch.arange(8)[:, None] + torch.arange(8)).remainder(2)[None].float()
    halves = (torch.arange(8) >= 4).expand(1, 8, 8).float()
    assert names["predict_2"] == "d"
    assert float(names["total_variation"](board) / names["total_variation"](halves)) == pytest.approx(14)

    linear, grey = nn.Sequential(nn.Flatten(), nn.Linear(48, 2, bias=False)), torch.full((3, 4, 4), 0.5)
    nn.init.zeros_(linear[1].weight[0])
    pushed = names["targeted_attack"](linear, grey, 1, 0.03, 5)
    moved = (linear(pushed[None]) - linear(grey[None]))[0, 1].item()
    assert names["predict_3"] == "b"
    assert moved == pytest.approx(0.03 * linear[1].weight[1].abs().sum().item(), rel=1e-4)


def test_each_mistake_of_the_broken_check_has_a_symptom(names: dict[str, Any], capsys: pytest.CaptureFixture) -> None:
    names["show_symptoms"]()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5
    for line in lines:
        expected, shown = line.rsplit("expected ", 1)[1].split(": ")
        assert shown.split()[0] not in (expected, expected.split()[0]), line


def test_evaluating_restores_every_part_even_after_an_error(names: dict[str, Any], network: nn.Sequential) -> None:
    network.train()[1].eval()
    modes = [part.training for part in network.modules()]

    def fail() -> None:
        with names["evaluating"](network):
            assert not any(part.training for part in network.modules())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert [part.training for part in network.modules()] == modes


def test_a_saliency_map_changes_when_the_weights_are_shuffled(names: dict[str, Any], network: nn.Sequential) -> None:
    """The assignment's story, and that an edge detector in the map's place would fail the same check."""
    image = torch.rand(3, 24, 24, generator=torch.Generator().manual_seed(1))
    shuffled = names["randomised_copy"](network, torch.Generator().manual_seed(0))
    maps = [names["saliency_map"](model, image, 2) for model in (network, shuffled)]
    assert abs(names["rank_correlation"](*maps)) < 0.5
    edges = image.diff(dim=2).abs().amax(dim=0)  # knows no network
    assert names["rank_correlation"](edges, edges.clone()) == pytest.approx(1)


def test_roughness_falls_as_its_weight_grows_and_the_logit_rises(names: dict[str, Any], network: nn.Sequential) -> None:
    def ideal(steps: int, weight: float) -> torch.Tensor:
        generator = torch.Generator().manual_seed(0)
        return names["maximise_class"](network, 3, (3, 16, 16), steps, 0.3, weight, generator)

    images = [ideal(40, weight) for weight in (0.0, 5.0, 20.0)]
    rough = [float(names["total_variation"](image)) for image in images]
    assert rough[0] > rough[1] > rough[2]
    logits = network(torch.stack([ideal(0, 0.0), *images]))[:, 3].tolist()
    assert logits[0] + 1 < min(logits[1:])


def test_the_target_comes_nearer_the_larger_the_cube(names: dict[str, Any], network: nn.Sequential) -> None:
    image = torch.rand(3, 16, 16, generator=torch.Generator().manual_seed(1))
    target = network(image[None]).argmin(dim=1)
    losses = [float(F.cross_entropy(network(image[None]), target))]
    for epsilon in (0.02, 0.1, 0.3):
        found = names["targeted_attack"](network, image, int(target), epsilon, 20)
        assert float((found - image).abs().max()) == pytest.approx(epsilon, abs=1e-5)
        losses.append(float(F.cross_entropy(network(found[None]), target)))
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0] - 1


def test_the_stand_in_network_learns_the_small_images(names: dict[str, Any]) -> None:
    network = names["fit"](names["small_network"](), *names["small_images"](300, seed=0), epochs=2)
    assert not network.training
    assert network[0].weight.shape == (16, 3, 5, 5)
    with torch.no_grad():
        assert network(torch.rand(2, 3, 32, 32)).shape == (2, 10)
