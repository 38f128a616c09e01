"""Who made which mistake: misconceptions of the bank, and failures that say the same; with everybody who made them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograder.pages.text import clean_line
from autograder.records import Outcome, QuestionResult, Result, TestOutcome, TestStatus
from autograder.reports.options import IndexOptions, page_link, test_title

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")


@dataclass(frozen=True)
class Who:
    """One submission; the link lands on the question."""

    subject: str
    link: str


@dataclass(frozen=True)
class MistakeView:
    """A misconception of the bank, and everybody in whose answers it was recognised. adjustment: ready to be pasted."""

    anchor: str
    question: str
    said: str
    who: tuple[Who, ...]
    ids: str
    adjustment: str


@dataclass(frozen=True)
class ClusterView:
    """Submissions that failed the same tests with the same words. Tests that failed for the same ones are together."""

    question: str
    tests: tuple[str, ...]
    said: str
    count: int
    ids: str
    adjustment: str


def mistake_views(results: Sequence[Result], options: IndexOptions) -> tuple[MistakeView, ...]:
    """Return the misconceptions of one assignment, the commonest first."""
    met: dict[tuple[str, str], list[tuple[Result, int]]] = {}
    said: dict[tuple[str, str], tuple[QuestionResult, str]] = {}
    for result in results:
        for position, question in enumerate(result.questions, 1):
            if question.misconception is not None:
                key = (question.id, question.misconception.id)
                met.setdefault(key, []).append((result, position))
                said[key] = (question, question.misconception.sentence)
    views = []
    for number, (key, who) in enumerate(sorted(met.items(), key=lambda item: -len(item[1])), 1):
        question, sentence = said[key]
        subjects = [result.subject for result, _ in who]
        views.append(
            MistakeView(
                anchor=f"mistake-{number}",
                question=title_of(question),
                said=clean_line(sentence),
                who=tuple(
                    Who(clean_line(r.subject, 80), page_link(r, options, f"#question-{position}"))
                    for r, position in who
                ),
                ids=" ".join(subjects),
                adjustment=_points(who[0][0].assignment, question, subjects),
            )
        )
    return tuple(views)


def cluster_views(results: Sequence[Result], options: IndexOptions) -> tuple[ClusterView, ...]:
    """Return the failures of one assignment, the commonest first."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    asked: dict[tuple[str, str, str], tuple[QuestionResult, TestOutcome]] = {}
    for result in results:
        for question, test in _counted(result):
            if test.status is not TestStatus.PASSED:
                key = (question.id, test.name, said_of(question, test))
                groups.setdefault(key, []).append(result.subject)
                asked.setdefault(key, (question, test))
    merged: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for (question_id, name, said), subjects in groups.items():
        merged.setdefault((question_id, said, tuple(subjects)), []).append(name)
    views = []
    for (question_id, said, failing), names in merged.items():
        question, _ = asked[question_id, names[0], said]
        name = results[0].assignment
        titles = [test_title(name, question_id, asked[question_id, test, said][1], options) for test in names]
        views.append(
            ClusterView(
                title_of(question), tuple(dict.fromkeys(titles)), said, len(failing), " ".join(failing),
                _drop(name, question, names[0], failing),
            )
        )  # fmt: skip
    return tuple(sorted(views, key=lambda view: -view.count))


def _counted(result: Result) -> Iterable[tuple[QuestionResult, TestOutcome]]:
    """Yield a question that left the denominator (excused, data missing here) says nothing of the class."""
    for question in result.questions if result.outcome is Outcome.GRADED else ():
        for test in question.tests if question.score is not None else ():
            yield question, test


def said_of(question: QuestionResult, test: TestOutcome) -> str:
    """Return what groups failures: the misconception, else the message without its numbers, else the kind of
    failure.
    """
    if test.misconception:
        known = question.misconception
        return clean_line(known.sentence if known and known.id == test.misconception else test.misconception)
    if test.message:
        return _NUMBER.sub("…", clean_line(test.message))
    if test.traceback:
        return clean_line(test.traceback.exception, 80)
    return {"timeout": "took too long", "not_run": "not run"}.get(test.status.value, "without a message")


def title_of(question: QuestionResult) -> str:
    """Return the title of a question, its id where it has none."""
    return clean_line(question.title) or clean_line(question.id)


def _points(assignment: str, question: QuestionResult, subjects: Sequence[str]) -> str:
    return _entry("points", assignment, question.id, f"    points: {question.max_score:g}\n", subjects)


def _drop(assignment: str, question: QuestionResult, test: str, subjects: Sequence[str]) -> str:
    return _entry("drop_test", assignment, question.id, f"    test: {test}\n", subjects)


def _entry(kind: str, assignment: str, question: str, more: str, subjects: Sequence[str]) -> str:
    """Return an entry for adjustments.yaml. It still asks who decides, why and when."""
    return (
        f"  - kind: {kind}\n    assignment: {assignment}\n    question: {question}\n{more}"
        f"    students: [{', '.join(subjects)}]\n    who: \n    why: \n    when: \n"
    )
