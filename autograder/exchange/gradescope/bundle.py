"""The autograder zip for Gradescope: this engine, one assignment with its hidden tests, and two scripts.

Gradescope unpacks it to /autograder/source as root, runs `setup.sh` once and `run_autograder` for each submission. It
holds the course's secret and the hidden tests: it is for the course's staff only.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from autograder.course.course import Assignment, Course
from autograder.course.secret import FILE as SECRET_FILE
from autograder.exchange.elsewhere.course_files import course_files
from autograder.exchange.elsewhere.engine import engine_files, zipped

SCRIPTS = ("setup.sh", "run_autograder")
COURSE, SETTINGS, WHEELHOUSE = "course", "settings.json", "wheelhouse"


@dataclass(frozen=True)
class GradescopeBundle:
    """data: the zip. notes: what the instructor should know."""

    data: bytes
    notes: tuple[str, ...]


def gradescope_bundle(
    course: Course, assignment: Assignment, course_file: Path, secret: bytes, *, leaderboard: bool = False,
    wheelhouse: Path | None = None,
) -> GradescopeBundle:  # fmt: skip
    """Return the autograder zip of an assignment.

    secret: the course's. leaderboard: whether the points go onto Gradescope's. wheelhouse: a folder of wheels to
    install from, without a network.

    Raises EngineError, ReleaseError, and OSError for a file that cannot be read.
    """
    files = {name: _script(name) for name in SCRIPTS}
    settings = {"assignment": assignment.name, "backend": "confined-uid", "leaderboard": leaderboard}
    files |= {SETTINGS: json.dumps(settings, indent=1).encode(), **engine_files(assignment)}
    for path, data in course_files(course, assignment, course_file).items():
        files[f"{COURSE}/{path}"] = data
    files[f"{COURSE}/{SECRET_FILE}"] = secret + b"\n"
    for wheel_file in sorted(wheelhouse.glob("*.whl")) if wheelhouse is not None else ():
        files[f"{WHEELHOUSE}/{wheel_file.name}"] = wheel_file.read_bytes()
    notes = ["the zip holds the hidden tests, the solution and the course's secret: keep it among the course's staff"]
    manual = [question for question in assignment.questions if question.kind == "manual"]
    if manual:
        titles = ", ".join(f"{question.title} ({question.points:g})" for question in manual)
        notes.append(f"for Gradescope's rubric, since a person marks them: {titles}")
    if course.late_policy.percent_per_day:
        notes.append(
            "points for late hand-ins are taken off the points by tests, by Gradescope's due date for each student; "
            "points of the rubric are not touched"
        )
    return GradescopeBundle(zipped(files, SCRIPTS), tuple(notes))


def _script(name: str) -> bytes:
    return resources.files("autograder.exchange.gradescope").joinpath("scripts", f"{name}.txt").read_bytes()
