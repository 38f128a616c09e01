"""From evidence to a score: a pure function, without files, clocks or student code.

How a score comes about:

1. A question of kind tests, quiz or artifact shares its points among its tests by weight; the passed ones earn
   theirs. A dropped test leaves the denominator. A test that only forbids something, so that a blank which does
   nothing passes it, earns only where a test of its question passed that asks for something; one that earns all or
   nothing, only where every test of its question passed. A test may give a part of its weight. A question that a
   person grades waits until its grade is given, unless its cells are as they were handed out: that is 0 at once.
   A question of the student's personal variant waits, too, where the notebook was made for another variant and is not
   right for the student's own.
2. A grade that a person gave in the gradebook beats a `points` adjustment, which beats the tests.
3. What the student is not to blame for leaves the denominator, and the result carries a flag: an excused question,
   one whose tests were all dropped, an artifact that could not be judged because data were missing here, a question
   the evidence knows nothing about (it was added later: grade again).
4. The late penalty is a part of the points earned, by the course's policy and the submission's own deadline. An
   unknown time of receipt costs nothing and is flagged.
5. `not_graded` (our fault) has no score. `ungradable` (nothing readable was handed in) scores 0 and asks for a person.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from autograder.course.adjustments import (
    Adjustment,
    Adjustments,
    DropTest,
    Excuse,
    Extend,
    Points,
    ReweightQuestion,
    ReweightTest,
    WaiveLate,
)
from autograder.course.late_policy import LatePolicy, aware
from autograder.records import Evidence, Outcome, QuestionResult, Result, SubmissionInfo, TestOutcome, TestStatus

if TYPE_CHECKING:
    from autograder.course.course import Assignment, Question, QuestionKind

_DECIMALS = 6  # finer than any grade, coarse enough that sums of shares like 1/3 compare equal

LEFT_OUT = "is left out:"  # in the flag of a question that counts for nobody; the reason follows
UNKNOWN_RECEIPT = "time of receipt unknown: no late penalty"
NOTHING_ASKED_FOR = (
    "It counts only where another test of this question passes, because code that does nothing passes it too."
)
ALL_OR_NOTHING = "It counts only where every test of this question passes."
NEEDS_PERSON = "nothing could be graded: a person should look at what was handed in"

Status = Literal[
    "passed", "partial", "failed", "error", "timeout", "not_run", "needs_manual_grade", "graded_by_hand", "untouched"
]


@dataclass(frozen=True)
class ManualGrade:
    """Hold what a person gave for one question in the gradebook; points None: only a comment or extra credit."""

    points: float | None
    comment: str = ""
    extra_credit: float = 0.0  # added to the points; the only way past a question's maximum


@dataclass(frozen=True)
class _Scored:
    """One question's result, whether its points count in the denominator, and why not."""

    result: QuestionResult
    counts: bool = True
    flag: str = ""


def score(
    evidence: Evidence,
    assignment: Assignment,
    late_policy: LatePolicy,
    adjustments: Adjustments | None = None,
    manual: Mapping[str, ManualGrade] | None = None,
    *,
    due: datetime | None = None,
) -> Result:
    """Return the result of one attempt.

    Args:
        assignment: the rubric: questions with their points; its `due` holds unless `due` is given.
        adjustments: all of the course's; those that concern this submission are picked out here.
        manual: grades given by a person, by question id.
        due: this subject's own deadline (roster); an `extension` adjustment may move it further, never nearer.

    Returns:
        A result with 0 <= score <= max_score (past it only by extra credit), in points, or score None for not_graded.
    """
    submission = evidence.submission
    applying = _applying(submission, assignment, adjustments)
    scored = [_score_question(q, evidence, applying, (manual or {}).get(q.id)) for q in assignment.questions]
    flags = [*submission.flags, *evidence.flags, *(s.flag for s in scored if s.flag)]
    earned = _rounded(sum(s.result.score or 0.0 for s in scored))
    needs_person = any(s.result.status == "needs_manual_grade" for s in scored)
    penalty = 0.0
    received = applying.received(submission.received_at)
    if evidence.outcome is Outcome.GRADED:
        percent = late_percent(received, due or assignment.due, late_policy, applying)
        penalty = _rounded(earned * (percent or 0.0) / 100)
        flags += [UNKNOWN_RECEIPT] if percent is None else []
    elif evidence.outcome is Outcome.UNGRADABLE and all(s.result.status != "graded_by_hand" for s in scored):
        needs_person = True
        flags.append(NEEDS_PERSON)
    return Result(
        outcome=evidence.outcome,
        reason=evidence.reason,
        subject=submission.subject,
        students=submission.members,
        assignment=assignment.name,
        title=assignment.title,
        release=evidence.release,
        compared_with=evidence.compared_with,
        notebook_sha256=submission.notebook_sha256,
        attempt=evidence.attempt,
        graded_at=evidence.graded_at,
        received_at=received,
        due=_extended(deadline, applying) if (deadline := due or assignment.due) is not None else None,
        score=None if evidence.outcome is Outcome.NOT_GRADED else _rounded(earned - penalty),
        max_score=_rounded(sum(s.result.max_score for s in scored if s.counts)),
        late_penalty=penalty,
        needs_manual_grade=needs_person,
        questions=tuple(s.result for s in scored),
        cells=evidence.cells,
        notices=(*submission.notices, *evidence.notices),
        flags=tuple(dict.fromkeys(flags)),
        sandbox=evidence.sandbox,
        versions=evidence.versions,
        rubric=rubric_version(submission, assignment, late_policy, adjustments, manual, due=due),
    )


