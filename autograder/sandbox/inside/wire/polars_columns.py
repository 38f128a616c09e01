"""Frames and series of polars: as columns of the wire's own arrays.

A column is its dtype, its values as NumPy's numbers or as texts, and which of them are missing. Moments travel as the
whole numbers that polars counts them in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .columns import MAX_COLUMNS, CannotTravel, Decoding, Encoding, decode_texts, encode_texts, one_dimension, parts_of
from .protocol import ProtocolError
from .scalars import zone_of

_NUMBERS = {"Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float32", "Float64", "Boolean"}
_TEXTS = {"String", "Categorical", "Enum"}
_MOMENTS = {"Date": "int32", "Time": "int64", "Datetime": "int64", "Duration": "int64"}
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896  # of the years 1 to 9999, counted from 1970
_PER_DAY = {("Date", ""): 1, ("Time", ""): 86_400 * 10**9} | {
    (name, unit): 86_400 * size
    for name in ("Datetime", "Duration")
    for unit, size in (("ms", 10**3), ("us", 10**6), ("ns", 10**9))
}


def encode_polars(encoder: Encoding, thing: Any, polars: Any, level: int) -> dict[str, Any] | None:
    """Return a DataFrame or Series of polars; None for anything else. Raises CannotTravel."""
    kind = type(thing)
    if issubclass(kind, polars.DataFrame):
        if thing.width > MAX_COLUMNS:
            raise CannotTravel(f"DataFrame of more than {MAX_COLUMNS} columns")
        return {"polars frame": [_encode_column(encoder, column, polars, level + 2) for column in thing.get_columns()]}
    if issubclass(kind, polars.Series):
        return {"polars series": _encode_column(encoder, thing, polars, level + 1)}
    return None


def _encode_column(encoder: Encoding, column: Any, polars: Any, level: int) -> list[Any]:
    """Return [name, dtype, values, what is missing]; a dtype is its name and what it has of its own."""
    dtype = column.dtype
    name = dtype.__name__ if isinstance(dtype, type) else type(dtype).__name__
    if name == "Null":
        return [str(column.name), ["Null", len(column)], None, None]
    if name in _TEXTS:
        own = dtype.categories.to_list() if name == "Enum" else None
        texts = encode_texts(encoder, column.cast(polars.String).to_list())
        return [str(column.name), [name, encoder.encode(own, level + 2)], texts, None]
    missing = encoder.encode(column.is_null().to_numpy(), level + 1)
    if name in _NUMBERS:
        values = column.fill_null(False if name == "Boolean" else 0).to_numpy()
        return [str(column.name), [name, None], encoder.encode(values, level + 1), missing]
    if name in _MOMENTS:
        values = column.to_physical().fill_null(0).to_numpy()
        return [str(column.name), [name, _unit_and_zone(dtype, name)], encoder.encode(values, level + 1), missing]
    raise CannotTravel(f"a column of dtype {str(dtype)[:80]}")


def _unit_and_zone(dtype: Any, name: str) -> list[str] | None:
    if name not in ("Datetime", "Duration"):
        return None
    zone = getattr(dtype, "time_zone", None)
    return [str(dtype.time_unit), "" if zone is None else str(zone)]


def _decode_column(decoder: Decoding, content: Any, polars: Any) -> Any:
    label, dtype, data, mask = parts_of(content, 4, "column")
    name, own = parts_of(dtype, 2, "dtype")
    if type(label) is not str or type(name) is not str:
        raise ProtocolError("a column whose name or dtype is no text")
    if name == "Null" and type(own) is int and own >= 0 and data is None and mask is None:
        decoder.count_texts(own)  # missing values take no bytes on the wire
        return polars.Series(label, [None] * own, dtype=polars.Null)
    if name in _TEXTS:
        if type(data) is not dict or data.keys() != {"texts"} or mask is not None:
            raise ProtocolError("a column of texts without texts")
        kind = polars.Enum(_categories(decoder.decode(own))) if name == "Enum" else getattr(polars, name)
        return polars.Series(label, decode_texts(decoder, data["texts"], missing=True), dtype=kind)
    values, missing = one_dimension(decoder.decode(data)), one_dimension(decoder.decode(mask))
    if missing.dtype.kind != "b" or len(values) != len(missing):
        raise ProtocolError("a column with missing values that cannot be")
    if name in _NUMBERS and own is None:
        if {"bool": "boolean"}.get(str(values.dtype), str(values.dtype)) != name.lower():
            raise ProtocolError("a column of another dtype than it says")
        made = polars.Series(label, values)
    elif name in _MOMENTS and str(values.dtype) == _MOMENTS[name]:
        made = polars.Series(label, values).cast(_moment_dtype(name, own, values, polars))
    else:
        raise ProtocolError("a column of unknown dtype")
    return made.set(polars.Series(missing), None) if missing.any() else made


def _categories(found: Any) -> list[str]:
    if type(found) is not list or not all(type(text) is str for text in found):
        raise ProtocolError("categories that are no texts")
    return found


def _moment_dtype(name: str, own: Any, values: Any, polars: Any) -> Any:
    """Return the dtype of moments. Raises ProtocolError for moments beyond the calendar, at which polars panics."""
    unit, zone = parts_of(own, 2, "unit and zone") if name in ("Datetime", "Duration") else ("", "")
    per_day = _PER_DAY.get((name, unit))
    if per_day is None or (name == "Duration" and zone != ""):
        raise ProtocolError("moments of no unit")
    least, most = (0, per_day - 1) if name == "Time" else (_FIRST_DAY * per_day, _LAST_DAY * per_day)
    if len(values) and not least <= int(values.min()) <= int(values.max()) <= most:
        raise ProtocolError("moments beyond the calendar")
    if name == "Datetime":
        zone_of(zone)
        return polars.Datetime(unit, zone or None)
    return polars.Duration(unit) if name == "Duration" else getattr(polars, name)


def _decode_frame(decoder: Decoding, content: Any, polars: Any) -> Any:
    if type(content) is not list or len(content) > MAX_COLUMNS:
        raise ProtocolError("a frame whose columns are no list")
    columns = [_decode_column(decoder, column, polars) for column in content]
    if len({len(column) for column in columns}) > 1 or len({column.name for column in columns}) != len(columns):
        raise ProtocolError("a frame whose columns have other lengths, or one name")
    return polars.DataFrame(columns)


POLARS: dict[str, Callable[[Decoding, Any, Any], Any]] = {
    "polars frame": _decode_frame,
    "polars series": _decode_column,
}
