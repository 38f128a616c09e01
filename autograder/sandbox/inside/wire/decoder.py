"""How the values inside a frame's header become Python objects.

Decoding is strict: a value of any other form raises `ProtocolError`. torch and numpy are imported only where an array
is met.
"""

from __future__ import annotations

import base64
import binascii
import importlib
import sys
from collections.abc import Callable, Sequence
from typing import Any

from .arrays import list_of_numbers, to_ndarray, to_tensor
from .columns import MAX_TEXTS, decode_fields, decode_masked, decode_ndarray, decode_texts
from .pandas_columns import PANDAS, labels_of
from .polars_columns import POLARS
from .protocol import MAX_BODY_BYTES, ProtocolError, RawArray
from .records import MAX_FIELDS, Named, NamedData
from .scalars import SCALARS
from .sparse_arrays import decode_sparse
from .values import (
    KEYS,
    MAX_ITEMS,
    MAX_NAME,
    MAX_NUMBERS,
    PLAIN,
    SMALL_HASH,
    HandleRef,
    Other,
    checked_text,
    parse_handle,
    parse_hex_float,
)


class Decoder:
    """Turns wire values into objects. `handle` makes what a HandleRef stands for at this end.

    Each array may be named once: named four thousand times, one of a few megabytes would become gigabytes here.
    """

    def __init__(
        self,
        arrays: Sequence[RawArray],
        handle: Callable[[HandleRef], Any],
        rebuild: Callable[[str, dict[str, Any], bool], Any] | None = None,
    ) -> None:
        """Take `rebuild`, which makes an instance of a class that this end knows by its name, from its fields; for a
        named tuple where the last argument says so."""
        self._arrays: list[RawArray | None] = list(arrays)
        self._numbers_left = MAX_NUMBERS
        self._texts_left = MAX_TEXTS
        self._room_left = MAX_BODY_BYTES
        self._handle = handle
        self._rebuild = rebuild

    def decode(self, value: Any) -> Any:
        """Raise ProtocolError unless `value` has exactly one of the documented forms."""
        if type(value) in PLAIN:
            return value
        if type(value) is not dict or not value:
            raise ProtocolError(f"not a value: {type(value).__name__}")
        if "handle" in value:
            return self._handle(parse_handle(value))
        if len(value) != 1:
            raise ProtocolError(f"a value with keys {sorted(value)[:4]}")
        ((form, content),) = value.items()
        decode = _FORMS.get(form)
        if decode is not None:
            return decode(self, content)
        if form in SCALARS:
            return SCALARS[form](content)
        if form in PANDAS:
            return self._pandas(form, content)
        if form in POLARS:
            return self._polars(form, content)
        raise ProtocolError(f"unknown form of value {form[:40]!r}")

    def _list(self, content: Any) -> list[Any]:
        if type(content) is not list:
            raise ProtocolError("a list or tuple whose content is no list")
        return [item if type(item) in PLAIN else self.decode(item) for item in content]

    def _tuple(self, content: Any) -> tuple[Any, ...]:
        return tuple(self._list(content))

    def _dict(self, content: Any) -> dict[Any, Any]:
        members: dict[Any, Any] = {}
        if type(content) is not list:
            raise ProtocolError("a dict whose content is no list")
        for pair in content:
            if type(pair) is not list or len(pair) != 2:
                raise ProtocolError("a dict member that is no pair")
            key = self.decode_key(pair[0])
            if key in members and type(key) is not Other:
                raise ProtocolError("a dict with a key twice")
            members[key] = self.decode(pair[1])
        return members

    def _mapping(self, content: Any) -> dict[Any, Any]:
        if type(content) is not list or len(content) != 2:
            raise ProtocolError("a mapping that is no keys and values")
        keys, values = self.decode(content[0]), self.decode(content[1])
        if type(keys) is not list or type(values) is not list or len(keys) != len(values):
            raise ProtocolError("a mapping whose keys are not as many as its values")
        if not all(type(key) is str for key in keys):
            raise ProtocolError("a mapping with a key that is no text")
        members = dict(zip(keys, values, strict=True))
        if len(members) != len(keys):
            raise ProtocolError("a dict with a key twice")
        return members

    def decode_key(self, value: Any) -> Any:
        """Return a key of a dict, or a label. Raises ProtocolError if it is no scalar and no tuple of scalars."""
        key = self.decode(value)
        parts = key if type(key) is tuple else (key,)
        if not all(type(part) in KEYS or type(part) is Other for part in parts):
            pandas = sys.modules.get("pandas")
            if pandas is None or not all(type(part) in KEYS or isinstance(part, labels_of(pandas)) for part in parts):
                raise ProtocolError("a dict key that is no scalar")
        try:
            hash(key)
        except TypeError as error:  # a signalling NaN of decimal has none
            raise ProtocolError("a dict key that no dict can hold") from error
        return key

    def _set(self, content: Any) -> set[Any]:
        items = self.decode(content)
        if type(items) is not list or len(items) > MAX_ITEMS:
            raise ProtocolError("a set whose content is no list, or too long")
        if sum(type(item) is int and abs(item) >= SMALL_HASH for item in items) > 1000:
            raise ProtocolError("a set of too many large integers")
        try:
            found = set(items)
        except TypeError as error:
            raise ProtocolError("a set of what cannot be in one") from error
        if len(found) != len(items):
            raise ProtocolError("a set with an item twice")
        return found

    def _frozenset(self, content: Any) -> frozenset[Any]:
        return frozenset(self._set(content))

    def _texts(self, content: Any) -> list[Any]:
        return decode_texts(self, content)

    def _numpy_array(self, content: Any) -> Any:
        return self._library(lambda: decode_ndarray(self, content), "array")

    def _numpy_scalar(self, content: Any) -> Any:
        found = self.decode(content)
        if getattr(found, "ndim", None) != 0 or (found.dtype.kind not in "Mm" and found.dtype.names is None):
            raise ProtocolError("a scalar that is none")
        return found[()]

    def _fields(self, content: Any) -> Any:
        return self._library(lambda: decode_fields(self, content), "array")

    def _masked(self, content: Any) -> Any:
        return self._library(lambda: decode_masked(self, content), "masked array")

    def _sparse(self, content: Any) -> Any:
        return self._library(lambda: decode_sparse(self, content), "sparse array")

    def _pandas(self, form: str, content: Any) -> Any:
        def decode() -> Any:
            import pandas  # an extra

            return PANDAS[form](self, content, pandas)

        return self._library(decode, form)

    def _polars(self, form: str, content: Any) -> Any:
        polars: Any = sys.modules.get("polars")
        if polars is None:
            if self._rebuild is None:
                return Other(form)  # nobody here uses it: an answer does not make the trusted side import a library
            polars = importlib.import_module("polars")  # an extra
        try:
            return self._library(lambda: POLARS[form](self, content, polars), form)
        except (polars.exceptions.PolarsError, polars.exceptions.PanicException) as error:
            raise ProtocolError(f"{form}: refused by its library ({type(error).__name__})") from error

    def _library(self, decode: Callable[[], Any], name: str) -> Any:
        """Return what a library makes of checked parts. What it refuses is refused. Where it is not installed, Other on
        the trusted side; elsewhere the ImportError says to the author of a test why it cannot be.
        """
        try:
            return decode()
        except ImportError:
            if self._rebuild is not None:
                raise
            return Other(name)
        except ProtocolError:
            raise
        except (ValueError, TypeError, IndexError, KeyError, OverflowError, ArithmeticError, AttributeError) as error:
            raise ProtocolError(f"{name}: refused by its library ({type(error).__name__})") from error

    def _record(self, content: Any) -> Any:
        if type(content) is not list or len(content) != 3 or type(content[0]) is not str:
            raise ProtocolError("a record that is not (class, fields, handle)")
        fields: dict[str, Any] = {}
        for pair in content[1] if type(content[1]) is list and len(content[1]) <= MAX_FIELDS else [None]:
            if type(pair) is not list or len(pair) != 2 or type(pair[0]) is not str or pair[0] in fields:
                raise ProtocolError("a record whose fields are no names and values")
            if len(pair[0]) > MAX_NAME:
                raise ProtocolError("a record with a name that is too long")
            fields[pair[0]] = self.decode(pair[1])
        held = parse_handle(content[2]) if type(content[2]) is dict else content[2]
        if held is not None and not isinstance(held, HandleRef):
            raise ProtocolError("a record whose handle is none")
        if self._rebuild is not None:
            return self._rebuild(content[0], fields, False)
        return NamedData(content[0][:MAX_NAME], fields, held)

    def _named(self, content: Any) -> Any:
        if type(content) is not list or len(content) != 3 or type(content[0]) is not str:
            raise ProtocolError("a named tuple that is not (class, names, values)")
        names, values = content[1], self._list(content[2])
        if type(names) is not list or not all(type(name) is str and len(name) <= MAX_NAME for name in names):
            raise ProtocolError("a named tuple whose names are none")
        if len(names) != len(values) or len(set(names)) != len(names) or len(names) > MAX_FIELDS:
            raise ProtocolError("a named tuple whose names are not as many as its values")
        if self._rebuild is not None:
            return self._rebuild(content[0], dict(zip(names, values, strict=True)), True)
        return Named.of(content[0][:MAX_NAME], names, values)

    def count_texts(self, count: int) -> None:
        """Raise ProtocolError if a message holds too many texts."""
        self._texts_left -= count
        if self._texts_left < 0:
            raise ProtocolError(f"more than {MAX_TEXTS} texts")

    def count_room(self, size: int) -> None:
        """Raise ProtocolError if arrays of a message take far more bytes than came: counted over all of them."""
        self._room_left -= size
        if self._room_left < 0:
            raise ProtocolError("arrays that are too large for one message")

    def array_at(self, index: Any) -> RawArray:
        """Return the array at this place, which may be named once. Raises ProtocolError."""
        return self._at(index)

    def _at(self, index: Any) -> RawArray:
        if type(index) is not int or not 0 <= index < len(self._arrays):
            raise ProtocolError("an index of no array")
        array, self._arrays[index] = self._arrays[index], None
        if array is None:
            raise ProtocolError("an array that is named twice")
        return array

    def _tensor(self, index: Any) -> Any:
        raw = self._at(index)
        try:
            return to_tensor(raw)
        except ImportError:  # this end has no torch, so it can do nothing with it
            return Other("tensor")

    def _ndarray(self, index: Any) -> Any:
        return to_ndarray(self._at(index))

    def _numbers(self, index: Any) -> list[Any]:
        array = self._at(index)
        if array.dtype not in ("int64", "float64") or len(array.shape) != 1:
            raise ProtocolError("numbers that are no list of int64 or float64")
        self._numbers_left -= array.shape[0]
        if self._numbers_left < 0:
            raise ProtocolError(f"lists of more than {MAX_NUMBERS} numbers")
        return list_of_numbers(array)

    def _float(self, content: Any) -> float:
        return parse_hex_float(content)

    def _complex(self, content: Any) -> complex:
        if type(content) is not list or len(content) != 2:
            raise ProtocolError("a complex number that is no pair")
        return complex(parse_hex_float(content[0]), parse_hex_float(content[1]))

    def _bytes(self, content: Any) -> bytes:
        try:
            return base64.b64decode(checked_text(content, "bytes"), validate=True)
        except (binascii.Error, ValueError) as error:
            raise ProtocolError("bytes that are not base64") from error

    def _other(self, content: Any) -> Other:
        return Other(checked_text(content, "other")[:MAX_NAME])


_FORMS: dict[str, Callable[[Decoder, Any], Any]] = {
    "float": Decoder._float,
    "list": Decoder._list,
    "tuple": Decoder._tuple,
    "dict": Decoder._dict,
    "tensor": Decoder._tensor,
    "ndarray": Decoder._ndarray,
    "numbers": Decoder._numbers,
    "bytes": Decoder._bytes,
    "complex": Decoder._complex,
    "other": Decoder._other,
    "mapping": Decoder._mapping,
    "set": Decoder._set,
    "frozenset": Decoder._frozenset,
    "texts": Decoder._texts,
    "array": Decoder._numpy_array,
    "scalar": Decoder._numpy_scalar,
    "fields": Decoder._fields,
    "masked": Decoder._masked,
    "sparse": Decoder._sparse,
    "record": Decoder._record,
    "named": Decoder._named,
}
