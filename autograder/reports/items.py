"""How well questions and tests do their work: difficulty, discrimination, and tests that say nothing.

Difficulty is the mean share of the points. Discrimination is the correlation between a question's share and the
share of all *other* points of the same submission (the rest score, so that no question correlates with itself): the
point-biserial correlation where a question is right or wrong. Below `WEAK` a question separates nobody; far
below zero it is the better students who lose points, mostly because of the question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import StatisticsError, correlation, fmean, median

from autograder.pages.text import clean_line, plural
from autograder.records import Outcome, Result, TestStatus
from autograder.reports.earlier import EarlierItem, EarlierTerms
from autograder.reports.mistakes import title_of
from autograder.reports.options import IndexOptions, sheet_name

WEAK = 0.2
LEAST = 10  # submissions; fewer say nothing of a question
_QUINTILES = 5


@dataclass(frozen=True)
class ItemView:
    """One question. curve: mean share in each fifth of the class, by the rest score, the weakest first."""

    id: str
    title: str
    sheet: str  # file of all answers, without its ending; "" where there is none
    kind: str
    count: int
    difficulty: float | None
    earlier: tuple[float | None, ...]  # mean share in each earlier term
    discrimination: float | None
    weak: str  # a sentence where it separates nobody
    curve: tuple[float, ...]
    points: str  # of an SVG polyline, 0 to 100 by 0 to 30
    seconds: float | None


@dataclass(frozen=True)
class ItemsView:
    """All questions of an assignment, and the tests that deserve a look."""

    items: tuple[ItemView, ...]
    never_failed: tuple[tuple[str, str], ...]  # (question, test)
    never_passed: tuple[tuple[str, str], ...]
    always_agree: tuple[tuple[str, tuple[str, ...]], ...]  # question, tests that passed and failed together
    few: str
    terms: tuple[str, ...] = ()  # earlier ones


def items_view(results: Sequence[Result], options: IndexOptions, earlier: EarlierTerms | None = None) -> ItemsView:
    """Return the statistics of one assignment's questions. earlier: what other terms showed."""
    graded = [result for result in results if result.outcome is Outcome.GRADED]
    ids = list(dict.fromkeys(question.id for result in graded for question in result.questions))
    name = results[0].assignment if results else ""
    terms = {term: found[name] for term, found in (earlier or {}).items() if found.get(name)}
    few = "" if len(graded) >= LEAST else f"Only {plural(len(graded), 'submission')}: these numbers say little."
    items = (
        _item(id, graded, tuple(found.get(id) for found in terms.values()), sheet_name(id, name, options)) for id in ids
    )
    return ItemsView(tuple(items), *_tests(graded), few=few, terms=tuple(clean_line(term, 40) for term in terms))


def _shares(id: str, results: Sequence[Result]) -> list[tuple[float, float]]:
    """Return (share of the question, share of all others) of every submission that has both."""
    pairs = []
    for result in results:
        scored = [q for q in result.questions if q.score is not None and q.max_score > 0]
        own = next((q for q in scored if q.id == id), None)
        rest = sum(q.max_score for q in scored if q.id != id)
        if own is not None and rest > 0:
            others = sum(q.score or 0.0 for q in scored if q.id != id) / rest
            pairs.append(((own.score or 0.0) / own.max_score, others))
    return pairs


def _item(id: str, results: Sequence[Result], earlier: Sequence[EarlierItem | None], sheet: str) -> ItemView:
    asked = [q for result in results for q in result.questions if q.id == id]
    pairs = _shares(id, results)
    discrimination = _correlation(pairs)
    curve = _curve(pairs)
    seconds = [sum(test.seconds for test in question.tests) for question in asked if question.tests]
    weak = ""
    if discrimination is not None and discrimination < WEAK:
        weak = "the better students lose points here" if discrimination < -WEAK else "separates nobody"
    width = 100 / (len(curve) - 1) if len(curve) > 1 else 0.0
    return ItemView(
        id=clean_line(id, 80),
        title=title_of(asked[0]),
        sheet=sheet,
        kind=asked[0].kind,
        count=len(pairs),
        difficulty=fmean(own for own, _ in pairs) if pairs else None,
        earlier=tuple(one.mean if one is not None else None for one in earlier),
        discrimination=discrimination,
        weak=weak,
        curve=curve,
        points=" ".join(f"{i * width:.0f},{30 - 30 * share:.1f}" for i, share in enumerate(curve)),
        seconds=median(seconds) if seconds else None,
    )


def _correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Return None for too few submissions, and where all have the same share: nothing can be said then."""
    if len(pairs) < LEAST:
        return None
    try:
        return correlation([own for own, _ in pairs], [rest for _, rest in pairs])
    except StatisticsError:
        return None


def _curve(pairs: Sequence[tuple[float, float]]) -> tuple[float, ...]:
    if len(pairs) < LEAST:
        return ()
    ordered = [own for own, _ in sorted(pairs, key=lambda pair: pair[1])]
    bounds = [round(i * len(ordered) / _QUINTILES) for i in range(_QUINTILES + 1)]
    return tuple(fmean(ordered[a:b]) for a, b in pairwise(bounds))


_Pairs = tuple[tuple[str, str], ...]


def _tests(results: Sequence[Result]) -> tuple[_Pairs, _Pairs, tuple[tuple[str, tuple[str, ...]], ...]]:
    """Return the tests that nobody failed, that nobody passed, and those of one question that always ended alike."""
    ended: dict[tuple[str, str], dict[str, bool]] = {}
    titles: dict[str, str] = {}
    for result in results:
        for question in result.questions:
            titles[question.id] = title_of(question)
            for test in question.tests if question.score is not None else ():
                passed = test.status is TestStatus.PASSED
                ended.setdefault((question.id, test.name), {})[result.subject] = passed
    never_failed = tuple((titles[q], clean_line(name)) for (q, name), how in ended.items() if all(how.values()))
    never_passed = tuple((titles[q], clean_line(name)) for (q, name), how in ended.items() if not any(how.values()))
    alike: dict[tuple[str, tuple[tuple[str, bool], ...]], list[str]] = {}
    for (question_id, name), how in ended.items():
        if any(how.values()) and not all(how.values()):
            alike.setdefault((question_id, tuple(sorted(how.items()))), []).append(clean_line(name))
    together = tuple((titles[q], tuple(names)) for (q, _), names in alike.items() if len(names) > 1)
    return never_failed, never_passed, together
