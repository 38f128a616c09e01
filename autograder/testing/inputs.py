"""Which inputs does each question meet? What the hidden tests' `INPUTS` says, held against what the tests really send.

A mistake hides where no input shows it: a `squeeze` where nothing has length 1, a `view` where everything lies in
order. So a file of hidden tests says for each question, and each argument of its functions, what the tests send:

    INPUTS = {"soften": {"logits": "one, odd, even, oblong, extreme, view", "T": "one"}}

Validation notes the arguments of every call while it grades the solution and names what was promised and never sent.
Nothing is noted, and nothing costs time, while no one asks.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import numpy

from autograder.testing.tensors import is_tensor

NAME = "INPUTS"
LARGE = 500.0  # in float32 exp overflows at 89, so such a logit is no ordinary number
WORDS = {
    "one": "a number that is 1, or a side (batch, channels, classes, height) that is 1 in some call and not in another",
    "odd": "a number, or a side that differs from call to call, that is odd and above 1",
    "even": "a number, or a side that differs from call to call, that is even",
    "oblong": "an array whose last two sides differ, once the one longer and once the other",
    "duplicates": "an array or a list in which an element of the first side occurs twice",
    "extreme": f"values of {LARGE:g} or more, a row whose entries are all equal, rows of zeros and ones; a number 0",
    "view": "an array that does not lie in memory in order: transposed, sliced or expanded",
}
Declared = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Question -> argument -> words."""


@dataclass
class _Sent:
    """Hold what was sent for one argument of one question's calls."""

    shapes: set[tuple[int, ...]] = field(default_factory=set)
    numbers: set[float] = field(default_factory=set)
    words: set[str] = field(default_factory=set)

    def add(self, value: Any) -> None:
        if isinstance(value, (bool, str, bytes)):
            return
        if isinstance(value, (int, float)):
            self.numbers.add(value)
        elif is_tensor(value) or isinstance(value, numpy.ndarray):
            self.shapes.add(tuple(value.shape))
            self.words |= set(_of_array(value))
        elif isinstance(value, (list, tuple)):
            self.shapes.add((len(value),))
            if any(item == other for place, item in enumerate(value) for other in value[:place] if _plain(item, other)):
                self.words.add("duplicates")

    def met(self) -> set[str]:
        """Return the words of WORDS that hold of all that was sent."""
        sizes = [number for number in self.numbers if number == int(number)] + list(_varying(self.shapes))
        oblong = {(shape[-2] > shape[-1]) for shape in self.shapes if len(shape) > 1 and shape[-2] != shape[-1]}
        found = {
            "one": 1 in sizes,
            "odd": any(size > 1 and size % 2 == 1 for size in sizes),
            "even": any(size > 0 and size % 2 == 0 for size in sizes),
            "oblong": len(oblong) == 2,
            "extreme": any(number == 0 or abs(number) >= LARGE for number in self.numbers),
        }
        return self.words | {word for word, holds in found.items() if holds}


def _plain(left: Any, right: Any) -> bool:
    kinds = (bool, int, float, str)
    return isinstance(left, kinds) and isinstance(right, kinds)


def _varying(shapes: Iterable[tuple[int, ...]]) -> Iterator[int]:
    """Yield the lengths of sides that are not the same in all arrays of as many sides."""
    by_sides: dict[int, list[tuple[int, ...]]] = {}
    for shape in shapes:
        by_sides.setdefault(len(shape), []).append(shape)
    for alike in by_sides.values():
        for lengths in zip(*alike, strict=True):
            if len(set(lengths)) > 1:
                yield from lengths


def _of_array(value: Any) -> Iterator[str]:
    if is_tensor(value):
        if not value.is_contiguous():
            yield "view"
        array = value.detach().cpu().double().numpy() if not value.is_complex() else value.detach().cpu().numpy()
        floating = value.is_floating_point()
    else:
        if not value.flags.c_contiguous:
            yield "view"
        array, floating = value, value.dtype.kind == "f"
    if array.ndim == 0 or array.size == 0 or array.dtype.kind not in "biufc":
        return
    rows = array.reshape(len(array), -1)
    if len(rows) > 1 and len(numpy.unique(rows, axis=0)) < len(rows):
        yield "duplicates"
    if floating:
        alike = rows.shape[1] > 1 and bool((rows == rows[:, :1]).all(axis=1).any())
        sure = rows.shape[1] > 1 and bool(((rows == 0) | (rows == 1)).all(axis=1).any())
        if alike or sure or not bool(numpy.isfinite(array).all()) or float(abs(array).max()) >= LARGE:
            yield "extreme"


# -- what is sent ------------------------------------------------------------------------------

Noted = dict[str, dict[str, _Sent]]
_NOTED: ContextVar[Noted | None] = ContextVar("inputs of calls", default=None)


@contextmanager
def noting_inputs() -> Iterator[Noted]:
    """Note the arguments of calls during the block: question -> argument -> what was sent for it."""
    found: Noted = {}
    token = _NOTED.set(found)
    try:
        yield found
    finally:
        _NOTED.reset(token)


def note_inputs(
    question: str, called: Callable[..., Any] | None, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> None:
    """Note the arguments of one call, under the names that the solution's own function gives them.

    called: that function, a class, or None where the solution has none. What stands for an object over there is looked
    into where the test made it out of data.
    """
    found = _NOTED.get()
    if found is None or called is None:
        return
    try:
        named = inspect.signature(called).bind_partial(*args, **kwargs).arguments
    except (TypeError, ValueError):
        return
    for name, value in named.items():
        note_input(question, name, value.held if hasattr(value, "held") else value)


def note_input(question: str, name: str, value: Any) -> None:
    """Note one argument's value by itself."""
    found = _NOTED.get()
    if found is not None and value is not None:
        found.setdefault(question, {}).setdefault(name, _Sent()).add(value)


def inputs_met(found: Noted) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return question -> argument -> the words that hold of what was sent, in the order of WORDS."""
    return {
        question: {name: tuple(word for word in WORDS if word in sent.met()) for name, sent in arguments.items()}
        for question, arguments in found.items()
    }


# -- what is declared --------------------------------------------------------------------------


def read_declared(value: Any, questions: Collection[str]) -> tuple[Declared, list[str]]:
    """Return what INPUTS says, and what is wrong with it. value: of the module, None where it has none; questions:
    those that must be named."""
    if value is None:
        return {}, []
    if not isinstance(value, Mapping) or not all(isinstance(arguments, Mapping) for arguments in value.values()):
        return {}, [f"{NAME} should be a dict from questions to dicts from arguments to words, found {type(value)}"]
    problems = [f"{NAME} names the question {name!r}, which has no test" for name in value if name not in questions]
    problems += [
        f"{NAME} does not name the question {name!r}; an empty dict says that there is nothing to meet"
        for name in questions
        if name not in value
    ]
    declared = {
        str(question): {
            str(name): tuple(word.strip() for word in str(words).split(",") if word.strip())
            for name, words in arguments.items()
        }
        for question, arguments in value.items()
    }
    for question, arguments in declared.items():
        for name, words in arguments.items():
            problems += [
                f"{NAME} of {question}: {name} names {word!r}, expected some of {', '.join(WORDS)}"
                for word in words
                if word not in WORDS
            ]
    return declared, problems
