"""What a student's code answered, test by test, so that it can be held against what a known mistake answers.

Only references to values that were received anyway are kept, for one submission, up to a limit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy

from autograder.sandbox.inside.wire.records import NamedData
from autograder.sandbox.inside.wire.values import HandleRef, Other
from autograder.sandbox.student import StudentError
from autograder.testing.compare import Check
from autograder.testing.compare_frames import check_table, is_table
from autograder.testing.kinds import Mismatch
from autograder.testing.tensors import is_tensor

if TYPE_CHECKING:
    import torch

MOST_BYTES = 256 << 20  # on the wire, of answers kept for one submission
RTOL, ATOL = 1e-4, 1e-6  # another order of operations in float32, but not another formula
# Operations whose answers have the student's names:
_NAMED_BY_STUDENT = ("state_dict", "parameters", "shapes", "set_training")


@dataclass(frozen=True)
class Answer:
    """One reply: of which operation, and the value or the exception (type and message)."""

    op: str
    value: Any = None
    error: tuple[str, str] | None = None

    @classmethod
    def of_error(cls, op: str, error: StudentError) -> Answer:
        return cls(op, error=(error.type, error.message))

    def agrees_with(self, other: Answer) -> bool:
        """Return the same but for rounding; what an author named freely (a module's parts) may have other names."""
        if self.op != other.op or self.error != other.error:
            return False
        if self.op in _NAMED_BY_STUDENT:
            return agree(list(_without_names(self.value)), list(_without_names(other.value)))
        return agree(self.value, other.value)


class AnswerBook:
    """The answers of one pass over hidden tests. A test's begin when it seeds its student process; the public twin
    of a test does so with the same seed, and is not noted."""

    def __init__(self) -> None:
        self._answers: dict[int, list[Answer]] = {}
        self._current: list[Answer] | None = None
        self._lost: set[int] = set()
        self._seed = -1
        self._bytes = 0

    def begin(self, seed: int) -> None:
        self._seed = seed
        self._current = self._answers.setdefault(seed, []) if seed not in self._answers else None

    def add(self, answer: Answer, size: int = 0) -> None:
        """Keep an answer. size: how many bytes it had on the wire."""
        if self._current is None:
            return
        self._bytes += size
        if self._bytes > MOST_BYTES:
            self.lose()
        else:
            self._current.append(answer)

    def count(self) -> int:
        """Return how many answers to the current test there are."""
        return len(self._current or ())

    def since(self, count: int) -> tuple[Answer, ...] | None:
        """Return the answers to the current test after the first `count`; None if they are not known."""
        return None if self._current is None else tuple(self._current[count:])

    def add_again(self, answers: tuple[Answer, ...] | None) -> None:
        """Let answers to an earlier test count for the current one, too."""
        if answers is None:
            self.lose()
        elif self._current is not None:
            self._current.extend(answers)

    def lose(self) -> None:
        """Note that the current test's answers are incomplete: the process was lost, or there are too many."""
        if self._current is not None:
            self._lost.add(self._seed)
            self._current.clear()
            self._current = None

    def of(self, seed: int) -> tuple[Answer, ...] | None:
        """Return the answers to the test with this seed, none where it asked nothing; None if they are not known."""
        return None if seed in self._lost else tuple(self._answers.get(seed, ()))


def agree(left: Any, right: Any) -> bool:
    """Return whether two values are the same but for rounding. Objects that stay in their process agree by kind."""
    if isinstance(left, HandleRef) or isinstance(right, HandleRef):
        return isinstance(left, HandleRef) and isinstance(right, HandleRef) and left.kind == right.kind
    if isinstance(left, Other) or isinstance(right, Other):
        return isinstance(left, Other) and isinstance(right, Other)
    if type(left) is not type(right):
        return False
    if is_tensor(left):
        return left.dtype == right.dtype and left.shape == right.shape and _tensors_agree(left, right)
    if isinstance(left, numpy.ndarray):
        return left.dtype == right.dtype and left.shape == right.shape and _arrays_agree(left, right)
    if is_table(left):
        return _tables_agree(left, right)
    if isinstance(left, NamedData):
        return left.class_name == right.class_name and agree(dict(left.fields), dict(right.fields))
    if isinstance(left, float):
        return (math.isnan(left) and math.isnan(right)) or math.isclose(left, right, rel_tol=RTOL, abs_tol=ATOL)
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(agree, left, right))
    if isinstance(left, dict):
        return list(left) == list(right) and all(agree(left[key], right[key]) for key in left)
    try:
        return bool(left == right)
    except ArithmeticError:  # a signalling NaN of decimal
        return False


def _tensors_agree(left: torch.Tensor, right: torch.Tensor) -> bool:
    import torch  # an extra

    left, right = left.detach(), right.detach()
    if not (left.is_floating_point() or left.is_complex()):
        return torch.equal(left, right)
    return torch.allclose(left, right, rtol=RTOL, atol=ATOL, equal_nan=True)


def _tables_agree(left: Any, right: Any) -> bool:
    """Return whether frames, series, indexes or sparse arrays are the same but for rounding, as `close` sees it."""
    try:
        check_table(Check(atol=ATOL, rtol=RTOL), right, left, "")
    except (Mismatch, ValueError, TypeError):
        return False
    return True


def _arrays_agree(left: numpy.ndarray[Any, Any], right: numpy.ndarray[Any, Any]) -> bool:
    if left.dtype.kind == "O":
        return all(map(agree, left.ravel().tolist(), right.ravel().tolist()))
    if left.dtype.kind in "Mm":
        return bool(numpy.array_equal(left, right, equal_nan=True))
    if left.dtype.kind in "fc":
        return bool(numpy.allclose(left, right, rtol=RTOL, atol=ATOL, equal_nan=True))
    return bool(numpy.array_equal(left, right))


def _without_names(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):  # rows (name, shape, dtype, requires_grad, grad)
        yield from (row[1:] if isinstance(row, tuple) else row for row in value)
    else:
        yield value
