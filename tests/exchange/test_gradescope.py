"""The autograder zip for Gradescope: what is in it, and what it says of a submission there."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner

from autograder.cli import main as cli
from autograder.course.course import load_course
from autograder.course.fingerprint import tests_sha256 as version_of_tests
from autograder.exchange.elsewhere import engine
from autograder.exchange.elsewhere.course_files import course_files
from autograder.exchange.gradescope.bundle import gradescope_bundle
from autograder.exchange.gradescope.metadata import read_metadata
from autograder.exchange.gradescope.results import not_graded, refused
from autograder.release.files import write_release
from autograder.release.starter import build_release
from autograder.runs import gradescope

ROOT = Path(__file__).resolve().parents[2]
NAME = "01_weather"
SECRET = b"s" * 32
VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}
TOP = {"score", "execution_time", "output", "output_format", "test_output_format", "test_name_format", "visibility",
       "stdout_visibility", "extra_data", "tests", "leaderboard"}  # fmt: skip
OF_TEST = {"score", "max_score", "status", "name", "name_format", "number", "output", "output_format", "tags",
           "visibility", "extra_data"}  # fmt: skip
ANSWERS = {
    "fahrenheit": "def fahrenheit(celsius):\n    return celsius * 9 / 5 + 32\n",
    "warmest_day": "def warmest_day(degrees):\n    return max(degrees, key=degrees.get)\n",
}


@pytest.fixture(scope="module")
def course_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("words") / "course"
    shutil.copytree(ROOT / "examples" / "words", folder, ignore=shutil.ignore_patterns("__pycache__"))
    course = load_course(folder)
    for assignment in course.assignments:
        write_release(build_release(assignment))
    return folder


@pytest.fixture(scope="module")
def archive(course_folder: Path) -> bytes:
    course = load_course(course_folder)
    return gradescope_bundle(course, course.assignment(NAME), course_folder / "course.yaml", SECRET).data


@pytest.fixture
def place(archive: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What lies in /autograder before a submission is graded; with a sandbox that can be had here."""
    root = tmp_path / "autograder"
    (root / "submission").mkdir(parents=True)
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        opened.extractall(root / "source")
    settings = root / "source" / "settings.json"
    settings.write_text(settings.read_text().replace("confined-uid", "namespace"))
    monkeypatch.setenv(gradescope.ROOT, str(root))
    monkeypatch.delenv("AUTOGRADER_SECRET", raising=False)
    return root


def describe(root: Path, **changed: Any) -> None:
    """Write submission_metadata.json with the fields that Gradescope documents."""
    one = {"email": "ada@example.edu", "id": 11, "name": "Ada <b>L</b>"}
    found = {
        "id": 123456,
        "created_at": "2026-10-12T14:22:32.365935-07:00",
        "assignment": {
            "due_date": "2026-10-12T23:00:00.000000-07:00", "group_size": 4, "group_submission": True, "id": 25828,
            "course_id": 1234, "late_due_date": None, "release_date": "2026-10-02T00:00:00.000000-07:00",
            "title": "Weather", "total_points": "8.0",
        },
        "submission_method": "upload",
        "users": [one],
        "previous_submissions": [],
    }  # fmt: skip
    (root / "submission_metadata.json").write_text(json.dumps(found | changed))


def hand_in(root: Path, answers: dict[str, str], name: str = "my work.ipynb") -> None:
    starter = root / "source" / "course" / "assignments" / NAME / f"{NAME}.ipynb"
    book = nbformat.read(starter, as_version=4)
    for cell in book.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        cell.source = answers.get(grade_id, cell.source)
    nbformat.write(book, root / "submission" / name)


def graded(root: Path) -> dict[str, Any]:
    gradescope.main()
    found = json.loads((root / "results" / "results.json").read_text())
    check_form(found)
    return found


def check_form(found: dict[str, Any]) -> None:
    """Every field by name, kind and range, as Gradescope's page on results.json has them."""
    assert found.keys() <= TOP
    assert found["visibility"] in VISIBILITIES
    assert found["stdout_visibility"] == "hidden", "paths and names of tests are for instructors"
    assert isinstance(found["output"], str)
    assert found["output_format"] in FORMATS
    assert isinstance(found.get("execution_time", 0), int)
    for entry in found["tests"]:
        assert entry.keys() <= OF_TEST
        assert isinstance(entry["name"], str)
        assert entry["status"] in ("passed", "failed")
        assert entry.get("visibility", "visible") in VISIBILITIES
        assert entry["output_format"] in FORMATS
        assert ("score" in entry) == ("max_score" in entry)
        for key in ("score", "max_score"):
            assert isinstance(entry.get(key, 0.0), int | float)
    for line in found.get("leaderboard", ()):
        assert line.keys() <= {"name", "value", "order"}
        assert line["order"] in ("asc", "desc")


