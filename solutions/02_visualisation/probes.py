"""Helpers which run beside student code. Public: nothing in here is secret, and nothing it says earns points.

`without_graph` and `asks_for_gradients` ask for what a tensor no longer says once it has travelled.

`maximise_class` calls the notebook's `total_variation`. So that a mistake there is not paid for twice, its tests put
another roughness in its place: not the one that the exercise asks for, but one that depends on every value.
"""

from typing import Any

import torch


def without_graph(function: str, *arguments: Any) -> bool:
    """Whether the notebook's function answers with a tensor that asks for no gradient."""
    return not getattr(student, function)(*arguments).requires_grad  # noqa: F821 - set by the engine: the notebook's names


def asks_for_gradients(tensor: torch.Tensor) -> bool:
    """Whether the tensor asks for gradients, or has any."""
    return tensor.requires_grad or tensor.grad is not None


def stand_in_roughness(image: torch.Tensor) -> torch.Tensor:
    """Mean of the squared distances from one half."""
    return (image - 0.5).pow(2).mean()


def use_stand_in() -> None:
    """Let the notebook's functions find the stand-in under the name of the exercise."""
    names = getattr(student.maximise_class, "__globals__", {})  # noqa: F821 - set by the engine: the notebook's names
    names["total_variation"] = stand_in_roughness
