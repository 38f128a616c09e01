"""NumPy arrays of other kinds than numbers, pandas and SciPy's sparse arrays: as columns of the wire's own arrays.

A frame is its columns and two indexes. A column is one array of numbers, or of texts, or a few of them under a name
that says how they belong together; nothing else of an object travels, and it is made anew at the other end. Decoding
is strict, and whatever takes more memory as an object than it took on the wire is counted before it is made.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable
from math import prod
from typing import Any, Protocol

from .protocol import MAX_BODY_BYTES, ProtocolError, RawArray
from .scalars import zone_name, zone_of

MAX_TEXTS = 1 << 20  # of all arrays of texts in one message: as Python objects they take fifty bytes each at least
MAX_ROWS = 1 << 23
MAX_COLUMNS = 4096
_MOMENTS = re.compile(r"[Mm]8\[(Y|M|W|D|h|m|s|ms|us|ns)\]")
_MASKED = {"Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32", "Float64", "boolean"}
_SPARSE = ("csr", "csc", "coo", "bsr", "dia", "dok", "lil")


class CannotTravel(Exception):
    """Part of it is of a kind that has no form on the wire."""


class Encoding(Protocol):
    """What an encoder does for the forms in this file (`encoder.py`)."""

    def encode(self, thing: Any, level: int) -> Any: ...

    def add_array(self, raw: RawArray) -> int: ...

    def count_texts(self, count: int) -> None: ...


class Decoding(Protocol):
    """What a decoder does for the forms in this file (`decoder.py`)."""

    def decode(self, value: Any) -> Any: ...

    def decode_key(self, value: Any) -> Any: ...

    def array_at(self, index: Any) -> RawArray: ...

    def count_texts(self, count: int) -> None: ...


# -- texts -----------------------------------------------------------------------------------


def encode_texts(encoder: Encoding, texts: list[Any]) -> dict[str, Any]:
    """Texts, with None if there is none, as an array of lengths in bytes and one of all bytes."""
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
    first, second = _parts(content, 2, "texts")
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
    """Return an array of moments, texts, bytes or objects; None if its dtype has no form."""
    import numpy

    plain = numpy.ndarray.view(values, numpy.ndarray)
    shape = [int(length) for length in plain.shape]
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
        return {"array": ["U", shape, encode_texts(encoder, [str(text) for text in plain.ravel().tolist()])]}
    if plain.dtype.kind == "O":
        items = plain.ravel().tolist()
        if items and all(type(item) is str for item in items):
            return {"array": ["O", shape, encode_texts(encoder, items)]}
        return {"array": ["O", shape, encoder.encode(items, level + 2)]}
    return None


def decode_ndarray(decoder: Decoding, content: Any) -> Any:
    import numpy

    kind, shape, stored = _parts(content, 3, "array")
    if type(shape) is not list or len(shape) > 16 or not all(type(n) is int and 0 <= n <= MAX_ROWS for n in shape):
        raise ProtocolError("an array whose shape is none")
    if prod(max(n, 1) for n in shape) > MAX_BODY_BYTES or type(kind) is not str:
        raise ProtocolError("an array that is too large")
    if _MOMENTS.fullmatch(kind):
        raw = _column(decoder, stored, "int64", shape)
        return numpy.frombuffer(bytearray(raw), dtype="<i8").view(f"<{kind}").reshape(shape)
    if (width := re.fullmatch(r"S([1-9]\d{0,7})", kind)) is not None:
        raw = _column(decoder, stored, "uint8", [prod(shape) * int(width[1])])
        return numpy.frombuffer(bytearray(raw), dtype=kind).reshape(shape)
    items = decoder.decode(stored)
    if kind not in ("U", "O") or type(items) is not list or len(items) != prod(shape):
        raise ProtocolError("an array whose items are not as many as its shape says")
    if kind == "O":
        found = numpy.empty(len(items), dtype=object)
        for place, item in enumerate(items):
            found[place] = item
        return found.reshape(shape)
    widest = max((len(item) if type(item) is str else MAX_BODY_BYTES for item in items), default=1)
    if 4 * widest * max(len(items), 1) > MAX_BODY_BYTES:  # every item takes the room of the longest
        raise ProtocolError("an array of texts that is too large")
    return numpy.array(items, dtype=f"U{max(widest, 1)}").reshape(shape)


# -- pandas ----------------------------------------------------------------------------------


def encode_pandas(encoder: Encoding, thing: Any, pandas: Any, level: int) -> dict[str, Any] | None:
    """Return a DataFrame, Series, Index, Timestamp or Timedelta; None for anything else. Raises CannotTravel."""
    kind = type(thing)  # `__class__` can lie
    if issubclass(kind, pandas.DataFrame):
        if thing.shape[1] > MAX_COLUMNS:
            raise CannotTravel(f"DataFrame of more than {MAX_COLUMNS} columns")
        columns = [_encode_values(encoder, thing.iloc[:, place].array, pandas, level + 3)
                   for place in range(thing.shape[1])]  # fmt: skip
        return {"frame": [columns, _encode_index(encoder, thing.columns, pandas, level + 2),
                          _encode_index(encoder, thing.index, pandas, level + 2)]}  # fmt: skip
    if issubclass(kind, pandas.Series):
        values = _encode_values(encoder, thing.array, pandas, level + 2)
        return {"series": [values, _encode_index(encoder, thing.index, pandas, level + 2),
                           encoder.encode(thing.name, level + 2)]}  # fmt: skip
    if issubclass(kind, pandas.Index):
        return {"index": _encode_index(encoder, thing, pandas, level + 1)}
    if issubclass(kind, (pandas.Categorical, pandas.api.extensions.ExtensionArray)):
        return {"values": _encode_values(encoder, thing, pandas, level + 1)}
    if issubclass(kind, pandas.Timestamp):
        zone = zone_name(thing.tzinfo)
        moment = encode_ndarray(encoder, _scalar(thing.to_datetime64()), level + 2)
        return None if zone is None else {"timestamp": [moment, zone]}
    if issubclass(kind, pandas.Timedelta):
        return {"duration": encode_ndarray(encoder, _scalar(thing.to_timedelta64()), level + 1)}
    return None


def _scalar(moment: Any) -> Any:
    import numpy  # it is there: `moment` is of it

    return numpy.asarray(moment)


def _encode_values(encoder: Encoding, values: Any, pandas: Any, level: int) -> Any:
    dtype = values.dtype
    if isinstance(dtype, pandas.CategoricalDtype):
        return ["categorical", encoder.encode(values.codes, level + 1),
                _encode_index(encoder, dtype.categories, pandas, level + 1), bool(dtype.ordered)]  # fmt: skip
    if isinstance(dtype, pandas.DatetimeTZDtype):
        zone = zone_name(dtype.tz)
        if zone is None:
            raise CannotTravel(f"a column of dtype {dtype}")
        naive = values.tz_convert("UTC").tz_localize(None)
        return ["zoned", encoder.encode(naive.to_numpy(), level + 1), zone]
    if isinstance(dtype, pandas.StringDtype):
        name = "string" if dtype.na_value is pandas.NA else "str"
        missing = pandas.isna(values)
        texts = [None if gone else str(text) for text, gone in zip(values, missing, strict=True)]
        return ["strings", encode_texts(encoder, texts), name]
    if str(dtype) in _MASKED:
        missing = pandas.isna(values)
        fill = False if str(dtype) == "boolean" else 0
        data = values.to_numpy(dtype=str(dtype).lower().replace("boolean", "bool"), na_value=fill)
        return ["masked", encoder.encode(data, level + 1), encoder.encode(missing, level + 1), str(dtype)]
    if hasattr(dtype, "numpy_dtype") or dtype.__class__.__module__.startswith("numpy"):
        found = encoder.encode(values.to_numpy(), level + 1)
        if type(found) is dict and "other" not in found:
            return ["plain", found]
    raise CannotTravel(f"a column of dtype {dtype}")


def _encode_index(encoder: Encoding, index: Any, pandas: Any, level: int) -> Any:
    names = [encoder.encode(name, level + 2) for name in index.names]
    if isinstance(index, pandas.RangeIndex):
        return ["range", [index.start, index.stop, index.step], names]
    if isinstance(index, pandas.MultiIndex):
        levels = [_encode_values(encoder, index.get_level_values(n).array, pandas, level + 2)
                  for n in range(index.nlevels)]  # fmt: skip
        return ["levels", levels, names]
    return ["one", _encode_values(encoder, index.array, pandas, level + 1), names]


def _decode_values(decoder: Decoding, content: Any, pandas: Any) -> Any:
    if type(content) is not list or not content or type(content[0]) is not str:
        raise ProtocolError("a column that is no list")
    kind = content[0]
    if kind == "plain":
        return _one_dimension(decoder.decode(_parts(content, 2, "column")[1]))
    if kind == "categorical":
        _, codes, categories, ordered = _parts(content, 4, "column")
        if type(ordered) is not bool:
            raise ProtocolError("categories that are neither ordered nor not")
        known = _decode_index(decoder, categories, pandas)
        return pandas.Categorical.from_codes(_one_dimension(decoder.decode(codes)), known, ordered=ordered)
    if kind == "zoned":
        _, moments, zone = _parts(content, 3, "column")
        values = pandas.DatetimeIndex(_one_dimension(decoder.decode(moments)))
        return values.tz_localize("UTC").tz_convert(zone_of(zone)).array
    if kind == "strings":
        _, texts, name = _parts(content, 3, "column")
        if name not in ("str", "string") or type(texts) is not dict or texts.keys() != {"texts"}:
            raise ProtocolError("a column of texts without texts")
        return pandas.array(decode_texts(decoder, texts["texts"], missing=True), dtype=name)
    if kind == "masked":
        _, data, mask, name = _parts(content, 4, "column")
        values, missing = _one_dimension(decoder.decode(data)), _one_dimension(decoder.decode(mask))
        if name not in _MASKED or missing.dtype.kind != "b" or len(values) != len(missing):
            raise ProtocolError("a column with missing values that cannot be")
        found = pandas.array(values, dtype=name)
        found[missing] = pandas.NA
        return found
    raise ProtocolError("a column of unknown kind")


def _decode_index(decoder: Decoding, content: Any, pandas: Any) -> Any:
    kind, stored, names = _parts(content, 3, "index")
    if type(names) is not list or not names or len(names) > 64:
        raise ProtocolError("an index without names")
    labels = [decoder.decode_key(name) for name in names]
    if kind == "range" and len(labels) == 1:
        start, stop, step = _parts(stored, 3, "range")
        if not all(type(n) is int for n in stored) or step == 0 or len(range(start, stop, step)) > MAX_ROWS:
            raise ProtocolError("a range that is too long")
        return pandas.RangeIndex(start, stop, step, name=labels[0])
    if kind == "levels" and type(stored) is list and len(stored) == len(labels):
        return pandas.MultiIndex.from_arrays([_decode_values(decoder, one, pandas) for one in stored], names=labels)
    if kind == "one" and len(labels) == 1:
        return pandas.Index(_decode_values(decoder, stored, pandas), name=labels[0])
    raise ProtocolError("an index of unknown kind")


def _decode_frame(decoder: Decoding, content: Any, pandas: Any) -> Any:
    columns, labels, index = _parts(content, 3, "frame")
    if type(columns) is not list or len(columns) > MAX_COLUMNS:
        raise ProtocolError("a frame whose columns are no list")
    values = [_decode_values(decoder, column, pandas) for column in columns]
    rows, names = _decode_index(decoder, index, pandas), _decode_index(decoder, labels, pandas)
    if len(names) != len(values) or any(len(one) != len(rows) for one in values):
        raise ProtocolError("a frame whose columns and indexes have other lengths")
    found = pandas.DataFrame(dict(enumerate(values)), index=rows)
    found.columns = names
    return found


def _decode_series(decoder: Decoding, content: Any, pandas: Any) -> Any:
    values, index, name = _parts(content, 3, "series")
    found, rows = _decode_values(decoder, values, pandas), _decode_index(decoder, index, pandas)
    if len(found) != len(rows):
        raise ProtocolError("a series whose index has another length")
    return pandas.Series(found, index=rows, name=decoder.decode_key(name))


def _decode_timestamp(decoder: Decoding, content: Any, pandas: Any) -> Any:
    moment, zone = _parts(content, 2, "timestamp")
    found = pandas.Timestamp(_moment(decoder, moment, "M"))
    where = zone_of(zone)
    return found if where is None else found.tz_localize("UTC").tz_convert(where)


def _decode_duration(decoder: Decoding, content: Any, pandas: Any) -> Any:
    return pandas.Timedelta(_moment(decoder, content, "m"))


def _moment(decoder: Decoding, content: Any, kind: str) -> Any:
    found = decoder.decode(content)
    if getattr(found, "ndim", None) != 0 or found.dtype.kind != kind:
        raise ProtocolError("a moment that is none")
    return found[()]


PANDAS: dict[str, Callable[[Decoding, Any, Any], Any]] = {
    "frame": _decode_frame,
    "series": _decode_series,
    "index": _decode_index,
    "values": _decode_values,
    "timestamp": _decode_timestamp,
    "duration": _decode_duration,
}


# -- SciPy -----------------------------------------------------------------------------------


def encode_sparse(encoder: Encoding, thing: Any, level: int) -> dict[str, Any]:
    """Return a sparse array or matrix, as the coordinates of what is stored."""
    held = thing.tocoo()
    if len(thing.shape) != 2:
        raise CannotTravel("a sparse array that has not two dimensions")
    parts = [
        encoder.encode(part, level + 2) for part in (held.data, held.row.astype("int64"), held.col.astype("int64"))
    ]
    is_matrix = "matrix" in type(thing).__name__
    return {"sparse": [thing.format, [int(n) for n in thing.shape], *parts, is_matrix]}


def decode_sparse(decoder: Decoding, content: Any) -> Any:
    """Compressed by row or column, else coordinates: some other formats take far more room than what they store."""
    from scipy import sparse

    kind, shape, *parts, is_matrix = _parts(content, 6, "sparse")
    if kind not in _SPARSE or type(is_matrix) is not bool or type(shape) is not list or len(shape) != 2:
        raise ProtocolError("a sparse array of unknown kind")
    if not all(type(length) is int and 0 <= length <= MAX_ROWS for length in shape):
        raise ProtocolError("a sparse array that is too large")
    data, rows, columns = (_one_dimension(decoder.decode(part)) for part in parts)
    if data.dtype.kind not in "biufc" or {rows.dtype.name, columns.dtype.name} != {"int64"}:
        raise ProtocolError("a sparse array without numbers")
    made = (sparse.coo_matrix if is_matrix else sparse.coo_array)((data, (rows, columns)), shape=tuple(shape))
    return made.asformat(kind if kind in ("csr", "csc") else "coo")


# -- parts -----------------------------------------------------------------------------------


def _parts(content: Any, count: int, what: str) -> list[Any]:
    if type(content) is not list or len(content) != count:
        raise ProtocolError(f"{what}: not {count} parts")
    return content


def _column(decoder: Decoding, place: Any, dtype: str, shape: list[int]) -> bytes:
    raw = decoder.array_at(place)
    if raw.dtype != dtype or list(raw.shape) != shape:
        raise ProtocolError("an array of another dtype or shape than it says")
    return bytes(raw.data)


def _one_dimension(found: Any) -> Any:
    if getattr(found, "ndim", None) != 1 or not hasattr(found, "dtype"):
        raise ProtocolError("a column that is no array of one dimension")
    return found
