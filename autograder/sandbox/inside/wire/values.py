"""The values inside a frame's header, and how they become Python objects and back.

Both ends use this file. Encoding looks at exact types and calls base-class methods only, so an
object cannot answer for itself: a tensor subclass is sent as the plain data it holds, a dict
subclass as the items it holds, and whatever is not data becomes a handle (an object that stays
where it is) or `{"other": name}`. Decoding is strict: a value of any other form raises
`ProtocolError`. torch and numpy are imported only where an array is met.
"""

from __future__ import annotations

import base64
import binascii
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from .arrays import list_of_numbers, raw_ndarray, raw_numbers, raw_tensor, tensor_kind, to_ndarray, to_tensor
from .columns import (
    MAX_TEXTS,
    PANDAS,
    CannotTravel,
    decode_ndarray,
    decode_sparse,
    decode_texts,
    encode_ndarray,
    encode_pandas,
    encode_sparse,
    encode_texts,
)
from .protocol import MAX_BODY_BYTES, MAX_INTEGER, ProtocolError, RawArray
from .records import MAX_FIELDS, Named, NamedData, fields_of, names_of
from .scalars import SCALARS, encode_scalar

HANDLE_KINDS = ("module", "function", "class", "object", "optimizer", "loader", "generator")
MAX_NAME = 200  # characters of a type's name
MAX_ITEMS = 20_000  # of a container that travels item by item; more would not fit into a header
LONG_LIST = 32  # from this length on, lists of plain ints or floats travel as an array
MAX_LEVELS = 31  # of JSON that a value may take; the header itself takes one
MAX_NUMBERS = 1 << 20  # of all lists of numbers in one message: as Python objects they take five times their bytes


@dataclass(frozen=True)
class HandleRef:
    """An object that stays in the student process."""

    number: int
    kind: str
    class_name: str


@dataclass(frozen=True)
class Other:
    """A value that cannot travel; all that is known is its type's name."""

    type_name: str


class CannotBeSent(TypeError):
    """A value that cannot travel was to be sent to student code."""


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
            return {"float": _hex(thing)}
        if kind is bytes:
            return {"bytes": base64.b64encode(thing).decode("ascii")}
        if kind is complex:
            return {"complex": [_hex(thing.real), _hex(thing.imag)]}
        if issubclass(kind, (list, tuple, dict)):
            return self._container(thing, level)
        torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
        if torch is not None and issubclass(kind, torch.Tensor):
            return self._array("tensor", lambda: raw_tensor(thing, strides=self._strides), lambda: tensor_kind(thing))
        if numpy is not None and issubclass(kind, numpy.ndarray):
            return self._ndarray(thing, kind, level)
        if numpy is not None and issubclass(kind, numpy.generic):
            return self._numpy_scalar(thing, kind, level)
        try:
            found = self._data(thing, kind, level)
        except CannotTravel as error:
            return self._other(str(error)[:MAX_NAME])
        if found is None:
            found = self._handle(thing)
        return self._other(type_name(kind)) if found is None else found

    def _ndarray(self, thing: Any, kind: type, level: int) -> Any:
        import numpy  # it is there: `thing` is of it

        if issubclass(kind, numpy.ma.MaskedArray):
            return self._other("MaskedArray")  # what its mask hides is no data
        if numpy.ndarray.view(thing, numpy.ndarray).dtype.kind in "MmSUTO":
            if level + 6 >= MAX_LEVELS:
                return self._other(f"{type_name(kind)} nested too deep")
            found = encode_ndarray(self, thing, level)
            return self._other(f"array of dtype {str(thing.dtype)[:80]}") if found is None else found
        return self._array("ndarray", lambda: raw_ndarray(thing, strides=self._strides), lambda: type_name(kind))

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
        if type(key) in _KEYS or (type(key) is tuple and all(type(part) in _KEYS for part in key)):
            return self.encode(key)
        numpy = sys.modules.get("numpy")
        if numpy is not None and issubclass(type(key), numpy.generic) and type(numpy.generic.item(key)) in _KEYS:
            return self.encode(numpy.generic.item(key))
        return self._other(type_name(type(key)))

    def _numpy_scalar(self, thing: Any, kind: type, level: int) -> Any:
        import numpy  # it is there: `thing` is of it

        if issubclass(kind, (numpy.datetime64, numpy.timedelta64)):
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


