"""The test that is running: which submission, which question, which fork of the student process.

`close`, `given` and `unchanged` are plain functions of hidden tests and take no fixture, so they find
the running test through a context variable, which the suite sets around every test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from autograder.sandbox.inside.wire.values import HandleRef, Other
from autograder.sandbox.interface import ChannelClosed
from autograder.sandbox.student import StudentProcess, as_sent
from autograder.testing.forks import Forks
from autograder.testing.randomness import Rng, derive_seed, seed_trusted
from autograder.testing.same import identical
from autograder.testing.tensors import is_tensor

CLAIMS = {"shapes", "set_training", "attr"}  # operations whose answers are words of the student process about itself
COMPUTED = {"call", "call_handle", "method", "gradient", "get", "state_dict", "parameters"}
_RUNNING: ContextVar[RunningTest] = ContextVar("running hidden test")


class RunningTest:
    """One hidden test, or its public twin, of one submission.

    The student process is forked when the test first touches it: a test of the reference alone costs none.
    """

    def __init__(self, forks: Forks, question: str, test: str) -> None:
        self.session = forks.session
        self.question = question
        self.test = test
        self.put_off: list[Any] = []  # checks that earlier functions of the student's are to decide (`given`)
        self.measured: float | None = None  # e.g. the accuracy of an artifact
        self.credit: float | None = None  # the share of its weight that a test gives which ends without an exception
        self.praise = ""  # what a student reads where the test passed
        self.flags: list[str] = []  # for a person
        self.claimed = self.computed = False
        self.watched: dict[int, Any] = {}  # id -> argument that `unchanged` guards
        self.changed: set[int] = set()
        self._forks = forks
        self._seeded = False
        self._own_seed: int | None = None

    def process(self, op: str) -> StudentProcess:
        """Return the fork, for one request of kind `op`."""
        process = self._take()
        self._forks.used(op)
        return process

    def _take(self) -> StudentProcess:
        process = self._forks.take()
        if not self._seeded:
            self._seeded = True
            process.seed_next(_seed(self))
            if self._own_seed is not None:
                process.reseed(self._own_seed)
        return process

    def seed_with(self, value: int) -> None:
        """Seed all generators here, and those of each fork before this test first asks it, with this value. What is
        drawn from `rng` stays as it is."""
        self._own_seed = value
        seed_trusted(value)

    def start_afresh(self) -> None:
        """Let the next request go to a fork that has seen no test, and let no later test see that fork."""
        self._forks.end()
        self._forks.retire()
        self._seeded = False

    @property
    def may_run_again(self) -> bool:
        """Return whether what fails here is run once more in a fresh fork: others had used this test's fork."""
        return self._forks.shared

    def raise_if_lost(self) -> None:
        """Raise what ended this test's student process, where something did."""
        self._forks.raise_if_lost()

    def keep(self, name: str, make: Callable[[Rng], Any]) -> Any:
        """Return what `make` gave in this fork under this name, to this test or one before it.

        Whoever makes it, the same numbers are drawn for it, here and there, and its answers count among those of each
        test that asks for it: so a test alone, as a regrade or a replay runs it, finds what it found among others.
        """
        process, kept = self._take(), self._forks.kept
        if name not in kept:
            begun = process.count_answers()
            process.reseed(self._seed_of(name, "kept, student"))
            seed_trusted(self._seed_of(name, "kept, trusted"))
            value = make(Rng(self._seed_of(name, "kept, inputs")))
            kept[name] = value, process.answers_since(begun)
        else:
            process.answer_again(kept[name][1])
        process.reseed(self._seed_of(self.test, f"after {name}, student"))
        seed_trusted(self._seed_of(self.test, f"after {name}, trusted"))
        return kept[name][0]

    def _seed_of(self, name: str, purpose: str) -> int:
        return derive_seed(self.session.seed_key, self.session.notebook_sha256, name, purpose)

    def request(self, op: str, **fields: Any) -> Any:
        """Return a request without arguments, within this test's limit."""
        value = self.process(op).request(op, self.session.call_seconds(self.test), **fields)
        self.note(op, value)
        return value

    def note(self, op: str, value: Any) -> None:
        """Note what an answer is: something that the student process says of itself, or something computed."""
        if (op in CLAIMS and value is not None) or (op == "parameters" and not _holds_tensors(value)):
            self.claimed = True
        elif op in COMPUTED and _is_data(value):
            self.computed = True

    @property
    def only_claims(self) -> bool:
        """Return whether all that the test was told is what the student process says of itself: names, shapes, modes,
        attributes. All of it can be said without one right number."""
        return self.claimed and not self.computed

    def call(self, op: str, args: tuple[Any, ...], kwargs: dict[str, Any], **fields: Any) -> Any:
        """Return a call of student code, within this test's limit; notes what it did to arguments that are guarded."""
        seconds = self.session.call_seconds(self.test)
        if not self.watched:
            answer = self.process(op).ask(op, args, kwargs, seconds, **fields)
            self.note(op, answer)
            return answer
        reply = self.process(op).ask(op, args, kwargs, seconds, echo=True, **fields)
        if type(reply) is not tuple or len(reply) != 3:
            raise ChannelClosed("protocol", "an echo of other form")
        result, args_after, kwargs_after = reply
        self.note(op, result)
        self._compare(list(args), args_after)
        self._compare(kwargs, kwargs_after)
        return result

    def _compare(self, before: Any, after: Any) -> None:
        """Note the guarded objects among `before` which `after` no longer equals. Other forms count as changed."""
        if id(before) in self.watched and not _unchanged(before, after):
            self.changed.add(id(before))
        if isinstance(before, (list, tuple)) and isinstance(after, (list, tuple)):
            for ours, theirs in zip(before, after, strict=False):
                self._compare(ours, theirs)
        elif isinstance(before, dict) and isinstance(after, dict):
            for key, ours in before.items():
                self._compare(ours, after.get(key))


def _unchanged(before: Any, after: Any) -> bool:
    """Return whether an argument came back as it was sent."""
    return identical(before, after) or identical(as_sent(before), after)


def _is_data(value: Any) -> bool:
    """Return whether there is anything in it but objects that stay where they are."""
    if isinstance(value, (list, tuple)):
        return any(map(_is_data, value))
    if isinstance(value, dict):
        return any(map(_is_data, value.values()))
    return value is not None and not isinstance(value, (HandleRef, Other))


def _holds_tensors(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_holds_tensors, value))
    return is_tensor(value)


@contextmanager
def running(test: RunningTest) -> Iterator[RunningTest]:
    """Make `test` the running one for the block."""
    token = _RUNNING.set(test)
    try:
        yield test
    finally:
        _RUNNING.reset(token)


def current() -> RunningTest:
    """Return the running test. Raises LookupError with a plain message outside of one."""
    try:
        return _RUNNING.get()
    except LookupError:
        raise LookupError(
            "no hidden test is running: `given`, `unchanged` and proxies work inside tests only"
        ) from None


def _seed(test: RunningTest) -> int:
    return derive_seed(test.session.seed_key, test.session.notebook_sha256, test.test, "student")
