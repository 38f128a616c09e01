"""Tensors and NumPy arrays as raw bytes, and back.

Only base-class methods are called on what comes from a notebook, and what arrives is rebuilt from a
copy of its bytes. torch and numpy are imported where an array is met, not before.
"""

from __future__ import annotations

from array import array
from typing import Any

from .protocol import ITEM_SIZES, MAX_BODY_BYTES, ProtocolError, RawArray


def raw_tensor(tensor: Any) -> RawArray | None:
    """A tensor's data, whatever its strides, device, subclass or gradient.

    None where its dtype or layout cannot travel.
    """
    import torch

    with torch._C.DisableTorchFunctionSubclass():
        plain = torch.Tensor.detach(tensor)
        dtype = str(plain.dtype).removeprefix("torch.")
        if dtype not in ITEM_SIZES or plain.layout is not torch.strided or plain.device.type == "meta":
            return None
        if plain.numel() * ITEM_SIZES[dtype] > MAX_BODY_BYTES:  # an expanded view may claim terabytes
            raise ProtocolError(f"a tensor of more than {MAX_BODY_BYTES} bytes")
        plain = plain.cpu().resolve_conj().resolve_neg().contiguous().as_subclass(torch.Tensor)
        view = plain.view(torch.int16) if dtype == "bfloat16" else plain
        return RawArray(dtype, tuple(plain.shape), view.numpy().tobytes())


def tensor_kind(tensor: Any) -> str:
    """What a tensor is that cannot travel; one of the names that docs/wire.md lists."""
    import torch

    with torch._C.DisableTorchFunctionSubclass():
        if tensor.device.type == "meta":
            return "meta tensor"
        if tensor.is_nested:
            return "nested tensor"
        if tensor.layout is not torch.strided:
            return "sparse tensor"
        return "quantized tensor" if tensor.is_quantized else "tensor"


def raw_ndarray(values: Any) -> RawArray | None:
    """An ndarray's data, past any subclass; None where its dtype cannot travel or it is too large."""
    import numpy

    plain = numpy.ndarray.view(values, numpy.ndarray)
    if plain.dtype.name not in ITEM_SIZES or plain.nbytes > MAX_BODY_BYTES:
        return None
    little = plain.astype(plain.dtype.newbyteorder("<"), copy=False)
    return RawArray(plain.dtype.name, tuple(int(length) for length in plain.shape), little.tobytes())


def raw_numbers(numbers: list[Any]) -> RawArray:
    """A list of plain ints or plain floats as one array."""
    code, dtype = ("d", "float64") if type(numbers[0]) is float else ("q", "int64")
    return RawArray(dtype, (len(numbers),), array(code, numbers).tobytes())


def to_tensor(raw: RawArray) -> Any:
    """A tensor that owns its memory."""
    import torch

    dtype = getattr(torch, raw.dtype)
    if len(raw.data) == 0:
        return torch.empty(raw.shape, dtype=dtype)
    return torch.frombuffer(bytearray(raw.data), dtype=dtype).reshape(raw.shape)


def to_ndarray(raw: RawArray) -> Any:
    """A NumPy array that owns its memory. NumPy has no bfloat16."""
    import numpy

    if raw.dtype == "bfloat16":
        raise ProtocolError("an ndarray of bfloat16")
    return numpy.frombuffer(bytearray(raw.data), dtype=raw.dtype).reshape(raw.shape)