def rubric_version(
    submission: SubmissionInfo,
    assignment: Assignment,
    late_policy: LatePolicy,
    adjustments: Adjustments | None = None,
    manual: Mapping[str, ManualGrade] | None = None,
    *,
    due: datetime | None = None,
) -> str:
    """Return first 16 hex digits of a hash of everything but the evidence that makes a score (arguments as for
    `score`).

    A result whose attempt and rubric version are the latest need not be made again. Only the adjustments that concern
    this submission count, so one student's waiver leaves the others' version. Wording (titles) is not rubric.
    """
    deadline = due or assignment.due
    rubric = {
        "questions": [[q.id, q.kind, float(q.points)] for q in assignment.questions],
        "late": asdict(late_policy),
        "due": deadline.isoformat() if deadline else None,
        "adjustments": [
            entry.model_dump(mode="json") for entry in _applying(submission, assignment, adjustments).entries
        ],
        "manual": {question: asdict(grade) for question, grade in sorted((manual or {}).items())},
    }
    return hashlib.sha256(json.dumps(rubric, sort_keys=True).encode()).hexdigest()[:16]


def _applying(submission: SubmissionInfo, assignment: Assignment, adjustments: Adjustments | None) -> Adjustments:
    return (adjustments or Adjustments()).applying_to(assignment.name, {submission.subject, *submission.members})


def late_percent(
    received_at: datetime | None, due: datetime | None, policy: LatePolicy, applying: Adjustments
) -> float | None:
    """Return how many percent of the points lateness costs after waivers and extensions; None if nobody can tell."""
    if due is None or policy.costs_nothing or any(isinstance(e, WaiveLate) for e in applying.entries):
        return 0.0
    if received_at is None:
        return None
    return policy.percent(received_at, _extended(due, applying))


def _extended(due: datetime, applying: Adjustments) -> datetime:
    """Return the latest of a deadline and the extensions that apply."""
    return max([aware(due), *(aware(e.until) for e in applying.entries if isinstance(e, Extend))])


def points_by_tests(question: QuestionResult) -> float | None:
    """Return what the tests alone earn of a scored question; None if no test counts (a person's, or dropped)."""
    return _share(_counted(question.kind, _earning(question.tests)), question.max_score)


def _score_question(
    question: Question, evidence: Evidence, applying: Adjustments, manual: ManualGrade | None
) -> _Scored:
    """Return one question. Later entries of the adjustments beat earlier ones."""
    entries = [e for e in applying.entries if getattr(e, "question", None) == question.id]
    maximum = float(question.points)
    given: float | None = None
    comment = manual.comment if manual else ""
    excused = ""
    for entry in entries:
        if isinstance(entry, ReweightQuestion):
            maximum = entry.points
        elif isinstance(entry, Points):
            given, comment = entry.points, comment or entry.why
        elif isinstance(entry, Excuse):
            excused = entry.why
    maximum = _rounded(maximum)
    tests = _earning(_weighted([t for t in evidence.tests if t.question == question.id], entries))
    if manual and manual.points is not None:
        given = manual.points
    extra = max(0.0, manual.extra_credit) if manual else 0.0

    def result(points: float | None, status: Status) -> QuestionResult:
        total = None if points is None else _rounded(points + extra)
        return QuestionResult(
            id=question.id,
            title=question.title,
            kind=question.kind,
            score=total,
            max_score=maximum,
            status=status,
            tests=tests,
            misconception=next((found for found in evidence.misconceptions if found.question == question.id), None),
            comment=comment,
        )

    if excused:
        return _Scored(result(None, "not_run"), counts=False, flag=f"question {question.id} is excused: {excused}")
    if evidence.outcome is Outcome.NOT_GRADED:
        return _Scored(result(None, "not_run"))
    if given is not None:
        return _Scored(result(min(max(0.0, given), maximum), "graded_by_hand"))
    if evidence.outcome is Outcome.UNGRADABLE:
        return _Scored(result(0.0, "not_run"))
    if question.kind == "manual":
        untouched = _is_untouched(question, evidence)
        return _Scored(result(0.0, "untouched") if untouched else result(None, "needs_manual_grade"))
    left_out = _why_left_out(question, tests)
    if left_out:
        return _Scored(result(None, "not_run"), counts=False, flag=f"question {question.id} {left_out}")
    counted = _counted(question.kind, tests)
    if _waits_for_variant(counted, evidence):
        return _Scored(result(None, "needs_manual_grade"))
    points = _share(counted, maximum)
    return _Scored(result(points, _status(counted)))


