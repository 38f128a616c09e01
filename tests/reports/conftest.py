"""A class of 400 in seven assignments, made of results alone: nothing is graded for it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograder.course.course import Course, load_course
from autograder.course.roster import Roster, load_roster
from autograder.records import (
    Misconception,
    Outcome,
    QuestionResult,
    Result,
    StudentTraceback,
    TestOutcome,
    TestStatus,
)
from autograder.reports.options import IndexOptions

COURSE = load_course(Path(__file__).resolve().parents[2])
NOW = datetime(2026, 12, 20, tzinfo=UTC)
STUDENTS = tuple(f"u{1000 + 7 * i}" for i in range(400))
SENTENCES = ("T² is missing: the gradient shrinks.", "The mean is over classes, not images.", "Padding is forgotten.")
FLAGGED = "weights equal the reference model's"
COMMON = "time of receipt unknown: no late penalty"
SECRET = "HIDDEN-VALUE-0.73219"


def link(result: Result) -> str:
    return f"../students/{result.assignment}/{result.subject}/feedback.html"


def options() -> IndexOptions:
    term_link = "../students/_term/{}.html".format
    return IndexOptions(course=COURSE.title, link=link, term_link=term_link, made_at=NOW)


def make_results() -> list[Result]:
    draw = random.Random(7)
    ability = {student: draw.gauss(0.7, 0.2) for student in STUDENTS}
    return [
        one_result(assignment, student, ability[student], draw)
        for assignment in COURSE.assignments
        for student in STUDENTS
        if draw.random() < 0.93
    ]


def one_result(assignment, student: str, ability: float, draw: random.Random) -> Result:
    questions = []
    for position, question in enumerate(assignment.questions):
        if question.kind == "manual":
            score = None if draw.random() < 0.2 else round(question.points * min(1.0, max(0.0, ability)), 1)
            status = "needs_manual_grade" if score is None else "graded_by_hand"
            questions.append(QuestionResult(id=question.id, title=question.title, kind="manual", score=score,
                                            max_score=question.points, status=status))  # fmt: skip
            continue
        tests, known = [], None
        for number in range(4):
            # the first question's tests say nothing of ability, its last is passed by nobody
            passed = draw.random() < (0.5 if position == 0 else ability + 0.1 * number)
            if position == 0 and number == 3:
                passed = False
            mistake = "" if passed or draw.random() < 0.6 else f"mistake_{draw.randrange(3)}"
            if mistake and known is None:
                known = Misconception(question=question.id, id=mistake, sentence=SENTENCES[int(mistake[-1])])
            tests.append(
                TestOutcome(
                    question=question.id, name=f"test_{number}", title=f"What test {number} of it says.",
                    status=TestStatus.PASSED if passed else TestStatus.FAILED,
                    message="" if passed else f"{draw.randrange(90)} of 108 values differ.", detail=SECRET,
                    misconception=mistake, seconds=draw.random() / 10,
                    traceback=None if passed else StudentTraceback(exception="ValueError"),
                )
            )  # fmt: skip
        share = sum(test.status is TestStatus.PASSED for test in tests) / len(tests)
        status = "passed" if share == 1 else "partial" if share else "failed"
        questions.append(
            QuestionResult(
                id=question.id, title=question.title, kind=question.kind, max_score=question.points,
                score=share * question.points, status=status, tests=tuple(tests), misconception=known,
            )
        )  # fmt: skip
    score = sum(q.score or 0 for q in questions)
    flags = (COMMON, FLAGGED) if student == STUDENTS[17] else (COMMON,)
    return Result(
        outcome=Outcome.GRADED, subject=student, students=(student,), assignment=assignment.name,
        title=assignment.title, notebook_sha256="0" * 64, attempt=1, graded_at=NOW - timedelta(days=1), score=score,
        max_score=sum(q.max_score for q in questions), questions=tuple(questions), flags=flags,
        needs_manual_grade=any(q.status == "needs_manual_grade" for q in questions),
    )  # fmt: skip


@pytest.fixture(scope="session")
def course() -> Course:
    return COURSE


@pytest.fixture(scope="session")
def roster(tmp_path_factory: pytest.TempPathFactory) -> Roster:
    path = tmp_path_factory.mktemp("roster") / "roster.csv"
    lines = [f"{student},,,,{'ABCDEF'[i % 6]}," for i, student in enumerate((*STUDENTS, "never1", "never2"))]
    path.write_text("id,email,aliases,group,section,extensions\n" + "\n".join(lines) + "\n")
    return load_roster(path, [assignment.name for assignment in COURSE.assignments])


@pytest.fixture(scope="session")
def class_of_400() -> list[Result]:
    return make_results()
