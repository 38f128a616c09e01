"""Of several hand-ins of one student or group for one assignment, the one that counts: the latest.

Whoever is in a group hands in for the group, so alone and together are hand-ins of one subject. A time that the channel
did not write decides nothing: where times are missing, the choice is told to a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from autograder.submissions.layouts.base import HandIn
from autograder.submissions.submission import Submission

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Candidate:
    """A submission, and the hand-in that it came with."""

    submission: Submission
    hand_in: HandIn

    @property
    def rank(self) -> tuple[object, ...]:
        """Of several the greatest is graded."""
        receipt = self.hand_in.receipt
        when = receipt.when or (receipt.local.replace(tzinfo=UTC) if receipt.local else _NEVER)
        submission = self.submission
        gradable = not submission.problem and not submission.set_aside
        return (gradable, when, self.hand_in.number, self.hand_in.source, submission.source)


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
    moments = [other.rank[1] for other in rivals]
    known = kept.rank[1] != _NEVER and all(moment != _NEVER for moment in moments)
    if not submission.assignment:
        return submission
    many = f"{len(others) + 1} hand-ins"
    if not rivals:
        reason = f"{many}: {counts} counts, the only one that can be graded; not {sources}"
    elif known and kept.rank[1] not in moments:
        reason = f"{many}: {counts} counts, the latest; not {sources}"
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
    if receipt.local is not None:
        return f"the one received {receipt.local:%Y-%m-%d %H:%M:%S} (zone unknown)"
    return candidate.submission.source
