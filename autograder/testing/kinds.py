"""What an answer is, in words that cannot carry anything a student's code chose, and the refusal of a wrong one."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy

from autograder.sandbox.inside.wire.records import Named
from autograder.testing.same import is_polars, is_sparse
from autograder.testing.tensors import is_tensor

SHOWN = 8  # names in one message
_OPAQUE = {
    "meta tensor": "a tensor on the device `meta`, which holds no numbers",
    "nested tensor": "a nested tensor",
    "sparse tensor": "a sparse tensor (`.to_dense()` makes it an ordinary one)",
    "quantized tensor": "a quantised tensor (`.dequantize()` makes it an ordinary one)",
}


class Mismatch(AssertionError):
    """The answer is not the expected one. `str()` gives the public text only."""

    def __init__(self, public: str, private: str = "") -> None:
        super().__init__(public)
        self.public = public
        self.private = private


class CannotCompare(TypeError):
    """The expected value is of a kind that `close` does not know: a mistake in the test."""


class NotData:
    """Base of what stands for something that is not plain data. `in_words`: what it is, for a student."""

    def in_words(self) -> str:
        raise NotImplementedError

    def _refuse(self, *_: Any) -> NoReturn:
        raise Mismatch(
            f"The answer should be plain data, such as a number or a tensor, but is {kind_of(self)}.", repr(self)
        )

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _refuse
    __float__ = __int__ = __len__ = __iter__ = __contains__ = __getitem__ = __abs__ = _refuse
    __hash__ = object.__hash__


class Opaque(NotData):
    """A value that could not travel."""

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name

    def in_words(self) -> str:
        return _OPAQUE.get(self.type_name, "an object that is no plain data")

    def __repr__(self) -> str:
        return f"<a value of type {self.type_name!r} that cannot be sent>"


def kind_of(value: Any) -> str:
    """Return what a value is, in words that cannot carry anything a student's code chose."""
    if isinstance(value, NotData):
        return value.in_words()
    if value is None:
        return "None (is a `return` missing?)"
    if is_tensor(value):
        return "a tensor"
    names = {
        numpy.ndarray: "a NumPy array", int: "a whole number", complex: "a complex number", str: "a text",
        bytes: "a bytes object",
    }  # fmt: skip
    if isinstance(value, Named):
        return "a named tuple"
    if is_sparse(value):
        return "a sparse array"
    if is_polars(value):
        return f"a {type(value).__name__} of polars"
    name = type(value).__name__
    return names.get(type(value), f"{'an' if name[:1] in 'AEIOU' else 'a'} {name}")


def where(place: str) -> str:
    return f"The answer's part `{place}`" if place else "The answer"


def column_at(name: Any, place: str) -> str:
    """Return what a column of an expected frame is called where a sentence begins."""
    return f"Column {name!r:.80} of the answer's part `{place}`" if place else f"Column {name!r:.80}"


def check_columns(answer: str, ours: list[Any], theirs: list[Any]) -> None:
    """Raise Mismatch unless a frame has the columns that are expected, in their order. ours: those expected."""
    if theirs == ours:
        return
    missing = [name for name in ours if name not in theirs]
    extra = len([name for name in theirs if name not in ours])
    if missing:
        public = f"{answer} has no column {', '.join(f'{name!r:.80}' for name in missing[:SHOWN])}."
    elif extra:
        public = f"{answer} has {extra} columns more than expected: {', '.join(map(repr, ours[:SHOWN]))}."
    elif len(theirs) != len(ours):
        public = f"{answer} has a column more than once."
    else:
        public = f"{answer} should have its columns in this order: {', '.join(map(repr, ours[:SHOWN]))}."
    raise Mismatch(public, f"got the columns {theirs!r:.300}, expected {ours!r:.300}")
