"""`submission_metadata.json`: who handed in, when, and until when they may.

The file is Gradescope's, names and e-mail addresses in it are people's own. Names are not read. Nothing in it is
needed to grade: where a part is missing or has another form, the submission is graded without it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_MOST_BYTES = 64 << 20  # earlier submissions come with their results
_MOST_PEOPLE = 200
_LONGEST = 200  # characters of an e-mail address


@dataclass(frozen=True)
class Metadata:
    """emails: of the student, or of a group's members. created_at, due: with their zone; None where not said.
    earlier: how many submissions came before. notes: what could not be read, for the instructor."""

    emails: tuple[str, ...] = ()
    created_at: datetime | None = None
    due: datetime | None = None
    earlier: int = 0
    notes: tuple[str, ...] = ()


@dataclass
class _Unread:
    found: list[str] = field(default_factory=list)

    def moment(self, value: Any, what: str) -> datetime | None:
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            self.found.append(f"{what} is no date with a time: {str(value)[:60]!r}")
            return None
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def read_metadata(path: Path) -> Metadata:
    """Return what the file says. Never raises for what is in it: `notes` says what could not be read."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            return Metadata(notes=(f"{path.name}: found more than {_MOST_BYTES >> 20} MiB, expected less",))
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        return Metadata(notes=(f"{path.name} cannot be read: {error}",))
    if not isinstance(found, dict):
        return Metadata(notes=(f"{path.name} holds no object",))
    notes = _Unread()
    users = [user for user in _list(found.get("users"))[:_MOST_PEOPLE] if isinstance(user, dict)]
    emails = tuple(dict.fromkeys(filter(None, map(_email, users))))
    if not emails:
        notes.found.append(f"{path.name} names nobody by an e-mail address")
    return Metadata(
        emails=emails,
        created_at=notes.moment(found.get("created_at"), "created_at"),
        due=_due(found, users, notes),
        earlier=len(_list(found.get("previous_submissions"))),
        notes=tuple(notes.found),
    )


def _due(found: Mapping[str, Any], users: list[dict[str, Any]], notes: _Unread) -> datetime | None:
    """Return the deadline that holds: the latest of those that the submitters have for themselves, else the common one.

    Gradescope's extensions stand with each user; a group has the time that one of them has.
    """
    common = notes.moment(_of(found, "assignment").get("due_date"), "due_date")
    own = [notes.moment(_of(user, "assignment").get("due_date"), "an extended due_date") for user in users]
    moments = [moment for moment in (common, *own) if moment is not None]
    return max(moments) if moments else None


def _of(found: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = found.get(key)
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _email(user: Mapping[str, Any]) -> str:
    email = user.get("email")
    plain = isinstance(email, str) and email.isprintable() and 0 < len(email) <= _LONGEST and "@" in email
    return email.strip().lower() if plain and isinstance(email, str) else ""
