"""Writes weights as the course keeps them: safetensors, half precision, statistics of batch norm in float32.

The running variances of batch norm span more than half precision holds well, and take a thousandth of the room.
Beside each file lies its SHA-256, in the form that `sha256sum --check` reads.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import torch
from safetensors.torch import save
from torch import nn

STATISTICS = ("running_mean", "running_var")


def save_weights(model: nn.Module, path: Path) -> str:
    """Write `path` and `<path>.sha256`; returns the SHA-256 in 64 hexadecimal digits.

    The order of the definition goes into the metadata, since safetensors sorts tensors by size and name. Equal weights
    give equal bytes. Raises ValueError where a weight is not finite, or too large for half precision.
    """
    state = {key: _stored(key, tensor.detach().cpu()) for key, tensor in model.state_dict().items()}
    for key, tensor in state.items():
        if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
            raise ValueError(f"{key} of {path.stem} holds numbers that half precision cannot: nothing was written")
    data = save(state, {"order": json.dumps(list(state))})
    digest = hashlib.sha256(data).hexdigest()
    path.parent.mkdir(parents=True, exist_ok=True)
    _replace(path, data)
    _replace(path.with_name(path.name + ".sha256"), f"{digest}  {path.name}\n".encode())
    return digest


def _stored(key: str, tensor: torch.Tensor) -> torch.Tensor:
    """Return one tensor as it is stored, contiguous in the usual layout."""
    if tensor.is_floating_point() and not key.endswith(STATISTICS):
        tensor = tensor.half()
    return tensor.contiguous(memory_format=torch.contiguous_format).clone()


def _replace(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_bytes(data)
    os.replace(temporary, path)
