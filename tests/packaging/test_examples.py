"""The courses in examples/: validated, released, graded and reported with the wheel, without torch."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT, Run

COURSES = {"sales": ["01_sales"], "words": ["01_weather", "02_words"]}
MOST = {"01_sales": 16.0, "01_weather": 6.0, "02_words": 9.0}  # points that tests give


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", COURSES)
def test_the_whole_term(name: str, run: Run, tmp_path: Path) -> None:
    course = tmp_path / name
    shutil.copytree(ROOT / "examples" / name, course)
    for assignment in COURSES[name]:
        # `make validate` tries every mutant, all draws and 20 codes.
        few = ("--no-mutants", "--draws", "3", "--codes", "3", "--seeds", "1", "--threads", "1", "--jobs", "1")
        said = run("validate", assignment, *few, cwd=course).stdout
        assert f"{assignment}: all as it must be" in said
    run("release", cwd=course)
    run("release", "--bundle", cwd=course)
    run("demo", "--jobs", "1", cwd=course)
    for assignment in COURSES[name]:
        results = [path for path in (course / "demo-results").rglob("result.json") if assignment in path.parts]
        scores = sorted(json.loads(path.read_text())["score"] for path in results)
        assert scores == [0.0, MOST[assignment]], assignment
    assert list((course / "demo-results").rglob("index.html")), "the report on the class"


def test_data_lie_in_the_release_as_in_the_course(run: Run, tmp_path: Path) -> None:
    course = tmp_path / "sales"
    shutil.copytree(ROOT / "examples/sales", course)
    run("release", cwd=course)
    released = course / "assignments/01_sales/data/sales.csv"
    assert released.read_bytes() == (course / "data/sales.csv").read_bytes()
    cells = json.loads((course / "assignments/01_sales/01_sales.ipynb").read_text())["cells"]
    [plot] = [cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("grade_id") == "plot_cities"]
    assert plot["cell_type"] == "code"
    assert plot["metadata"]["nbgrader"]["points"] == 3
    assert "axes.bar" not in "".join(plot["source"])