def _waits_for_variant(tests: Sequence[TestOutcome], evidence: Evidence) -> bool:
    """Return whether tests that depend on the student's variant were failed by a notebook made for another one."""
    if evidence.variant is None or evidence.variant.agrees or not any(t.personal for t in tests):
        return False
    lost = [t for t in tests if t.status is not TestStatus.PASSED]
    return any(t.personal and not t.untouched for t in lost)


def _is_untouched(question: Question, evidence: Evidence) -> bool:
    """Return whether all cells of a question are as they were handed out. A lost cell is no answer of which that is
    known."""
    cells = [cell for cell in evidence.matched or () if question.id in cell.questions]
    return bool(cells) and all(cell.untouched for cell in cells)


def _weighted(tests: list[TestOutcome], entries: Sequence[Adjustment]) -> tuple[TestOutcome, ...]:
    """Return the tests with the weights the adjustments give them; a dropped one stays listed with weight 0."""
    weighted = []
    for test in tests:
        weight = test.weight if math.isfinite(test.weight) and test.weight > 0 else 0.0
        for entry in entries:
            if isinstance(entry, DropTest) and entry.matches(test.question, test.name):
                weight = 0.0
            elif isinstance(entry, ReweightTest) and entry.matches(test.question, test.name):
                weight = entry.weight
        weighted.append(test if weight == test.weight else test.model_copy(update={"weight": weight}))
    return tuple(weighted)


def _earning(tests: tuple[TestOutcome, ...]) -> tuple[TestOutcome, ...]:
    """Return the tests as they earn: passed ones that only forbid something count as not run where nothing asked for
    passed.

    Where every test that asks for something was dropped, the others stand for themselves. Tests that earn all or
    nothing earn only where all of the question's tests passed.
    """
    if any(t.weight > 0 and t.status is not TestStatus.PASSED for t in tests):
        nothing = {"status": TestStatus.NOT_RUN, "message": ALL_OR_NOTHING, "credit": None}
        tests = tuple(t.model_copy(update=nothing) if t.all_or_nothing and _part(t) > 0 else t for t in tests)
    asking = [t for t in tests if t.weight > 0 and not t.forbids]
    if not asking or any(t.status is TestStatus.PASSED for t in asking):
        return tests
    waits = {"status": TestStatus.NOT_RUN, "message": NOTHING_ASKED_FOR}
    return tuple(t.model_copy(update=waits) if t.forbids and t.status is TestStatus.PASSED else t for t in tests)


def _counted(kind: QuestionKind, tests: tuple[TestOutcome, ...]) -> tuple[TestOutcome, ...]:
    """Return the tests in the denominator. An artifact's test that could not run lacked data here: not the student's
    loss.
    """
    kept = tuple(t for t in tests if t.weight > 0)
    if kind == "artifact":
        kept = tuple(t for t in kept if t.status is not TestStatus.NOT_RUN)
    return kept


def _why_left_out(question: Question, tests: tuple[TestOutcome, ...]) -> str:
    if _counted(question.kind, tests):
        return ""
    if not tests:
        return "has no evidence: it was not graded by tests in this attempt; grade again"
    if question.kind == "artifact" and any(t.weight > 0 for t in tests):
        return f"{LEFT_OUT} data to judge the artifact were missing"
    return f"{LEFT_OUT} all its tests are dropped"


def _share(tests: tuple[TestOutcome, ...], maximum: float) -> float | None:
    total = math.fsum(t.weight for t in tests)
    if total <= 0:
        return None
    if all(t.status is TestStatus.PASSED for t in tests if t.weight > 0):
        return maximum
    earned = math.fsum(t.weight * _part(t) for t in tests)
    return min(maximum, _rounded(maximum * earned / total))


def _part(test: TestOutcome) -> float:
    """Return the share of its weight that a test earns, 0 to 1."""
    if test.status is TestStatus.PASSED:
        return 1.0
    credit = test.credit if test.status is TestStatus.FAILED else None
    return min(1.0, max(0.0, credit)) if credit is not None and math.isfinite(credit) else 0.0


def _status(tests: tuple[TestOutcome, ...]) -> Status:
    """Return passed or partial; if nothing passed, the one thing to look at first."""
    statuses = {t.status for t in tests}
    if statuses == {TestStatus.PASSED}:
        return "passed"
    if any(_part(t) > 0 for t in tests):
        return "partial"
    if TestStatus.FAILED in statuses:
        return "failed"
    if TestStatus.ERROR in statuses:
        return "error"
    return "timeout" if TestStatus.TIMEOUT in statuses else "not_run"


def _rounded(points: float) -> float:
    return round(points, _DECIMALS)
