"""Tensors where there is torch: most courses have none, and then nothing is a tensor."""

from __future__ import annotations

import sys
from typing import Any


def is_tensor(value: Any) -> bool:
    """Return whether a value is a torch tensor. Does not import torch: without it there is no tensor."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)
