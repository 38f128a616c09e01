"""`given`: an expected value that stands on functions of earlier questions, so that a mistake is paid for once.

The reference's functions are tried first. Where the answer does not fit them, the check is put off: the test goes on,
and when all tests have run, the student's own earlier functions take the reference's place (error carried forward),
provided that their question failed tests of its own. They are asked in another student process, which has seen no
call of the later function, so that neither can be fitted to the other. Constants that agree with each other would
still pass, so every answer of those functions must be finite and vary with its input by more than the check
tolerates; which of the questions is the one that counts, they cannot know: inputs that are varied come before and
after it, in an order drawn by the course's secret. And the student's final answer must differ from every wrong
combination that the author names.
"""

from __future__ import annotations

import cmath
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy

from autograder.sandbox.student import StudentError
from autograder.testing.compare import Check, Expectation
from autograder.testing.compare_frames import is_table
from autograder.testing.forks import Forks
from autograder.testing.kinds import Mismatch
from autograder.testing.proxy import StudentProxy
from autograder.testing.randomness import derive_seed
from autograder.testing.running import RunningTest, current, running
from autograder.testing.same import identical, is_frame, is_polars
from autograder.testing.session import TestSession
from autograder.testing.tensors import is_tensor

VARIED = 2  # rounds of other inputs
Formula = Callable[[Any], Any]
Call = tuple[str, tuple[Any, ...], dict[str, Any]]


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
    """Hold what `given` returns; `close` takes it as its expected value."""

    def __init__(self, formula: Formula, wrong: Sequence[Formula]) -> None:
        self._formula = formula
        self._wrong = wrong

    def judge(self, got: Any, check: Check) -> None:
        test = current()
        try:
            check(got, self._formula(Reference(test.session.reference)))
        except Mismatch as mismatch:
            check.noted_as = ""  # what the reference says counts, not what is tried from here on
            test.put_off.append(PutOff(self._formula, self._wrong, got, check, mismatch))


@dataclass(frozen=True)
class PutOff:
    """A check that the reference's earlier functions do not fit, to be judged by the student's own."""

    formula: Formula
    wrong: Sequence[Formula]
    got: Any
    check: Check
    mismatch: Mismatch

    def judge(self, session: TestSession, question: str, test: str) -> None:
        """Raise `mismatch` or NotCarried unless the answer is what follows from the student's own earlier functions.

        session: over a student process in which nothing of the later question has run.
        """
        reference = Reference(session.reference)
        asked = _asked(self.formula, reference)
        place = derive_seed(session.seed_key, session.notebook_sha256, test, "order of carrying") % (VARIED + 1)
        varied = [self._answers(session, question, test, asked, number) for number in range(1, place + 1)]
        with _fresh(session, question, test) as student:
            earlier = _Earlier(student)
            expected = self.formula(earlier)
        varied += [self._answers(session, question, test, asked, number) for number in range(place + 1, VARIED + 1)]
        self._refuse_unusable(earlier, varied)
        if earlier.agrees_with(reference, self.check):
            raise self.mismatch  # there is no earlier error to carry
        if any(self._is(wrong(reference), expected) for wrong in self.wrong):
            raise self.mismatch
        with _fresh(session, question, test) as student:
            again = _Earlier(student, earlier.calls)
            if any(self._is(wrong(again), expected) for wrong in self.wrong):
                raise self.mismatch
        try:
            self.check(self.got, expected)
        except (ValueError, Mismatch):  # an expectation of wrong shape or with NaN is no expectation
            raise self.mismatch from None

    def _is(self, mistake: Any, expected: Any) -> bool:
        """Return whether the answer is this mistake. Where the draw makes it the same as what is expected, as far as
        the check can see, nothing is known of it."""
        return _fits(self.check, self.got, mistake) and not _fits(self.check, mistake, expected)

    def _answers(self, session: TestSession, question: str, test: str, asked: Sequence[Call], number: int) -> list[Any]:
        with _fresh(session, question, test) as student:
            return _answers(student, asked, number)

    def _refuse_unusable(self, earlier: _Earlier, varied: list[list[Any]]) -> None:
        """Raise NotCarried for a function whose answers are not finite or do not vary with the input."""
        loose = Check(None, "any-float", self.check.atol, self.check.rtol)
        for number, (name, _, _, answer) in enumerate(earlier.calls):
            if not _finite(answer):
                raise NotCarried(name, "gives NaN or infinite numbers")
            for answers in varied:
                other = answers[number] if number < len(answers) else None
                if isinstance(other, StudentError):
                    raise NotCarried(name, "raises an exception for another input")
                if other is None or identical(answer, other) or _fits(loose, other, answer):
                    raise NotCarried(name, "gives the same answer for different inputs")


@contextmanager
def _fresh(session: TestSession, question: str, test: str) -> Iterator[StudentProxy]:
    """Give the student's names in a fork that nobody else has used or will use."""
    forks = Forks(session)
    try:
        with running(RunningTest(forks, question, test)) as alone:
            yield StudentProxy(alone)
    finally:
        forks.end()


def _asked(formula: Formula, reference: Reference) -> list[Call]:
    """Return what a formula asks of the earlier functions, in order."""
    calls: list[Call] = []

    class Noting:
        def __getattr__(self, name: str) -> Callable[..., Any]:
            def call(*args: Any, **kwargs: Any) -> Any:
                calls.append((name, args, kwargs))
                return getattr(reference, name)(*args, **kwargs)

            return call

    formula(Noting())
    return calls


