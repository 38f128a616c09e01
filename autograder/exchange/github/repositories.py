"""The files of two repositories for an assignment: the students' template, and the staff's, which grades.

Whatever stands in a student's repository its owner can change and read, workflows and the secrets they are given
included. So hidden tests and the course's secret are never there: the staff's repository has them, and grades what a
student's holds in a container of its own.
"""

from __future__ import annotations

import sys
from importlib import resources
from pathlib import Path

from autograder.course.course import Assignment, Course
from autograder.exchange.elsewhere.course_files import course_files
from autograder.exchange.elsewhere.engine import engine_files

STAFF, STUDENTS = "staff", "students"
_NOTES = (
    "staff/ holds the hidden tests and the solution: put it into a repository that the course's staff alone can read",
    "staff's repository: give it the secrets AUTOGRADER_SECRET (what .course_secret holds) and STUDENTS_TOKEN, which "
    "may read the students' repositories",
    "students/ is the template; where a push is to be graded, the organisation's variable COURSE_REPOSITORY names the "
    "staff's repository, and its secret HAND_IN_TOKEN may do no more than dispatch there",
)


def repositories(
    course: Course, assignment: Assignment, course_file: Path, *, classroom: str = ""
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Return path -> bytes of both repositories, below `staff/` and `students/`, and what the instructor should know.

    classroom: what the names of the students' repositories begin with; the assignment's name with hyphens without it.

    Raises EngineError, ReleaseError, and OSError for a file that cannot be read.
    """
    slug = classroom or assignment.name.replace("_", "-")
    words = {
        "ASSIGNMENT": assignment.name,
        "CLASSROOM": slug,
        "PYTHON": f"{sys.version_info.major}.{sys.version_info.minor}",
    }
    engine = engine_files(assignment)
    action = f"{STAFF}/.github/actions/grade-{assignment.name}"
    files = {
        f"{action}/action.yml": _filled("action.yml", words),
        f"{action}/grade.sh": _filled("grade.sh", words),
        f"{STAFF}/.github/workflows/grade-{assignment.name}.yml": _filled("grade.yml", words),
        f"{STUDENTS}/.github/workflows/check.yml": _filled("check.yml", words),
    }
    files |= {f"{action}/{name}": data for name, data in engine.items()}
    files |= {f"{action}/course/{path}": data for path, data in course_files(course, assignment, course_file).items()}
    if course.roster_path is not None and course.roster_path.is_file():
        files[f"{action}/course/roster.csv"] = course.roster_path.read_bytes()
    files |= {f"{STUDENTS}/.autograder/{name}": data for name, data in engine.items() if name != "requirements.txt"}
    files |= {
        f"{STUDENTS}/{path.relative_to(assignment.starter_dir).as_posix()}": path.read_bytes()
        for path in sorted(assignment.starter_dir.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
    return files, _NOTES


def _filled(name: str, words: dict[str, str]) -> bytes:
    text = resources.files("autograder.exchange.github").joinpath("scripts", f"{name}.txt").read_text("utf-8")
    for word, value in words.items():
        text = text.replace(f"@{word}@", value)
    return text.encode()
