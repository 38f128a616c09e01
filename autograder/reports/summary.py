"""What a run leaves for spreadsheets and programs: grades.csv and summary.json."""

from __future__ import annotations

import csv
import io
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from autograder.pages.text import starts_formula
from autograder.records import Outcome, Result, TestStatus
from autograder.submissions.arrivals import Absent

_COLUMNS = (
    "assignment", "student", "subject", "outcome", "score", "max_score", "late_penalty", "needs_manual_grade",
    "attempt", "received_at", "reason", "flags",
)  # fmt: skip


def _cell(value: object) -> str | float | int:
    """Return a value as a spreadsheet may have it: text that would start a formula is made plain text by an
    apostrophe.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return value
    text = str(value).replace("\0", "")
    return f"'{text}" if starts_formula(text) else text


def grades_csv(results: Iterable[Result], absent: Iterable[Absent] = ()) -> str:
    """Return one row per student and assignment, with a column for each question.

    A subject without known students (nobody in the roster matched) has one row, its student left empty. Whoever has no
    result has a row that says why, without a score; so does a file that was set aside.
    """
    ordered = sorted(results, key=lambda result: (result.assignment, result.subject))
    questions = list(dict.fromkeys(f"{r.assignment}/{q.id}" for r in ordered for q in r.questions))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_cell(name) for name in (*_COLUMNS, *questions)])
    for result in ordered:
        scores = {f"{result.assignment}/{q.id}": q.score for q in result.questions}
        for student in result.students or ("",):
            row = (
                result.assignment, student, result.subject, result.outcome.value, result.score, result.max_score,
                result.late_penalty, result.needs_manual_grade, result.attempt,
                result.received_at.isoformat() if result.received_at else None, result.reason, "; ".join(result.flags),
                *(scores.get(question) for question in questions),
            )  # fmt: skip
            writer.writerow([_cell(value) for value in row])
    for one in absent:
        reason = f"{one.source}: {one.why}" if one.source and not one.why.startswith(one.source) else one.why
        row = (
            one.assignment,
            one.student,
            one.student,
            one.standing,
            *[None] * 6,
            reason,
            None,
            *[None] * len(questions),
        )
        writer.writerow([_cell(value) for value in row])
    return text.getvalue()


def summarise(results: Sequence[Result], absent: Sequence[Absent] = ()) -> dict[str, Any]:
    """Return numbers per assignment, question and test, and who needs a person. Scores in points."""
    by_assignment: dict[str, list[Result]] = defaultdict(list)
    for result in sorted(results, key=lambda result: (result.assignment, result.subject)):
        by_assignment[result.assignment].append(result)
    return {
        "schema_version": 1,
        "submissions": len(results),
        "outcomes": _outcomes(results),
        "assignments": {name: _assignment(group) for name, group in by_assignment.items()},
        "without_result": [
            {"assignment": a.assignment, "student": a.student, "standing": a.standing, "source": a.source, "why": a.why}
            for a in absent
        ],
    }


def _outcomes(results: Iterable[Result]) -> dict[str, int]:
    counts = Counter(result.outcome for result in results)
    return {outcome.value: counts[outcome] for outcome in Outcome}


def _assignment(results: Sequence[Result]) -> dict[str, Any]:
    graded = [result for result in results if result.outcome is Outcome.GRADED]
    scores = [result.score for result in graded if result.score is not None]
    return {
        "title": results[0].title,
        "submissions": len(results),
        "outcomes": _outcomes(results),
        "score": _spread(scores),
        "max_score": max((result.max_score for result in graded), default=max(result.max_score for result in results)),
        "questions": _questions(graded),
        "needs_manual_grade": [result.subject for result in results if result.needs_manual_grade],
        "not_graded": {r.subject: r.reason for r in results if r.outcome is Outcome.NOT_GRADED},
        "ungradable": {r.subject: r.reason for r in results if r.outcome is Outcome.UNGRADABLE},
        "flagged": {r.subject: list(r.flags) for r in results if r.flags},
    }


def _spread(scores: Sequence[float]) -> dict[str, float] | None:
    if not scores:
        return None
    return {
        "mean": round(statistics.fmean(scores), 3),
        "median": round(statistics.median(scores), 3),
        "lowest": min(scores),
        "highest": max(scores),
    }


def _questions(results: Sequence[Result]) -> dict[str, Any]:
    scores: dict[str, list[float]] = defaultdict(list)
    waiting: Counter[str] = Counter()
    tests: dict[str, dict[str, Counter[TestStatus]]] = defaultdict(lambda: defaultdict(Counter))
    largest: dict[str, float] = {}
    for result in results:
        for question in result.questions:
            largest[question.id] = question.max_score
            waiting[question.id] += question.status == "needs_manual_grade"
            if question.score is not None:
                scores[question.id].append(question.score)
            for test in question.tests:
                tests[question.id][test.name][test.status] += 1
    return {
        name: {
            "max_score": most,
            "score": _spread(scores[name]),
            "needs_manual_grade": waiting[name],
            "tests": {
                test: {status.value: counts[status] for status in TestStatus if counts[status]}
                for test, counts in tests[name].items()
            },
        }
        for name, most in largest.items()
    }
