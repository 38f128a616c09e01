"""Frames, series, indexes and single values of pandas: as columns of the wire's own arrays."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .columns import (
    MAX_COLUMNS,
    MAX_ROWS,
    CannotTravel,
    Decoding,
    Encoding,
    decode_texts,
    encode_ndarray,
    encode_texts,
    one_dimension,
    parts_of,
)
from .protocol import ProtocolError
from .scalars import zone_name, zone_of
from .values import KEYS

_MASKED = {"Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32", "Float64", "boolean"}
_ARROW = re.compile(r"(u?int(8|16|32|64)|float|double|bool|string)\[pyarrow\]")  # as pandas writes them
_CLOSED = ("left", "right", "both", "neither")
_PERIOD = re.compile(r"[1-9]?\d{0,3}((Y|Q)-[A-Z]{3}|W-[A-Z]{3}|M|B|D|h|min|s|ms|us|ns)")
_PER_YEAR = {"Y": 1, "Q": 4, "M": 12, "W": 53, "B": 366, "D": 366, "h": 8784, "min": 527_040, "s": 31_622_400,
             "ms": 31_622_400_000}  # fmt: skip
_YEARS = 7000  # on either side of 1970 that a period may lie
_NO_PERIOD = -(2**63)


def encode_pandas(encoder: Encoding, thing: Any, pandas: Any, level: int) -> dict[str, Any] | None:
    """Return a DataFrame, Series, Index, array or single value of pandas; None for anything else. Raises
    CannotTravel.
    """
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
                           _encode_name(encoder, thing.name, pandas, level + 2)]}  # fmt: skip
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
    if issubclass(kind, pandas.Period):
        return {"period": [int(thing.ordinal), _frequency(pandas.PeriodDtype(thing.freq))]}
    if issubclass(kind, pandas.Interval):
        ends = [encoder.encode(end, level + 2) for end in (thing.left, thing.right)]
        return {"interval": [*ends, str(thing.closed)]}
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
    if isinstance(dtype, pandas.PeriodDtype):
        return ["period", encoder.encode(values.asi8, level + 1), _frequency(dtype)]
    if isinstance(dtype, pandas.IntervalDtype):
        ends = [_encode_values(encoder, end.array, pandas, level + 1) for end in (values.left, values.right)]
        return ["interval", *ends, str(dtype.closed)]
    if isinstance(dtype, pandas.SparseDtype):
        dense = encoder.encode(values.to_dense(), level + 1)  # in full: a fill value must not become gigabytes
        return ["sparse", dense, encoder.encode(dtype.fill_value, level + 1)]
    if isinstance(dtype, pandas.ArrowDtype):
        if not _ARROW.fullmatch(str(dtype)):
            raise CannotTravel(f"a column of dtype {str(dtype)[:80]}")
        return _encode_arrow(encoder, values, pandas, level)
    if hasattr(dtype, "numpy_dtype") or dtype.__class__.__module__.startswith("numpy"):
        found = encoder.encode(values.to_numpy(), level + 1)
        if type(found) is dict and "other" not in found:
            return ["plain", found]
    raise CannotTravel(f"a column of dtype {dtype}")


def _encode_arrow(encoder: Encoding, values: Any, pandas: Any, level: int) -> Any:
    """Return a column that Arrow holds as NumPy's numbers or as texts: nothing here reads or writes Arrow's bytes."""
    name, missing = str(values.dtype), pandas.isna(values)
    if name == "string[pyarrow]":
        texts = [None if gone else str(text) for text, gone in zip(values, missing, strict=True)]
        return ["arrow", encode_texts(encoder, texts), None, name]
    numbers = values.to_numpy(dtype=values.dtype.numpy_dtype, na_value=False if name == "bool[pyarrow]" else 0)
    return ["arrow", encoder.encode(numbers, level + 1), encoder.encode(missing, level + 1), name]


def _frequency(dtype: Any) -> str:
    """Return the frequency of periods, as `period[…]` has it. Raises CannotTravel for one of another kind."""
    name = str(dtype).removeprefix("period[").removesuffix("]")
    if not _PERIOD.fullmatch(name):
        raise CannotTravel(f"periods of frequency {name[:40]}")
    return name


def labels_of(pandas: Any) -> tuple[type, ...]:
    """Return the classes of pandas that a series or an index may be named by, beside scalars."""
    return (pandas.Timestamp, pandas.Timedelta, pandas.Period, pandas.Interval)


def _encode_name(encoder: Encoding, name: Any, pandas: Any, level: int) -> Any:
    """Return the name of a series or an index. Raises CannotTravel for one that is no scalar."""
    parts = name if type(name) is tuple else (name,)
    if not all(type(part) in KEYS or issubclass(type(part), labels_of(pandas)) for part in parts):
        item = getattr(name, "item", None) if type(name).__module__ == "numpy" else None
        if item is None or type(plain := item()) not in KEYS:
            raise CannotTravel("a series or index whose name is no scalar")
        name = plain
    return encoder.encode(name, level)


def _encode_index(encoder: Encoding, index: Any, pandas: Any, level: int) -> Any:
    names = [_encode_name(encoder, name, pandas, level + 2) for name in index.names]
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
        return one_dimension(decoder.decode(parts_of(content, 2, "column")[1]))
    if kind == "categorical":
        _, codes, categories, ordered = parts_of(content, 4, "column")
        if type(ordered) is not bool:
            raise ProtocolError("categories that are neither ordered nor not")
        known = _decode_index(decoder, categories, pandas)
        return pandas.Categorical.from_codes(one_dimension(decoder.decode(codes)), known, ordered=ordered)
    if kind == "zoned":
        _, moments, zone = parts_of(content, 3, "column")
        values = pandas.DatetimeIndex(one_dimension(decoder.decode(moments)))
        return values.tz_localize("UTC").tz_convert(zone_of(zone)).array
    if kind == "strings":
        _, texts, name = parts_of(content, 3, "column")
        if name not in ("str", "string") or type(texts) is not dict or texts.keys() != {"texts"}:
            raise ProtocolError("a column of texts without texts")
        return pandas.array(decode_texts(decoder, texts["texts"], missing=True), dtype=name)
    if kind == "masked":
        _, data, mask, name = parts_of(content, 4, "column")
        values, missing = one_dimension(decoder.decode(data)), one_dimension(decoder.decode(mask))
        if name not in _MASKED or missing.dtype.kind != "b" or len(values) != len(missing):
            raise ProtocolError("a column with missing values that cannot be")
        found = pandas.array(values, dtype=name)
        found[missing] = pandas.NA
        return found
    if kind == "period":
        _, ordinals, name = parts_of(content, 3, "column")
        values = one_dimension(decoder.decode(ordinals))
        return pandas.arrays.PeriodArray(_checked_ordinals(values, name), dtype=pandas.PeriodDtype(name))
    if kind == "interval":
        _, left, right, closed = parts_of(content, 4, "column")
        if closed not in _CLOSED:
            raise ProtocolError("intervals that are closed nowhere")
        ends = [pandas.Index(_decode_values(decoder, end, pandas)) for end in (left, right)]
        return pandas.arrays.IntervalArray.from_arrays(*ends, closed=closed)
    if kind == "sparse":
        _, dense, fill = parts_of(content, 3, "column")
        values, filler = one_dimension(decoder.decode(dense)), decoder.decode(fill)
        if values.dtype.kind not in "biufc" or type(filler) not in (bool, int, float, complex):
            raise ProtocolError("a sparse column of no numbers")
        return pandas.arrays.SparseArray(values, fill_value=filler)
    if kind == "arrow":
        return _decode_arrow(decoder, content, pandas)
    raise ProtocolError("a column of unknown kind")


def _checked_ordinals(values: Any, name: Any) -> Any:
    """Return numbers of periods that pandas can write as dates. Raises ProtocolError for others."""
    if type(name) is not str or not _PERIOD.fullmatch(name) or str(values.dtype) != "int64":
        raise ProtocolError("periods that are none")
    unit = name.lstrip("0123456789").split("-")[0]
    if (per_year := _PER_YEAR.get(unit)) is not None:
        there = values[values != _NO_PERIOD]
        if len(there) and max(abs(int(there.min())), abs(int(there.max()))) > _YEARS * per_year:
            raise ProtocolError("periods beyond the calendar")
    return values


def _decode_arrow(decoder: Decoding, content: Any, pandas: Any) -> Any:
    _, data, mask, name = parts_of(content, 4, "column")
    if type(name) is not str or not _ARROW.fullmatch(name):
        raise ProtocolError("a column of Arrow's of unknown kind")
    if name == "string[pyarrow]":
        if type(data) is not dict or data.keys() != {"texts"} or mask is not None:
            raise ProtocolError("a column of texts without texts")
        import pyarrow  # an extra of pandas

        return pandas.array(
            decode_texts(decoder, data["texts"], missing=True), dtype=pandas.ArrowDtype(pyarrow.string())
        )
    values, missing = one_dimension(decoder.decode(data)), one_dimension(decoder.decode(mask))
    if values.dtype.kind not in "biuf" or missing.dtype.kind != "b" or len(values) != len(missing):
        raise ProtocolError("a column with missing values that cannot be")
    found = pandas.array(values, dtype=name)
    found[missing] = pandas.NA
    return found


def _decode_index(decoder: Decoding, content: Any, pandas: Any) -> Any:
    kind, stored, names = parts_of(content, 3, "index")
    if type(names) is not list or not names or len(names) > 64:
        raise ProtocolError("an index without names")
    labels = [decoder.decode_key(name) for name in names]
    if kind == "range" and len(labels) == 1:
        start, stop, step = parts_of(stored, 3, "range")
        if not all(type(n) is int for n in stored) or step == 0 or len(range(start, stop, step)) > MAX_ROWS:
            raise ProtocolError("a range that is too long")
        return pandas.RangeIndex(start, stop, step, name=labels[0])
    if kind == "levels" and type(stored) is list and len(stored) == len(labels):
        return pandas.MultiIndex.from_arrays([_decode_values(decoder, one, pandas) for one in stored], names=labels)
    if kind == "one" and len(labels) == 1:
        return pandas.Index(_decode_values(decoder, stored, pandas), name=labels[0])
    raise ProtocolError("an index of unknown kind")


def _decode_frame(decoder: Decoding, content: Any, pandas: Any) -> Any:
    columns, labels, index = parts_of(content, 3, "frame")
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
    values, index, name = parts_of(content, 3, "series")
    found, rows = _decode_values(decoder, values, pandas), _decode_index(decoder, index, pandas)
    if len(found) != len(rows):
        raise ProtocolError("a series whose index has another length")
    return pandas.Series(found, index=rows, name=decoder.decode_key(name))


def _decode_timestamp(decoder: Decoding, content: Any, pandas: Any) -> Any:
    moment, zone = parts_of(content, 2, "timestamp")
    found = pandas.Timestamp(_moment(decoder, moment, "M"))
    where = zone_of(zone)
    return found if where is None else found.tz_localize("UTC").tz_convert(where)


def _decode_duration(decoder: Decoding, content: Any, pandas: Any) -> Any:
    return pandas.Timedelta(_moment(decoder, content, "m"))


def _decode_period(decoder: Decoding, content: Any, pandas: Any) -> Any:
    import numpy

    ordinal, name = parts_of(content, 2, "period")
    if type(ordinal) is not int:
        raise ProtocolError("a period that is no number")
    _checked_ordinals(numpy.array([ordinal], dtype="int64"), name)
    return pandas.Period(ordinal=ordinal, freq=name)


def _decode_interval(decoder: Decoding, content: Any, pandas: Any) -> Any:
    left, right, closed = parts_of(content, 3, "interval")
    ends = [decoder.decode(end) for end in (left, right)]
    if closed not in _CLOSED or not all(
        type(end) in (int, float) or isinstance(end, (pandas.Timestamp, pandas.Timedelta)) for end in ends
    ):
        raise ProtocolError("an interval between no numbers or moments")
    return pandas.Interval(*ends, closed=closed)


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
    "period": _decode_period,
    "interval": _decode_interval,
}
