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
from typing import Any

from .arrays import list_of_numbers, raw_ndarray, raw_numbers, raw_tensor, tensor_kind, to_ndarray, to_tensor
from .protocol import MAX_BODY_BYTES, MAX_INTEGER, ProtocolError, RawArray

HANDLE_KINDS = ("module", "function", "class", "object", "optimizer", "loader", "generator")
MAX_NAME = 200  # characters of a type's name
MAX_ITEMS = 20_000  # of a container that travels item by item; more would not fit into a header
LONG_LIST = 32  # from this length on, lists of plain ints or floats travel as an array
MAX_LEVELS = 15  # of JSON that a value may take; the header itself takes one
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
        self._handle = handle
        self._strides = strides
        self._strict = strict

    def _other(self, name: str) -> dict[str, Any]:
        if self._strict:
            raise CannotBeSent(f"{name} cannot be sent to student code")
        return {"other": name}

    def encode(self, thing: Any, level: int = 0) -> Any:
        """The wire value of `thing`, which stands `level` levels of JSON deep."""
        kind = type(thing)
        if thing is None or kind is bool:
            return thing
        if kind is int:
            return thing if -MAX_INTEGER < thing < MAX_INTEGER else self._other("int beyond 64 bits")
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
            return self._array("ndarray", lambda: raw_ndarray(thing, strides=self._strides), lambda: type_name(kind))
        if numpy is not None and issubclass(kind, numpy.generic):
            return self._numpy_scalar(numpy.generic.item(thing), kind)
        value = self._handle(thing)
        return self._other(type_name(kind)) if value is None else value

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
            return {"dict": [[self._key(key), self.encode(value, level + levels)] for key, value in members]}
        if issubclass(kind, list):
            items, form = list(list.__iter__(thing)), "list"
            kinds = set(map(type, items)) if len(items) >= LONG_LIST else set()
            if kinds == {float} or (kinds == {int} and all(-MAX_INTEGER < item < MAX_INTEGER for item in items)):
                self._numbers += len(items)
                if self._numbers > MAX_NUMBERS:
                    return self._other(f"lists of more than {MAX_NUMBERS} numbers")
                return self._array("numbers", lambda: raw_numbers(items), lambda: "list")
        else:
            items, form = list(tuple.__iter__(thing)), "tuple"
        if len(items) > MAX_ITEMS:
            return self._other(f"{type_name(kind)} of more than {MAX_ITEMS} items")
        return {form: [self.encode(item, level + levels) for item in items]}

    def _key(self, key: Any) -> Any:
        """Dict keys are scalars; another object's place is taken by its type's name."""
        if type(key) in (str, int, float, bool, type(None)):
            return self.encode(key)
        return self._other(type_name(type(key)))

    def _numpy_scalar(self, plain: Any, kind: type) -> Any:
        return self.encode(plain) if type(plain) in (bool, int, float, complex, str) else self._other(type_name(kind))

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


class Decoder:
    """Turns wire values into objects. `handle` makes what a HandleRef stands for at this end.

    Each array may be named once: named four thousand times, one of a few megabytes would become gigabytes here.
    """

    def __init__(self, arrays: Sequence[RawArray], handle: Callable[[HandleRef], Any]) -> None:
        self._arrays: list[RawArray | None] = list(arrays)
        self._numbers_left = MAX_NUMBERS
        self._handle = handle

    def decode(self, value: Any) -> Any:
        """Raises ProtocolError unless `value` has exactly one of the documented forms."""
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
        if decode is None:
            raise ProtocolError(f"unknown form of value {form[:40]!r}")
        return decode(self, content)

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
            key = self.decode(pair[0])
            if type(key) not in (str, int, float, bool, type(None), Other):
                raise ProtocolError("a dict key that is no scalar")
            if key in members and type(key) is not Other:
                raise ProtocolError("a dict with a key twice")
            members[key] = self.decode(pair[1])
        return members

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
    """The name a type was made with, past any metaclass that would answer for it; capped."""
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
