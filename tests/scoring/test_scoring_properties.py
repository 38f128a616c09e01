"""What holds for every evidence, rubric and set of adjustments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.course.adjustments import (
    Adjustments,
    DropTest,
    Excuse,
    Points,
    ReweightQuestion,
    ReweightTest,
    WaiveLate,
)
from autograder.course.course import Assignment, LatePolicy, Question
from autograder.records import Evidence, Outcome, Result, SubmissionInfo
from autograder.records import TestOutcome as OneTest
from autograder.records import TestStatus as Status
from autograder.sandbox.interface import Limits
from autograder.scoring.score import ManualGrade, score

DUE = datetime(2026, 10, 12, tzinfo=UTC)
IDS = ("a", "b", "c", "d")
KINDS = st.sampled_from(["tests", "quiz", "manual", "artifact"])
POINTS = st.floats(0, 100, allow_nan=False)
WEIGHTS = st.floats(0, 10, allow_nan=False)

questions = st.lists(KINDS, min_size=1, max_size=4).flatmap(
    lambda kinds: st.tuples(
        *(
            st.builds(Question, id=st.just(id), title=st.just(id), points=POINTS, kind=st.just(kind),
                      visibility=st.just("always"))
            for id, kind in zip(IDS, kinds, strict=False)
        )
    )
)  # fmt: skip
assignments = questions.map(
    lambda qs: Assignment("x", "X", Path("."), DUE, 1, (), (), (), Limits(), qs)  # only name, due, questions count
)
tests = st.lists(
    st.builds(OneTest, question=st.sampled_from(IDS), name=st.sampled_from(["t[0]", "t[1]", "u", "v"]),
              title=st.just("t"), status=st.sampled_from(Status), weight=WEIGHTS),
    max_size=12,
)  # fmt: skip
evidences = st.builds(
    lambda tests, outcome, late: Evidence(
        assignment="x",
        submission=SubmissionInfo(subject="s", members=("s",), notebook_sha256="", received_at=late),
        outcome=outcome,
        tests=tuple(tests),
        graded_at=DUE,
    ),
    tests,
    st.sampled_from(Outcome),
    st.one_of(st.none(), st.integers(-100, 2000).map(lambda hours: DUE + timedelta(hours=hours))),
)
base = {"assignment": "x", "who": "w", "why": "y", "when": date(2026, 1, 1)}
question = st.sampled_from(IDS)
test_name = st.sampled_from(["t", "t[0]", "u"])
entries = st.one_of(
    st.builds(lambda q, t: DropTest(kind="drop_test", question=q, test=t, **base), question, test_name),
    st.builds(
        lambda q, t, w: ReweightTest(kind="reweight_test", question=q, test=t, weight=w, **base),
        question, test_name, WEIGHTS,
    ),
    st.builds(lambda q, p: ReweightQuestion(kind="reweight_question", question=q, points=p, **base), question, POINTS),
    st.builds(lambda q: Excuse(kind="excuse", question=q, **base), question),
    st.builds(lambda q, p: Points(kind="points", question=q, points=p, students=("s",), **base), question, POINTS),
    st.just(WaiveLate(kind="waive_late", **base)),
)  # fmt: skip
adjustments = st.lists(entries, max_size=4).map(lambda e: Adjustments(tuple(e)))
manual = st.dictionaries(question, st.builds(ManualGrade, st.one_of(st.none(), POINTS), st.text(max_size=3)))
policies = st.builds(LatePolicy, st.floats(0, 100), st.floats(0, 1000), st.floats(0, 100))


def total(result: Result) -> float:
    assert result.score is not None
    return result.score


@settings(max_examples=200, deadline=None)
@given(evidences, assignments, policies, adjustments, manual)
def test_a_score_stays_within_its_bounds_and_is_a_pure_function(
    evidence, assignment, policy, adjusted, by_hand
) -> None:  # type: ignore[no-untyped-def]
    result = score(evidence, assignment, policy, adjusted, by_hand)
    assert score(evidence, assignment, policy, adjusted, by_hand) == result
    assert Result.model_validate_json(result.model_dump_json()) == result
    assert (result.score is None) == (evidence.outcome is Outcome.NOT_GRADED)
    for q in result.questions:
        assert q.score is None or 0 <= q.score <= q.max_score
    if result.score is not None:
        assert 0 <= result.score <= result.max_score
        assert 0 <= result.late_penalty <= result.max_score
        if evidence.outcome is Outcome.UNGRADABLE and not by_hand and not adjusted.entries:
            assert result.score == 0


@settings(max_examples=200, deadline=None)
@given(evidences, assignments, policies, st.data())
def test_one_more_passed_test_never_lowers_the_score(evidence, assignment, policy, data) -> None:  # type: ignore[no-untyped-def]
    evidence = evidence.model_copy(update={"outcome": Outcome.GRADED})
    index = data.draw(st.integers(0, max(0, len(evidence.tests) - 1)))
    if not evidence.tests:
        return
    better = list(evidence.tests)
    better[index] = better[index].model_copy(update={"status": Status.PASSED})
    improved = score(evidence.model_copy(update={"tests": tuple(better)}), assignment, policy)
    assert total(improved) >= total(score(evidence, assignment, policy)) - 1e-6


@settings(max_examples=100, deadline=None)
@given(evidences, assignments, policies, st.integers(0, 500), st.integers(0, 500))
def test_later_is_never_better(evidence, assignment, policy, hours, more) -> None:  # type: ignore[no-untyped-def]
    def at(moment: datetime) -> float:
        submission = evidence.submission.model_copy(update={"received_at": moment})
        updated = evidence.model_copy(update={"outcome": Outcome.GRADED, "submission": submission})
        return total(score(updated, assignment, policy))

    assert at(DUE + timedelta(hours=hours + more)) <= at(DUE + timedelta(hours=hours))


@settings(max_examples=100, deadline=None)
@given(evidences, assignments, policies, adjustments)
def test_an_entry_given_twice_counts_once(evidence, assignment, policy, adjusted) -> None:  # type: ignore[no-untyped-def]
    twice = Adjustments(tuple(entry for entry in adjusted.entries for _ in range(2)))
    once = score(evidence, assignment, policy, adjusted)
    assert score(evidence, assignment, policy, twice).model_copy(update={"rubric": once.rubric}) == once
