"""Taking students out of the gradebook: nothing of them is left, not even in free pages of the file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook, MissingEntry

from autograder.course.course import Course
from autograder.exchange.nbgrader import GRADEBOOK, read_manual, sync
from autograder.exchange.nbgrader.erase import forget_students, forget_submissions

HandIn = Callable[..., Any]


@pytest.fixture
def graded(course: Course, results_folder: Path, hand_in: HandIn) -> Path:
    """Three students, each with a comment of a person, and one of them graded for a question that is gone."""
    entries = [hand_in("anna"), hand_in("ben"), hand_in("cleo")]
    sync(results_folder, course, course.assignments[0], entries)
    with Gradebook(f"sqlite:///{results_folder / GRADEBOOK}", "a_course") as gradebook:
        for student in ("anna", "ben"):
            essay = gradebook.find_grade("essay", "01_first", "01_first", student)
            essay.manual_score = 3.0
            said = gradebook.find_comment("essay", "01_first", "01_first", student)
            said.manual_comment = f"Well done, {student}."
        gradebook.db.commit()
    lines = [{"student": student, "assignment": "01_first", "cell": "gone"} for student in ("anna", "ben")]
    (results_folder / "retired_grades.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return results_folder


def holds(folder: Path, student: str) -> list[str]:
    """Files that have this id in their bytes or their path."""
    return [
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file()
        and (student in path.relative_to(folder).as_posix() or student.encode() in path.read_bytes())
        and path.relative_to(folder).parts[0] not in {"evidence", "submissions"}  # the store's own
    ]


def test_nothing_of_a_student_is_left_and_the_others_keep_theirs(graded: Path, course: Course) -> None:
    assert {"gradebook.db", "retired_grades.jsonl"} < set(holds(graded, "anna"))
    forget_students(graded, course, ("anna", "nobody"))
    assert holds(graded, "anna") == []
    manual = read_manual(graded / GRADEBOOK, course.assignments[0])
    assert set(manual) == {"ben"}
    assert manual["ben"]["essay"].comment == "Well done, ben."
    assert "ben" in (graded / "retired_grades.jsonl").read_text()
    forget_students(graded, course, ("anna",))  # once more changes nothing


def test_one_assignment_of_a_student(graded: Path, course: Course) -> None:
    forget_submissions(graded, course, "01_first", ("anna",))
    assert holds(graded, "anna") == ["gradebook.db"], "the student is still in the course"
    with Gradebook(f"sqlite:///{graded / GRADEBOOK}", "a_course") as gradebook:
        assert gradebook.find_student("anna").id == "anna"
        with pytest.raises(MissingEntry):
            gradebook.find_submission("01_first", "anna")
        assert gradebook.find_submission("01_first", "ben").score == 9
    forget_submissions(graded, course, "01_first", ("anna",))
