"""The networks that the course hands out have the sizes that its text promises."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch
from torch import nn

from reference_models.baseline import BaselineNet
from reference_models.mobilenet import MobileNet


def layer_costs(model: nn.Module, size: int) -> list[int]:
    """Multiply-accumulates of every convolution and linear layer for one image, from shapes alone."""
    costs: list[int] = []
    for module in model.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            module.register_forward_hook(lambda m, _, y: costs.append(y.numel() * m.weight[0].numel()))
    with torch.no_grad():
        model.eval()(torch.zeros(1, 3, size, size))
    return costs


@pytest.mark.parametrize(
    ("network", "parameters", "macs", "convolutions"),
    [(BaselineNet, 7_793_610, 322_638_848, 11), (MobileNet, 1_171_978, 58_438_656, 21)],
)
def test_sizes(network: type[nn.Module], parameters: int, macs: int, convolutions: int) -> None:
    model = network()
    assert sum(p.numel() for p in model.parameters()) == parameters
    costs = layer_costs(model, 32)
    assert sum(costs) == macs
    assert len(costs) == convolutions + 1


def test_baseline_parameters_by_layer() -> None:
    convolutions = [m for m in BaselineNet().modules() if isinstance(m, nn.Conv2d)]
    counts = [sum(p.numel() for p in m.parameters()) for m in convolutions]
    assert counts == [1792, 36928, 73856, 147584, 147584, 295168, 590080, 590080, 1180160, 2359808, 2359808]


def test_a_pair_costs_its_share_of_the_full_convolution() -> None:
    """Exactly 1/cout + 1/9 of the multiply-accumulates, at every pair of MobileNet."""
    steps = [m for m in MobileNet().modules() if isinstance(m, nn.Conv2d)][1:]
    pairs = list(zip(steps[::2], steps[1::2], strict=True))
    assert len(pairs) == 10
    for depthwise, pointwise in pairs:
        assert depthwise.groups == depthwise.in_channels == depthwise.out_channels == pointwise.in_channels
        full = nn.Conv2d(depthwise.in_channels, pointwise.out_channels, 3)
        ratio = Fraction(depthwise.weight.numel() + pointwise.weight.numel(), full.weight.numel())
        assert ratio == Fraction(1, pointwise.out_channels) + Fraction(1, 9)


@pytest.mark.parametrize("network", [BaselineNet, MobileNet])
@pytest.mark.parametrize("shape", [(1, 3, 1, 1), (2, 3, 9, 14)])
def test_any_size_and_any_number_of_classes(network: type[nn.Module], shape: tuple[int, ...]) -> None:
    assert network(classes=4).eval()(torch.zeros(shape)).shape == (shape[0], 4)
