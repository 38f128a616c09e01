"""Pairs of submissions whose own code is alike: what to read side by side, never a verdict.

A submission's own code is what stands in its code cells, without its quiz and without every run of tokens that also
stands in what was handed out, in the solution, in the bank, or in more submissions than `commonness` allows: what many
came up with says nothing of two of them. `copydetect` reads the code as tokens without names, comments and layout, and
compares. Lengths are characters of these tokens, in which each name counts one.
"""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from typing import Any

from markupsafe import Markup

from autograder.course.course import Assignment
from autograder.pages.code import highlight_lines
from autograder.pages.text import clean_line
from autograder.records import Result
from autograder.reports.mistakes import Who
from autograder.reports.options import IndexOptions, page_link
from autograder.reports.questions import Submitted

RUN = 20  # characters of tokens; shorter runs in common are chance
SHARED = 60  # characters of tokens in common that make a pair; different hands were measured to share up to 32
MOST_PAIRS = 200  # on the page, the most alike first
_MOST_CODE = 60_000  # characters of one submission
_FEWEST = 5  # submissions with the same code that are still looked at, in the smallest class
_SHARE = 0.02  # of the class, in a larger one


@dataclass(frozen=True)
class OwnCell:
    """One code cell that is not as it was handed out. number: its place in the notebook, from 1."""

    number: int
    source: str


@dataclass(frozen=True)
class OwnCode:
    """The code cells of one submission that are not as they were handed out."""

    result: Result
    cells: tuple[OwnCell, ...]


@dataclass(frozen=True)
class PairedCell:
    """One cell of a pair. lines: each with whether it is in common."""

    number: int
    lines: tuple[tuple[Markup, bool], ...]
    common: int  # lines in common


@dataclass(frozen=True)
class PairView:
    """Two submissions that are alike. shared: characters of tokens; share: of the smaller one's own code, 0 to 1."""

    file: str
    first: Who
    second: Who
    shared: int
    share: float
    sides: tuple[tuple[PairedCell, ...], tuple[PairedCell, ...]]


@dataclass(frozen=True)
class SimilarView:
    """All pairs of an assignment. more: pairs that are left out; many: from how many on code is what many share."""

    pairs: tuple[PairView, ...]
    more: int
    compared: int
    many: int


def own_code(one: Submitted, assignment: Assignment, released: Collection[str]) -> OwnCode:
    """Return a submission's own code cells. released: sources of every release, stripped."""
    quiz = {question.id for question in assignment.questions if question.kind == "quiz"}
    answers = {cell.index for cell in one.matched or () if cell.questions and quiz.issuperset(cell.questions)}
    cells, length = [], 0
    for index, cell in enumerate(one.notebook.cells):
        source = cell.source.strip("\n")
        if cell.kind != "code" or index in answers or not source.strip() or source.strip() in released:
            continue
        if (length := length + len(source)) > _MOST_CODE:
            break
        cells.append(OwnCell(index + 1, source))
    return OwnCode(one.result, tuple(cells))


def commonness(submissions: int) -> int:
    """Return how many submissions may share code before it is what many share."""
    return max(_FEWEST, round(_SHARE * submissions))


def similar_view(submissions: Sequence[OwnCode], known: Iterable[str], options: IndexOptions) -> SimilarView:
    """Return the pairs, the most alike first. known: code that says nothing (handed out, solution, bank).

    Raises ModuleNotFoundError where copydetect is not installed.
    """
    prints = {one.result.subject: _Fingerprint.of(one) for one in submissions}
    of_subject = {one.result.subject: one for one in submissions}
    taken = {run for source in dict.fromkeys(known) for run in _read(source).hashes}
    many = commonness(len(submissions))
    having = Counter(run for found in prints.values() for run in found.hash_idx)
    taken |= {run for run, count in having.items() if count > many}
    for found in prints.values():
        found.forget(taken)
    whose: dict[int, list[str]] = defaultdict(list)
    for subject in sorted(prints):
        for run in prints[subject].hashes:
            whose[run].append(subject)
    together = Counter(pair for subjects in whose.values() for pair in combinations(subjects, 2))
    pairs = []
    for first, second in together:
        if not set(of_subject[first].result.students) & set(of_subject[second].result.students):
            shared, share, slices = _compare(prints[first], prints[second])
            if shared >= SHARED:
                pairs.append((shared, share, first, second, slices))
    pairs.sort(key=lambda pair: (-pair[0], pair[2], pair[3]))
    return SimilarView(
        pairs=tuple(
            PairView(
                file=f"similar-{number}",
                first=_who(of_subject[first].result, options),
                second=_who(of_subject[second].result, options),
                shared=shared,
                share=share,
                sides=(_side(of_subject[first], slices[0]), _side(of_subject[second], slices[1])),
            )
            for number, (shared, share, first, second, slices) in enumerate(pairs[:MOST_PAIRS], 1)
        ),
        more=max(0, len(pairs) - MOST_PAIRS),
        compared=len(submissions),
        many=many,
    )


