"""Did the tests of a question leave anything behind in the student's process? Then the next question gets a fresh fork.

Theory of operation
-------------------
When the cells have run, `Snapshot` walks from the notebook's names to every object that code could change: lists and
dicts, functions with their defaults and closures, classes, instances, arrays. Of each it keeps what it holds, by
identity (and keeps it alive, so that no identity is used twice); of numbers in arrays a checksum. `unchanged` compares
all of that once more. What cannot be looked into (a generator half way through, an open file, a socket, a thread) makes
the answer no, and so does a notebook with so much data that looking would take longer than a fork.

Libraries' settings are compared too, and files on the private tmpfs are put back to what they were before each fork.

This is what a process says of itself, and student code can make it say anything. It serves fairness among a notebook's
own questions, and nothing else rests on it.
"""

from __future__ import annotations

import array
import collections
import datetime
import decimal
import fractions
import functools
import operator
import os
import pathlib
import random
import re
import sys
import threading
import types
import zlib
from collections.abc import Callable, Iterable
from typing import Any

from . import readings

MOST_OBJECTS = 20_000
MOST_BYTES = 4 << 20  # of arrays: a checksum of them takes some milliseconds
_IMMUTABLE = (
    *(bool, int, float, complex, str, bytes, range, slice, type(None), type(NotImplemented), type(...)),
    *(
        re.Pattern,
        datetime.date,
        datetime.time,
        datetime.timedelta,
        datetime.tzinfo,
        decimal.Decimal,
        fractions.Fraction,
    ),
    *(
        pathlib.PurePath,
        types.CodeType,
        types.BuiltinFunctionType,
        types.MethodWrapperType,
        types.WrapperDescriptorType,
    ),
    *(types.MethodDescriptorType, types.GetSetDescriptorType, types.MemberDescriptorType, types.GenericAlias),
    *(types.UnionType, types.ClassMethodDescriptorType, operator.itemgetter, operator.attrgetter),
    collections._tuplegetter,  # type: ignore[attr-defined]  # a field of a named tuple
)
_IGNORED = ("__slotnames__", "__weakref__", "__dict__", "__doc__", "_abc_impl", "__warningregistry__")


class CannotJudge(Exception):
    """Something in the notebook cannot be looked into."""


