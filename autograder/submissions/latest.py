"""Of several hand-ins of one student or group for one assignment, the one that counts: the latest.

Whoever is in a group hands in for the group, so alone and together are hand-ins of one subject. A time that the channel
did not write decides nothing: where times are missing, the choice is told to a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from autograder.submissions.layouts.base import HandIn
from autograder.submissions.receipt import Receipt
from autograder.submissions.submission import Submission

_NEVER = datetime.min.replace(tzinfo=UTC)
_DAY = timedelta(days=1)
_MOST_BETWEEN_ZONES = timedelta(hours=14)  # of any zone's clock from UTC's


@dataclass(frozen=True)
class Candidate:
    """A submission, and the hand-in that it came with."""

    submission: Submission
    hand_in: HandIn

    @property
    def rank(self) -> tuple[object, ...]:
        """Return the rank: of several the greatest is graded."""
        when = _moment(self.hand_in.receipt)
        submission = self.submission
        gradable = not submission.problem and not submission.set_aside
        return (gradable, when, self.hand_in.number, self.hand_in.source, submission.source)


def _moment(receipt: Receipt) -> datetime:
    """Return when it came as well as that is known: a day alone is its beginning, a missing zone is UTC."""
    return receipt.when or (receipt.local.replace(tzinfo=UTC) if receipt.local else _NEVER)


def _surely_after(kept: HandIn, other: HandIn) -> bool:
    """Return whether the one was received after the other, whatever the hour or the zone that is not known.

    One channel writes all its times in one zone, so there what is written tells.
    """
    mine, theirs = kept.receipt, other.receipt
    after, before = _moment(mine), _moment(theirs)
    if _NEVER in (after, before):
        return False
    if (mine.when is None) != (theirs.when is None):
        if kept.layout == other.layout and mine.local is not None and theirs.local is not None:
            after, before = mine.local.replace(tzinfo=UTC), theirs.local.replace(tzinfo=UTC)
        else:
            before += _MOST_BETWEEN_ZONES
    return after >= before + _DAY if theirs.day_only else after > before


def one_for_each(candidates: Iterable[Candidate]) -> list[Submission]:
    """Return all submissions, of which one for each subject and assignment counts; it says why, and the others say
    which.
    """
    groups: dict[tuple[str, str], list[Candidate]] = {}
    for candidate in candidates:
        submission = candidate.submission
        groups.setdefault((submission.subject, submission.assignment), []).append(candidate)
    found: list[Submission] = []
    for group in groups.values():
        kept = max(group, key=lambda candidate: candidate.rank)
        others = [candidate for candidate in group if candidate is not kept]
        found.append(_with_reason(kept, others) if others else kept.submission)
        for candidate in others:
            submission = candidate.submission
            source = kept.submission.source
            message = submission.problem or f"{submission.source}: of this student, {source} is graded instead"
            found.append(replace(submission, problem=message, superseded_by=source))
    return found


def _with_reason(kept: Candidate, others: list[Candidate]) -> Submission:
    """Return the one that counts, with what it was chosen from and why."""
    submission = kept.submission
    counts = _described(kept)
    sources = ", ".join(map(_described, others[:3])) + (" …" if len(others) > 3 else "")
    rivals = [other for other in others if other.rank[0] == kept.rank[0]]
    if not submission.assignment:
        return submission
    many = f"{len(others) + 1} hand-ins"
    if not rivals:
        reason = f"{many}: {counts} counts, the only one that can be graded; not {sources}"
    elif all(_surely_after(kept.hand_in, other.hand_in) for other in rivals):
        latest = "the latest" if len(rivals) == len(others) else "the latest that can be graded"
        reason = f"{many}: {counts} counts, {latest}; not {sources}"
    else:
        reason = (
            f"{many}, and their times do not say which is the latest: {counts} was graded, not {sources}; a person "
            "should look"
        )
    return replace(submission, flags=(*submission.flags, reason))


def _described(candidate: Candidate) -> str:
    """Return a hand-in by its time, which names nobody; by its file where the channel wrote no time."""
    receipt = candidate.hand_in.receipt
    if receipt.when is not None:
        return f"the one received {receipt.when:%Y-%m-%d %H:%M:%S} UTC"
    if receipt.day_only and receipt.local is not None:
        return f"the one received {receipt.local:%Y-%m-%d} (hour unknown)"
    if receipt.local is not None:
        return f"the one received {receipt.local:%Y-%m-%d %H:%M:%S} (zone unknown)"
    return candidate.submission.source
