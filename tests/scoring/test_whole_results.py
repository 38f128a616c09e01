"""Everything that a result says of one attempt, and at which boundary each part of it turns."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from autograder.course.adjustments import _ADJUSTMENT, Adjustments
from autograder.course.course import Course, LatePolicy
from autograder.records import CellOutcome, Evidence, Misconception, Outcome, QuestionResult, Result, SandboxUse
from autograder.scoring.score import (
    NEEDS_PERSON,
    NOTHING_ASKED_FOR,
    UNKNOWN_RECEIPT,
    ManualGrade,
    points_by_tests,
    rubric_version,
    score,
)

Make = Callable[..., Evidence]
DUE = datetime(2026, 10, 12, 23, 59, tzinfo=UTC)
LATER = DUE + timedelta(days=9)
ALL_PASSED = {"one": "passed passed", "two": "passed", "quiz": "passed", "weights": "passed"}


def entries(*given: dict[str, Any]) -> Adjustments:
    base = {"assignment": "01_first", "who": "anna", "why": "because", "when": date(2026, 10, 20)}
    return Adjustments(tuple(_ADJUSTMENT.validate_python(base | one) for one in given))


def of(result: Result, id: str) -> QuestionResult:
    return next(q for q in result.questions if q.id == id)


def test_a_result_says_all_of_its_evidence_and_rubric(course: Course, make_evidence: Make) -> None:
    assignment = course.assignments[0]
    made = make_evidence(subject="g1", members=("s1", "s2"), received_at=DUE + timedelta(days=1), **ALL_PASSED)
    channel = {"flags": ("of the channel", "twice"), "notices": ("of the file",)}
    evidence = made.model_copy(
        update={
            "attempt": 3,
            "release": "r7",
            "reason": "a reason",
            "cells": (CellOutcome(index=2, status="error"),),
            "flags": ("of the run", "twice"),
            "notices": ("of the notebook",),
            "sandbox": SandboxUse(backend="namespace", peak_memory_bytes=5),
            "versions": {"torch": "2"},
            "submission": made.submission.model_copy(update=channel),
        }
    )
    adjustments, manual = entries({"kind": "excuse", "question": "quiz"}), {"essay": ManualGrade(4, "Good.", 0.5)}
    own = DUE + timedelta(hours=12)
    result = score(evidence, assignment, course.late_policy, adjustments, manual, due=own)
    assert result.model_dump(exclude={"questions"}) == {
        "schema_version": result.schema_version,
        "outcome": Outcome.GRADED,
        "reason": "a reason",
        "subject": "g1",
        "students": ("s1", "s2"),
        "assignment": "01_first",
        "title": "The first",
        "release": "r7",
        "compared_with": "",
        "notebook_sha256": "0" * 64,
        "attempt": 3,
        "graded_at": evidence.graded_at,
        "received_at": DUE + timedelta(days=1),
        "due": own,
        "score": 15.75,  # 4 + 3 + 6 + 4.5, less a tenth
        "max_score": 18.0,
        "late_penalty": 1.75,
        "needs_manual_grade": False,
        "cells": (evidence.cells[0].model_dump(),),
        "notices": ("of the file", "of the notebook"),
        "flags": ("of the channel", "twice", "of the run", "question quiz is excused: because"),
        "sandbox": evidence.sandbox.model_dump() if evidence.sandbox else None,
        "versions": {"torch": "2"},
        "rubric": rubric_version(evidence.submission, assignment, course.late_policy, adjustments, manual, due=own),
    }
    for other in (
        rubric_version(evidence.submission, assignment, course.late_policy, None, manual, due=own),
        rubric_version(evidence.submission, assignment, course.late_policy, adjustments, None, due=own),
        rubric_version(evidence.submission, assignment, course.late_policy, adjustments, manual),
    ):
        assert other != result.rubric


def test_a_question_says_all_of_itself(course: Course, make_evidence: Make) -> None:
    known = Misconception(question="two", id="x", sentence="This.")
    evidence = make_evidence(one="passed", two="failed passed", quiz="passed", weights="passed").model_copy(
        update={"misconceptions": (known.model_copy(update={"question": "one"}), known)}
    )
    said = {"two": ManualGrade(None, "See me.", 0.25)}
    found = of(score(evidence, course.assignments[0], LatePolicy(), None, said), "two")
    assert found == QuestionResult(
        id="two", title="Two", kind="tests", score=1.75, max_score=3.0, status="partial",
        tests=tuple(t for t in evidence.tests if t.question == "two"), misconception=known, comment="See me.",
    )  # fmt: skip
    assert of(score(evidence, course.assignments[0], LatePolicy()), "quiz").misconception is None


def test_the_deadline_that_a_result_names(course: Course, make_evidence: Make) -> None:
    evidence, assignment = make_evidence(**ALL_PASSED), course.assignments[0]
    longer = entries({"kind": "extension", "until": LATER, "students": ("s1",)})
    shorter = entries({"kind": "extension", "until": DUE - timedelta(days=9), "students": ("s1",)})
    assert score(evidence, assignment, LatePolicy()).due == DUE
    assert score(evidence, assignment, LatePolicy(), due=LATER).due == LATER
    assert score(evidence, assignment, LatePolicy(), longer).due == LATER
    assert score(evidence, assignment, LatePolicy(), longer, due=LATER + timedelta(1)).due == LATER + timedelta(1)
    assert score(evidence, assignment, LatePolicy(), shorter).due == DUE
    without = replace(assignment, due=None)
    assert score(evidence, without, course.late_policy).due is None
    assert score(evidence, without, course.late_policy, due=LATER).due == LATER
    assert score(evidence, without, course.late_policy).late_penalty == 0


@pytest.mark.parametrize(
    ("extra", "points", "total"),
    [(0.0, 5, 5.0), (-1.0, 5, 5.0), (1.5, 5, 6.5), (1.5, -2, 1.5), (0.5, 9, 5.5), (0.5, 0, 0.5)],
)
def test_extra_credit_alone_goes_past_the_maximum(
    course: Course, make_evidence: Make, extra: float, points: float, total: float
) -> None:
    manual = {"essay": ManualGrade(points, extra_credit=extra)}
    found = of(score(make_evidence(**ALL_PASSED), course.assignments[0], LatePolicy(), None, manual), "essay")
    assert (found.score, found.status, found.comment) == (total, "graded_by_hand", "")


def test_a_comment_of_the_gradebook_beats_the_reason_of_an_adjustment(course: Course, make_evidence: Make) -> None:
    assignment, evidence = course.assignments[0], make_evidence(**ALL_PASSED)
    decided = entries({"kind": "points", "question": "two", "points": 1, "students": ("s1",)})
    assert of(score(evidence, assignment, LatePolicy(), decided), "two").comment == "because"
    said = {"two": ManualGrade(None, "Well.")}
    found = of(score(evidence, assignment, LatePolicy(), decided, said), "two")
    assert (found.score, found.comment) == (1.0, "Well.")


@pytest.mark.parametrize("weight", [0.0, -1.0, math.nan, math.inf])
def test_a_test_without_a_weight_counts_for_nothing(course: Course, make_evidence: Make, weight: float) -> None:
    made = make_evidence(one="passed failed")
    odd = made.tests[1].model_copy(update={"weight": weight})
    evidence = made.model_copy(update={"tests": (made.tests[0], odd)})
    found = of(score(evidence, course.assignments[0], LatePolicy()), "one")
    assert (found.score, found.status, found.tests[1].weight) == (4.0, "passed", 0.0)
    only = made.model_copy(update={"tests": (odd,)})
    found = of(score(only, course.assignments[0], LatePolicy()), "one")
    assert (found.score, found.max_score, found.status) == (None, 4.0, "not_run")


def test_why_a_question_is_left_out(course: Course, make_evidence: Make) -> None:
    drop = {"kind": "drop_test", "question": "one", "test": "test_one"}
    evidence = make_evidence(one="passed passed", two="passed", weights="not_run not_run")
    result = score(evidence, course.assignments[0], LatePolicy(), entries(drop))
    assert result.flags == (
        "question one is left out: all its tests are dropped",
        "question quiz has no evidence: it was not graded by tests in this attempt; grade again",
        "question weights is left out: data to judge the artifact were missing",
    )
    assert result.max_score == 3 + 5
    drop = {"kind": "drop_test", "question": "weights", "test": "test_weights"}
    result = score(evidence, course.assignments[0], LatePolicy(), entries(drop))
    assert "question weights is left out: all its tests are dropped" in result.flags


@pytest.mark.parametrize(
    ("outcome", "scored", "status", "flags"),
    [
        (Outcome.GRADED, 13.0, "passed", ()),
        (Outcome.UNGRADABLE, 0.0, "not_run", (NEEDS_PERSON,)),
        (Outcome.NOT_GRADED, None, "not_run", ()),
    ],
)
def test_what_an_outcome_makes_of_the_tests(
    course: Course, make_evidence: Make, outcome: Outcome, scored: float | None, status: str, flags: tuple[str, ...]
) -> None:
    tests = {"one": "passed passed", "two": "passed", "weights": "passed"}
    evidence = make_evidence(outcome=outcome, quiz="failed", received_at=LATER, **tests)
    result = score(evidence, course.assignments[0], LatePolicy())
    assert result.score == scored
    assert of(result, "one").status == status
    assert result.flags == flags
    assert result.needs_manual_grade == (outcome is not Outcome.NOT_GRADED)
    assert result.late_penalty == 0
    assert result.reason == ("" if outcome is Outcome.GRADED else "why")
    late = score(evidence, course.assignments[0], course.late_policy)
    assert late.late_penalty == (6.5 if outcome is Outcome.GRADED else 0)


def test_points_have_six_decimals(course: Course, make_evidence: Make) -> None:
    found = score(make_evidence(one="passed failed failed"), course.assignments[0], LatePolicy())
    assert of(found, "one").score == 1.333333
    policy = LatePolicy(percent_per_day=1 / 3)
    late = score(make_evidence(received_at=DUE + timedelta(hours=1), one="passed"), course.assignments[0], policy)
    assert (late.late_penalty, late.score) == (0.013333, 3.986667)
    weighed = entries({"kind": "reweight_question", "question": "one", "points": 2 / 3})
    found = score(make_evidence(one="passed"), course.assignments[0], LatePolicy(), weighed)
    assert of(found, "one").max_score == 0.666667


def test_an_unknown_receipt_is_flagged_where_it_matters(course: Course, make_evidence: Make) -> None:
    evidence = make_evidence(received_at=None, one="passed")
    assert UNKNOWN_RECEIPT in score(evidence, course.assignments[0], course.late_policy).flags
    for harmless in (
        score(evidence, course.assignments[0], LatePolicy()),
        score(evidence, replace(course.assignments[0], due=None), course.late_policy),
        score(evidence, course.assignments[0], course.late_policy, entries({"kind": "waive_late"})),
    ):
        assert UNKNOWN_RECEIPT not in harmless.flags
    assert UNKNOWN_RECEIPT == "time of receipt unknown: no late penalty"
    assert NEEDS_PERSON == "nothing could be graded: a person should look at what was handed in"


def test_what_forbids_says_why_it_does_not_count(course: Course, make_evidence: Make) -> None:
    made = make_evidence(one="passed failed error")
    tests = tuple(t.model_copy(update={"forbids": i != 1, "message": "m"}) for i, t in enumerate(made.tests))
    found = of(score(made.model_copy(update={"tests": tests}), course.assignments[0], LatePolicy()), "one")
    assert [(test.status.value, test.message) for test in found.tests] == [
        ("not_run", NOTHING_ASKED_FOR),
        ("failed", "m"),
        ("error", "m"),  # it did not pass: nothing to take back
    ]
    assert points_by_tests(found) == 0
    assert points_by_tests(found.model_copy(update={"tests": ()})) is None


def test_a_rubric_version_stays_what_it_was(course: Course, make_evidence: Make) -> None:
    """It stands in the results that were written: another one would have every result of a course made again."""
    submission = make_evidence(one="passed").submission
    plain = rubric_version(submission, course.assignments[0], course.late_policy)
    assert plain == "1786967bd1f81f58"
    elsewhere = {"kind": "excuse", "question": "one", "assignment": "other"}
    decided = entries({"kind": "excuse", "question": "quiz"}, elsewhere)
    manual = {"two": ManualGrade(1.0, "c", 0.5), "essay": ManualGrade(None)}
    assert (
        rubric_version(submission, course.assignments[0], course.late_policy, decided, manual, due=LATER)
        == "b10ad35d81a89e07"
    )
    without = replace(course.assignments[0], due=None)
    assert rubric_version(submission, without, course.late_policy) == "aecb14b5f8efe7d4"
    assert rubric_version(submission, without, course.late_policy, due=DUE) == plain