def scores(found: dict[str, Any]) -> dict[str, float]:
    return {entry["name"]: entry["score"] for entry in found["tests"] if "score" in entry}


def test_a_submission_gets_its_points_and_the_rubric_the_rest(place: Path) -> None:
    describe(place, previous_submissions=[{"submission_time": "2026-10-11T10:00:00-07:00", "score": 1.0}])
    hand_in(place, ANSWERS)
    found = graded(place)
    assert scores(found) == {"Degrees Fahrenheit": 2.0, "The warmest day": 3.0, "Quiz": 0.0}
    assert "score" not in found, "a total would tell what closed questions gave"
    assert {entry["name"]: entry["visibility"] for entry in found["tests"]} == {
        "Degrees Fahrenheit": "visible", "The warmest day": "visible", "Quiz": "after_due_date",
    }  # fmt: skip
    assert "Explain" in found["output"]
    assert "hand-in 2" in found["output"]
    assert "Quiz" not in found["output"]
    assert found["extra_data"]["sandbox"] == "namespace"
    assert "leaderboard" not in found


def test_what_is_wrong_is_said_as_html_without_running_anything_of_theirs(place: Path) -> None:
    describe(place)
    message = "<script>alert(1)</script>"
    hand_in(place, {**ANSWERS, "fahrenheit": f"def fahrenheit(celsius):\n    raise ValueError({message!r})\n"})
    found = graded(place)
    entry = found["tests"][0]
    assert (entry["score"], entry["max_score"], entry["status"]) == (0.0, 2.0, "failed")
    assert entry["output_format"] == "html"
    assert "ValueError" in entry["output"]
    assert "&lt;script&gt;" in entry["output"]
    assert "<script" not in json.dumps(found)


def test_a_late_group_loses_points_by_the_latest_of_its_own_deadlines(place: Path) -> None:
    common = {"due_date": "2026-10-10T23:00:00-07:00"}
    own = {"due_date": "2026-10-11T23:00:00-07:00"}
    users = [
        {"email": "ada@example.edu", "id": 1, "name": "A", "assignment": common},
        {"email": "bob@example.edu", "id": 2, "name": "B", "assignment": own},
    ]
    describe(place, users=users, assignment=common)
    hand_in(place, ANSWERS)
    found = graded(place)
    late = found["tests"][-1]
    assert (late["name"], late["score"], late["max_score"]) == ("Handed in late", -0.5, 0.0)
    assert late["visibility"] == "after_due_date", "its size would give the closed quiz away"
    assert "11 October 2026, 23:00" in found["output"]


def nothing(root: Path) -> None:
    pass


def no_notebook(root: Path) -> None:
    (root / "submission" / "essay.pdf").write_bytes(b"%PDF-1.4")


def damaged(root: Path) -> None:
    (root / "submission" / f"{NAME}.ipynb").write_text('{"cells": [')


def a_link(root: Path) -> None:
    (root / "submission" / f"{NAME}.ipynb").symlink_to(root / "source" / "course" / "solutions" / NAME / "solution.py")


def a_pipe(root: Path) -> None:
    os.mkfifo(root / "submission" / f"{NAME}.ipynb")


@pytest.mark.parametrize("make", [nothing, no_notebook, damaged, a_link, a_pipe])
def test_what_cannot_be_read_gets_a_reason_and_no_crash(place: Path, make: Callable[[Path], None]) -> None:
    describe(place)
    make(place)
    found = graded(place)
    assert scores(found) == {"Your notebook": 0.0}
    assert found["tests"][0]["max_score"] == 6.0
    assert len(found["output"]) > 20
    assert "Traceback" not in found["output"]
    assert "solution" not in found["output"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"users": 3, "created_at": {}, "assignment": []}', "[" * 100_000])
def test_metadata_that_say_nothing_cost_nobody_a_point(place: Path, text: str) -> None:
    (place / "submission_metadata.json").write_text(text)
    assert read_metadata(place / "submission_metadata.json").notes


def test_without_metadata_it_is_graded_all_the_same(place: Path) -> None:
    """And points go onto the leaderboard, where that is wanted."""
    settings = place / "source" / "settings.json"
    settings.write_text(settings.read_text().replace('"leaderboard": false', '"leaderboard": true'))
    hand_in(place, ANSWERS)
    found = graded(place)
    assert scores(found)["The warmest day"] == 3.0
    assert found["leaderboard"] == [{"name": "Points", "value": 5.0, "order": "desc"}]


