"""What is right for the notebook of an earlier release, where the newest asks in other words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.course.answer_keys import asked_items, own_key
from autograder.course.course import question_id_of
from autograder.course.releases import ReleaseDescriptor


@dataclass(frozen=True)
class Asked:
    """The solution's names with the key of one release. otherwise: the questions whose items it asks in other words."""

    reference: Mapping[str, Any]
    otherwise: frozenset[str] = frozenset()
    flags: tuple[str, ...] = ()  # for the staff


def asked_in(
    release: ReleaseDescriptor | None,
    releases: Sequence[ReleaseDescriptor],
    questions: Sequence[str],
    reference: Mapping[str, Any],
) -> Asked:
    """Return what is right for a notebook of `release`. releases: all of them, the newest last."""
    key, unknown = own_key(release, releases[-1] if releases else None)
    if release is None or not (key or unknown):
        return Asked(reference)
    others = {question_id_of(id, questions) for id, name, _ in asked_items(release.cells) if name in {*key, *unknown}}
    said = (
        f"this notebook's release asks {', '.join(unknown)} in other words, and releases.json does not keep what was "
        "right there; graded by the newest key",
    )
    return Asked({**reference, **key}, frozenset(others), said if unknown else ())
