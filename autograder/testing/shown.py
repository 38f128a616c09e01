"""Values of a public example as a student reads them: numbers, small arrays written out, maps and curves drawn."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import numpy

from autograder.records import Drawn, Shown
from autograder.testing.kinds import Opaque, kind_of
from autograder.testing.proxy import Handle
from autograder.testing.tensors import is_tensor

MAX_TEXT = 1000  # characters
MAX_SIDE = 64  # of a map
MAX_SMALL = 64  # numbers of an array that is written out
MAX_DRAWN = 12_288  # numbers that are drawn: three colours of 64 x 64
CUT = "<"  # begins what stands for an argument that is too long to be written
Array: TypeAlias = "numpy.ndarray[Any, Any]"


def show(value: Any, drawn_as: Drawn = "") -> Shown:
    """Return a value of a public example as a student sees it.

    drawn_as: the kind of what is drawn of it; then its numbers come along.
    """
    if drawn_as and (drawn := _drawable(value, drawn_as)) is not None:
        shown = show(value)
        numbers = _numbers(drawn)
        return shown.model_copy(update={"kind": "map", "values": numbers, "shape": shown.shape or drawn.shape})
    if isinstance(value, (bool, int, float)):
        return Shown(kind="number", text=f"{value:.6g}" if isinstance(value, float) else str(value)[:MAX_TEXT])
    if isinstance(value, numpy.ndarray) and value.dtype.kind in "biufc":
        shown = _show_array(value, value.dtype.name)
        return shown.model_copy(update={"text": f"a NumPy array: {shown.text}"[:MAX_TEXT]})
    if is_tensor(value):
        return _show_array(_array_of(value), str(value.dtype).removeprefix("torch."))
    if isinstance(value, (Handle, Opaque)):
        return Shown(kind="text", text=kind_of(value))
    return Shown(kind="text", text=_repr(_short(value))[:MAX_TEXT])


def source(argument: Any) -> str:
    """Return an argument as Python that makes it again, to be pasted; begun with CUT where that would be too long."""
    if is_tensor(argument):
        if argument.numel() > MAX_SMALL:
            return f"{CUT}tensor of shape {tuple(argument.shape)}>"
        kind = str(argument.dtype)
        made = kind in ("torch.float32", "torch.int64", "torch.bool")  # what torch.tensor makes of such numbers
        return f"torch.tensor({_literal(_array_of(argument))}{'' if made else f', dtype={kind}'})"
    if isinstance(argument, numpy.ndarray) and argument.dtype.kind in "biuf":
        if argument.size > MAX_SMALL:
            return f"{CUT}array of shape {argument.shape}>"
        made = argument.dtype.name in ("float64", "int64", "bool") and argument.size > 0
        return f"np.array({_literal(argument)}{'' if made else f', dtype=np.{argument.dtype.name}'})"
    if isinstance(argument, list):
        return f"[{', '.join(map(source, argument))}]"
    if isinstance(argument, tuple) and not hasattr(argument, "_fields"):
        return f"({', '.join(map(source, argument))}{',' if len(argument) == 1 else ''})"
    if isinstance(argument, dict):
        return f"{{{', '.join(f'{source(key)}: {source(value)}' for key, value in argument.items())}}}"
    text = repr(argument)
    return text if len(text) <= MAX_TEXT and "\n" not in text else f"{CUT}{type(argument).__name__}>"


def _array_of(tensor: Any) -> Array:
    """Return the numbers of a tensor; NumPy has no bfloat16."""
    plain = tensor.detach()
    if str(plain.dtype) == "torch.bfloat16":
        plain = plain.float()
    found: Array = plain.numpy()
    return found


def _drawable(value: Any, drawn_as: Drawn) -> Array | None:
    """Return the numbers that are drawn of a value, as one array; None if there are none, or too many."""
    least = 1 if drawn_as == "curve" else 2
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(entry, (int, float)) for entry in value):
            value = numpy.array(value, dtype=numpy.float64) if drawn_as == "curve" else None
        else:
            parts = [part for part in map(_as_array, value) if part is not None and part.ndim >= least]
            alike = [part for part in parts if part.shape == parts[0].shape and part.dtype == parts[0].dtype]
            value = numpy.stack(alike) if len(alike) > 1 else parts[0] if parts else None
    array = _as_array(value)
    if array is None or array.ndim < least or not 0 < array.size <= MAX_DRAWN or array.dtype.kind not in "biuf":
        return None
    return array


def _as_array(value: Any) -> Array | None:
    if isinstance(value, numpy.ndarray):
        return value
    return _array_of(value) if is_tensor(value) else None


def _show_array(array: Array, dtype: str) -> Shown:
    shape = array.shape
    if array.ndim == 0:
        return Shown(kind="number", text=f"{array.item():.6g}", shape=shape, dtype=dtype)
    is_map = array.ndim == 2 and min(shape) > 2 and max(shape) <= MAX_SIDE and array.dtype.kind != "c"
    small = 0 < array.size <= MAX_SMALL
    text = _written(array) if small else f"a tensor of shape {shape}"
    values = _numbers(array) if (is_map or small) and array.dtype.kind != "c" else None
    return Shown(kind="map" if is_map and not small else "tensor", text=text, shape=shape, dtype=dtype, values=values)


def _numbers(array: Array) -> Any:
    """Return nested lists; what is not finite becomes None, which JSON has a word for."""
    if array.dtype.kind == "f":
        rounded = [float(f"{number:.6g}") for number in array.astype(numpy.float64).ravel().tolist()]
        flat: list[Any] = [number if abs(number) < float("inf") else None for number in rounded]
    else:
        flat = array.ravel().tolist()
    for length in reversed(array.shape[1:]):
        flat = [flat[start : start + length] for start in range(0, len(flat), length)]
    return flat


def _written(array: Any) -> str:
    if numpy.ndim(array) == 0:
        return f"{array.item():.4g}"
    return f"[{', '.join(_written(part) for part in array)}]"


def _literal(array: Any) -> str:
    if numpy.ndim(array) > 0:
        return f"[{', '.join(map(_literal, array))}]"
    if array.dtype.kind != "f":
        return str(array.item())
    number = array.astype(numpy.float32)[()] if array.dtype != numpy.float64 else array.item()
    return str(number) if math.isfinite(number) else f'float("{number}")'


def _short(value: Any) -> Any:
    if is_tensor(value) or isinstance(value, numpy.ndarray):
        return _AsWritten(show(value).text)
    if type(value) in (list, tuple):
        return type(value)(map(_short, value))
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    return _AsWritten(f"{value:.6g}") if isinstance(value, float) else value


def _repr(value: Any) -> str:
    """Return `repr`; of a frame or column all that fits."""
    return value.to_string(max_rows=20, max_cols=12) if hasattr(value, "to_string") else repr(value)


class _AsWritten:
    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text
