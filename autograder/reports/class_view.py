"""A run at a glance: how many, how well, what waits for a person; everything else has a page of its own.

The index holds opaque ids, scores and sentences that students see as well. `detail` (hidden values) stays in the
result files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from urllib.parse import quote

from autograder.pages.text import clean_line, plural
from autograder.records import Outcome, Result
from autograder.reports.options import IndexOptions, tabs

_BINS = 10


@dataclass(frozen=True)
class TodoView:
    """Something that waits for a person, and whose it is."""

    what: str
    count: int
    ids: str


@dataclass(frozen=True)
class AssignmentView:
    """One assignment on the index."""

    anchor: str
    name: str
    title: str
    facts: tuple[str, ...]
    bins: tuple[tuple[str, int, float], ...]  # range of percent, how many, height as a share of the highest
    todo: tuple[TodoView, ...]
    folder: str  # of its pages, relative to the index
    tabs: tuple[tuple[str, str], ...]  # those pages


def class_views(results: Iterable[Result], options: IndexOptions) -> tuple[AssignmentView, ...]:
    """Return all assignments, in the order of their names."""
    by_assignment: dict[str, list[Result]] = {one.assignment: [] for one in options.absent if one.assignment}
    for result in results:
        by_assignment.setdefault(result.assignment, []).append(result)
    return tuple(
        AssignmentView(
            anchor=f"assignment-{position}",
            name=clean_line(name, 80),
            title=(clean_line(group[0].title) if group else "") or clean_line(name, 80),
            facts=_facts(group),
            bins=_bins([share_of(r) for r in group if r.score is not None and r.max_score > 0]),
            todo=(*_todo(sorted(group, key=lambda r: r.subject)), *_aside(name, options)),
            folder=f"report/{quote(name.encode('utf-8', 'replace'), safe='')}",
            tabs=tabs(name, options),
        )
        for position, (name, group) in enumerate(sorted(by_assignment.items()), 1)
    )


def standing(result: Result) -> tuple[str, str]:
    """Return how a submission stands: a status, for its sign, and a word."""
    if result.outcome is Outcome.NOT_GRADED:
        return "error", "Not graded: our fault"
    if result.outcome is Outcome.UNGRADABLE:
        return "failed", "Could not be graded"
    if result.sandbox and result.sandbox.unsafe:
        return "error", "UNSAFE: no sandbox"
    if result.needs_manual_grade:
        return "needs_manual_grade", "Waits for a person"
    return "passed", "Graded"


def share_of(result: Result) -> float:
    """Return the share of the points, 0 to 1; 0 where there is no score."""
    if result.score is None or result.max_score <= 0:
        return 0.0
    return min(1.0, max(0.0, result.score / result.max_score))


def _todo(results: Sequence[Result]) -> tuple[TodoView, ...]:
    """Return what a person has to do, in the order of the questions, then of trouble."""
    todo: dict[str, list[str]] = {}
    for result in results:
        for question in result.questions:
            if question.status == "needs_manual_grade":
                title = clean_line(question.title) or clean_line(question.id)
                todo.setdefault(f"Grade by hand: {title}", []).append(result.subject)
    for result in results:
        if result.outcome is Outcome.UNGRADABLE:
            reason = clean_line(result.reason) or "no reason was given"
            todo.setdefault(f"Could not be graded: {reason}", []).append(result.subject)
        elif result.outcome is Outcome.NOT_GRADED:
            todo.setdefault("Grade again: the grader failed, not the student", []).append(result.subject)
    return tuple(TodoView(what, len(who), clean_line(" ".join(who), 100_000)) for what, who in todo.items())


def _aside(name: str, options: IndexOptions) -> tuple[TodoView, ...]:
    """Return files of nobody, or of no assignment that is known: a person finds out whose they are, and of which."""
    found = [one for one in options.absent if not one.assignment or (one.assignment == name and not one.student)]
    sources = "; ".join(clean_line(": ".join(filter(None, (one.student, one.source, one.why))), 400) for one in found)
    return (TodoView("Set aside: whose, or of which assignment?", len(found), sources),) if found else ()


def _facts(results: Sequence[Result]) -> tuple[str, ...]:
    """Return figures of graded submissions only: what could not be graded is counted apart, here as on the terminal."""
    facts = [plural(len(results), "submission")]
    shares = [share_of(r) for r in results if r.outcome is Outcome.GRADED and r.score is not None and r.max_score > 0]
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