def _who(result: Result, options: IndexOptions) -> Who:
    return Who(clean_line(result.subject, 80), page_link(result, options))


@lru_cache(maxsize=4096)
def _read(source: str) -> Any:
    """Return copydetect's fingerprint of one cell: every run of `RUN` characters of its tokens, since a choice among
    them (a window above 1) would depend on Python's random hashes and so change from one call to the next."""
    from copydetect import CodeFingerprint  # half a second, and an extra

    return CodeFingerprint("code.py", RUN, 1, language="python", fp=io.StringIO(source))


@dataclass
class _Fingerprint:
    """Answer what `copydetect.compare_files` asks of a submission, made of its cells, so that no run goes over their
    ends.

    hash_idx: run -> places in filtered_code. offsets: (place, characters that are left out before it).
    """

    k: int
    filtered_code: str
    hash_idx: dict[int, list[int]]
    offsets: Any
    hashes: set[int] = field(default_factory=set)
    token_coverage: int = 0

    @classmethod
    def of(cls, one: OwnCode) -> _Fingerprint:
        import numpy as np

        places: dict[int, list[int]] = defaultdict(list)
        filtered, raw, offsets = "", 0, []
        for cell in one.cells:
            found = _read(cell.source)
            for run, starts in found.hash_idx.items():
                places[run] += [len(filtered) + int(start) for start in starts]
            rows = np.array(
                found.offsets
            )  # at a class's name copydetect notes its length, not the sum, which never falls
            rows[:, 1] = np.maximum.accumulate(rows[:, 1]) + raw - len(filtered)
            rows[:, 0] += len(filtered)
            offsets.append(rows)
            filtered += found.filtered_code + "\n"
            raw += len(cell.source) + 1
        return cls(RUN, filtered, dict(places), np.concatenate(offsets) if offsets else np.zeros((0, 2), int))

    def forget(self, taken: Collection[int]) -> None:
        """Take runs out, and count what is left."""
        from copydetect.utils import get_token_coverage

        self.hash_idx = {run: places for run, places in self.hash_idx.items() if run not in taken}
        self.hashes = set(self.hash_idx)
        self.token_coverage = int(get_token_coverage(self.hash_idx, RUN, len(self.filtered_code)))


def _compare(first: _Fingerprint, second: _Fingerprint) -> tuple[int, float, tuple[Any, Any]]:
    """Return what two have in common: characters, as a share of the smaller one's own, and places in both texts."""
    from copydetect import compare_files

    _, shares, slices = compare_files(first, second)
    smaller = min(first.token_coverage, second.token_coverage)
    shared = min(shares[0] * first.token_coverage, shares[1] * second.token_coverage)
    return round(float(shared)), min(1.0, float(shared) / max(1, smaller)), slices


def _side(one: OwnCode, slices: Any) -> tuple[PairedCell, ...]:
    """Return the cells with what is in common marked. slices: starts and ends in the text of all cells."""
    marked = [(int(start), int(end)) for start, end in zip(*slices, strict=True)]
    cells, at = [], 0
    for cell in one.cells:
        lines = []
        for line, drawn in zip(cell.source.split("\n"), highlight_lines(cell.source), strict=False):
            begin, stop = at + len(line) - len(line.lstrip()), at + len(line.rstrip())
            lines.append((drawn, stop > begin and any(start < stop and end > begin for start, end in marked)))
            at += len(line) + 1
        cells.append(PairedCell(cell.number, tuple(lines), sum(common for _, common in lines)))
    return tuple(cells)