class Snapshot:
    """Hold what the notebook's names reach, as it is when this is made. `reason` says why nothing can be said, if
    so."""

    def __init__(self, namespace: dict[str, Any], ignored: Iterable[str] = ()) -> None:
        self.reason = ""
        self._own_modules = {"__main__", namespace.get("__name__", "__main__")}
        self._seen: dict[int, Any] = {}
        self._reads: list[tuple[Callable[[Any], Any], Any, Any]] = []  # how to read, of what, what was read
        self._bytes = 0
        self._skip = {*ignored, "__builtins__"}
        try:
            self._note(lambda names: [v for k, v in names.items() if k not in self._skip], namespace)
            self._note(lambda names: [k for k in names if k not in self._skip], namespace)
            waiting = [value for name, value in namespace.items() if name not in self._skip]
            while waiting:
                waiting += self._look(waiting.pop())
        except CannotJudge as cannot:
            self.reason = str(cannot)
        except Exception as error:  # noqa: BLE001 - an object of a student's may raise anything
            self.reason = type(error).__name__

    def unchanged(self) -> bool:
        """Return whether everything is as it was; False, too, where that cannot be said."""
        if self.reason or len(os.listdir("/proc/self/task")) > 1:
            return False
        try:
            return all(_same(read(thing), before) for read, thing, before in self._reads)
        except Exception:  # noqa: BLE001 - see above
            return False

    def _note(self, read: Callable[[Any], Any], thing: Any) -> Any:
        found = read(thing)
        self._reads.append((read, thing, found))
        return found

    def _look(self, thing: Any) -> list[Any]:
        """Note what one object holds; return what of it is still to be looked at."""
        kind = type(thing)
        if isinstance(thing, _IMMUTABLE) or id(thing) in self._seen:
            return []
        self._seen[id(thing)] = thing
        if len(self._seen) > MOST_OBJECTS:
            raise CannotJudge("it has too many objects")
        if kind in (tuple, frozenset):
            return list(thing)
        if isinstance(thing, types.ModuleType):
            return self._module(thing)
        if isinstance(thing, types.FunctionType):
            return self._function(thing)
        if isinstance(thing, type):
            return self._class(thing)
        if kind.__module__.partition(".")[0] in ("torch", "numpy") and (looked := self._of_library(thing)) is not None:
            return looked
        if kind is types.MethodType:
            return [thing.__func__, thing.__self__]
        if isinstance(thing, (staticmethod, classmethod)):
            return [thing.__func__]
        if isinstance(thing, property):
            return [thing.fget, thing.fset, thing.fdel]
        if kind is functools.partial:
            return [thing.func, thing.args, thing.keywords]
        if kind.__name__ == "_lru_cache_wrapper":
            self._note(lambda one: tuple(one.cache_info()), thing)
            return [thing.__wrapped__]
        return self._instance(thing)

    def _module(self, module: types.ModuleType) -> list[Any]:
        """Read of a library which objects its names stand for; of a student's own file everything."""
        file = str(getattr(module, "__file__", None) or "")
        own = file.startswith((os.getcwd(), os.environ.get("HOME", "\0"))) and not file.startswith(sys.base_prefix)
        own = own and "-packages/" not in file
        names = [name for name, value in vars(module).items() if not isinstance(value, types.ModuleType)]
        names = [name for name in names if name not in _IGNORED]
        self._note(lambda one: list(map(vars(one).get, names)), module)  # others may be added: modules load lazily
        if not own:
            return []
        self._own_modules.add(module.__name__)
        return [vars(module)[name] for name in names if not name.startswith("__")]

    def _function(self, function: types.FunctionType) -> list[Any]:
        if function.__module__ not in self._own_modules and not (function.__closure__ or function.__dict__):
            return []
        held = self._note(readings.read_function, function)
        return [value for value in held if value is not readings.EMPTY and value is not function.__code__]

    def _class(self, kind: type) -> list[Any]:
        if kind.__module__ not in self._own_modules:
            return []
        self._note(lambda one: [k for k in vars(one) if k not in _IGNORED], kind)
        return list(self._note(lambda one: [v for k, v in vars(one).items() if k not in _IGNORED], kind))

    def _of_library(self, thing: Any) -> list[Any] | None:
        """Return arrays, generators of random numbers and the like; None for what is an ordinary object."""
        torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
        if torch is not None and isinstance(thing, torch.Tensor):
            return self._tensor(thing)
        if torch is not None and isinstance(thing, torch.Generator):
            self._note(lambda one: zlib.crc32(one.get_state().numpy()), thing)
            return []
        if torch is not None and isinstance(thing, (torch.dtype, torch.device, torch.Size, torch.memory_format)):
            return []
        if numpy is None:
            return None
        if isinstance(thing, numpy.ndarray):
            return self._array(thing)
        if isinstance(thing, (numpy.dtype, numpy.generic, numpy.ufunc)):
            return []
        if isinstance(thing, numpy.random.Generator):
            self._note(lambda one: repr(one.bit_generator.state), thing)
            return []
        if isinstance(thing, numpy.random.RandomState):
            self._note(lambda one: repr(one.get_state(legacy=False)), thing)
            return []
        return None

    def _tensor(self, tensor: Any) -> list[Any]:
        self._weigh(
            tensor.untyped_storage().nbytes() if tensor.layout is sys.modules["torch"].strided else MOST_BYTES + 1
        )
        self._note(readings.read_tensor, tensor)
        self._note(readings.held_by_tensor, tensor)
        return [held for held in (tensor.grad if tensor.is_leaf else None, *vars(tensor).values()) if held is not None]

    def _array(self, values: Any) -> list[Any]:
        if values.dtype.hasobject:
            raise CannotJudge("an array of objects")
        self._weigh(values.nbytes)
        self._note(readings.read_array, values)
        return []

    def _weigh(self, size: int) -> None:
        self._bytes += size
        if self._bytes > MOST_BYTES:
            raise CannotJudge("it has too much data")

    def _instance(self, thing: Any) -> list[Any]:
        """Return an object of a class of somebody's: its attributes, and what it holds as a container."""
        found: list[Any] = [type(thing)]
        known = False
        for kinds, read in readings.CONTAINERS:
            if isinstance(thing, kinds):
                found += self._note(read, thing)
                known = True
                break
        if isinstance(thing, random.Random):
            self._note(lambda one: one.getstate(), thing)
        if isinstance(thing, (bytearray, array.array)):
            self._note(lambda one: zlib.crc32(one), thing)
            known = True
        try:
            attributes = object.__getattribute__(thing, "__dict__")
        except AttributeError:
            attributes = None
        if isinstance(attributes, dict):
            found += self._note(readings.read_keys_and_values, attributes)
            known = True
        slots = [
            name
            for kind in type(thing).__mro__
            for name in readings.names_of_slots(kind)
            if name not in ("__dict__", "__weakref__")
        ]
        if slots:
            found += self._note(lambda one: [readings.slot(one, name) for name in slots], thing)
            known = True
        if isinstance(thing, (threading.Thread, types.GeneratorType, types.CoroutineType)) or hasattr(
            type(thing), "fileno"
        ):
            raise CannotJudge(f"of type {type(thing).__name__}")
        if (
            not known and type(thing) is not object and not hasattr(type(thing), "__members__")
        ):  # pybind11's enumerations
            raise CannotJudge(f"of type {type(thing).__name__}")
        return [one for one in found if one is not readings.EMPTY]


def _same(now: Any, before: Any) -> bool:
    """Return whether two readings are the same: lists hold the same objects, tuples equal values."""
    if type(before) is list:
        return len(now) == len(before) and all(map(operator.is_, now, before))
    return bool(now == before)
