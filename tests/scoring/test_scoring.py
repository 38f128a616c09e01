"""What a score is made of, one rule a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from autograder.course.adjustments import (
    Adjustments,
    DropTest,
    Excuse,
    Extend,
    Points,
    ReceivedAt,
    ReweightQuestion,
    ReweightTest,
    WaiveLate,
)
from autograder.course.course import Course, LatePolicy
from autograder.records import Evidence, MatchedCell, Outcome, QuestionResult, Result, VariantUse
from autograder.scoring.score import NEEDS_PERSON, UNKNOWN_RECEIPT, ManualGrade, points_by_tests, rubric_version, score

Make = Callable[..., Evidence]
DUE = datetime(2026, 10, 12, 23, 59, tzinfo=UTC)
ALL_PASSED = {"one": "passed passed", "two": "passed", "quiz": "passed", "weights": "passed"}


def adjust(model: type[Any], **values: Any) -> Any:
    kinds = {DropTest: "drop_test", ReweightTest: "reweight_test", ReweightQuestion: "reweight_question",
             Excuse: "excuse", Points: "points", Extend: "extension", WaiveLate: "waive_late",
             ReceivedAt: "received_at"}  # fmt: skip
    base = {"kind": kinds[model], "assignment": "01_first", "who": "anna", "why": "because", "when": date(2026, 10, 20)}
    return model(**(base | values))


def of(result: Result, id: str) -> QuestionResult:
    return next(q for q in result.questions if q.id == id)


def grade(course: Course, evidence: Evidence, *entries: Any, manual: dict[str, ManualGrade] | None = None) -> Result:
    return score(evidence, course.assignments[0], course.late_policy, Adjustments(entries), manual)


def test_points_are_shared_by_weight(course: Course, make_evidence: Make) -> None:
    evidence = make_evidence(one="passed failed passed", test_weights={"test_one[1]": 2.0})
    question = of(grade(course, evidence), "one")
    assert (question.score, question.status) == (2.0, "partial")


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ("passed passed", "passed"),
        ("passed timeout", "partial"),
        ("timeout failed error", "failed"),
        ("not_run error", "error"),
        ("not_run timeout", "timeout"),
        ("not_run", "not_run"),
    ],
)
def test_status_of_a_question(course: Course, make_evidence: Make, statuses: str, expected: str) -> None:
    question = of(grade(course, make_evidence(one=statuses)), "one")
    assert question.status == expected
    assert (question.score == 0) == ("passed" not in statuses)


def test_everything_passed_waits_only_for_the_essay(course: Course, make_evidence: Make) -> None:
    result = grade(course, make_evidence(**ALL_PASSED))
    assert (result.score, result.max_score, result.needs_manual_grade) == (15, 20, True)
    assert of(result, "essay").score is None
    assert of(result, "essay").status == "needs_manual_grade"


def test_a_manual_grade_counts_and_carries_its_comment(course: Course, make_evidence: Make) -> None:
    result = grade(course, make_evidence(**ALL_PASSED), manual={"essay": ManualGrade(4.5, "good")})
    assert (result.score, result.needs_manual_grade) == (19.5, False)
    assert (of(result, "essay").status, of(result, "essay").comment) == ("graded_by_hand", "good")


def test_a_manual_grade_beats_points_which_beat_the_tests(course: Course, make_evidence: Make) -> None:
    entry = adjust(Points, question="one", points=3, students=("s1",))
    evidence = make_evidence(one="failed", two="passed")
    assert of(grade(course, evidence, entry), "one").score == 3
    assert of(grade(course, evidence, entry), "one").comment == "because"
    by_hand = grade(course, evidence, entry, manual={"one": ManualGrade(2, "")})
    assert of(by_hand, "one").score == 2
    assert points_by_tests(of(by_hand, "one")) == 0


def test_a_manual_grade_beyond_the_maximum_is_cut_but_extra_credit_is_not(course: Course, make_evidence: Make) -> None:
    result = grade(course, make_evidence(**ALL_PASSED), manual={"essay": ManualGrade(50, "", 1.0)})
    assert of(result, "essay").score == 6
    assert (result.score, result.max_score) == (21, 20)


def test_a_dropped_test_leaves_the_denominator(course: Course, make_evidence: Make) -> None:
    evidence = make_evidence(one="passed failed")
    one = of(grade(course, evidence, adjust(DropTest, question="one", test="test_one[1]")), "one")
    assert (one.score, one.max_score, one.status) == (4, 4, "passed")
    assert [t.weight for t in one.tests] == [1, 0]


def test_a_test_is_named_with_all_its_parameters_or_by_one(course: Course, make_evidence: Make) -> None:
    evidence = make_evidence(**(ALL_PASSED | {"one": "failed failed"}))
    result = grade(course, evidence, adjust(DropTest, question="one", test="test_one"))
    assert (of(result, "one").score, of(result, "one").status) == (None, "not_run")
    assert result.max_score == 16
    assert "question one is left out: all its tests are dropped" in result.flags


def test_reweighting(course: Course, make_evidence: Make) -> None:
    evidence = make_evidence(one="passed failed", two="passed")
    result = grade(
        course,
        evidence,
        adjust(ReweightTest, question="one", test="test_one[0]", weight=3),
        adjust(ReweightQuestion, question="two", points=1),
    )
    assert of(result, "one").score == 3
    assert (of(result, "two").score, of(result, "two").max_score) == (1, 1)


def test_the_later_of_two_entries_holds(course: Course, make_evidence: Make) -> None:
    evidence = make_evidence(one="passed failed")
    drop = adjust(DropTest, question="one", test="test_one[1]")
    back = adjust(ReweightTest, question="one", test="test_one[1]", weight=1)
    assert of(grade(course, evidence, drop, back), "one").score == 2
    assert of(grade(course, evidence, back, drop), "one").score == 4


def test_an_entry_for_one_student_leaves_the_others(course: Course, make_evidence: Make) -> None:
    entry = adjust(Excuse, question="one", students=("s1",))
    excused = grade(course, make_evidence(**ALL_PASSED), entry)
    other = grade(course, make_evidence(subject="s2", members=("s2",), **ALL_PASSED), entry)
    in_a_group = grade(course, make_evidence(subject="g1", members=("s9", "s1"), **ALL_PASSED), entry)
    assert [r.max_score for r in (excused, other, in_a_group)] == [16, 20, 16]
    assert "question one is excused: because" in excused.flags


def test_missing_data_leave_the_denominator_only_of_artifacts(course: Course, make_evidence: Make) -> None:
    evidence = make_evidence(**(ALL_PASSED | {"weights": "not_run", "two": "not_run"}))
    result = grade(course, evidence)
    assert (of(result, "weights").score, of(result, "two").score) == (None, 0)
    assert result.max_score == 14
    assert any("data to judge the artifact were missing" in flag for flag in result.flags)


def test_a_question_without_evidence_is_not_a_zero(course: Course, make_evidence: Make) -> None:
    passed = {q: s for q, s in ALL_PASSED.items() if q != "two"}
    result = grade(course, make_evidence(**passed))
    assert of(result, "two").score is None
    assert result.max_score == 17
    assert any("grade again" in flag for flag in result.flags)


@pytest.mark.parametrize(
    ("late", "percent"),
    [
        (timedelta(0), 0),
        (timedelta(minutes=15), 0),
        (timedelta(minutes=15, seconds=1), 10),
        (timedelta(days=1, minutes=15), 10),
        (timedelta(days=1, minutes=16), 20),
        (timedelta(days=400), 50),
    ],
)
def test_late_penalty(course: Course, make_evidence: Make, late: timedelta, percent: int) -> None:
    result = grade(course, make_evidence(**ALL_PASSED, received_at=DUE + late))
    assert result.late_penalty == pytest.approx(15 * percent / 100)
    assert result.score == pytest.approx(15 * (1 - percent / 100))


def test_an_own_deadline_an_extension_and_a_waiver(course: Course, make_evidence: Make) -> None:
    evidence = make_evidence(**ALL_PASSED, received_at=DUE + timedelta(days=1, hours=1))
    first = course.assignments[0]
    roster = score(evidence, first, course.late_policy, due=DUE + timedelta(days=1))
    assert roster.late_penalty == 1.5
    extension = adjust(Extend, until=DUE + timedelta(days=3), students=("s1",))
    assert grade(course, evidence, extension).late_penalty == 0
    nearer = adjust(Extend, until=DUE - timedelta(days=3), students=("s1",))
    assert grade(course, evidence, nearer).late_penalty == 3
    assert grade(course, evidence, adjust(WaiveLate)).late_penalty == 0


def test_a_person_may_say_when_it_came_in(course: Course, make_evidence: Make) -> None:
    late, known = DUE + timedelta(days=1, hours=1), DUE - timedelta(hours=1)
    for received in (late, None):
        result = grade(course, make_evidence(**ALL_PASSED, received_at=received),
                       adjust(ReceivedAt, at=known, students=("s1",)))  # fmt: skip
        assert (result.received_at, result.late_penalty, UNKNOWN_RECEIPT in result.flags) == (known, 0, False)
    assert grade(course, make_evidence(**ALL_PASSED), adjust(ReceivedAt, at=late, students=("s1",))).late_penalty == 3


def test_unknown_time_of_receipt_costs_nothing_and_is_flagged(course: Course, make_evidence: Make) -> None:
    result = grade(course, make_evidence(**ALL_PASSED, received_at=None))
    assert (result.late_penalty, UNKNOWN_RECEIPT in result.flags) == (0, True)
    free = score(make_evidence(**ALL_PASSED, received_at=None), course.assignments[0], LatePolicy())
    assert UNKNOWN_RECEIPT not in free.flags


def test_our_fault_is_no_score_and_never_a_zero(course: Course, make_evidence: Make) -> None:
    result = grade(course, make_evidence(outcome=Outcome.NOT_GRADED))
    assert (result.score, result.max_score, result.late_penalty) == (None, 20, 0)
    assert {q.score for q in result.questions} == {None}
    assert not result.needs_manual_grade


def test_ungradable_is_zero_and_asks_for_a_person_until_one_decided(course: Course, make_evidence: Make) -> None:
    evidence = make_evidence(outcome=Outcome.UNGRADABLE)
    result = grade(course, evidence)
    assert (result.score, result.max_score, result.reason) == (0, 20, "why")
    assert result.needs_manual_grade
    assert NEEDS_PERSON in result.flags
    decided = grade(course, evidence, adjust(Points, question="one", points=2, students=("s1",)))
    assert (decided.score, decided.needs_manual_grade, NEEDS_PERSON in decided.flags) == (2, False, False)


def test_rubric_version_changes_with_what_makes_a_score_and_nothing_else(course: Course, make_evidence: Make) -> None:
    evidence = make_evidence(**ALL_PASSED)
    first = course.assignments[0]
    version = rubric_version(evidence.submission, first, course.late_policy)
    assert grade(course, evidence).rubric == version

    def changed(**arguments: Any) -> bool:
        given = {"assignment": first, "late_policy": course.late_policy} | arguments
        return rubric_version(evidence.submission, **given) != version

    retitled = replace(first, title="x", questions=tuple(replace(q, title="x") for q in first.questions))
    repointed = replace(first, questions=tuple(replace(q, points=q.points + 1) for q in first.questions))
    other = adjust(WaiveLate, students=("somebody else",))
    assert not changed(assignment=retitled)
    assert not changed(adjustments=Adjustments((other,)))
    assert changed(assignment=repointed)
    assert changed(adjustments=Adjustments((adjust(WaiveLate),)))
    assert changed(late_policy=LatePolicy(1))
    assert changed(manual={"essay": ManualGrade(1)})
    assert changed(due=DUE + timedelta(days=1))


def forbidding(evidence: Evidence, *names: str) -> Evidence:
    """The evidence with these tests marked as ones that only forbid something."""
    tests = tuple(test.model_copy(update={"forbids": test.name in names}) for test in evidence.tests)
    return evidence.model_copy(update={"tests": tests})


@pytest.mark.parametrize(
    ("statuses", "points", "status"),
    [
        ("passed failed failed", 0.0, "failed"),
        ("passed error error", 0.0, "error"),
        ("passed not_run not_run", 0.0, "not_run"),
        ("passed passed failed", 8 / 3, "partial"),
        ("passed passed passed", 4.0, "passed"),
        ("failed passed passed", 8 / 3, "partial"),
        ("failed failed failed", 0.0, "failed"),
    ],
)
def test_a_test_that_only_forbids_counts_where_another_passed(
    course: Course, make_evidence: Callable[..., Evidence], statuses: str, points: float, status: str
) -> None:
    evidence = forbidding(make_evidence(one=statuses), "test_one[0]")
    (found,) = [q for q in score(evidence, course.assignments[0], LatePolicy()).questions if q.id == "one"]
    assert found.score == pytest.approx(points, abs=1e-6)
    assert found.status == status
    assert points_by_tests(found) == found.score  # what the gradebook is told
    waits = statuses.startswith("passed") and points == 0
    assert found.tests[0].status == ("not_run" if waits else statuses.split()[0])
    assert ("counts only where another test" in found.tests[0].message) == waits


def test_where_what_asks_was_dropped_what_forbids_stands_for_itself(
    course: Course, make_evidence: Callable[..., Evidence]
) -> None:
    evidence = forbidding(make_evidence(one="passed failed failed"), "test_one[0]")
    decision = {"kind": "drop_test", "assignment": "01_first", "question": "one", "who": "a", "why": "b"}
    entries = [DropTest(**decision, test=f"test_one[{i}]", when=date(2026, 10, 20)) for i in (1, 2)]
    result = score(evidence, course.assignments[0], LatePolicy(), Adjustments(entries=tuple(entries)))
    assert result.questions[0].score == 4
    result = score(evidence, course.assignments[0], LatePolicy(), Adjustments(entries=tuple(entries[:1])))
    assert result.questions[0].score == 0


def test_an_artifact_without_data_is_left_out_although_what_forbids_passed(
    course: Course, make_evidence: Callable[..., Evidence]
) -> None:
    evidence = forbidding(make_evidence(weights="passed not_run"), "test_weights[0]")
    result = score(evidence, course.assignments[0], LatePolicy())
    assert result.questions[-1].score is None
    assert any("data to judge the artifact were missing" in flag for flag in result.flags)


def test_an_untouched_answer_is_zero_at_once_until_a_person_says_otherwise(course: Course, make_evidence: Make) -> None:
    evidence = make_evidence(**ALL_PASSED)

    def with_cells(*untouched: bool) -> Evidence:
        cells = [MatchedCell(index=i, questions=("essay",), untouched=one) for i, one in enumerate(untouched)]
        return evidence.model_copy(update={"matched": tuple(cells)})

    result = grade(course, with_cells(True))
    assert (of(result, "essay").score, of(result, "essay").status) == (0.0, "untouched")
    assert (result.score, result.max_score, result.needs_manual_grade) == (15, 20, False)
    by_hand = grade(course, with_cells(True), manual={"essay": ManualGrade(2.0, "on paper")})
    assert (of(by_hand, "essay").score, of(by_hand, "essay").status) == (2.0, "graded_by_hand")
    for unknown in (with_cells(), with_cells(True, False)):  # lost, or answered in one of its cells
        assert of(grade(course, unknown), "essay").status == "needs_manual_grade"


def test_a_personal_question_of_a_notebook_with_another_code_waits_unless_it_is_right(
    course: Course, make_evidence: Make
) -> None:
    def status(statuses: str, *, agrees: bool, personal: bool = True) -> tuple[float | None, str]:
        evidence = make_evidence(one=statuses)
        tests = tuple(test.model_copy(update={"personal": personal}) for test in evidence.tests)
        use = VariantUse(code="own", in_notebook="other", agrees=agrees)
        question = of(grade(course, evidence.model_copy(update={"tests": tests, "variant": use})), "one")
        return question.score, question.status

    assert status("passed failed", agrees=False) == (None, "needs_manual_grade")
    assert status("passed passed", agrees=False) == (4, "passed")
    assert status("passed failed", agrees=True) == (2, "partial")
    assert status("passed failed", agrees=False, personal=False) == (2, "partial")
