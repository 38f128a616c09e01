"""A run as its teachers see it: who stands where, what waits for a person, what the class misunderstands.

The index may lie beside students' pages and be opened by anybody who grades, so it holds opaque ids, scores and the
sentences that students see as well. `detail` (hidden values) stays in the result files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from urllib.parse import quote

from autograder.pages.text import clean_line, number, plural
from autograder.records import Outcome, QuestionResult, Result, TestOutcome, TestStatus
from autograder.reports.options import IndexOptions
from autograder.submissions.arrivals import Absent

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")
_WHO_LIMIT = 40
_GROUPS_LIMIT = 8  # of one test
_BINS = 10
_Met = tuple[Result, QuestionResult, TestOutcome]  # one student's outcome of a test


@dataclass(frozen=True)
class Row:
    subject: str
    link: str
    score: str
    earned: float
    status: str
    word: str
    late: str
    todo: tuple[str, ...]  # titles of what waits for a person
    flags: tuple[str, ...]


@dataclass(frozen=True)
class Who:
    subject: str
    link: str


@dataclass(frozen=True)
class Group:
    """Students whose tests say the same."""

    said: str
    who: tuple[Who, ...]
    count: int


@dataclass(frozen=True)
class Mistake:
    """A misconception of the bank, and in whose answers it was recognised."""

    question: str
    said: str
    who: tuple[Who, ...]
    count: int


@dataclass(frozen=True)
class TestRow:
    question: str
    title: str
    passed: int
    run: int
    rate: float
    percent: str
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class AssignmentView:
    anchor: str
    name: str
    title: str
    facts: tuple[str, ...]
    bins: tuple[tuple[str, int, float], ...]  # range of percent, how many, height as a share of the highest
    rows: tuple[Row, ...]
    aside: tuple[Row, ...]  # files that are nobody's
    todo: tuple[tuple[str, tuple[Who, ...]], ...]  # question or reason, whose
    mistakes: tuple[Mistake, ...]  # the commonest first
    tests: tuple[TestRow, ...]  # those that somebody failed, the hardest first
    passed: tuple[TestRow, ...]  # by everybody


def class_views(results: Iterable[Result], options: IndexOptions) -> tuple[AssignmentView, ...]:
    by_assignment: dict[str, list[Result]] = {one.assignment: [] for one in options.absent if one.assignment}
    for result in results:
        by_assignment.setdefault(result.assignment, []).append(result)
    return tuple(
        _assignment(f"assignment-{position}", name, sorted(group, key=lambda r: r.subject), options)
        for position, (name, group) in enumerate(sorted(by_assignment.items()), 1)
    )


def _assignment(anchor: str, name: str, results: Sequence[Result], options: IndexOptions) -> AssignmentView:
    rows = tuple(_row(result, options) for result in results)
    tests = _tests(results, options)
    return AssignmentView(
        anchor=anchor,
        name=clean_line(name, 80),
        title=(clean_line(results[0].title) if results else "") or clean_line(name, 80),
        facts=_facts(results),
        bins=_bins([_share(r) for r in results if r.score is not None and r.max_score > 0]),
        rows=(*rows, *(_absent_row(one) for one in options.absent if one.assignment == name and one.student)),
        aside=tuple(_absent_row(one) for one in options.absent if one.assignment in (name, "") and not one.student),
        todo=_todo(results, options),
        mistakes=_mistakes(results, options),
        tests=tuple(test for test in tests if test.groups),
        passed=tuple(test for test in tests if not test.groups),
    )


def _row(result: Result, options: IndexOptions) -> Row:
    status, word = _standing(result)
    score = "–" if result.score is None else f"{number(result.score)} of {number(result.max_score)}"
    return Row(
        subject=clean_line(result.subject, 80),
        link=_link(result, options),
        score=score,
        earned=_share(result),
        status=status,
        word=word,
        late=f"−{number(result.late_penalty)}" if result.late_penalty > 0 else "",
        todo=tuple(_title(q) for q in result.questions if q.status == "needs_manual_grade"),
        flags=tuple(filter(None, (clean_line(flag) for flag in result.flags[:12]))),
    )


def _absent_row(one: Absent) -> Row:
    """Somebody without a result, or a file that is nobody's: that it is there, and why it has none."""
    word = {"nothing_handed_in": "Nothing handed in", "set_aside": "Set aside", "waits": "Not graded yet"}[one.standing]
    flags = () if one.standing == "nothing_handed_in" else (clean_line(one.why),)
    who = clean_line(one.student or one.source, 80)
    return Row(who, "", "–", 0.0, "not_run", word, "", (), flags)


def _standing(result: Result) -> tuple[str, str]:
    if result.outcome is Outcome.NOT_GRADED:
        return "error", "Not graded: our fault"
    if result.outcome is Outcome.UNGRADABLE:
        return "failed", "Could not be graded"
    if result.sandbox and result.sandbox.unsafe:
        return "error", "UNSAFE: no sandbox"
    if result.needs_manual_grade:
        return "needs_manual_grade", "Waits for a person"
    return "passed", "Graded"


