"""A course with one released assignment, results for it, and executed notebooks as the store makes them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from autograder.course.course import Course, load_course
from autograder.course.releases import load_releases
from autograder.notebooks.executed import executed_notebook
from autograder.notebooks.matching import match_to_release
from autograder.notebooks.read import read_notebook
from autograder.records import Evidence, Outcome, Result, SubmissionInfo, TestOutcome, TestStatus
from autograder.scoring.score import ManualGrade, score

COURSE = """\
title: A Course
late_policy: {percent_per_day: 10}
assignments:
  - name: 01_first
    title: The first
    due: 2026-10-12T23:59:00+00:00
    questions:
      - {id: double, title: Doubling, points: 4, kind: tests}
      - {id: quiz, title: Quiz, points: 2, kind: quiz, visibility: after_due}
      - {id: essay, title: Essay, points: 5, kind: manual}
"""
ROSTER = """\
id,email,aliases,group,section,extensions
s01,ada@uni.example,canvas:10001; sid:777; login:al815,,A,
s02,ben@uni.example,canvas:10002; sid:10001; login:b_n,g1,A,
s03,cleo@uni.example,canvas:10003; login:cleo,g1,B,
s04,dora@uni.example,canvas:10004,,B,
s05,emil@uni.example,canvas:10005,,B,
"""
RECEIVED = datetime(2026, 10, 12, 20, 30, tzinfo=UTC)


def marked(
    grade_id: str, *, grade: bool = False, solution: bool = False, points: float | None = None
) -> dict[str, Any]:
    meta = {"schema_version": 3, "grade_id": grade_id, "grade": grade, "solution": solution,
            "locked": not solution, "task": False}  # fmt: skip
    return {"nbgrader": meta | ({} if points is None else {"points": points})}


def code(source: str, metadata: dict[str, Any] | None = None, outputs: list[Any] | None = None) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": metadata or {}, "outputs": outputs or [],
            "execution_count": None}  # fmt: skip


def markdown(source: str, metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source, "metadata": metadata or {}}


def cells(double: str, quiz: str, essay: str) -> list[dict[str, Any]]:
    made = [
        markdown("# The first"),
        code(double, marked("double", solution=True)),
        code("assert double(2) == 4", marked("check_double", grade=True, points=4)),
        code(quiz, marked("quiz_1", solution=True)),
        code("print(quiz_1)", marked("check_quiz", grade=True, points=2)),
        markdown(essay, marked("essay", grade=True, solution=True, points=5)),
    ]
    return [{"id": f"c{number}", **cell} for number, cell in enumerate(made)]


def notebook(made: list[dict[str, Any]]) -> str:
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return json.dumps({"cells": made, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5})


BLANK = "def double(x):\n    raise NotImplementedError"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    root = tmp_path / "course"
    starter = root / "assignments" / "01_first"
    starter.mkdir(parents=True)
    (root / "course.yaml").write_text(COURSE)
    (starter / "01_first.ipynb").write_text(notebook(cells(BLANK, "quiz_1 = None", "*Your answer*")))
    return load_course(root, check_files=False)


def executed_from(data: bytes, course: Course) -> bytes:
    """The executed notebook of one that was handed in, as `executed_of` makes it."""
    (assignment,) = course.assignments
    handed_in = read_notebook(data, "a notebook")
    releases = load_releases(assignment.releases_path)
    ids = match_to_release(handed_in, releases.entries, [question.id for question in assignment.questions]).grade_ids
    return executed_notebook(
        handed_in, {}, metadata={index: {"nbgrader": {"grade_id": id}} for index, id in ids.items()}
    )


@pytest.fixture
def results_folder(tmp_path: Path) -> Path:
    """A folder as earlier versions laid it out."""
    (tmp_path / "results/evidence").mkdir(parents=True)
    return tmp_path / "results"


@pytest.fixture
def hand_in(course: Course, results_folder: Path) -> Callable[..., Any]:
    """`hand_in("anna", double="passed failed", ...)`: an GradebookEntry for `sync`, with its executed notebook."""
    from autograder.exchange.nbgrader import GradebookEntry

    def make(
        subject: str = "anna",
        *,
        members: tuple[str, ...] | None = None,
        double: str = "passed passed",
        quiz: str = "passed",
        message: str = "",
        outcome: Outcome = Outcome.GRADED,
        manual: dict[str, ManualGrade] | None = None,
        received_at: datetime | None = RECEIVED,
        made: list[dict[str, Any]] | None = None,
        essay: str = "Because it doubles.",
        of: Course | None = None,
        adjustments: Any = None,
    ) -> Any:
        tests = [
            TestOutcome(question=question, name=f"test_{question}[{i}]", title=f"{question} works.",
                        status=TestStatus(status), message="" if status == "passed" else message)
            for question, statuses in (("double", double), ("quiz", quiz))
            for i, status in enumerate(statuses.split())
        ]  # fmt: skip
        used = of or course
        executed = b"{}"
        if outcome is Outcome.GRADED:
            written = made if made is not None else cells("def double(x):\n    return 2 * x", "quiz_1 = 'a'", essay)
            executed = executed_from(notebook(written).encode(), used)
        evidence = Evidence(
            assignment="01_first",
            submission=SubmissionInfo(
                subject=subject,
                members=(subject,) if members is None else members,
                received_at=received_at,
                notebook_sha256=hashlib.sha256(executed).hexdigest(),
            ),
            outcome=outcome,
            reason="" if outcome is Outcome.GRADED else "This is not a notebook.",
            tests=tuple(tests) if outcome is Outcome.GRADED else (),
            graded_at=RECEIVED,
        )
        result: Result = score(evidence, used.assignments[0], used.late_policy, adjustments, manual)
        return GradebookEntry(result, lambda: executed)

    return make


@pytest.fixture
def graded(course: Course, results_folder: Path, hand_in: Callable[..., Any]) -> Callable[..., None]:
    """`graded("s01", double="passed failed")`: a result in the results folder. The course has the roster above."""
    (course.root / "roster.csv").write_text(ROSTER)
    text = (course.root / "course.yaml").read_text().replace("due: 2026", "due: 2096")  # never over, whenever this runs
    (course.root / "course.yaml").write_text(f"{text}roster: roster.csv\n")

    def make(subject: str, **how: Any) -> None:
        folder = results_folder / "submissions" / "01_first" / subject
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "result.json").write_text(hand_in(subject, **how).result.model_dump_json())
        (folder / "feedback.html").write_text(f"page of {subject}")

    return make
