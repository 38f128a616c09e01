"""`given`: an expected value that stands on functions of earlier questions, so that a mistake is paid for once.

The reference's functions are tried first. Only where the answer does not fit them, the student's own
earlier functions take their place (error carried forward). That would let constants that agree with
each other pass, so it counts only if every answer of those functions is finite and varies when
its input varies, and if the student's final answer differs from every wrong combination the author names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch

from autograder.sandbox.student import StudentError
from autograder.testing.compare import Check, Expectation
from autograder.testing.kinds import Mismatch
from autograder.testing.proxy import StudentProxy
from autograder.testing.running import RunningTest, current
from autograder.testing.same import identical

Formula = Callable[[Any], Any]


class NotCarried(Exception):
    """The answer fits nothing that could be expected, because an earlier function gives no usable answers."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"`{name}` {why}")
        self.name = name
        self.why = why


class Reference:
    """The solution's names as attributes. Lives in the trusted process only."""

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self._namespace = namespace

    def __getattr__(self, name: str) -> Any:
        try:
            return self._namespace[name]
        except KeyError:
            raise AttributeError(f"the solution does not define `{name}`") from None


class Given(Expectation):
    """What `given` returns; `close` takes it as its expected value."""

    def __init__(self, formula: Formula, wrong: Sequence[Formula]) -> None:
        self._formula = formula
        self._wrong = wrong

    def judge(self, got: Any, check: Check) -> None:
        test = current()
        reference = Reference(test.session.reference)
        try:
            check(got, self._formula(reference))
        except Mismatch as mismatch:
            check.noted_as = ""  # what the reference says counts, not what is tried from here on
            self._carry(got, check, test, reference, mismatch)

    def _carry(self, got: Any, check: Check, test: RunningTest, reference: Reference, mismatch: Mismatch) -> None:
        """Judge by the student's own earlier functions. Raises `mismatch` or NotCarried unless that holds."""
        earlier = _Earlier(test)
        expected = self._formula(earlier)
        if earlier.agrees_with(reference, check):
            raise mismatch  # there is no earlier error to carry
        earlier.refuse_unusable()
        for wrong in self._wrong:
            if _fits(check, got, wrong(earlier)) or _fits(check, got, wrong(reference)):
                raise mismatch
        try:
            check(got, expected)
        except ValueError:  # an expectation of wrong shape or with NaN is no expectation
            raise mismatch from None
        except Mismatch:
            raise mismatch from None
        test.carried_forward = True


def given(formula: Formula, wrong: Sequence[Formula] = ()) -> Given:
    """Expect `formula(f)`, where `f` has the functions of earlier questions as attributes.

    `wrong` are formulas of known mistakes in this question: an answer that fits one of them is never
    excused by an earlier error. Use inside `close` only.
    """
    return Given(formula, wrong)


class _Earlier:
    """The student's earlier functions, with a record of what they were asked and answered."""

    def __init__(self, test: RunningTest) -> None:
        self._student = StudentProxy(test)
        self._calls: list[tuple[str, tuple[Any, ...], dict[str, Any], Any]] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                answer = getattr(self._student, name)(*args, **kwargs)
            except StudentError as error:
                raise NotCarried(name, "is missing or raises an exception") from error
            if not _is_data(answer):
                raise NotCarried(name, "gives no number or tensor")
            self._calls.append((name, args, kwargs, answer))
            return answer

        return call

    def agrees_with(self, reference: Reference, check: Check) -> bool:
        loose = Check(None, "any-float", check.atol, check.rtol)
        return all(
            _fits(loose, answer, getattr(reference, name)(*args, **kwargs))
            for name, args, kwargs, answer in self._calls
        )

    def refuse_unusable(self) -> None:
        """Raise NotCarried for a function whose answers are not finite or do not vary with the input."""
        for name, args, kwargs, answer in list(self._calls):
            if not _finite(answer):
                raise NotCarried(name, "gives NaN or infinite numbers")
            try:
                other = getattr(self._student, name)(*map(_vary, args), **{key: _vary(v) for key, v in kwargs.items()})
            except StudentError as error:
                raise NotCarried(name, "raises an exception for another input") from error
            if identical(answer, other):
                raise NotCarried(name, "gives the same answer for different inputs")


def _fits(check: Check, got: Any, expected: Any) -> bool:
    try:
        check(got, expected)
    except (Mismatch, ValueError):
        return False
    return True


def _vary(argument: Any) -> Any:
    """A different argument of the same kind, on which any honest function of its input differs."""
    if isinstance(argument, torch.Tensor) and argument.is_floating_point():
        ramp = torch.linspace(0.5, 1.5, max(argument.numel(), 1), dtype=torch.float64).to(argument.dtype)
        return argument.detach() * 0.5 + ramp[: argument.numel()].reshape(argument.shape)
    if isinstance(argument, bool):
        return argument
    if isinstance(argument, int):
        return argument * 2
    if isinstance(argument, float):
        return argument * 1.5
    if isinstance(argument, (list, tuple)):
        return type(argument)(map(_vary, argument))
    return argument


def _leaves(answer: Any) -> Iterator[Any]:
    if isinstance(answer, (list, tuple)):
        for item in answer:
            yield from _leaves(item)
    elif isinstance(answer, dict):
        for item in answer.values():
            yield from _leaves(item)
    else:
        yield answer


def _is_data(answer: Any) -> bool:
    leaves = list(_leaves(answer))
    return bool(leaves) and all(isinstance(leaf, (bool, int, float, torch.Tensor)) for leaf in leaves)


def _finite(answer: Any) -> bool:
    return all(bool(torch.as_tensor(leaf).isfinite().all()) for leaf in _leaves(answer))
