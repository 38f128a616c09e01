"""Assignments go out to nbgrader and otter, and the real packages use what was written."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner

from autograder.cli import main
from autograder.course.course import Course, load_course
from autograder.exchange.courses.imported_items import imported_items
from autograder.release.starter import build_release, read_master, solution_notebook

pytestmark = pytest.mark.long
BIN = Path(sys.executable).parent
RELEASED = "release/01_weather/01_weather.ipynb"
ONLY_VISIBLE = {"fahrenheit": "def fahrenheit(celsius):\n    return {0: 32, 100: 212}[celsius]"}
EXAMPLE = Path(__file__).parents[2] / "examples" / "words"
OTTER = """\
import glob, json, sys
from otter.execute import grade_notebook
notebook, tests, folder = sys.argv[1:]
found = grade_notebook(notebook, tests_glob=sorted(glob.glob(tests + "/*.py")), cwd=folder, test_dir=tests)
print("@@" + json.dumps({name: [file.score, file.possible] for name, file in found.results.items()}))
"""


def run(*command: str, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    return done.stdout


def exported(system: str, course: Path, name: str, into: Path) -> str:
    said = CliRunner().invoke(
        main, ["export", system, name, "--course", str(course / "course.yaml"), "--into", str(into)]
    )
    assert said.exit_code == 0, said.output
    again = CliRunner().invoke(
        main, ["export", system, name, "--course", str(course / "course.yaml"), "--into", str(into)]
    )
    assert again.exit_code == 1
    assert "nothing is overwritten" in again.output
    return said.output


def answers(course: Course, name: str) -> dict[str, str]:
    """Return grade_id -> the solution of each code answer."""
    solution = json.loads(solution_notebook(read_master(course.assignment(name))))
    return {
        cell["metadata"]["nbgrader"]["grade_id"]: cell["source"]
        for cell in solution["cells"]
        if cell["metadata"].get("nbgrader", {}).get("solution") and cell["cell_type"] == "code"
    }


def filled(notebook: Path, given: dict[str, str]) -> None:
    """Write answers into a notebook, as a student does."""
    document = json.loads(notebook.read_text())
    for cell in document["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if grade_id in given:
            cell["source"] = given[grade_id]
    notebook.write_text(json.dumps(document))


@pytest.fixture
def words(tmp_path: Path) -> Path:
    root = tmp_path / "words"
    shutil.copytree(EXAMPLE, root)
    return root


@pytest.fixture(autouse=True, scope="module")
def programs_of_this_environment() -> Iterator[None]:
    """nbgrader calls alembic by its bare name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        yield


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with our course in `words/`, and in `theirs/` nbgrader's, released by nbgrader itself."""
    pytest.importorskip("nbgrader")
    folder = tmp_path_factory.mktemp("courses")
    shutil.copytree(EXAMPLE, folder / "words")
    said = exported("nbgrader", folder / "words", "01_weather", folder / "theirs")
    assert "visible check alone" in said
    course = load_course(folder / "words")
    ours = build_release(course.assignment("01_weather")).files["01_weather.ipynb"]
    assert (folder / "theirs" / RELEASED).read_bytes() == ours
    (folder / "ours.ipynb").write_bytes(ours)
    run(str(BIN / "nbgrader"), "generate_assignment", "01_weather", "--create", "--force", cwd=folder / "theirs")
    for student, given in (
        ("right", answers(course, "01_weather")),
        ("nothing", {}),
        ("s01", answers(course, "01_weather") | ONLY_VISIBLE),
    ):
        handed_in = folder / "theirs/submitted" / student / "01_weather"
        handed_in.mkdir(parents=True)
        shutil.copy(folder / "theirs" / RELEASED, handed_in)
        filled(handed_in / "01_weather.ipynb", given)
    return folder


def scores(book_path: Path, student: str) -> dict[str, float | None]:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{book_path}") as book:
        submission = book.find_submission("01_weather", student)
        return {grade.name: grade.auto_score for one in submission.notebooks for grade in one.grades}


def test_nbgrader_releases_the_source_as_we_do(theirs: Path) -> None:
    made: Any = nbformat.read(theirs / "theirs" / RELEASED, as_version=4)  # type: ignore[no-untyped-call]
    marks = [cell.metadata.nbgrader for cell in made.cells if "nbgrader" in cell.metadata]
    ours = json.loads((theirs / "ours.ipynb").read_bytes())["cells"]
    told = [cell["metadata"]["nbgrader"] for cell in ours if "nbgrader" in cell["metadata"]]
    kept = ("grade_id", "grade", "solution", "task", "points")
    assert [[mark.get(key) for key in kept] for mark in marks] == [[mark.get(key) for key in kept] for mark in told]
    text = (theirs / "theirs" / RELEASED).read_text()
    assert "celsius * 9 / 5" not in text
    assert "what is returned can be used" not in text


def test_nbgrader_grades_the_visible_checks(theirs: Path) -> None:
    run(str(BIN / "nbgrader"), "autograde", "01_weather", cwd=theirs / "theirs")
    points = {"check_fahrenheit": 2.0, "check_warmest_day": 3.0, "check_quiz": 1.0, "explain": 0.0}
    book = theirs / "theirs/gradebook.db"
    assert scores(book, "right") == scores(book, "s01") == points
    assert scores(book, "nothing") == dict.fromkeys(points, 0.0)


