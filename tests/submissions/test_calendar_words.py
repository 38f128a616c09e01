"""Dates in the languages that platforms speak: the month that is meant, or none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from babel.dates import format_datetime

from autograder.submissions.calendar_words import LANGUAGES
from autograder.submissions.receipt import Clock, read_time

FORMS = ("d MMMM y HH:mm", "d. MMM y HH:mm", "EEEE d MMMM y HH:mm", "MMM d, y HH:mm", "d 'de' MMMM 'de' y HH:mm")
DARK = {"cs", "cy", "hr", "pl"}  # have months that are others in another language, or days of two words


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_month_is_taken_for_another(language: str) -> None:
    unknown = 0
    for month in range(1, 13):
        when = datetime(2026, month, 17, 21, 4, tzinfo=UTC)
        for form in FORMS:
            read = read_time(format_datetime(when, form, locale=language), "the name", Clock(UTC))
            assert read.when in (when, None)
            assert read.when is not None or "time of receipt unknown" in read.note
            unknown += read.when is None
    assert unknown == 0 or language in DARK


@pytest.mark.parametrize(
    "text", ["12 foobar 2026 21:04", "12 listopada 2026 21:04", "mar 3 mar 2026 10:00", "12 2026 21:04"]
)
def test_what_is_no_month_or_two_is_unknown_and_told(text: str) -> None:
    read = read_time(text, "the name", Clock(UTC))
    assert (read.when, "time of receipt unknown" in read.note) == (None, True)
