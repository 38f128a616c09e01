"""A second course, in another folder, with the wheel and without torch: from nothing to grades."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path

import pytest

from autograder.results.store import Store
from tests.packaging.conftest import Run


def test_the_distribution_holds_the_engine_alone(installed: Path) -> None:
    [wheel] = installed.parents[2].glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"autograder"}


def test_torch_is_not_there(installed: Path) -> None:
    """What the other tests of this file say, they say of an environment without it."""
    done = subprocess.run([installed.with_name("python"), "-c", "import torch"], capture_output=True, text=True)
    assert "No module named 'torch'" in done.stderr


@pytest.mark.long
def test_a_course_from_nothing_to_grades(run: Run, tmp_path: Path) -> None:
    run("new", "course", "weather", "--title", "Weather: an introduction")
    course = tmp_path / "weather"
    run("new", "assignment", "02_next", "--title", "Next", cwd=course)
    said = run("validate", "01_first", "--jobs", "2", cwd=course).stdout
    assert "01_first: all as it must be" in said
    assert "12 mutants, 12 killed" in said
    run("release", cwd=course)
    run("release", "--check", cwd=course)
    run("release", "--bundle", cwd=course)
    with zipfile.ZipFile(course / "build/bundles/01_first.zip") as archive:
        readme = archive.read("01_first/README.md").decode()
    assert "Weather: an introduction" in readme
    assert not any(word in readme for word in ("torch", "CIFAR", "GPU", "COURSE_FAST"))
    said = run("demo", "--jobs", "1", cwd=course).stdout
    assert "demo-results" in said
    results = [path for path in (course / "demo-results").rglob("result.json") if "01_first" in path.parts]
    assert sorted(json.loads(path.read_text())["score"] for path in results) == [0.0, 6.0]  # a person gives the other 2


def test_grading_names_the_versions_of_what_is_there(run: Run, tmp_path: Path) -> None:
    run("new", "course", "c")
    course = tmp_path / "c"
    run("release", cwd=course)
    run("grade", "assignments/01_first/01_first.ipynb", "--assignment", "01_first", cwd=course)
    with Store(course / "results", write=False) as store:
        [place] = store.places()
        assert "torch" not in store.attempt(place, 1).versions


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("new", "course", "full"), "is there already and not empty"),
        (("new", "course", "x", "--assignment", "no/name"), "expected a name of letters, digits"),
    ],
)
def test_what_cannot_be_made_is_said(run: Run, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/file").write_text("")
    assert said in run(*arguments, status=1).stderr


def test_an_assignment_of_the_same_name_is_refused(run: Run, tmp_path: Path) -> None:
    run("new", "course", "c")
    before = (tmp_path / "c/course.yaml").read_text()
    assert "choose another" in run("new", "assignment", "01_first", cwd=tmp_path / "c", status=1).stderr
    assert (tmp_path / "c/course.yaml").read_text() == before
