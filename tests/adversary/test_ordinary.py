"""What honest notebooks do beside their answers costs no point and raises no flag, before them and behind them.

`ordinary_cells.txt` has one kind a cell: logs, pools, pickles, magics, plots, settings, answers of other kinds. Each
stands at the head and at the end of a solved notebook.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from bank import HERE, MAX_SCORE, PEER_COURSE, Case, notebook, plant, solved

pytestmark = pytest.mark.hostile
CELLS = dict(re.findall(r"^# %% (\w+)\n(.*?)(?=\n*^# %% |\Z)", (HERE / "ordinary_cells.txt").read_text(), re.M | re.S))


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of results of one run over all of them."""
    root = tmp_path_factory.mktemp("ordinary")
    none: tuple[Case, ...] = ()
    plant(root, none)
    (root / "course" / "roster.csv").write_text("id\n" + "".join(f"{name}\n" for name in CELLS))
    right = solved(PEER_COURSE / "solutions" / "blocks" / "solution.py")
    for name, cell in CELLS.items():
        book = json.loads(notebook(right, (cell,)))
        book["cells"].insert(1, {**book["cells"][-1], "id": "first"})  # behind the imports
        folder = root / "submitted" / name / "blocks"
        folder.mkdir(parents=True)
        (folder / "blocks.ipynb").write_text(json.dumps(book))
    command = [sys.executable, "-m", "autograder", "grade", str(root / "submitted"), "--jobs", "1", "--backend"]
    command += ["namespace", "--course", str(root / "course" / "course.yaml"), "--output", str(root / "results")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return root / "results" / "staff" / "submissions" / "blocks"


@pytest.mark.timeout(660)
@pytest.mark.parametrize("name", CELLS)
def test_ordinary_cells_cost_nothing_and_raise_no_flag(results: Path, name: str) -> None:
    result = json.loads((results / name / "result.json").read_text())
    assert (result["outcome"], result["score"], result["flags"]) == ("graded", MAX_SCORE, [])


def test_there_are_enough_of_them() -> None:
    assert len(CELLS) >= 100
    assert sum("softmax_loss" in cell or "accuracy" in cell for cell in CELLS.values()) >= 15
