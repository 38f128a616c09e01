"""Layouts and times of receipt."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.submissions.listing import shown
from autograder.submissions.naming import named_assignment, without_assignment
from autograder.submissions.receipt import Clock, infer_order, read_time

ASSIGNMENTS = ["03_separable", "03_separable_extra", "04_distillation"]
NOON = datetime(2026, 10, 12, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(("text", "when"), [
    ("2026-10-12 12:00:00.000000 UTC", NOON), ("2026-10-12 12:00:00 UTC\n", NOON), ("2026-10-12 12:00:00", NOON),
    ("2026-10-12T12:00:00Z", NOON), ("2026-10-12T14:00:00+02:00", NOON), ("2026-10-12 13:00:00 +0100", NOON),
    ("2026-10-12 05:00:00 PDT", NOON), ("2026-10-12 14:00:00 Europe/Berlin", NOON), ("2026-10-12 14:00 CEST", NOON),
    ("\ufeff2026-10-12 12:00:00 UTC", NOON), ("2026-10-12", None),
    ("2026-10-12 12:00:00 XYZ", None), ("", None), ("yesterday", None), ("12:00", None),
    ("2026-99-99 12:00:00 UTC", None),
    ("0001-01-01 00:00:00 +1400", None), ("9" * 90, None),
])  # fmt: skip
def test_timestamps(text: str, when: datetime | None) -> None:
    assert read_time(text, "timestamp.txt", Clock(UTC)).when == when


@given(st.text(max_size=120))
def test_any_timestamp_is_a_time_or_none(text: str) -> None:
    found = read_time(text, "timestamp.txt", Clock(UTC)).when
    assert found is None or found.utcoffset() == timedelta(0)


@pytest.mark.parametrize(("name", "assignment"), [
    ("03_separable", "03_separable"), ("alice-03-Separable (2)", "03_separable"),
    ("03 separable extra", "03_separable_extra"),
    ("103_separable", ""), ("03_separables", ""), ("", ""), ("04_DISTILLATION_bob", "04_distillation"),
])  # fmt: skip
def test_assignments_in_names(name: str, assignment: str) -> None:
    assert named_assignment(name, ASSIGNMENTS) == assignment


@pytest.mark.parametrize(("stem", "names"), [
    ("alice_03_separable", ["alice"]), ("03-separable Bob (1)", ["Bob"]), ("03_separable", []), ("alice", []),
])  # fmt: skip
def test_a_student_s_name_beside_the_assignment_s(stem: str, names: list[str]) -> None:
    assert without_assignment(stem, ASSIGNMENTS) == names


@pytest.mark.parametrize(("text", "when"), [
    ("Oct 9, 2026 9:04 PM", "2026-10-09T19:04"), ("Oct 12, 2026 12:05 AM", "2026-10-11T22:05"),
    ("Monday, 12 October 2026, 9:04 PM", "2026-10-12T19:04"), ("2026-10-12 21:04:33 PDT", "2026-10-13T04:04:33"),
    ("2026-10-24 12:00", "2026-10-24T10:00"), ("2026-10-26 12:00", "2026-10-26T11:00"),  # clocks change in between
    ("12/10/2026 21:50", None), ("9 Okt 2026 21:04", "2026-10-09T19:04"), ("Oct 2026 9:04 PM", None),
])  # fmt: skip
def test_times_without_a_zone_are_the_course_s(text: str, when: str | None) -> None:
    expected = datetime.fromisoformat(when + "Z") if when else None
    assert read_time(text, "x", Clock(ZoneInfo("Europe/Berlin"))).when == expected


def test_a_time_without_any_zone_is_unknown_and_says_so() -> None:
    receipt = read_time("2026-10-12 21:04", "the name", Clock())
    assert (receipt.when, receipt.local) == (None, datetime(2026, 10, 12, 21, 4))
    assert "set 'time_zone' in course.yaml" in receipt.note


@pytest.mark.parametrize(("texts", "order"), [
    (["12/10/2026 1:00", "13/10/2026 1:00"], "day_first"), (["12/10/2026", "10/13/2026"], "month_first"),
    (["12/10/2026", "11/10/2026"], ""), (["13/10/2026", "10/13/2026"], ""), (["2026-10-13"], ""), ([], ""),
])  # fmt: skip
def test_the_order_of_day_and_month_is_inferred_only_where_nothing_contradicts(texts: list[str], order: str) -> None:
    assert infer_order(texts) == order


def test_a_date_with_two_readings_is_read_as_the_batch_says_and_else_not_at_all() -> None:
    unknown = read_time("12/10/2026 21:50", "timestamp.txt", Clock(UTC))
    assert unknown.when is None
    assert "two readings" in unknown.note
    inferred = read_time("12/10/2026 21:50", "timestamp.txt", Clock(UTC, "day_first", inferred=True))
    assert inferred.when == datetime(2026, 10, 12, 21, 50, tzinfo=UTC)
    assert "read day first, as other dates of this batch are" in inferred.note
    assert read_time("13/10/2026 21:50", "t", Clock(UTC, "day_first", inferred=True)).note == ""


@given(st.text(max_size=500))
def test_shown_names_are_printable(name: str) -> None:
    text = shown(name)
    assert len(text) <= 300
    text.encode()
    assert "\x1b" not in text
    assert "\n" not in text


@pytest.mark.parametrize("text", ["2026-10-12", "12 October 2026", "Oct 12, 2026", "20261012", "2026-10-12 CEST"])
def test_a_day_without_an_hour_is_no_time(text: str) -> None:
    """Midnight would excuse what came late that day, the day's end would make late what was not."""
    read = read_time(text, "the name", Clock(UTC))
    assert (read.when, read.local, read.day_only) == (None, datetime(2026, 10, 12), True)
    assert "a day without an hour: time of receipt unknown" in read.note
    assert read_time("2026-10-12 00:00", "the name", Clock(UTC)).when == NOON - timedelta(hours=12)


def test_an_hour_that_the_clock_shows_twice_or_never_is_told() -> None:
    clock = Clock(ZoneInfo("Europe/Berlin"))
    twice, never = (read_time(text, "the name", clock) for text in ("2026-10-25 02:30", "2026-03-29 02:30"))
    assert twice.when == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert "showed twice that day: read as the first" in twice.note
    assert never.when == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert "skipped that day" in never.note
    assert read_time("2026-10-25 02:30 +0100", "the name", clock).note == ""


def test_a_word_behind_the_hour_is_no_time_zone() -> None:
    assert read_time("12. Oktober 2026, 12:00 Uhr", "the name", Clock(UTC)).when == NOON


@pytest.mark.parametrize(("zone", "text", "when"), [
    ("Asia/Shanghai", "2026-10-12 20:00 CST", NOON), ("America/Chicago", "2026-01-12 06:00 CST", NOON.replace(month=1)),
    ("Asia/Kolkata", "2026-10-12 17:30 IST", NOON), ("Asia/Jerusalem", "2026-01-12 14:00 IST", NOON.replace(month=1)),
    ("Europe/Berlin", "2026-10-12 20:00 IST", None), ("Europe/Berlin", "2026-10-12 06:00 CST", NOON),
    ("Europe/Berlin", "2026-10-25 02:30 CEST", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ("Europe/Berlin", "2026-10-25 02:30 CET", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
])  # fmt: skip
def test_abbreviations_of_zones_are_read_as_the_course_s_place_uses_them(
    zone: str, text: str, when: datetime | None
) -> None:
    assert read_time(text, "x", Clock(ZoneInfo(zone))).when == when
    assert read_time(text, "x", Clock(UTC, home=ZoneInfo(zone))).when == when
