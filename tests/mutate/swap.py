"""A mutant takes its module's place in this process: every function gets the code that the mutated source gives it.

Other modules hold the functions themselves (`from … import score`), so the functions stay and their code is exchanged.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Iterator
from typing import Any


def swap(module: types.ModuleType, source: str) -> int:
    """Give the module's functions the code of `source`; returns how many were changed.

    Raises ValueError where a function cannot take its new code, and whatever the source raises when it is executed.
    """
    namespace: dict[str, Any] = {**_surroundings(module)}
    mutated = types.ModuleType(module.__name__)
    mutated.__dict__.update(namespace)
    exec(compile(source, str(module.__file__), "exec"), mutated.__dict__)  # noqa: S102 - the engine's own code
    old, new = dict(_functions(module)), dict(_functions(mutated))
    changed = 0
    for name, function in new.items():
        if (before := old.get(name)) is not None and _differs(before, function):
            before.__code__ = function.__code__
            before.__defaults__, before.__kwdefaults__ = function.__defaults__, function.__kwdefaults__
            changed += 1
    return changed


def _surroundings(module: types.ModuleType) -> dict[str, Any]:
    names = ("__name__", "__package__", "__file__", "__spec__", "__loader__", "__builtins__")
    return {name: getattr(module, name) for name in names if hasattr(module, name)}


def _differs(left: types.FunctionType, right: types.FunctionType) -> bool:
    """Whether two functions do not do the same; where their lines stand does not matter."""
    defaults = [(f.__defaults__, f.__kwdefaults__) for f in (left, right)]
    return _essence(left.__code__) != _essence(right.__code__) or repr(defaults[0]) != repr(defaults[1])


def _essence(code: types.CodeType) -> tuple[Any, ...]:
    constants = tuple(_essence(c) if isinstance(c, types.CodeType) else (type(c), repr(c)) for c in code.co_consts)
    return code.co_code, constants, code.co_names, code.co_varnames


def _functions(module: types.ModuleType) -> Iterator[tuple[str, types.FunctionType]]:
    """Functions and methods that the module defines, each with a name of its own."""
    for name, thing in vars(module).items():
        if isinstance(thing, type) and thing.__module__ == module.__name__:
            for attribute, member in vars(thing).items():
                for kind, function in _inside(member):
                    yield f"{name}.{attribute}{kind}", function
        else:
            for kind, function in _inside(thing):
                if function.__module__ == module.__name__:
                    yield f"{name}{kind}", function


def _inside(thing: Any) -> Iterator[tuple[str, types.FunctionType]]:
    """The functions behind a property, a class method, a cache or another wrapper."""
    if isinstance(thing, property):
        for kind in ("fget", "fset", "fdel"):
            if isinstance(function := getattr(thing, kind), types.FunctionType):
                yield f" {kind}", function
    elif isinstance(thing, (staticmethod, classmethod)):
        yield from _inside(thing.__func__)
    elif isinstance(thing, functools.cached_property):
        yield from _inside(thing.func)
    elif hasattr(thing, "__wrapped__"):
        yield from _inside(thing.__wrapped__)
    elif isinstance(thing, types.FunctionType):
        yield "", thing
