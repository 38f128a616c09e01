"""Whose mistake was it? An exception that comes out of an earlier question's blank is that question's."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from autograder.sandbox.student import StudentError
from autograder.testing.questions import TestInfo

_NOT_DEFINED = re.compile(r"name '(\w{1,100})' is not defined")


class Prerequisites:
    """Hold what the tests of earlier questions ran into, in one run over one submission.

    A test that ends in an exception is `not_run` where the same exception, from the same line or about the
    same missing name, already ended a test of a question that it builds on: the mistake is paid for there.
    """

    def __init__(self, builds_on: Mapping[str, Iterable[str]]) -> None:
        self._builds_on = {question: set(earlier) for question, earlier in builds_on.items()}
        self._places: dict[tuple[int, int], set[str]] = defaultdict(set)  # (cell, line) -> questions
        self._missing: dict[str, set[str]] = defaultdict(set)  # name -> questions

    def note(self, info: TestInfo, error: StudentError) -> None:
        if error.lines:
            self._places[error.lines[-1][:2]].add(info.question)
        if (name := missing_name(error)) is not None:
            self._missing[name].add(info.question)

    def cause(self, info: TestInfo, error: StudentError) -> str:
        """Return the sentence that says which earlier question's error this is; "" where it is this question's own."""
        earlier = earlier_questions(info, self._builds_on)
        guilty: set[str] = set()
        if error.lines:
            guilty |= self._places.get(error.lines[-1][:2], set()) & earlier
        if (name := missing_name(error)) is not None:
            guilty |= self._missing.get(name, set()) & earlier
        if not guilty:
            return ""
        return f"It could not be judged, because question `{min(guilty)}`, on which it stands, does not work yet."


def earlier_questions(info: TestInfo, builds_on: Mapping[str, Iterable[str]]) -> set[str]:
    """Return the questions that a test stands on, whatever is between them."""
    found: set[str] = set()
    waiting = set(info.builds_on) | set(builds_on.get(info.question, ()))
    while waiting:
        question = waiting.pop()
        if question not in found:
            found.add(question)
            waiting |= set(builds_on.get(question, ()))
    return found - {info.question}


def missing_name(error: StudentError) -> str | None:
    """Return the name that a NameError is about."""
    if error.type != "NameError":
        return None
    asked = getattr(error, "name", None)
    if isinstance(asked, str):
        return asked
    match = _NOT_DEFINED.search(error.message)
    return match[1] if match else None
