"""A small course and a maker of evidence, for the tests of scoring and of what is computed from it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.course.course import Course, load_course
from autograder.records import Evidence, Outcome, SubmissionInfo, TestOutcome, TestStatus

COURSE = """\
title: A course
late_policy: {percent_per_day: 10, grace_minutes: 15, maximum_percent: 50}
assignments:
  - name: 01_first
    title: The first
    due: 2026-10-12T23:59:00+00:00
    questions:
      - {id: one, title: One, points: 4, kind: tests}
      - {id: two, title: Two, points: 3, kind: tests}
      - {id: quiz, title: Quiz, points: 2, kind: quiz, visibility: after_due}
      - {id: essay, title: Essay, points: 5, kind: manual}
      - {id: weights, title: Weights, points: 6, kind: artifact}
"""


@pytest.fixture
def course(tmp_path: Path) -> Course:
    (tmp_path / "course.yaml").write_text(COURSE)
    return load_course(tmp_path, check_files=False)


@pytest.fixture
def make_evidence() -> Callable[..., Evidence]:
    """`make_evidence(one="passed failed", two="passed", ...)`: statuses of each question's tests, in order."""

    def make(
        *,
        subject: str = "s1",
        members: tuple[str, ...] = ("s1",),
        outcome: Outcome = Outcome.GRADED,
        received_at: datetime | None = datetime(2026, 10, 12, 20, tzinfo=UTC),
        test_weights: dict[str, float] | None = None,
        **questions: str,
    ) -> Evidence:
        tests = tuple(
            TestOutcome(
                question=question,
                name=f"test_{question}[{i}]",
                title=f"{question} {i}.",
                status=TestStatus(status),
                weight=(test_weights or {}).get(f"test_{question}[{i}]", 1.0),
            )
            for question, statuses in questions.items()
            for i, status in enumerate(statuses.split())
        )
        return Evidence(
            assignment="01_first",
            submission=SubmissionInfo(
                subject=subject, members=members, received_at=received_at, notebook_sha256="0" * 64
            ),
            outcome=outcome,
            reason="" if outcome is Outcome.GRADED else "why",
            tests=tests,
            graded_at=datetime(2026, 10, 13, tzinfo=UTC),
        )

    return make
