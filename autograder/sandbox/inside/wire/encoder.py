"""How Python objects become the values inside a frame's header.

Encoding looks at exact types and calls base-class methods only, so an object cannot answer for itself: a tensor
subclass is sent as the plain data it holds, a dict subclass as the items it holds, and whatever is not data becomes a
handle (an object that stays where it is) or `{"other": name}`. torch and numpy are imported only where an array is met.
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable, Iterable
from typing import Any

from .arrays import raw_ndarray, raw_numbers, raw_tensor, tensor_kind
from .columns import MAX_TEXTS, CannotTravel, encode_masked, encode_ndarray, encode_texts
from .pandas_columns import encode_pandas
from .polars_columns import encode_polars
from .protocol import MAX_BODY_BYTES, MAX_INTEGER, ProtocolError, RawArray
from .records import MAX_FIELDS, Named, NamedData, fields_of, names_of
from .scalars import encode_scalar
from .sparse_arrays import encode_sparse
from .values import (
    KEYS,
    LONG_LIST,
    MAX_ITEMS,
    MAX_LEVELS,
    MAX_NAME,
    MAX_NUMBERS,
    CannotBeSent,
    HandleRef,
    Other,
    hex_float,
    type_name,
)


class Encoder:
    """Turns objects into wire values and collects the arrays they need.

    `handle` is asked about every object that is no plain data: it returns a wire value, or None
    for "cannot travel". strides: whether arrays keep their layout, as in requests. strict: raise CannotBeSent for what
    cannot travel, instead of sending its type's name.
    """

    def __init__(
        self, handle: Callable[[Any], dict[str, Any] | None], *, strides: bool = False, strict: bool = False
    ) -> None:
        self.arrays: list[RawArray] = []
        self._bytes = 0
        self._numbers = 0
        self._texts = 0
        self._room = 0
        self._handle = handle
        self._strides = strides
        self._strict = strict

    def _other(self, name: str) -> dict[str, Any]:
        if self._strict:
            raise CannotBeSent(f"{name} cannot be sent to student code")
        return {"other": name}

    def encode(self, thing: Any, level: int = 0) -> Any:
        """Return the wire value of `thing`, which stands `level` levels of JSON deep."""
        kind = type(thing)
        if thing is None or kind is bool:
            return thing
        if kind is int:
            if -MAX_INTEGER < thing < MAX_INTEGER:
                return thing
            return encode_scalar(thing, kind) or self._other("int of more than 16,000 bits")
        if kind is str:
            # unpaired surrogates are not text
            return thing if thing.isascii() else thing.encode("utf-8", "replace").decode()
        if kind is float:
            return {"float": hex_float(thing)}
        if kind is bytes:
            return {"bytes": base64.b64encode(thing).decode("ascii")}
        if kind is complex:
            return {"complex": [hex_float(thing.real), hex_float(thing.imag)]}
        if issubclass(kind, (list, tuple, dict)):
            return self._container(thing, level)
        torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
        if torch is not None and issubclass(kind, torch.Tensor):
            return self._array("tensor", lambda: raw_tensor(thing, strides=self._strides), lambda: tensor_kind(thing))
        try:
            if numpy is not None and issubclass(kind, numpy.ndarray):
                return self._ndarray(thing, kind, level)
            if numpy is not None and issubclass(kind, numpy.generic):
                return self._numpy_scalar(thing, kind, level)
            found = self._data(thing, kind, level)
        except CannotTravel as error:
            return self._other(str(error)[:MAX_NAME])
        if found is None:
            found = self._handle(thing)
        return self._other(type_name(kind)) if found is None else found

    def _ndarray(self, thing: Any, kind: type, level: int) -> Any:
        import numpy  # it is there: `thing` is of it

        masked = issubclass(kind, numpy.ma.MaskedArray)
        plain = numpy.ndarray.view(thing, numpy.ndarray).dtype
        if masked or plain.kind in "MmSUTO" or plain.names is not None:
            if level + 8 >= MAX_LEVELS:
                return self._other(f"{type_name(kind)} nested too deep")
            found = encode_masked(self, thing, level) if masked else encode_ndarray(self, thing, level)
            return self._other(f"array of dtype {str(thing.dtype)[:80]}") if found is None else found
        name = f"array of dtype {str(plain)[:80]}"
        if plain.itemsize * numpy.ndarray.view(thing, numpy.ndarray).size > MAX_BODY_BYTES:
            name = f"array of more than {MAX_BODY_BYTES} bytes"
        return self._array("ndarray", lambda: raw_ndarray(thing, strides=self._strides), lambda: name)

    def _data(self, thing: Any, kind: type, level: int) -> dict[str, Any] | None:
        """Encode data of other libraries and of the notebook's own classes; None if it is none. Raises
        CannotTravel.
        """
        if (scalar := encode_scalar(thing, kind)) is not None:
            return scalar
        if kind is set or kind is frozenset:
            return {"set" if kind is set else "frozenset": self.encode(list(thing), level + 1)}
        if level + 9 >= MAX_LEVELS:
            return None
        pandas, scipy = sys.modules.get("pandas"), sys.modules.get("scipy.sparse")
        if kind is HandleRef or kind is Other:
            return None
        if pandas is not None and (found := encode_pandas(self, thing, pandas, level)) is not None:
            return found
        polars = sys.modules.get("polars")
        if polars is not None and (found := encode_polars(self, thing, polars, level)) is not None:
            return found
        if scipy is not None and issubclass(kind, (scipy.sparray, scipy.spmatrix)):
            return encode_sparse(self, thing, level)
        return self._record(thing, kind, level)

    def _record(self, thing: Any, kind: type, level: int) -> dict[str, Any] | None:
        if kind is NamedData:
            return {"record": [thing.class_name, self._fields(thing.fields, level), None]}
        if issubclass(kind, type) or (fields := fields_of(thing)) is None:
            return None
        held = None if self._strict else self._handle(thing)
        return {"record": [type_name(kind), self._fields(fields, level), held]}

    def _fields(self, fields: Any, level: int) -> list[Any]:
        return [[name, self.encode(value, level + 4)] for name, value in fields.items()]

    def add_array(self, raw: RawArray) -> int:
        """Return the place of one more array. Raises ProtocolError if there are too many bytes."""
        place: int = self._array("at", lambda: raw, lambda: "")["at"]
        return place

    def count_texts(self, count: int) -> None:
        """Raise CannotTravel if a message would hold too many texts."""
        self._texts += count
        if self._texts > MAX_TEXTS:
            raise CannotTravel(f"more than {MAX_TEXTS} texts")

    def count_room(self, size: int) -> None:
        """Raise CannotTravel if a message would take too many bytes at the other end, beyond those that it has."""
        self._room += size
        if self._room > MAX_BODY_BYTES:
            raise CannotTravel(f"arrays of more than {MAX_BODY_BYTES} bytes")

    def encode_list(self, things: Iterable[Any]) -> dict[str, Any]:
        return {"list": [self.encode(thing, 3) for thing in things]}

    def encode_dict(self, things: dict[str, Any]) -> dict[str, Any]:
        return {"dict": [[key, self.encode(thing, 4)] for key, thing in things.items()]}

    def _container(self, thing: Any, level: int) -> Any:
        kind = type(thing)
        levels = 3 if issubclass(kind, dict) else 2  # {"dict": [[key, value]]}, {"list": [value]}
        if level + levels >= MAX_LEVELS:
            return self._other(f"{type_name(kind)} nested too deep")
        if issubclass(kind, dict):
            members = list(dict.items(thing))
            if len(members) > MAX_ITEMS:
                return self._other(f"{type_name(kind)} of more than {MAX_ITEMS} items")
            keys = [key for key, _ in members]
            if len(keys) >= LONG_LIST and set(map(type, keys)) == {str} and self._texts + len(keys) <= MAX_TEXTS:
                return {"mapping": [encode_texts(self, keys), self.encode([value for _, value in members], level + 2)]}
            return {"dict": [[self._key(key), self.encode(value, level + levels)] for key, value in members]}
        if issubclass(kind, list):
            items, form = list(list.__iter__(thing)), "list"
            kinds = set(map(type, items)) if len(items) >= LONG_LIST else set()
            if kinds == {float} or (kinds == {int} and all(-MAX_INTEGER < item < MAX_INTEGER for item in items)):
                self._numbers += len(items)
                if self._numbers > MAX_NUMBERS:
                    return self._other(f"lists of more than {MAX_NUMBERS} numbers")
                return self._array("numbers", lambda: raw_numbers(items), lambda: "list")
            if kinds == {str} and self._texts + len(items) <= MAX_TEXTS:
                return encode_texts(self, items)
        else:
            items, form = list(tuple.__iter__(thing)), "tuple"
            if (names := names_of(thing)) is not None and len(names) <= MAX_FIELDS:
                values = [self.encode(item, level + 3) for item in items]
                return {"named": [thing.class_name if kind is Named else type_name(kind), list(names), values]}
        if len(items) > MAX_ITEMS:
            return self._other(f"{type_name(kind)} of more than {MAX_ITEMS} items")
        return {form: [self.encode(item, level + levels) for item in items]}

    def _key(self, key: Any) -> Any:
        """Encode a dict's key: a scalar, or the name of its type in any other object's place."""
        if type(key) in KEYS or (type(key) is tuple and all(type(part) in KEYS for part in key)):
            return self.encode(key)
        numpy = sys.modules.get("numpy")
        if numpy is not None and issubclass(type(key), numpy.generic) and type(numpy.generic.item(key)) in KEYS:
            return self.encode(numpy.generic.item(key))
        return self._other(type_name(type(key)))

    def _numpy_scalar(self, thing: Any, kind: type, level: int) -> Any:
        import numpy  # it is there: `thing` is of it

        if issubclass(kind, (numpy.datetime64, numpy.timedelta64)) or thing.dtype.names is not None:
            found = encode_ndarray(self, numpy.asarray(thing), level + 1)
            return self._other(type_name(kind)) if found is None else {"scalar": found}
        plain = numpy.generic.item(thing)
        if type(plain) in (bool, int, float, complex, str, bytes):
            return self.encode(plain)
        return self._other(type_name(kind))

    def _array(self, form: str, make: Callable[[], RawArray | None], name: Callable[[], str]) -> dict[str, Any]:
        array = make()
        if array is None:
            return self._other(name())
        self._bytes += len(array.data)
        if self._bytes > MAX_BODY_BYTES:
            raise ProtocolError(f"arrays of more than {MAX_BODY_BYTES} bytes in one message")
        self.arrays.append(array)
        return {form: len(self.arrays) - 1}
