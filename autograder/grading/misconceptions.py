"""Which known mistake is this? Answers of a failed question, held against those of the bank's wrong variants.

Theory of operation
===================

Grading keeps what the student's code answered to every request of every hidden test. Where a question
failed, each wrong variant of that question is put into the solution's namespace in the student's place,
and the question's tests run against it with the hidden inputs of that very submission. The first answer
that differs rules it out, mostly the first of all, so a variant costs about as much as one call. A variant
that gives all the answers that the student gave, and is asked for no more, is what the student did; if it
is the only one, its sentence and hint go into the evidence. Where several do, or where one could not be
run to its end in time, nothing is said of what is not known.

Where an earlier question failed too and its misconception was recognised, the variants of later ones are tried on top
of it: a second mistake is seen through the first.

All of this happens on the trusted side: no variant is ever near student code. It runs in a fork of the worker, which
is killed when it takes too long, so whatever a variant does (hang, crash, change torch's settings) ends with it and can
only cost the student a sentence. A submission that passes everything costs nothing; one that fails costs at most
`MOST_SECONDS`, and what was recognised by then stands.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.course.bank import Variant, read_bank
from autograder.course.course import Assignment
from autograder.grading.answers import Answer
from autograder.grading.replay import Disagrees, ReplaySession
from autograder.records import Misconception, TestOutcome, TestStatus
from autograder.suite.reference import ReferenceFailed, reference_namespace
from autograder.suite.suite import Suite

MOST_SECONDS = 10.0  # for one submission, by the clock
VARIANT_SECONDS = 2.0  # of processor time, for one variant: a busy machine is no reason to know less
_MOST_BYTES = 1 << 20
_PR_SET_PDEATHSIG = 1
_Alike = tuple[str, list[str]]  # a failed question, and the variants whose answers are the student's


class _TooLong(BaseException):
    """A variant took too long, so nothing is known of its answers. No test may take it for an outcome of its own."""


@dataclass(frozen=True)
class Recognised:
    """Hold what became of the search. alike: failed question -> names of the wrong variants whose answers are the
    student's; a misconception is one question's only one."""

    misconceptions: tuple[Misconception, ...] = ()
    alike: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Recogniser:
    """The wrong variants of one assignment. Raises VariantError if the bank cannot be read."""

    def __init__(self, assignment: Assignment, suite: Suite, seed_key: bytes) -> None:
        self._assignment = assignment
        self._suite = suite
        self._seed_key = seed_key
        self._variants = [variant for variant in read_bank(assignment) if variant.kind == "wrong"]
        self._namespace: dict[str, Any] | None = None
        self._variant = ""  # the code in that namespace
        self._late = False  # in the fork: the variant at hand took too long

    def recognise(
        self,
        outcomes: Sequence[TestOutcome],
        answers: Mapping[str, Sequence[Answer]],
        notebook_sha256: str,
        variant: str = "",
    ) -> Recognised:
        """Return a misconception for each failed question whose answers are those of exactly one of them.

        answers: test -> what the student's code answered, of all tests whose answers are known to the end.
        variant: code of the personal variant that was graded.
        """
        outcomes = [outcome for outcome in outcomes if outcome.weight > 0]  # what counts nothing is no answer
        failed = [question for question in self._failed(outcomes, answers) if self._candidates(question)]
        if not failed:
            return Recognised()
        try:
            if self._namespace is None or self._variant != variant:
                self._namespace, self._variant = self._solution(variant), variant
            alike = dict(_in_fork(lambda: self._search(failed, outcomes, answers, notebook_sha256)))
        except (ReferenceFailed, OSError):  # no second run of the solution, no fork: no sentence, but a grade
            return Recognised()
        by_name = {variant.name: variant for variant in self._variants}
        found = []
        for question, names in alike.items():
            if (only := _only([by_name[name] for name in names])) is not None:
                said = {"id": only.misconception, "sentence": only.sentence, "hint": only.hint}
                found.append(Misconception(question=question, **said))
        return Recognised(tuple(found), {question: tuple(names) for question, names in alike.items()})

    def _failed(self, outcomes: Sequence[TestOutcome], answers: Mapping[str, Sequence[Answer]]) -> list[str]:
        """Return questions that failed and whose answers are all known, in the order of the tests."""
        questions = list(dict.fromkeys(outcome.question for outcome in outcomes))
        failed = {outcome.question for outcome in outcomes if outcome.status is not TestStatus.PASSED}
        unknown = {o.question for o in outcomes if o.name not in answers or o.status is TestStatus.TIMEOUT}
        return [question for question in questions if question in failed - unknown]

    def _candidates(self, question: str) -> list[Variant]:
        return [variant for variant in self._variants if question in variant.questions]

    def _solution(self, variant: str) -> dict[str, Any]:
        """Return a second namespace of the solution: variants change it, and the reference must stay as it is."""
        folders = list(dict.fromkeys(path.parent for path in self._assignment.public_paths if path.suffix == ".py"))
        return reference_namespace(self._assignment.solution_path, folders, variant)

    # -- in the fork -----------------------------------------------------------------------------

    def _search(
        self,
        failed: Sequence[str],
        outcomes: Sequence[TestOutcome],
        answers: Mapping[str, Sequence[Answer]],
        notebook_sha256: str,
    ) -> Iterator[_Alike]:
        """Search the bank for each failed question, unless a variant of it took too long."""
        signal.signal(signal.SIGPROF, self._too_long)
        seen_through: list[Variant] = []
        for question in failed:
            tests = [outcome.name for outcome in outcomes if outcome.question == question]
            failing = {o.name for o in outcomes if o.question == question and o.status is not TestStatus.PASSED}
            tests.sort(key=lambda name: name not in failing)  # where it failed, variants differ most
            try:
                same = [
                    variant
                    for variant in self._candidates(question)
                    if self._is_same([*seen_through, variant], tests, answers, failing, notebook_sha256)
                ]
            except _TooLong:
                continue
            if (only := _only(same)) is not None:
                seen_through.append(only)
            yield question, [variant.name for variant in same]

    def _is_same(
        self,
        variants: Sequence[Variant],
        tests: Sequence[str],
        answers: Mapping[str, Sequence[Answer]],
        failing: Collection[str],
        notebook_sha256: str,
    ) -> bool:
        assert self._namespace is not None
        solved = dict(self._namespace)
        signal.setitimer(signal.ITIMER_PROF, VARIANT_SECONDS)
        try:
            for variant in variants:
                exec(compile(variant.code, variant.path.name, "exec", dont_inherit=True), self._namespace)  # noqa: S102 - the course's own
            session = ReplaySession(
                namespace=self._namespace,
                answers=answers,
                limits=self._assignment.limits,
                reference=self._suite.reference,
                seed_key=self._seed_key,
                notebook_sha256=notebook_sha256,
                probe_source=self._suite.probe_source,
                variant=self._variant,
            )
            for test in tests:
                session.expect(test)
                (outcome,) = self._suite.run(session, [test])
                if not session.answered_all:
                    return False
                if session.by_wording and (outcome.status is not TestStatus.PASSED) != (test in failing):
                    return False
        except (Disagrees, _TooLong):
            return self._known_to_differ()
        except Exception:  # noqa: BLE001 - a variant that cannot be run is not what the student wrote
            return self._known_to_differ()
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            self._namespace.clear()
            self._namespace.update(solved)
        return True

    def _known_to_differ(self) -> bool:
        """Return False. Raises _TooLong if the variant's own code, or what calls it, took the alarm for a mistake."""
        if self._late:
            self._late = False
            raise _TooLong
        return False

    def _too_long(self, number: int, frame: Any) -> None:
        self._late = True
        raise _TooLong


def _only(variants: Sequence[Variant]) -> Variant | None:
    """Return the variant, or one of several that are the same misconception; None if there are none or others."""
    return variants[0] if len({variant.misconception for variant in variants}) == 1 else None


def _in_fork(search: Callable[[], Iterator[_Alike]]) -> Iterator[_Alike]:
    """Yield what `search` yields in a fork of this process, until it fails or takes too long."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _answer(search, writing)
    os.close(writing)
    try:
        for line in _lines(reading, time.monotonic() + MOST_SECONDS):
            question, names = json.loads(line)
            yield question, names
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _answer(search: Callable[[], Iterator[_Alike]], writing: int) -> None:
    """Answer, for the whole life of the fork: only this thread is in it, and nothing of the worker's is cleaned up
    here."""
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        for found in search():
            os.write(writing, json.dumps(found).encode() + b"\n")
    finally:
        os._exit(0)


def _lines(descriptor: int, deadline: float) -> Iterator[bytes]:
    """Yield whole lines, until the other end is closed, or the deadline."""
    data = b""
    while len(data) < _MOST_BYTES and select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
        chunk = os.read(descriptor, 1 << 16)
        if not chunk:
            return
        *whole, data = (data + chunk).split(b"\n")
        yield from whole
