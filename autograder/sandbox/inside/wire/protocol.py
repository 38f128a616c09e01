"""The wire: frames between the trusted process and a student process.

Theory of operation. Both ends use this file, and it is the only thing they share. The trusted
end believes nothing it reads: whatever is not a frame of exactly the form below raises
`ProtocolError`, before memory in proportion to a claimed length is spent, and nothing that
arrives is ever unpickled, evaluated or imported. A frame is

    4 bytes  length of the header, big-endian, at most 64 KiB
    8 bytes  length of the body, big-endian, at most 64 MiB
    header   one JSON object, UTF-8, depth at most 32, no duplicate keys, no NaN or Infinity literals
    body     raw array bytes, C order, little-endian

The header's `arrays` lists dtype and shape of each array in body order; the product of shape and
item size must account for every byte of the body. A request may also list the strides that an array
shall have where it arrives; a reply may not, so no student chooses a layout on the trusted side.
What the values inside a header mean is told in `encoder.py` and `decoder.py`; this file knows JSON and bytes only and
imports neither torch nor numpy, so that it is cheap where no array is looked at.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

MAX_HEADER_BYTES = 64 << 10
MAX_BODY_BYTES = 64 << 20
MAX_DEPTH = 32
MAX_ARRAYS = 4096
MAX_DIMENSIONS = 16
MAX_INTEGER = 2**63  # exclusive, in absolute value

ITEM_SIZES = {
    "float16": 2,
    "bfloat16": 2,
    "float32": 4,
    "float64": 8,
    "int8": 1,
    "int16": 2,
    "int32": 4,
    "int64": 8,
    "uint8": 1,
    "bool": 1,
    "complex64": 8,
    "complex128": 16,
    "uint16": 2,
    "uint32": 4,
    "uint64": 8,
}

PREFIX = struct.Struct(">IQ")

# Possessive, and satisfied by an unterminated string too: it never backtracks, whatever arrives.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.?+)*+(?:"|\Z)', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


class ProtocolError(Exception):
    """Say that what arrived, or what was to be sent, is not a frame or value of the wire."""


@dataclass(frozen=True)
class RawArray:
    """An array as dtype name, shape and its bytes in C order. Checked by whoever makes it: see `check`.

    `strides`, in items, is how the array lies in memory at either end; None if it is contiguous in C order.
    """

    dtype: str
    shape: tuple[int, ...]
    data: bytes | memoryview
    strides: tuple[int, ...] | None = None

    def check(self) -> None:
        """Raise ProtocolError unless dtype, shape, strides and number of bytes agree and are within bounds."""
        if self.strides is not None:
            span_bytes(self.dtype, self.shape, self.strides)
        size = array_bytes(self.dtype, self.shape)
        if len(self.data) != size:
            raise ProtocolError(f"array of {self.dtype} {list(self.shape)} needs {size} bytes, has {len(self.data)}")
        if self.dtype == "bool" and bytes(self.data).translate(None, b"\0\1"):
            raise ProtocolError("array of bool holds bytes other than 0 and 1")


def array_bytes(dtype: object, shape: Sequence[object]) -> int:
    """Return number of bytes of an array.

    Raises ProtocolError for a dtype not in the list, more than `MAX_DIMENSIONS` dimensions, a
    negative dimension, one that is no integer, or dimensions too large for any frame (even beside
    a dimension of 0, where the product would hide them).
    """
    if not isinstance(dtype, str) or dtype not in ITEM_SIZES:
        raise ProtocolError(f"dtype {_short(dtype)} is not one of {', '.join(ITEM_SIZES)}")
    if len(shape) > MAX_DIMENSIONS:
        raise ProtocolError(f"{len(shape)} dimensions, at most {MAX_DIMENSIONS} are allowed")
    size, extent = ITEM_SIZES[dtype], ITEM_SIZES[dtype]
    for length in shape:
        if type(length) is not int or not 0 <= length <= MAX_BODY_BYTES:
            raise ProtocolError(f"dimension {_short(length)} is not an integer from 0 to {MAX_BODY_BYTES}")
        size *= length
        extent *= max(length, 1)
        if extent > MAX_BODY_BYTES:
            raise ProtocolError(f"an array of more than {MAX_BODY_BYTES} bytes")
    return size


def span_bytes(dtype: str, shape: Sequence[int], strides: Sequence[object]) -> int:
    """Return number of bytes from the first item of an array to its last, both included; strides are in items.

    Raises ProtocolError unless every item has a place of its own: no stride is negative, and in the order of
    strides each is at least the one before it times that dimension's length. A stride of 0 is a dimension along
    which the array is expanded: its items are one and the same. The span is at most that of a frame.
    """
    if len(strides) != len(shape) or 0 in shape:
        raise ProtocolError("strides that do not fit the shape")
    steps: list[tuple[int, int]] = []
    for stride, length in zip(strides, shape, strict=True):
        if type(stride) is not int or not 0 <= stride <= MAX_BODY_BYTES:
            raise ProtocolError(f"stride {_short(stride)} is not an integer from 0 to {MAX_BODY_BYTES}")
        if stride > 0:
            steps.append((stride, length))
    least, last = 1, 0
    for stride, length in sorted(steps):
        if stride < least:
            raise ProtocolError(f"items overlap with shape {_short(list(shape))} and strides {_short(list(strides))}")
        least = stride * length
        last += stride * (length - 1)
    span = (last + 1) * ITEM_SIZES[dtype]
    if span > MAX_BODY_BYTES:
        raise ProtocolError(f"an array that spans more than {MAX_BODY_BYTES} bytes")
    return span


def encode_frame(header: dict[str, Any], arrays: Sequence[RawArray] = ()) -> bytes:
    """Return one frame. `header` holds JSON values only and must not have the key `arrays`, which is added here.

    Raises ProtocolError if the receiving end would refuse the frame.
    """
    text, size = _encode_header(header, arrays)
    return b"".join([PREFIX.pack(len(text), size), text, *(array.data for array in arrays)])


def _encode_header(header: dict[str, Any], arrays: Sequence[RawArray]) -> tuple[bytes, int]:
    """Return the header's bytes and the number of bytes of the body."""
    if "arrays" in header:
        raise ProtocolError("the header already has a key `arrays`")
    for array in arrays:
        array.check()
    listed = {**header, "arrays": [_entry(array) for array in arrays]}
    try:
        text = json.dumps(listed, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:  # UnicodeEncodeError is a ValueError
        raise ProtocolError(f"the header is not JSON: {error}") from error
    size = sum(len(array.data) for array in arrays)
    _check_lengths(len(text), size)
    if len(arrays) > MAX_ARRAYS:
        raise ProtocolError(f"{len(arrays)} arrays, at most {MAX_ARRAYS} are allowed")
    _check_depth(text)
    return text, size


def _entry(array: RawArray) -> dict[str, Any]:
    """Return what the header lists of an array."""
    strides = {} if array.strides is None else {"strides": list(array.strides)}
    return {"dtype": array.dtype, "shape": list(array.shape), **strides}


def read_frame(
    receive: Callable[[int], bytes], most_bytes: int = MAX_BODY_BYTES, *, strides: bool = False
) -> tuple[dict[str, Any], list[RawArray]]:
    """Read one frame, whose body may have `most_bytes`, and return its header (without `arrays`) and its arrays.

    `receive(n)` must return exactly n bytes or raise; its exceptions pass through. strides: whether arrays may
    have them, as in requests. Raises ProtocolError for everything that is not a frame.
    """
    header_size, body_size = PREFIX.unpack(receive(PREFIX.size))
    _check_lengths(header_size, body_size, most_bytes)
    header = parse_json(receive(header_size), MAX_DEPTH)
    if not isinstance(header, dict):
        raise ProtocolError("the header is not a JSON object")
    listed = _array_list(header.pop("arrays", None), strides)
    sizes = [array_bytes(dtype, shape) for dtype, shape, _ in listed]
    if sum(sizes) != body_size:
        raise ProtocolError(f"the arrays need {sum(sizes)} bytes, the body has {body_size}")
    body = memoryview(receive(body_size) if body_size else b"")
    if len(body) != body_size:
        raise ProtocolError("the body is short")
    arrays, start = [], 0
    for (dtype, shape, layout), size in zip(listed, sizes, strict=True):
        array = RawArray(dtype, shape, body[start : start + size], layout)
        array.check()
        arrays.append(array)
        start += size
    return header, arrays


def read_frame_of(data: bytes, *, strides: bool = False) -> tuple[dict[str, Any], list[RawArray]]:
    """Return `read_frame` of bytes that are at hand."""
    view, place = memoryview(data), 0

    def read(size: int) -> bytes:
        nonlocal place
        place += size
        return bytes(view[place - size : place])

    return read_frame(read, strides=strides)


def parse_json(text: bytes, depth: int) -> Any:
    """Read JSON strictly: UTF-8, at most `depth` deep, no duplicate keys, no NaN or Infinity, no numbers
    beyond 64 bits, no unpaired surrogates. Raises ProtocolError."""
    _check_depth(text, depth)
    try:
        parsed = json.loads(
            text.decode(),
            object_pairs_hook=_unique_keys,
            parse_constant=_refuse_constant,
            parse_int=_bounded_integer,
            parse_float=_finite_float,
        )
    except ProtocolError:
        raise
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"not JSON: {_short(str(error))}") from error
    if b"\\u" in text:  # an escaped unpaired surrogate is legal JSON and illegal text
        try:
            json.dumps(parsed, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise ProtocolError("a string holds an unpaired surrogate") from error
    return parsed


def _check_lengths(header_size: int, body_size: int, most_bytes: int = MAX_BODY_BYTES) -> None:
    if not 0 < header_size <= MAX_HEADER_BYTES:
        raise ProtocolError(f"a header of {header_size} bytes, from 1 to {MAX_HEADER_BYTES} are allowed")
    if not 0 <= body_size <= most_bytes:
        raise ProtocolError(f"a body of {body_size} bytes, at most {most_bytes} are allowed")


def _check_depth(text: bytes, limit: int = MAX_DEPTH) -> None:
    """Count brackets outside strings before the parser recurses into them."""
    if text.count(b"[") + text.count(b"{") <= limit:
        return
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", text)):
        depth += 1 if bracket in (b"[", b"{") else -1
        if depth > limit:
            raise ProtocolError(f"JSON more than {limit} levels deep")


def _array_list(listed: object, strides: bool) -> list[tuple[str, tuple[int, ...], tuple[int, ...] | None]]:
    """Return dtype, shape and strides (None if none are named) of each entry; only their form is checked."""
    forms = ({"dtype", "shape"}, {"dtype", "shape", "strides"}) if strides else ({"dtype", "shape"},)
    if not isinstance(listed, list):
        raise ProtocolError("the header has no list `arrays`")
    if len(listed) > MAX_ARRAYS:
        raise ProtocolError(f"{len(listed)} arrays, at most {MAX_ARRAYS} are allowed")
    found = []
    for entry in listed:
        if not isinstance(entry, dict) or entry.keys() not in forms or not isinstance(entry["shape"], list):
            raise ProtocolError(f"an entry of `arrays` is not {{{', '.join(sorted(forms[-1]))}}}: {_short(entry)}")
        layout = entry.get("strides")
        if "strides" in entry and not isinstance(layout, list):
            raise ProtocolError(f"strides that are no list: {_short(layout)}")
        found.append((entry["dtype"], tuple(entry["shape"]), None if layout is None else tuple(layout)))
    return found


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ProtocolError("a JSON object has a key twice")
    return members


def _refuse_constant(name: str) -> Any:
    raise ProtocolError(f"{name} is not JSON")


def _bounded_integer(digits: str) -> int:
    if len(digits) > 20 or not -MAX_INTEGER < (number := int(digits)) < MAX_INTEGER:
        raise ProtocolError("an integer beyond 64 bits")
    return number


def _finite_float(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ProtocolError("a number beyond the range of a double")
    return number


def _short(thing: object) -> str:
    """Return `repr`, for messages, of things that came out of JSON; capped."""
    text = repr(thing)
    return text if len(text) <= 80 else text[:77] + "..."
