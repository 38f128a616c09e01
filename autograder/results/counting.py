"""Which results of a folder count: one for each student and assignment.

A results folder keeps every subject that was ever graded. Whoever was graded alone and later with a group has results
under two of them; the hand-in that came in last counts, else what was graded last. A result of somebody unknown counts
for as long as what came in (`intake.json`) still says that nobody is known for that file.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from autograder.records import Result
from autograder.submissions.arrivals import read_arrivals


def counting(results: Iterable[Result], root: Path | None = None) -> list[Result]:
    """Return those that count for at least one of their students, and those of nobody known; in the order given.

    root: the results folder, whose intake.json says which of those of nobody known somebody has been found for.
    """
    arrivals = read_arrivals(root).arrivals if root is not None else ()
    unknown = {(one.assignment, one.subject) for one in arrivals}
    found = [
        result for result in results if result.students or not unknown or (result.assignment, result.subject) in unknown
    ]
    best: dict[tuple[str, str], Result] = {}
    for result in found:
        for student in result.students:
            key = (result.assignment, student)
            if key not in best or _later(result, best[key]):
                best[key] = result
    kept = {id(result) for result in best.values()}
    return [result for result in found if not result.students or id(result) in kept]


def _later(result: Result, other: Result) -> bool:
    if result.received_at is not None and other.received_at is not None and result.received_at != other.received_at:
        return result.received_at > other.received_at
    return result.graded_at > other.graded_at
