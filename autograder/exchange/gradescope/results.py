"""`results.json`, as Gradescope documents it: one test for each question that tests decide.

Questions that a person marks have no test and no score here: Gradescope's rubric gives their points. When a question
may be seen is said to Gradescope for each (`visibility`), and where one is closed it shows no total. What is said of
a question is what the student's page says.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from autograder.feedback.options import FeedbackOptions
from autograder.feedback.student_view import QuestionView
from autograder.feedback.view import student_view
from autograder.pages.templates import fragment
from autograder.records import Outcome, QuestionResult, Result

VISIBILITY = {"always": "visible", "after_due": "after_due_date", "never": "after_due_date"}
AGAIN = (
    "Not graded: something went wrong on our side, and it is no fault of yours. Please hand in the same file again. "
    "If this message comes back, tell your teachers; what you handed in is kept."
)


def not_graded(for_instructor: str = "") -> dict[str, Any]:
    """Return results without any score, for a fault of ours. for_instructor: what happened; kept from students."""
    tests = [{"name": "Not graded yet", "status": "failed", "output": AGAIN, "output_format": "text"}]
    if for_instructor:
        detail = {"name": "For instructors", "status": "failed", "output": for_instructor[:4000]}
        tests.append({**detail, "output_format": "text", "visibility": "hidden"})
    return {
        "output": AGAIN,
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
    }


def refused(reason: str, maximum: float) -> dict[str, Any]:
    """Return results for what could not be read or graded as it is: 0 points, and why, in words for the student."""
    entry = {"name": "Your notebook", "score": 0.0, "max_score": round(maximum, 6), "status": "failed"}
    return {
        **_whole(reason),
        "tests": [{**entry, "output": reason, "output_format": "text", "visibility": "visible"}],
    }


def _whole(text: str) -> dict[str, Any]:
    return {"output": text, "output_format": "text", "visibility": "visible", "stdout_visibility": "hidden"}


def results_of(
    result: Result, options: FeedbackOptions, *, leaderboard: bool = False, attempt: int = 1
) -> dict[str, Any]:
    """Return results.json for a graded submission.

    leaderboard: whether the points by tests go onto Gradescope's leaderboard, which all students see. attempt: which
    hand-in of theirs this is, from 1.
    """
    if result.outcome is Outcome.NOT_GRADED:
        return not_graded(result.reason)
    by_tests = [question for question in result.questions if question.kind != "manual"]
    if result.outcome is Outcome.UNGRADABLE:
        return refused(result.reason, math.fsum(question.max_score for question in by_tests))
    view = student_view(result, None, (), options)
    # What Gradescope keeps closed until the deadline is said as it will be then; nothing of what is open sooner is.
    later = replace(options, now=datetime.max.replace(tzinfo=UTC), opens_at=datetime.min.replace(tzinfo=UTC))
    opened = student_view(result, None, (), later)
    tests, waiting = [], []
    for number, question in enumerate(result.questions, start=1):
        setting = options.visibility.get(question.id, "always")
        shown = (view if setting == "always" else opened).overview[number - 1]
        if question.kind == "manual":
            waiting.append(shown.title)
        else:
            tests.append(_test(question, shown, setting, number))
    if result.late_penalty:
        closed = any(test["visibility"] != "visible" for test in tests)
        tests.append(_late(result, opened.late, "after_due_date" if closed else "visible"))
    found: dict[str, Any] = {
        "output": fragment("gradescope.html", page=view, waiting=waiting, attempt=attempt),
        "output_format": "html",
        "test_output_format": "html",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "execution_time": _seconds(result),
        "extra_data": {
            "assignment": result.assignment,
            "release": result.release,
            "sandbox": result.sandbox.backend if result.sandbox else "",
            "engine": result.versions.get("engine", ""),
        },
        "tests": tests,
    }
    if leaderboard:
        found["leaderboard"] = [{"name": "Points", "value": _points(by_tests), "order": "desc"}]
    return found


def _test(question: QuestionResult, shown: QuestionView, visibility: str, number: int) -> dict[str, Any]:
    score = question.score
    full = score is None or score >= question.max_score - 1e-9
    # A question that does not count for this student has neither points nor a maximum.
    points = {} if score is None else {"score": round(score, 6), "max_score": round(question.max_score, 6)}
    return {
        "number": str(number),
        "name": shown.title,
        "name_format": "text",
        **points,
        "status": "passed" if full else "failed",
        "output": fragment("plain_question.html", q=shown),
        "output_format": "html",
        "visibility": VISIBILITY[visibility],
        "extra_data": {"question": question.id, "status": question.status},
    }


def _late(result: Result, words: str, visibility: str) -> dict[str, Any]:
    return {
        "name": "Handed in late",
        "name_format": "text",
        "score": -round(result.late_penalty, 6),
        "max_score": 0.0,
        "status": "failed",
        "output": words,
        "output_format": "text",
        "visibility": visibility,
    }


def _points(questions: Sequence[QuestionResult]) -> float:
    return round(math.fsum(question.score or 0.0 for question in questions), 6)


def _seconds(result: Result) -> int:
    return max(0, round(sum(cell.seconds for cell in result.cells)))
