"""How to read what one object holds: as a list, to be compared by identity, or as a tuple, to be compared by value."""

from __future__ import annotations

import collections
import sys
import types
import zlib
from collections.abc import Callable
from typing import Any

EMPTY = object()  # an attribute or a variable of a closure that has no value


def read_keys_and_values(thing: Any) -> list[Any]:
    return [*dict.keys(thing), *dict.values(thing)]


CONTAINERS: tuple[tuple[tuple[type, ...], Callable[[Any], list[Any]]], ...] = (
    ((dict,), read_keys_and_values),
    ((list,), lambda thing: list(list.__iter__(thing))),
    ((tuple,), lambda thing: list(tuple.__iter__(thing))),
    ((set,), lambda thing: list(set.__iter__(thing))),
    ((frozenset,), lambda thing: list(frozenset.__iter__(thing))),
    ((collections.deque,), lambda thing: list(collections.deque.__iter__(thing))),
)


def read_function(function: types.FunctionType) -> list[Any]:
    held: list[Any] = [function.__code__, *(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
    for cell in function.__closure__ or ():
        try:
            held.append(cell.cell_contents)
        except ValueError:
            held.append(EMPTY)
    return [*held, *function.__dict__.keys(), *function.__dict__.values()]


def read_tensor(tensor: Any) -> tuple[Any, ...]:
    plain = tensor.detach()
    form = (plain.data_ptr(), tuple(plain.shape), plain.stride(), plain.dtype, tensor.requires_grad)
    if plain.device.type != "cpu" or not plain.numel():
        return form
    torch: Any = sys.modules["torch"]
    return (*form, zlib.crc32(plain.contiguous().reshape(-1).view(torch.uint8).numpy()))


def held_by_tensor(tensor: Any) -> list[Any]:
    return [tensor.grad if tensor.is_leaf else None, *vars(tensor).values()]


def read_array(values: Any) -> tuple[Any, ...]:
    numpy: Any = sys.modules["numpy"]
    checksum = zlib.crc32(numpy.ascontiguousarray(values).reshape(-1).view(numpy.uint8)) if values.size else 0
    return values.shape, values.strides, values.dtype.str, checksum


def names_of_slots(kind: type) -> tuple[str, ...]:
    slots = vars(kind).get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


def slot(thing: Any, name: str) -> Any:
    try:
        return object.__getattribute__(thing, name)
    except AttributeError:
        return EMPTY