def _answers(student: StudentProxy, asked: Sequence[Call], round_number: int) -> list[Any]:
    """Return what the student's functions give for other inputs; the exception where one raises."""
    found: list[Any] = []
    for name, args, kwargs in asked:
        changed = {key: _vary(value, round_number) for key, value in kwargs.items()}
        try:
            found.append(getattr(student, name)(*(_vary(value, round_number) for value in args), **changed))
        except StudentError as error:
            found.append(error)
    return found


def given(formula: Formula, wrong: Sequence[Formula] = ()) -> Given:
    """Expect `formula(f)`, where `f` has the functions of earlier questions as attributes.

    `wrong` are formulas of known mistakes in this question: an answer that fits one of them is never
    excused by an earlier error. They compute from data and `f` alone: where an error is carried forward, they run when
    all tests are over, and what the test holds of the student's is gone. Use inside `close` only.
    """
    return Given(formula, wrong)


class _Earlier:
    """The student's earlier functions, with a record of what they were asked and answered. known: calls whose answers
    are repeated."""

    def __init__(self, student: StudentProxy, known: Sequence[tuple[*Call, Any]] = ()) -> None:
        self._student = student
        self._known = known
        self.calls: list[tuple[*Call, Any]] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            answer = self._answer(name, args, kwargs)
            if not _is_data(answer):
                raise NotCarried(name, "gives no number or tensor")
            self.calls.append((name, args, kwargs, answer))
            return answer

        return call

    def _answer(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        for known, known_args, known_kwargs, answer in self._known:
            if known == name and identical(known_args, args) and identical(known_kwargs, kwargs):
                return answer
        try:
            return getattr(self._student, name)(*args, **kwargs)
        except StudentError as error:
            raise NotCarried(name, "is missing or raises an exception") from error

    def agrees_with(self, reference: Reference, check: Check) -> bool:
        loose = Check(None, "any-float", check.atol, check.rtol)
        return all(
            _fits(loose, answer, getattr(reference, name)(*args, **kwargs)) for name, args, kwargs, answer in self.calls
        )


def _fits(check: Check, got: Any, expected: Any) -> bool:
    try:
        check(got, expected)
    except (Mismatch, ValueError):
        return False
    return True


def _vary(argument: Any, round_number: int = 1) -> Any:
    """Return a different argument of the same kind, on which any honest function of its input differs; another each
    round.
    """
    if is_tensor(argument) and argument.is_floating_point():
        import torch  # an extra

        ramp = torch.linspace(0.5, 0.5 + round_number, max(argument.numel(), 1), dtype=torch.float64)
        kept = argument.detach() * (0.5 / round_number)
        return kept + ramp.to(argument.dtype)[: argument.numel()].reshape(argument.shape)
    if isinstance(argument, numpy.ndarray) and argument.dtype.kind == "f":
        steps: Any = numpy.linspace(0.5, 0.5 + round_number, max(argument.size, 1)).astype(argument.dtype)
        return argument * (0.5 / round_number) + steps[: argument.size].reshape(argument.shape)
    if isinstance(argument, numpy.ndarray) and argument.dtype.kind in "iu":
        return argument + numpy.arange(argument.size, dtype=argument.dtype).reshape(argument.shape) % 3 + round_number
    if is_polars(argument):
        return _vary_polars(argument, round_number)
    if is_frame(argument):
        return _vary_frame(argument, round_number)
    if isinstance(argument, bool):
        return argument
    if isinstance(argument, int):
        return argument * (round_number + 1)
    if isinstance(argument, float):
        return argument * (1 + 0.5 * round_number)
    if isinstance(argument, (list, tuple)):
        return type(argument)(_vary(item, round_number) for item in argument)
    return argument


def _vary_frame(frame: Any, round_number: int) -> Any:
    """Return the numbers of a frame or series varied; its first row comes once more where it has none."""
    if not hasattr(frame, "columns"):
        return frame if frame.dtype.kind not in "iuf" else frame * (1 + round_number) + 1
    numbers = [place for place in range(frame.shape[1]) if frame.dtypes.iloc[place].kind in "iuf"]
    if not numbers:
        return frame.iloc[[0, *range(len(frame))]] if len(frame) else frame
    varied = frame.copy()
    for place in numbers:
        varied.isetitem(place, frame.iloc[:, place] * (1 + round_number) + 1)
    return varied


def _vary_polars(table: Any, round_number: int) -> Any:
    """Return the numbers of a frame or series of polars varied; its first row comes once more where it has none."""
    columns = table.get_columns() if hasattr(table, "get_columns") else [table]
    varied = [column * (1 + round_number) + 1 if column.dtype.is_numeric() else column for column in columns]
    if not any(column.dtype.is_numeric() for column in columns):
        return table.head(1).extend(table) if len(table) else table
    return type(table)(varied) if hasattr(table, "get_columns") else varied[0]


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
    kinds = (bool, int, float, complex, str, date, numpy.ndarray)
    return bool(leaves) and all(isinstance(leaf, kinds) or is_tensor(leaf) or is_table(leaf) for leaf in leaves)


def _finite(answer: Any) -> bool:
    return all(map(_finite_leaf, _leaves(answer)))


def _finite_leaf(leaf: Any) -> bool:
    if is_tensor(leaf):
        return bool(leaf.isfinite().all())
    if isinstance(leaf, numpy.ndarray):
        return leaf.dtype.kind not in "fc" or bool(numpy.isfinite(leaf).all())
    if isinstance(leaf, (float, complex)):
        return cmath.isfinite(leaf)
    return True  # texts and whole numbers; in a frame, a missing value is a value
