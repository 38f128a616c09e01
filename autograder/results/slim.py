"""Results of a whole class in memory: what pages and tables about the class read, and what many share held once.

A result as it is stored takes some hundred kilobytes in memory: every test with its example, its traceback and its
texts. A page about the class names none of the examples, and most of the rest is the same for hundreds of students: who
passed a test passed it alike. So a slim result has no cells, examples, details and lines of tracebacks, and equal
outcomes of tests and questions are one object for all.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import TypeVar

from autograder.records import QuestionResult, Result, SandboxUse, StudentTraceback, TestOutcome

_T = TypeVar("_T")
_FIELDS = set(Result.model_fields)  # one set for all, in place of one for each


def slim_results(results: Iterable[Result]) -> Iterator[Result]:
    """Yield the results without what no page about the class shows; equal parts of all of them are held once.

    The seconds of a question's tests stand, as their sum to two significant digits, at its first test.
    """
    shared = _Shared()
    for result in results:
        yield shared.result(result)


class _Shared:
    def __init__(self) -> None:
        self._held: dict[Hashable, object] = {}

    def _one(self, key: Hashable, value: _T) -> _T:
        return self._held.setdefault((type(value), key), value)  # type: ignore[return-value]

    def result(self, result: Result) -> Result:
        values = {name: getattr(result, name) for name in Result.model_fields}
        sandbox = result.sandbox
        values |= {
            "questions": tuple(self._question(question) for question in result.questions),
            "cells": (),
            "versions": {},
            "sandbox": None
            if sandbox is None
            else self._one(
                (sandbox.backend, sandbox.unsafe), SandboxUse(backend=sandbox.backend, unsafe=sandbox.unsafe)
            ),
        }
        for name in ("assignment", "title", "release", "rubric", "due", "notices", "flags"):
            values[name] = self._one((name, values[name]), values[name])
        return Result.model_construct(_fields_set=_FIELDS, **values)

    def _question(self, question: QuestionResult) -> QuestionResult:
        seconds = float(f"{sum(test.seconds for test in question.tests):.2g}")
        tests = tuple(
            self._test(test, seconds if position == 0 else 0.0) for position, test in enumerate(question.tests)
        )
        slim = question.model_copy(update={"tests": tests})
        known = question.misconception
        key = (question.id, question.title, question.score, question.max_score, question.status, question.comment,
               known, tuple(map(id, tests)))  # fmt: skip
        return self._one(key, slim)

    def _test(self, test: TestOutcome, seconds: float) -> TestOutcome:
        raised = test.traceback
        slim = test.model_copy(
            update={
                "twin": None,
                "detail": "",
                "traceback": None if raised is None else StudentTraceback(exception=raised.exception),
                "seconds": seconds,
            }
        )
        return self._one(slim, slim)
