"""The folded pictures below figure cells: none is missing, stale, too large or shown nowhere."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from autograder.course.course import load_course
from reference_models import expected

ROOT = Path(__file__).resolve().parents[2]
NAMES = [assignment.name for assignment in load_course(ROOT).assignments]
# Assignments whose figures have pictures, with those that have none since a written question asks for their numbers.
WITH_PICTURES = {"05_robustness": {"figure_backgrounds", "figure_factors"}}


@pytest.mark.parametrize("name", NAMES)
def test_no_expected_picture_is_missing_or_stale(name: str) -> None:
    assert expected.problems(name) == []


@pytest.mark.parametrize("name", sorted(WITH_PICTURES))
def test_every_figure_that_gives_no_answer_away_has_its_picture(name: str) -> None:
    assert expected.asked_for(name) == [cell for cell in expected.made_of(name) if cell not in WITH_PICTURES[name]]


def test_pictures_hang_below_their_own_cell() -> None:
    for name in sorted(WITH_PICTURES):
        cells = list(expected.cells_of(name))
        for (before, _, _), (cell, _, source) in pairwise(cells):
            if cell.startswith("picture_"):
                assert re.findall(r"\(expected_(\w+)\.png\)", source) == [cell.removeprefix("picture_")]
                assert before == cell.replace("picture_", "figure_")
                assert source.startswith("<details>"), "folded: the figure is the student's to make"


CELL = 'nbgrader={"grade": false, "grade_id": "%s", "locked": true, "schema_version": 3, "solution": false}'
MASTER = f"""# %% tags=["setup"] {CELL % "setup"}
import matplotlib.pyplot as plt

# %% tags=["given"] {CELL % "given"}
HEIGHT = 2

# %% tags=["train", "figure"] {CELL % "figure_line"}
plt.plot([0, HEIGHT])
plt.show()

# %% [markdown] {CELL % "picture_line"}
# ![a line](expected_line.png)

# %% tags=["train", "figure"] {CELL % "figure_other"}
plt.plot([HEIGHT, 0])
plt.show()
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "solutions" / "one"
    folder.mkdir(parents=True)
    (folder / "solution.py").write_text(MASTER)
    return tmp_path


def made(root: Path) -> None:
    assert [path.name for path in expected.draw("one", root)] == ["expected_line.png"]


def test_a_picture_is_drawn_and_then_all_is_well(root: Path) -> None:
    assert expected.problems("one", root) == ["expected_line.png is missing"]
    made(root)
    assert expected.problems("one", root) == []
    assert (root / "solutions/one/expected_line.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("HEIGHT = 2", "HEIGHT = 3", ["expected_line.png is older than its figure"]),
        ("plt.plot([0, HEIGHT])", "plt.plot([1, HEIGHT])", ["expected_line.png is older than its figure"]),
        ("plt.plot([HEIGHT, 0])", "plt.plot([HEIGHT, 1])", []),
        ("(expected_line.png)", "(idea.svg)", ["expected_line.png is shown nowhere"]),
        (
            "(expected_line.png)",
            "(expected_lime.png)",
            [
                "figure_lime is no figure cell of one",
                "expected_lime.png is missing",
                "expected_line.png is shown nowhere",
            ],
        ),
    ],
)
def test_what_changed_since_is_told(root: Path, before: str, after: str, found: list[str]) -> None:
    made(root)
    master = root / "solutions/one/solution.py"
    assert before in master.read_text()
    master.write_text(master.read_text().replace(before, after))
    assert expected.problems("one", root) == found


def test_a_picture_that_is_too_large_is_told_and_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(root)
    monkeypatch.setattr(expected, "MOST_BYTES", 100)
    assert expected.problems("one", root) == ["expected_line.png has more than 100 bytes"]
    with pytest.raises(ValueError, match="more than 100 bytes even at"):
        list(expected.draw("one", root))


def test_a_rich_figure_is_drawn_smaller() -> None:
    from matplotlib import pyplot as plt

    figure, axis = plt.subplots(figsize=(4, 4))
    axis.imshow(torch.rand(200, 200, 3, generator=torch.Generator().manual_seed(0)).numpy())
    assert len(expected.small_png(figure)) <= expected.MOST_BYTES
    plt.close(figure)


def test_the_command_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expected, "find_data", lambda _: None)
    found = CliRunner().invoke(expected.main, ["05_robustness"])
    assert found.exit_code != 0
    assert "CIFAR-10 is not here" in found.output


def test_the_record_names_no_figure_that_is_gone() -> None:
    for name in NAMES:
        record = ROOT / "solutions" / name / expected.RECORD
        if record.is_file():
            assert set(json.loads(record.read_text())) == set(expected.asked_for(name))
