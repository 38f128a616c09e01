"""Helpers which run beside student code. Public: nothing in here is secret, and nothing it says earns points."""

import torch
from torch import nn


class Twice(nn.Module):
    """One convolution, called twice, and a linear layer on the mean of the map."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(2, 2, 3, padding=1)
        self.head = nn.Linear(2, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.layer(self.layer(x)).mean(dim=(2, 3)))


def twice() -> nn.Module:
    return Twice()


def hooks_left(model: nn.Module) -> int:
    """Forward hooks registered on the parts of the model, and on all modules."""
    everywhere = len(torch.nn.modules.module._global_forward_hooks)
    return everywhere + sum(len(part._forward_hooks) + len(part._forward_pre_hooks) for part in model.modules())


def fill(model: nn.Module, numbers: list[torch.Tensor], chosen: dict[str, int]) -> None:
    """Fill parameters and buffers, row by row, with their numbers over and over; batch norms have seen no batch."""
    state = model.state_dict()
    for name, position in chosen.items():
        flat, values = state[name].view(-1), numbers[position]
        whole = len(flat) // len(values) * len(values)
        flat[:whole].view(-1, len(values)).copy_(values)
        flat[whole:].copy_(values[: len(flat) - whole])
        if name.endswith("running_var"):
            state[name.removesuffix("running_var") + "num_batches_tracked"].zero_()
