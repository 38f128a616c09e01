"""Helpers which run beside student code. Public: nothing in here is secret, and nothing it says earns points.

`SmallResNet` is made of the notebook's `BasicBlock`. So that a mistake there is not paid for twice, its tests put
another block in its place: not the one that the exercise asks for, but one with the same arguments and shapes.
"""

import torch
from torch import nn


class StandInBlock(nn.Module):
    """One 3×3 convolution with the stride, batch norm, ReLU."""

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1, *_: object, **__: object) -> None:
        super().__init__()
        self.layer = nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(self.layer(x)).relu()


def use_stand_ins() -> None:
    """Let the notebook's `SmallResNet` find the stand-in under the name `BasicBlock`."""
    network = student.SmallResNet  # noqa: F821 - set by the engine: the notebook's names
    names = getattr(getattr(network, "__init__", network), "__globals__", {})
    names["BasicBlock"] = StandInBlock


class Plaited(nn.Module):
    """A network whose `forward` does what no layer of it says: a mean over positions, and features doubled."""

    def __init__(self) -> None:
        super().__init__()
        self.maps = nn.Conv2d(2, 4, 3)
        self.answer = nn.Linear(4, 3)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.answer(2 * self.maps(images).relu().mean(dim=(2, 3)))


class PlaitedWithSoftmax(Plaited):
    """The same, and a softmax after its last layer."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return super().forward(images).softmax(dim=1)


def plaited(kind: str) -> nn.Module:
    return {"Plaited": Plaited, "PlaitedWithSoftmax": PlaitedWithSoftmax}[kind]()


def hooks_left(model: nn.Module) -> int:
    """Forward hooks registered on the parts of the model, and on all modules."""
    everywhere = nn.modules.module
    count = len(everywhere._global_forward_hooks) + len(everywhere._global_forward_pre_hooks)
    return count + sum(len(part._forward_hooks) + len(part._forward_pre_hooks) for part in model.modules())
