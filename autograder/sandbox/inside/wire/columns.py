"""NumPy arrays of other kinds than numbers, and what the forms of frames need: texts, bounds, checked parts.

A frame (`pandas_columns.py`, `polars_columns.py`) is its columns and indexes. A column is one array of numbers, or of
texts, or a few of them under a name that says how they belong together; nothing else of an object travels, and it is
made anew at the other end. Decoding is strict, and whatever takes more memory as an object than it took on the wire is
counted before it is made.
"""

from __future__ import annotations

import re
from array import array
from math import prod
from typing import Any, Protocol

from .protocol import MAX_BODY_BYTES, ProtocolError, RawArray

MAX_TEXTS = 1 << 20  # of all arrays of texts in one message: as Python objects they take fifty bytes each at least
MAX_ROWS = 1 << 23
MAX_COLUMNS = 4096
MAX_PARTS = 256  # fields of an array with fields
_MOMENTS = re.compile(r"[Mm]8\[(Y|M|W|D|h|m|s|ms|us|ns)\]")


class CannotTravel(Exception):
    """Part of it is of a kind that has no form on the wire."""


class Encoding(Protocol):
    """Do what an encoder does for forms of several arrays (`encoder.py`)."""

    def encode(self, thing: Any, level: int) -> Any: ...

    def add_array(self, raw: RawArray) -> int: ...

    def count_texts(self, count: int) -> None: ...

    def count_room(self, size: int) -> None: ...


class Decoding(Protocol):
    """Do what a decoder does for forms of several arrays (`decoder.py`)."""

    def decode(self, value: Any) -> Any: ...

    def decode_key(self, value: Any) -> Any: ...

    def array_at(self, index: Any) -> RawArray: ...

    def count_texts(self, count: int) -> None: ...

    def count_room(self, size: int) -> None: ...


# -- texts -----------------------------------------------------------------------------------


def encode_texts(encoder: Encoding, texts: list[Any]) -> dict[str, Any]:
    """Return texts, with None if there is none, as an array of lengths in bytes and one of all bytes."""
    parts = [None if text is None else text.encode("utf-8", "replace") for text in texts]
    lengths = array("q", [-1 if part is None else len(part) for part in parts])
    joined = b"".join(part for part in parts if part is not None)
    encoder.count_texts(len(parts))
    places = [
        encoder.add_array(RawArray("int64", (len(lengths),), lengths.tobytes())),
        encoder.add_array(RawArray("uint8", (len(joined),), joined)),
    ]
    return {"texts": places}


def decode_texts(decoder: Decoding, content: Any, *, missing: bool = False) -> list[Any]:
    """Return a list of str, with None among them where `missing` allows it."""
    first, second = parts_of(content, 2, "texts")
    lengths, joined = decoder.array_at(first), decoder.array_at(second)
    if (lengths.dtype, joined.dtype) != ("int64", "uint8") or len(lengths.shape) != 1 or len(joined.shape) != 1:
        raise ProtocolError("texts that are no lengths and bytes")
    decoder.count_texts(lengths.shape[0])
    sizes = array("q")
    sizes.frombytes(bytes(lengths.data))
    if any(size < -1 for size in sizes) or sum(size for size in sizes if size > 0) != joined.shape[0]:
        raise ProtocolError("texts whose lengths are not those of their bytes")
    data, start, texts = bytes(joined.data), 0, []
    try:
        for size in sizes:
            texts.append(None if size < 0 else data[start : start + size].decode())
            start += max(size, 0)
    except UnicodeDecodeError as error:
        raise ProtocolError("texts that are not UTF-8") from error
    if not missing and -1 in sizes:
        raise ProtocolError("a missing text where none may be")
    return texts


# -- NumPy -----------------------------------------------------------------------------------


def encode_ndarray(encoder: Encoding, values: Any, level: int) -> dict[str, Any] | None:
    """Return an array of moments, texts, bytes, objects or fields; None if its dtype has no form. Raises
    CannotTravel.
    """
    import numpy

    plain = numpy.ndarray.view(values, numpy.ndarray)
    shape = [int(length) for length in plain.shape]
    if plain.dtype.names is not None:
        return _encode_fields(encoder, plain, shape, level)
    if plain.dtype.kind in "Mm":
        unit, step = numpy.datetime_data(plain.dtype)
        name = f"{plain.dtype.kind}8[{unit}]"
        if step != 1 or not _MOMENTS.fullmatch(name):
            return None
        data = numpy.ascontiguousarray(plain.astype(f"<{plain.dtype.kind}8[{unit}]", copy=False)).view("<i8")
        place = encoder.add_array(RawArray("int64", tuple(shape), data.tobytes()))
        return {"array": [name, shape, place]}
    if plain.dtype.kind == "S":
        width = max(plain.dtype.itemsize, 1)
        joined = plain.astype(f"S{width}").tobytes()
        return {"array": [f"S{width}", shape, encoder.add_array(RawArray("uint8", (len(joined),), joined))]}
    if plain.dtype.kind in "UT":
        texts = [str(text) for text in plain.ravel().tolist()]
        encoder.count_room(_room(texts))
        return {"array": ["U", shape, encode_texts(encoder, texts)]}
    if plain.dtype.kind == "O":
        items = plain.ravel().tolist()
        if items and all(type(item) is str for item in items):
            return {"array": ["O", shape, encode_texts(encoder, items)]}
        return {"array": ["O", shape, encoder.encode(items, level + 2)]}
    return None


