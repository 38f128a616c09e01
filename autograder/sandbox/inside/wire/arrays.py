"""Tensors and NumPy arrays as raw bytes, and back.

Only base-class methods are called on what comes from a notebook, and what arrives is rebuilt from a
copy of its bytes. torch and numpy are imported where an array is met, not before.

A layout (transposed, channels last, with gaps, expanded) travels from the trusted side only, so that code which
holds for contiguous arguments alone is found out. In it every item has a place of its own, but along expanded
dimensions: overlapping windows would let one write change two items, and the negative strides of NumPy exist in
no tensor. Such an array arrives with its dimensions in the same order of strides, pulled apart as far as needed.
"""

from __future__ import annotations

from array import array
from typing import Any

from .protocol import ITEM_SIZES, MAX_BODY_BYTES, ProtocolError, RawArray, span_bytes


def raw_tensor(tensor: Any, *, strides: bool = False) -> RawArray | None:
    """Return a tensor's data, whatever its strides, device, subclass or gradient; with its strides where they are
    asked for.

    None if its dtype or kind of storage cannot travel.
    """
    import torch

    with torch._C.DisableTorchFunctionSubclass():
        plain = torch.Tensor.detach(tensor)
        dtype = str(plain.dtype).removeprefix("torch.")
        if (
            dtype not in ITEM_SIZES
            or plain.layout is not torch.strided
            or plain.is_nested
            or plain.device.type == "meta"
        ):
            return None
        if plain.numel() * ITEM_SIZES[dtype] > MAX_BODY_BYTES:  # an expanded view may claim terabytes
            raise ProtocolError(f"a tensor of more than {MAX_BODY_BYTES} bytes")
        layout = None
        if strides and not plain.is_contiguous():
            layout = _layout(dtype, tuple(plain.shape), tuple(plain.stride()))
        plain = plain.cpu().resolve_conj().resolve_neg().contiguous().as_subclass(torch.Tensor)
        view = plain.view(torch.int16) if dtype == "bfloat16" else plain
        return RawArray(dtype, tuple(plain.shape), view.numpy().tobytes(), layout)


def _layout(dtype: str, shape: tuple[int, ...], strides: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return the strides, in items, that an array with these shall arrive with; None for a contiguous one.

    Negative strides become positive, and each is raised to the least that keeps items apart, where it is less.
    """
    layout, least = [abs(stride) for stride in strides], 1
    for dimension in sorted(range(len(shape)), key=lambda d: (layout[d], shape[d], -d)):
        if layout[dimension] > 0:
            layout[dimension] = max(layout[dimension], least)
            least = layout[dimension] * shape[dimension]
    try:
        span_bytes(dtype, shape, layout)
    except ProtocolError:
        return None  # no items, or a span of more than a frame
    return tuple(layout)


def tensor_kind(tensor: Any) -> str:
    """Return what a tensor is that cannot travel; one of the names that docs/wire.md lists."""
    import torch

    with torch._C.DisableTorchFunctionSubclass():
        if tensor.device.type == "meta":
            return "meta tensor"
        if tensor.is_nested:
            return "nested tensor"
        if tensor.layout is not torch.strided:
            return "sparse tensor"
        return "quantized tensor" if tensor.is_quantized else "tensor"


def raw_ndarray(values: Any, *, strides: bool = False) -> RawArray | None:
    """Return an ndarray's data, past any subclass, with its strides where they are asked for.

    None if its dtype cannot travel or it is too large.
    """
    import numpy

    plain = numpy.ndarray.view(values, numpy.ndarray)
    if plain.dtype.name not in ITEM_SIZES or plain.nbytes > MAX_BODY_BYTES:
        return None
    little = plain.astype(plain.dtype.newbyteorder("<"), copy=False)
    name, shape, layout = plain.dtype.name, tuple(int(length) for length in plain.shape), None
    if strides and not plain.flags.c_contiguous and all(step % plain.itemsize == 0 for step in plain.strides):
        layout = _layout(name, shape, tuple(step // plain.itemsize for step in plain.strides))
    return RawArray(name, shape, little.tobytes(), layout)


def raw_numbers(numbers: list[Any]) -> RawArray:
    """Return a list of plain ints or plain floats as one array."""
    code, dtype = ("d", "float64") if type(numbers[0]) is float else ("q", "int64")
    return RawArray(dtype, (len(numbers),), array(code, numbers).tobytes())


def list_of_numbers(raw: RawArray) -> list[Any]:
    """Return the plain ints or floats of an array of int64 or float64."""
    numbers = array("d" if raw.dtype == "float64" else "q")
    numbers.frombytes(bytes(raw.data))
    return numbers.tolist()


def to_tensor(raw: RawArray) -> Any:
    """Return a tensor that owns its memory, laid out as `raw.strides` say; gaps between its items hold zeros."""
    import torch

    dtype = getattr(torch, raw.dtype)
    if len(raw.data) == 0:
        return torch.empty(raw.shape, dtype=dtype)
    items = torch.frombuffer(bytearray(raw.data), dtype=dtype).reshape(raw.shape)
    if raw.strides is None:
        return items
    count = span_bytes(raw.dtype, raw.shape, raw.strides) // ITEM_SIZES[raw.dtype]
    storage = torch.zeros(count, dtype=dtype)
    once = tuple(1 if stride == 0 else length for length, stride in zip(raw.shape, raw.strides, strict=True))
    # along an expanded dimension all items have one place, so the first is written for all
    storage.as_strided(once, raw.strides).copy_(items[tuple(slice(length) for length in once)])
    return torch.empty(0, dtype=dtype).set_(storage.untyped_storage(), 0, raw.shape, raw.strides)


def to_ndarray(raw: RawArray) -> Any:
    """Return a NumPy array that owns its memory, laid out as `raw.strides` say. NumPy has no bfloat16."""
    import numpy

    if raw.dtype == "bfloat16":
        raise ProtocolError("an ndarray of bfloat16")
    items = numpy.frombuffer(bytearray(raw.data), dtype=raw.dtype).reshape(raw.shape)
    if raw.strides is None:
        return items
    storage = numpy.zeros(span_bytes(raw.dtype, raw.shape, raw.strides) // items.itemsize, dtype=raw.dtype)
    strides = tuple(stride * items.itemsize for stride in raw.strides)
    laid_out: Any = numpy.ndarray(raw.shape, raw.dtype, storage, 0, strides)
    laid_out[...] = items  # along an expanded dimension all items are equal, whichever is written last
    return laid_out
