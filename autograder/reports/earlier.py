"""What earlier terms showed of each question: counts and means, which name nobody, kept beside this term's results.

They are read once from a results folder of that term and stay when its evidence is erased.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from statistics import fmean

from pydantic import TypeAdapter, ValidationError

from autograder.files import write_whole
from autograder.records import Outcome, Record, Result

LEAST = 10  # submissions; the mean of fewer could tell of single students

_FILE = "earlier.json"


class EarlierItem(Record):
    """One question in an earlier term. mean: share of the points, 0 to 1, over `count` submissions."""

    count: int
    mean: float


EarlierTerms = dict[str, dict[str, dict[str, EarlierItem]]]
"""Term -> assignment -> question -> what it showed."""

_EARLIER = TypeAdapter(EarlierTerms)


def read_earlier(staff: Path) -> EarlierTerms:
    """Return what is kept of earlier terms; nothing where there is no such file, or a damaged one."""
    try:
        return _EARLIER.validate_json((staff / _FILE).read_bytes())
    except (OSError, ValidationError):  # it can be made again from the earlier folder
        return {}


def keep_earlier(staff: Path, term: str, results: Iterable[Result]) -> int:
    """Add a term, or replace it; returns how many questions have enough submissions to be kept."""
    shares: dict[str, dict[str, list[float]]] = {}
    for result in results:
        for question in result.questions if result.outcome is Outcome.GRADED else ():
            if question.score is not None and question.max_score > 0:
                of = shares.setdefault(result.assignment, {}).setdefault(question.id, [])
                of.append(question.score / question.max_score)
    kept = {
        assignment: {
            id: EarlierItem(count=len(found), mean=round(fmean(found), 4))
            for id, found in questions.items()
            if len(found) >= LEAST
        }
        for assignment, questions in shares.items()
    }
    every = {**read_earlier(staff), term: kept}
    write_whole(staff / _FILE, _EARLIER.dump_json(every, indent=1) + b"\n")
    return sum(len(questions) for questions in kept.values())