def test_a_fault_of_ours_is_no_score(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    describe(place)
    hand_in(place, ANSWERS)
    settings = place / "source" / "settings.json"
    settings.write_text(settings.read_text().replace("namespace", "nowhere"))
    found = graded(place)
    assert scores(found) == {}
    assert "hand in the same file again" in found["output"]
    assert "nowhere" not in found["output"]
    shown = [entry for entry in found["tests"] if entry.get("visibility", "visible") == "visible"]
    assert [entry["name"] for entry in shown] == ["Not graded yet"]


def test_the_forms_of_what_was_not_graded() -> None:
    check_form(not_graded("why"))
    check_form(refused("because", 3.0))


def test_times_and_people_are_read_from_the_metadata(tmp_path: Path) -> None:
    users = [{"email": " Ada@Example.edu"}, {"email": "ada@example.edu"}, {"email": 'x"y@z'}, {"email": "a\nb@c"}, 7]
    describe(tmp_path, users=users)
    found = read_metadata(tmp_path / "submission_metadata.json")
    assert found.emails == ("ada@example.edu", 'x"y@z')
    assert found.due == datetime.fromisoformat("2026-10-12T23:00:00-07:00")
    assert found.created_at == datetime.fromisoformat("2026-10-12T14:22:32.365935-07:00")


# The zip.


def test_the_course_in_the_zip_has_the_same_tests_and_nothing_of_others(course_folder: Path, place: Path) -> None:
    course, there = load_course(course_folder), load_course(place / "source" / "course")
    assert [assignment.name for assignment in there.assignments] == [NAME]
    assert version_of_tests(there.assignment(NAME)) == version_of_tests(course.assignment(NAME))
    assert "02_words" not in " ".join(path.as_posix() for path in (place / "source").rglob("*"))
    assert (place / "source" / "course" / ".course_secret").read_bytes().strip() == SECRET


def test_modules_that_the_tests_import_come_along() -> None:
    course = load_course(ROOT)
    names = course_files(course, course.assignment("02_visualisation"), ROOT / "course.yaml").keys()
    assert "reference_models/baseline.py" in names
    assert not [name for name in names if name.startswith(("autograder/", "solutions/01", "solutions/03", "tests/"))]


def test_the_scripts_are_at_the_top_and_can_be_run(archive: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        for name in ("setup.sh", "run_autograder"):
            member = opened.getinfo(name)
            assert member.external_attr >> 16 == 0o100755
            assert opened.read(name).startswith(b"#!/usr/bin/env bash\n")
        pins = opened.read("constraints.txt").decode().splitlines()
        wheel = next(name for name in opened.namelist() if name.endswith(".whl"))
        assert opened.read("requirements.txt").decode().splitlines()[0] == f"./{wheel}"
    assert all("==" in pin for pin in pins)
    assert {"click", "ipython", "numpy"} <= {pin.partition("==")[0] for pin in pins}
    assert "torch" not in {pin.partition("==")[0] for pin in pins}, "this course is not about torch"


def test_the_wheel_is_one_that_can_be_imported(tmp_path: Path) -> None:
    name, data = engine.wheel()
    assert (name, data) == engine.wheel()
    path = tmp_path / name
    path.write_bytes(data)
    with zipfile.ZipFile(path) as opened:
        assert opened.testzip() is None
        assert not [member for member in opened.namelist() if "__pycache__" in member]
    code = f"import sys; sys.path.insert(0, {str(path)!r}); import autograder; print(autograder.__file__)"
    said = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.startswith(str(path))


def test_the_command_writes_for_the_staff_only_and_never_over_a_file(course_folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "weather.zip"
    arguments = ["export", "gradescope", NAME, "--course", str(course_folder), "-o", str(target)]
    first = CliRunner().invoke(cli, arguments)
    assert first.exit_code == 0, first.output
    assert "hidden tests" in first.output
    assert "Explain (2)" in first.output
    assert target.stat().st_mode & 0o077 == 0
    again = CliRunner().invoke(cli, arguments)
    assert again.exit_code == 1
    assert "is there already" in again.output


@pytest.mark.parametrize("script", ["setup.sh", "run_autograder"])
def test_the_scripts_are_well_formed(place: Path, script: str) -> None:
    subprocess.run(["bash", "-n", str(place / "source" / script)], check=True)


def test_where_nothing_was_written_the_script_still_says_something(place: Path, tmp_path: Path) -> None:
    home = tmp_path / "home" / "bin"
    home.mkdir(parents=True)
    (home / "python").write_text("#!/bin/sh\nexit 9\n")
    (home / "python").chmod(0o755)
    describe(place)
    environment = {**os.environ, "AUTOGRADER_GRADESCOPE_HOME": str(home.parent)}
    subprocess.run(["bash", str(place / "source" / "run_autograder")], check=True, env=environment)
    check_form(json.loads((place / "results" / "results.json").read_text()))
    assert (place / "source").stat().st_mode & 0o077 == 0