def decode_ndarray(decoder: Decoding, content: Any) -> Any:
    import numpy

    kind, shape, stored = parts_of(content, 3, "array")
    _check_shape(shape)
    if type(kind) is not str:
        raise ProtocolError("an array of no kind")
    if _MOMENTS.fullmatch(kind):
        raw = raw_of(decoder, stored, "int64", shape)
        return numpy.frombuffer(bytearray(raw), dtype="<i8").view(f"<{kind}").reshape(shape)
    if (width := re.fullmatch(r"S([1-9]\d{0,7})", kind)) is not None:
        raw = raw_of(decoder, stored, "uint8", [prod(shape) * int(width[1])])
        return numpy.frombuffer(bytearray(raw), dtype=kind).reshape(shape)
    items = decoder.decode(stored)
    if kind not in ("U", "O") or type(items) is not list or len(items) != prod(shape):
        raise ProtocolError("an array whose items are not as many as its shape says")
    if kind == "O":
        found = numpy.empty(len(items), dtype=object)
        for place, item in enumerate(items):
            found[place] = item
        return found.reshape(shape)
    if not all(type(item) is str for item in items):
        raise ProtocolError("an array of texts with something else in it")
    decoder.count_room(_room(items))
    return numpy.array(items, dtype=f"U{max(map(len, items), default=1) or 1}").reshape(shape)


def _check_shape(shape: Any) -> None:
    if type(shape) is not list or len(shape) > 16 or not all(type(n) is int and 0 <= n <= MAX_ROWS for n in shape):
        raise ProtocolError("an array whose shape is none")
    if prod(max(n, 1) for n in shape) > MAX_BODY_BYTES:
        raise ProtocolError("an array that is too large")


def _room(texts: list[str]) -> int:
    """Return the bytes of an array of these texts: each takes the room of the longest."""
    return 4 * max(map(len, texts), default=0) * len(texts)


def _encode_fields(encoder: Encoding, plain: Any, shape: list[int], level: int) -> dict[str, Any]:
    """Return an array with fields as one array for each, of the same shape and what a field has of its own."""
    if not 0 < len(plain.dtype.names) <= MAX_PARTS:
        raise CannotTravel(f"an array with {len(plain.dtype.names)} fields")
    encoder.count_room(plain.nbytes)
    fields = [[name, encoder.encode(plain[name], level + 4)] for name in plain.dtype.names]
    for name, found in fields:
        if type(found) is not dict or "other" in found:
            raise CannotTravel(f"a field of dtype {str(plain.dtype[name])[:80]}")
    return {"fields": [shape, fields]}


def decode_fields(decoder: Decoding, content: Any) -> Any:
    """Return an array with fields, which lie one behind the other."""
    import numpy

    shape, fields = parts_of(content, 2, "fields")
    _check_shape(shape)
    if type(fields) is not list or not 0 < len(fields) <= MAX_PARTS:
        raise ProtocolError("an array without fields, or with too many")
    parts: dict[str, Any] = {}
    for field in fields:
        name, value = parts_of(field, 2, "field")
        if type(name) is not str or not name or name in parts:
            raise ProtocolError("a field without a name of its own")
        part = parts[name] = decoder.decode(value)
        if type(part) is not numpy.ndarray or list(part.shape[: len(shape)]) != shape:
            raise ProtocolError("a field of another shape than its array")
    dtype = numpy.dtype([(name, part.dtype, part.shape[len(shape) :]) for name, part in parts.items()])
    decoder.count_room(prod(shape) * dtype.itemsize)
    found = numpy.zeros(shape, dtype)
    for name, part in parts.items():
        found[name] = part
    return found


def encode_masked(encoder: Encoding, values: Any, level: int) -> dict[str, Any]:
    """Return a masked array: what is not masked, and zeros in the place of what is."""
    import numpy

    data, mask = numpy.array(numpy.ma.getdata(values)), numpy.ma.getmaskarray(values)
    if data.dtype.names is not None:
        raise CannotTravel("a masked array with fields")
    data[mask] = numpy.zeros((), data.dtype)[()]
    found = encoder.encode(data, level + 2)
    if type(found) is not dict or "other" in found:
        raise CannotTravel(f"a masked array of dtype {str(data.dtype)[:80]}")
    return {"masked": [found, encoder.encode(numpy.ascontiguousarray(mask), level + 2)]}


def decode_masked(decoder: Decoding, content: Any) -> Any:
    import numpy

    data, mask = map(decoder.decode, parts_of(content, 2, "masked array"))
    if type(data) is not numpy.ndarray or type(mask) is not numpy.ndarray or mask.dtype.kind != "b":
        raise ProtocolError("a masked array without data or mask")
    if data.shape != mask.shape or data.dtype.names is not None:
        raise ProtocolError("a masked array whose mask does not fit")
    return numpy.ma.MaskedArray(data, mask)


# -- parts -----------------------------------------------------------------------------------


def parts_of(content: Any, count: int, what: str) -> list[Any]:
    if type(content) is not list or len(content) != count:
        raise ProtocolError(f"{what}: not {count} parts")
    return content


def raw_of(decoder: Decoding, place: Any, dtype: str, shape: list[int]) -> bytes:
    raw = decoder.array_at(place)
    if raw.dtype != dtype or list(raw.shape) != shape:
        raise ProtocolError("an array of another dtype or shape than it says")
    return bytes(raw.data)


def one_dimension(found: Any) -> Any:
    if getattr(found, "ndim", None) != 1 or not hasattr(found, "dtype"):
        raise ProtocolError("a column that is no array of one dimension")
    return found
