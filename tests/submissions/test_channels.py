"""Layouts and times of receipt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.submissions.archives import shown
from autograder.submissions.layouts import named_assignment, parse_timestamp, read_layout

ASSIGNMENTS = ["03_separable", "03_separable_extra", "04_distillation"]
NOON = datetime(2026, 10, 12, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(("text", "when"), [
    ("2026-10-12 12:00:00.000000 UTC", NOON), ("2026-10-12 12:00:00 UTC\n", NOON), ("2026-10-12 12:00:00", NOON),
    ("2026-10-12T12:00:00Z", NOON), ("2026-10-12T14:00:00+02:00", NOON), ("2026-10-12 13:00:00 +0100", NOON),
    ("2026-10-12 05:00:00 PDT", NOON), ("2026-10-12 14:00:00 Europe/Berlin", NOON), ("2026-10-12 14:00 CEST", NOON),
    ("\ufeff2026-10-12 12:00:00 UTC", NOON), ("2026-10-12", NOON - timedelta(hours=12)),
    ("2026-10-12 12:00:00 XYZ", None), ("", None), ("yesterday", None), ("12:00", None),
    ("2026-99-99 12:00:00 UTC", None),
    ("0001-01-01 00:00:00 +1400", None), ("9" * 90, None),
])  # fmt: skip
def test_timestamps(text: str, when: datetime | None) -> None:
    assert parse_timestamp(text) == when


@given(st.text(max_size=120))
def test_any_timestamp_is_a_time_or_none(text: str) -> None:
    found = parse_timestamp(text)
    assert found is None or found.utcoffset() == timedelta(0)


@pytest.mark.parametrize(("name", "assignment"), [
    ("03_separable", "03_separable"), ("alice-03-Separable (2)", "03_separable"),
    ("03 separable extra", "03_separable_extra"),
    ("103_separable", ""), ("03_separables", ""), ("", ""), ("04_DISTILLATION_bob", "04_distillation"),
])  # fmt: skip
def test_assignments_in_names(name: str, assignment: str) -> None:
    assert named_assignment(name, ASSIGNMENTS) == assignment


@pytest.mark.parametrize(("parts", "keys"), [
    (("submitted", "alice", "03_separable", "x.ipynb"), ("alice",)),
    (("alice_03_separable.ipynb",), ("alice_03_separable", "alice")),
    (("03_separable.ipynb",), ("03_separable",)),
    (("x_1_2_alice.ipynb",), ("1", "x")),
])  # fmt: skip
def test_keys(parts: tuple[str, ...], keys: tuple[str, ...]) -> None:
    assert read_layout(parts, ASSIGNMENTS).keys[-len(keys):] == keys  # fmt: skip


@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=5))
def test_any_layout_is_read(parts: list[str]) -> None:
    claim = read_layout(parts, ASSIGNMENTS, ("a", "b"))
    assert all(key and key == key.strip() for key in claim.keys)
    assert claim.assignment in ("", *ASSIGNMENTS)


@given(st.text(max_size=500))
def test_shown_names_are_printable(name: str) -> None:
    text = shown(name)
    assert len(text) <= 300
    text.encode()
    assert "\x1b" not in text
    assert "\n" not in text