_SCALARS = {type(None), bool, int, str}  # what is itself on the wire
_KEYS = {type(None), bool, int, float, str, date, datetime, Decimal}  # of dicts, alone or in a tuple
_SMALL_HASH = 2**61 - 1  # from here on different ints may have one hash


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
        """rebuild: makes an instance of a class that this end knows by its name, from its fields; for a named tuple
        where the last argument says so."""
        self._arrays: list[RawArray | None] = list(arrays)
        self._numbers_left = MAX_NUMBERS
        self._texts_left = MAX_TEXTS
        self._handle = handle
        self._rebuild = rebuild

    def decode(self, value: Any) -> Any:
        """Raise ProtocolError unless `value` has exactly one of the documented forms."""
        if type(value) in _SCALARS:
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
        raise ProtocolError(f"unknown form of value {form[:40]!r}")

    def _list(self, content: Any) -> list[Any]:
        if type(content) is not list:
            raise ProtocolError("a list or tuple whose content is no list")
        return [item if type(item) in _SCALARS else self.decode(item) for item in content]

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
        if not all(type(part) in _KEYS or type(part) is Other for part in parts):
            pandas = sys.modules.get("pandas")
            if pandas is None or not all(
                type(part) in _KEYS or isinstance(part, (pandas.Timestamp, pandas.Timedelta)) for part in parts
            ):
                raise ProtocolError("a dict key that is no scalar")
        return key

    def _set(self, content: Any) -> set[Any]:
        items = self.decode(content)
        if type(items) is not list or len(items) > MAX_ITEMS:
            raise ProtocolError("a set whose content is no list, or too long")
        if sum(type(item) is int and abs(item) >= _SMALL_HASH for item in items) > 1000:
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
        if getattr(found, "ndim", None) != 0 or found.dtype.kind not in "Mm":
            raise ProtocolError("a scalar that is none")
        return found[()]

    def _sparse(self, content: Any) -> Any:
        return self._library(lambda: decode_sparse(self, content), "sparse array")

    def _pandas(self, form: str, content: Any) -> Any:
        def decode() -> Any:
            import pandas  # an extra

            return PANDAS[form](self, content, pandas)

        return self._library(decode, form)

    def _library(self, decode: Callable[[], Any], name: str) -> Any:
        """Return what a library makes of checked parts, Other where it is not installed here. What it refuses is
        refused.
        """
        try:
            return decode()
        except ImportError:
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
            fields[pair[0][:MAX_NAME]] = self.decode(pair[1])
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
        return _parse_hex(content)

    def _complex(self, content: Any) -> complex:
        if type(content) is not list or len(content) != 2:
            raise ProtocolError("a complex number that is no pair")
        return complex(_parse_hex(content[0]), _parse_hex(content[1]))

    def _bytes(self, content: Any) -> bytes:
        try:
            return base64.b64decode(_text(content, "bytes"), validate=True)
        except (binascii.Error, ValueError) as error:
            raise ProtocolError("bytes that are not base64") from error

    def _other(self, content: Any) -> Other:
        return Other(_text(content, "other")[:MAX_NAME])


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
    "sparse": Decoder._sparse,
    "record": Decoder._record,
    "named": Decoder._named,
}


def parse_handle(value: dict[str, Any]) -> HandleRef:
    if value.keys() != {"handle", "kind", "class"}:
        raise ProtocolError("a handle with missing or extra keys")
    number, kind, name = value["handle"], value["kind"], value["class"]
    if type(number) is not int or number < 0 or kind not in HANDLE_KINDS or type(name) is not str:
        raise ProtocolError("a handle with odd content")
    return HandleRef(number, kind, name[:MAX_NAME])


def encode_handle(reference: HandleRef) -> dict[str, Any]:
    return {"handle": reference.number, "kind": reference.kind, "class": reference.class_name}


def type_name(kind: type) -> str:
    """Return the name a type was made with, past any metaclass that would answer for it; capped."""
    name = type.__dict__["__name__"].__get__(kind)
    return name[:MAX_NAME].encode("utf-8", "replace").decode() if type(name) is str else "object"


def _hex(number: float) -> str:
    return float.hex(number) if abs(number) < float("inf") else str(number)  # "nan", "inf", "-inf"


def _parse_hex(content: Any) -> float:
    text = _text(content, "float")
    if text in ("nan", "inf", "-inf"):
        return float(text)
    if not text.lstrip("-").startswith("0x"):
        raise ProtocolError("a float that is not in hexadecimal form")
    try:
        return float.fromhex(text)
    except (ValueError, OverflowError) as error:
        raise ProtocolError("a float that is not in hexadecimal form") from error


def _text(content: Any, form: str) -> str:
    if type(content) is not str:
        raise ProtocolError(f"{form} whose content is no string")
    return content
