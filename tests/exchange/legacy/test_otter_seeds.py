"""otter's seeds: what its configuration sets before each cell is set here, and the scores are those of otter itself."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.exchange.legacy.model import ForeignAssignment
from autograder.exchange.legacy.otter_master import read_master
from autograder.exchange.legacy.otter_seeds import Seeds
from tests.exchange.legacy.conftest import Cell, Course, code, notebook, raw, shows, text, written

FIRST = "0.4967141530112327"  # of numpy's generator, seeded with 42
RANDOM = "0.6394267984578837"  # of random's
QUESTION = (
    raw("# BEGIN QUESTION\nname: q1\npoints: 4"),
    text("Draw, and say what was drawn."),
    raw("# BEGIN SOLUTION"),
    code("drawn = np.random.normal() # SOLUTION"),
    code("def draw():\n    # BEGIN SOLUTION\n    return random.random()\n    # END SOLUTION"),
    raw("# END SOLUTION"),
    raw("# BEGIN TESTS"),
    code("float(drawn)", shows(FIRST)),
    code("# HIDDEN\ndraw()", shows(RANDOM)),
    raw("# END TESTS"),
    raw("# END QUESTION"),
)
MASTER = (
    raw("# ASSIGNMENT CONFIG\nexport_cell: false\ngenerate:\n  seed: 42"),
    code("import numpy as np, random\nnp.random.seed(1) # SEED\ngiven = np.random.normal()"),
    *QUESTION,
)
BY_NAME = (
    raw("# ASSIGNMENT CONFIG\nexport_cell: false\ngenerate: true\n"
        "seed:\n  variable: rng_seed\n  autograder_value: 42\n  student_value: 7"),
    code("import numpy as np, random\nrng_seed = 42"),
    code("rng = np.random.default_rng(rng_seed)"),
    raw("# BEGIN QUESTION\nname: q1\npoints: 2"),
    raw("# BEGIN SOLUTION"),
    code("x = rng_seed # SOLUTION"),
    raw("# END SOLUTION"),
    raw("# BEGIN TESTS"),
    code("x", shows("42")),
    code("# HIDDEN\nrng_seed", shows("42")),
    raw("# END TESTS"),
    raw("# END QUESTION"),
)  # fmt: skip
START = code("import otter\ngrader = otter.Notebook('hw.ipynb')")
CHECK = code('grader.check("q1")')


def student(drawn: str, draw: str, *before: Cell) -> tuple[Cell, ...]:
    first = code("import numpy as np, random\ngiven = np.random.normal()")
    return START, first, *before, code(f"drawn = {drawn}"), code(f"def draw():\n    return {draw}"), CHECK


@pytest.fixture(scope="module")
def courses(
    imported: Callable[[ForeignAssignment], Course], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Course]:
    folder = tmp_path_factory.mktemp("otter")
    return {
        "seed": imported(read_master(written(folder, *MASTER))),
        "variable": imported(read_master(written(folder, *BY_NAME, name="named"))),
    }


def test_every_cell_and_every_test_begins_with_the_seed(courses: dict[str, Course]) -> None:
    course = courses["seed"]
    assert course.passed(*student("np.random.normal()", "random.random()")) == {"q1_1", "q1_2"}
    burnt = code("np.random.normal(size=7), random.random()")
    assert course.passed(*student("np.random.normal()", "random.random()", burnt)) == {"q1_1", "q1_2"}
    assert course.passed(*student("np.random.normal(size=2)[1]", "random.random() / 2")) == set()


def test_authors_lines_are_not_handed_out(courses: dict[str, Course]) -> None:
    released = courses["seed"].assignment.starter_path.read_text()
    assert "SEED" not in released
    assert "random.seed" not in released
    assert "rng_seed = 7" in courses["variable"].assignment.starter_path.read_text()
    assert not any("seed" in note.where for note in courses["seed"].draft.notes)


def test_a_variable_has_the_graders_value_at_the_start_of_each_cell(courses: dict[str, Course]) -> None:
    given = code("import numpy as np, random\nrng_seed = 7"), code("rng = np.random.default_rng(rng_seed)")
    passed = courses["variable"].passed
    assert passed(START, *given, code("x = rng_seed"), CHECK) == {"q1_1", "q1_2"}
    assert passed(START, *given, code("x = 7"), CHECK) == {"q1_2"}
    assert passed(START, *given, code("rng_seed = 9\nx = rng_seed"), CHECK) == {"q1_2"}, "until the next cell only"


@pytest.mark.parametrize(
    ("config", "found"),
    [
        ({}, None),
        ({"seed": {"variable": None}, "generate": True}, None),
        ({"seed": 42}, (42, "")),
        ({"generate": {"seed": 3}}, (3, "")),
        ({"generate": {"seed": "3"}}, None),
        ({"seed": {"variable": "s", "autograder_value": 5}, "generate": {"seed": 3}}, (5, "s")),
    ],
)
def test_which_seed_a_configuration_names(config: dict[str, Any], found: tuple[int, str] | None) -> None:
    seed = Seeds(config).seed
    assert (None if seed is None else (seed.value, seed.variable)) == found


@pytest.mark.slow
@pytest.mark.parametrize("which", ["seed", "variable"])
def test_otter_gives_the_same_scores(courses: dict[str, Course], which: str, tmp_path: Path) -> None:
    """`otter assign`, then `otter run` on each notebook; its scores beside ours, as shares of the question."""
    cells = MASTER if which == "seed" else BY_NAME
    written(tmp_path, *cells)
    otter = [str(Path(sys.executable).with_name("otter"))]
    subprocess.run([*otter, "assign", "--no-run-tests", "hw.ipynb", "dist"], cwd=tmp_path, check=True, timeout=300)
    (archive,) = (tmp_path / "dist" / "autograder").glob("*.zip")
    given = code("import numpy as np, random\nrng_seed = 7"), code("rng = np.random.default_rng(rng_seed)")
    burnt = code("np.random.normal(size=7), random.random()")
    books = {
        "seed": [
            student("np.random.normal()", "random.random()", burnt),
            student("np.random.normal()", "random.random() / 2"),
            student("1.0", "random.random()"),
        ],
        "variable": [
            (START, *given, code("x = rng_seed"), CHECK),
            (START, *given, code("rng_seed = 9\nx = rng_seed"), CHECK),
        ],
    }[which]
    for number, book in enumerate(books):
        place = tmp_path / f"run{number}"
        place.mkdir()
        (place / "hw.ipynb").write_bytes(notebook(*book))
        command = [*otter, "run", "-a", str(archive), "-o", str(place), "hw.ipynb"]
        subprocess.run(command, cwd=place, check=True, timeout=300)
        tests = json.loads((place / "results.json").read_text())["tests"]
        theirs = sum(test["score"] for test in tests if "score" in test) / sum(
            t["max_score"] for t in tests if "score" in t
        )
        ours = len(courses[which].passed(*book)) / 2
        assert theirs == pytest.approx(ours), (number, tests)
