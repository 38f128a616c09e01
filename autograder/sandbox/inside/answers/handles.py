"""The objects of a student process that the trusted side holds by number."""

from __future__ import annotations

import sys
import types
from typing import Any

from ..wire.values import HandleRef, encode_handle, type_name
from .errors import RequestError

MAX_HANDLES = 4096


class HandleTable:
    """Numbers objects. The same object has the same number for as long as it is not dropped."""

    def __init__(self) -> None:
        self._objects: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}  # id -> number; safe because the object is kept alive
        self._next = 0

    def add(self, thing: Any) -> dict[str, Any]:
        """Return the wire value that stands for `thing`."""
        number = self._numbers.get(id(thing))
        if number is None:
            if len(self._objects) >= MAX_HANDLES:
                raise RequestError("MemoryError", f"more than {MAX_HANDLES} objects are held at once")
            number, self._next = self._next, self._next + 1
            self._objects[number] = thing
            self._numbers[id(thing)] = number
        return encode_handle(HandleRef(number, kind_of(thing), type_name(type(thing))))

    def get(self, number: int) -> Any:
        try:
            return self._objects[number]
        except KeyError:
            raise RequestError("LookupError", f"there is no object {number} in this process") from None

    def drop(self, number: int) -> None:
        if number in self._objects:
            del self._numbers[id(self._objects.pop(number))]


def kind_of(thing: Any) -> str:
    """Return one of `values.HANDLE_KINDS`. Looks at the real type: `__class__` can lie."""
    kind = type(thing)
    if issubclass(kind, type):
        return "class"
    if kind in (types.FunctionType, types.BuiltinFunctionType, types.MethodType):
        return "function"
    torch = sys.modules.get("torch")
    if torch is not None:
        if issubclass(kind, torch.nn.Module):
            return "module"
        if issubclass(kind, torch.optim.Optimizer):
            return "optimizer"
        if issubclass(kind, torch.utils.data.DataLoader):
            return "loader"
        if kind is torch.Generator:
            return "generator"
    return "object"