def _todo(results: Sequence[Result], options: IndexOptions) -> tuple[tuple[str, tuple[Who, ...]], ...]:
    """What a person has to do, in the order of the questions, then of trouble."""
    todo: dict[str, list[Who]] = {}
    for result in results:
        for question in result.questions:
            if question.status == "needs_manual_grade":
                todo.setdefault(f"Grade by hand: {_title(question)}", []).append(_who(result, options))
    for result in results:
        if result.outcome is Outcome.UNGRADABLE:
            reason = clean_line(result.reason) or "no reason was given"
            todo.setdefault(f"Could not be graded: {reason}", []).append(_who(result, options))
        elif result.outcome is Outcome.NOT_GRADED:
            todo.setdefault("Grade again: the grader failed, not the student", []).append(_who(result, options))
    return tuple((what, tuple(who)) for what, who in todo.items())


def _mistakes(results: Sequence[Result], options: IndexOptions) -> tuple[Mistake, ...]:
    """What was recognised in the answers to each question: at most one misconception a student and question."""
    met: dict[tuple[str, str], list[Result]] = {}
    said: dict[tuple[str, str], tuple[str, str]] = {}
    for result in results:
        for question in result.questions:
            if question.misconception is not None:
                key = (question.id, question.misconception.id)
                met.setdefault(key, []).append(result)
                said[key] = (_title(question), clean_line(question.misconception.sentence))
    commonest = sorted(met.items(), key=lambda item: -len(item[1]))
    return tuple(
        Mistake(*said[key], tuple(_who(result, options) for result in who[:_WHO_LIMIT]), len(who))
        for key, who in commonest
    )


def _tests(results: Sequence[Result], options: IndexOptions) -> tuple[TestRow, ...]:
    """Each test over all graded submissions. Parameters of one test are told apart by their name.

    A question that left the denominator (excused, data missing here) says nothing of the class.
    """
    met: dict[tuple[str, str], list[_Met]] = {}
    for result in results:
        for question in result.questions if result.outcome is Outcome.GRADED else ():
            for test in question.tests if question.score is not None else ():
                met.setdefault((question.id, test.name), []).append((result, question, test))
    rows = [_test(outcomes, options) for outcomes in met.values()]
    return tuple(sorted(rows, key=lambda row: row.rate))


def _test(outcomes: Sequence[_Met], options: IndexOptions) -> TestRow:
    _, question, first = outcomes[0]
    passed = sum(test.status is TestStatus.PASSED for _, _, test in outcomes)
    groups: dict[str, list[Result]] = {}
    for result, asked, test in outcomes:
        if test.status is not TestStatus.PASSED:
            groups.setdefault(_said(asked, test), []).append(result)
    largest = sorted(groups.items(), key=lambda item: -len(item[1]))[:_GROUPS_LIMIT]
    parameters = first.name[first.name.index("[") :] if "[" in first.name else ""
    return TestRow(
        question=_title(question),
        title=clean_line(f"{first.title or first.name} {parameters}"),
        passed=passed,
        run=len(outcomes),
        rate=passed / len(outcomes),
        percent=f"{100 * passed / len(outcomes):.0f} %",
        groups=tuple(
            Group(said, tuple(_who(result, options) for result in who[:_WHO_LIMIT]), len(who)) for said, who in largest
        ),
    )


def _said(question: QuestionResult, test: TestOutcome) -> str:
    """What groups failures: the misconception, else the message without its numbers, else the kind of failure."""
    if test.misconception:
        known = question.misconception
        return clean_line(known.sentence if known and known.id == test.misconception else test.misconception)
    if test.message:
        return _NUMBER.sub("…", clean_line(test.message))
    if test.traceback:
        return clean_line(test.traceback.exception, 80)
    return {"timeout": "took too long", "not_run": "not run"}.get(test.status.value, "without a message")


def _facts(results: Sequence[Result]) -> tuple[str, ...]:
    facts = [plural(len(results), "submission")]
    shares = [_share(r) for r in results if r.score is not None and r.max_score > 0]
    if shares:
        facts.append(f"mean {100 * fmean(shares):.0f} %, median {100 * median(shares):.0f} %")
    waiting = sum(1 for r in results if r.needs_manual_grade)
    if waiting:
        facts.append(f"{waiting} wait for a person")
    return tuple(facts)


def _bins(shares: Sequence[float]) -> tuple[tuple[str, int, float], ...]:
    counts = [0] * _BINS
    for share in shares:
        counts[min(_BINS - 1, int(share * _BINS))] += 1
    highest = max(counts, default=0)
    step = 100 // _BINS
    return tuple(
        (f"{i * step} to {(i + 1) * step} %", n, n / highest if highest else 0.0) for i, n in enumerate(counts)
    )


def _share(result: Result) -> float:
    if result.score is None or result.max_score <= 0:
        return 0.0
    return min(1.0, max(0.0, result.score / result.max_score))


def _title(question: QuestionResult) -> str:
    return clean_line(question.title) or clean_line(question.id)


def _who(result: Result, options: IndexOptions) -> Who:
    return Who(clean_line(result.subject, 80), _link(result, options))


def _link(result: Result, options: IndexOptions) -> str:
    """A relative path as a link; whatever could leave the results folder is no link."""
    path = options.link(result) or ""
    inside = path.removeprefix("../")  # students' pages lie beside the staff's folder
    if inside.startswith(("/", "\\")) or ".." in inside.split("/"):
        return ""
    return quote(path.encode("utf-8", "replace"), safe="/")