def test_students_of_nbgraders_release_are_graded_here(theirs: Path) -> None:
    """Hidden tests score what the visible check lets through, and the scores are in nbgrader's gradebook.

    A written answer waits for a person: nbgrader's own stub stands in it, which our release does not have.
    """
    course = str(theirs / "words/course.yaml")
    (theirs / "words/roster.csv").write_text("id,email,group,section,extensions\ns01,,,,\nright,,,,\nnothing,,,,\n")
    assert CliRunner().invoke(main, ["release", "--course", course]).exit_code == 0
    said = CliRunner().invoke(
        main, ["grade", str(theirs / "theirs/submitted"), "-a", "01_weather", "--course", course,
               "--output", str(theirs / "results"), "--backend", "namespace", "--jobs", "1"],
    )  # fmt: skip
    assert (theirs / "results/staff/gradebook.db").is_file(), said.output
    found = scores(theirs / "results/staff/gradebook.db", "s01")
    assert found == {"check_fahrenheit": 0.0, "check_warmest_day": 3.0, "check_quiz": 1.0, "explain": None}


def otter_scores(folder: Path, name: str, given: dict[str, str]) -> dict[str, list[float]]:
    handed_in = folder / "student" / f"handed_in_{len(given)}.ipynb"
    shutil.copy(folder / "student" / f"{name}.ipynb", handed_in)
    filled(handed_in, given)
    out = run(sys.executable, "-c", OTTER, str(handed_in), str(folder / "autograder/tests"), str(folder / "student"),
              cwd=folder / "student")  # fmt: skip
    return dict(json.loads(next(line for line in out.splitlines() if line.startswith("@@"))[2:]))


def test_otter_checks_and_grades_what_was_written(words: Path, tmp_path: Path) -> None:
    pytest.importorskip("otter")
    into = tmp_path / "otter"
    said = exported("otter", words, "02_words", into)
    assert "by their visible checks alone" in said
    assert "explain_set: otter has no test" in said
    everything = "".join(path.read_text() for path in (into / "student").rglob("*") if path.is_file())
    assert "re.findall(" not in everything
    assert "hidden=True" not in everything
    assert (into / "student/fox.txt").is_file()
    sources = [cell["source"] for cell in json.loads((into / "student/02_words.ipynb").read_text())["cells"]]
    assert 'grader.check("tally")' in sources

    course = load_course(words)
    right = otter_scores(into, "02_words", answers(course, "02_words"))
    assert right == {"words": [2, 2], "tally": [3, 3], "vocabulary": [2, 2], "longest": [2, 2]}
    wrong = otter_scores(into, "02_words", answers(course, "02_words") | {"tally": "def tally(names):\n    return {}"})
    assert wrong == right | {"tally": [0, 3]}

    check = (
        "import otter; grader = otter.Notebook('02_words.ipynb'); x = grader.check('tally', "
        "global_env={'tally': lambda names: {n: names.count(n) for n in names}}); print(x.grade)"
    )
    assert run(sys.executable, "-c", check, cwd=into / "student").strip().endswith("1.0")
    run(str(Path(sys.executable).parent / "otter"), "generate", "-t", "tests", "-o", "autograder.zip", "-c",
        "otter_config.json", "-r", "requirements.txt", "--no-environment", cwd=into / "autograder")  # fmt: skip
    assert (into / "autograder/autograder.zip").is_file()


def test_hidden_cases_of_an_import_go_back_to_otters_autograder_only(tmp_path: Path) -> None:
    pytest.importorskip("otter")
    root = _imported_course(tmp_path)
    items = imported_items(load_course(root).assignment("hw"))
    assert [(item.form, item.weight) for item in items] == [("examples", 2.0), ("function", 1.0), ("cell", 1.0)]
    into = tmp_path / "out"
    said = exported("otter", root, "hw", into)
    assert "otter runs them in the student's process" in said
    assert "square(12)" not in "".join(path.read_text() for path in (into / "student").rglob("*") if path.is_file())
    right = {"q1": "def square(x):\n    return x * x"}
    assert otter_scores(into, "hw", right) == {"q1": [4.0, 4.0]}
    assert otter_scores(into, "hw", {**right, "q1": "def square(x):\n    return 144 if x == 12 else 4", "": ""}) == {
        "q1": [3.0, 4.0]
    }
    assert otter_scores(into, "hw", {}) == {"q1": [0.0, 4.0]}


def _imported_course(tmp_path: Path) -> Path:
    """Write a course whose one question has three imported tests, as `autograder import` writes them."""
    from autograder.course.new import bare_course

    root = tmp_path / "course"
    texts: dict[str, Any] = dict(bare_course("Imported"))
    entry = (
        "- name: hw\n  title: Homework\n  hours: 1\n  preload: []\n  public_files: []\n  questions:\n"
        "    - {id: q1, title: Square, points: 4, kind: tests}\n"
    )
    texts["course.yaml"] += entry
    texts["solutions/hw/solution.py"] = (
        '# %% nbgrader={"grade_id": "q1", "solution": true}\ndef square(x):\n    ### BEGIN SOLUTION\n'
        "    return x * x\n    ### END SOLUTION\n\n"
        '# %% tags=["check"] nbgrader={"grade_id": "check_q1", "grade": true}\nassert square(2) == 4\n'
    )
    texts["solutions/hw/hidden_tests.py"] = (
        "from autograder.testing import question\nfrom autograder.testing.legacy import ImportedTests\n\n"
        "IMPORTED = ImportedTests((), copies=True)\n\n\n"
        '@question("q1", weight=2)\ndef test_q1_1():\n    """One."""\n'
        '    IMPORTED.examples("trusted", ">>> square(12)\\n144", success="Well done.")\n\n\n'
        '@question("q1", weight=1)\ndef test_q1_2():\n    """Two."""\n'
        '    IMPORTED.function("trusted", "def is_right(square):\\n    assert square(2) == 4", "is_right")\n\n\n'
        '@question("q1", weight=1)\ndef test_q1_3():\n    """Three."""\n'
        '    IMPORTED.cell("trusted", "assert square(3) == 9", points=1.0)\n'
    )
    for name, text in texts.items():
        place = root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return root
