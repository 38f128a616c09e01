"""The same submissions, graded by nbgrader itself and here: score, maximum, what waits, what nobody answered.

What may differ is listed with its reason, and must differ: a line that no longer holds fails the test.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from typing import Any

import pytest

from autograder.exchange.legacy.nbgrader_source import read_source
from benchmarks.legacy import Ours
from benchmarks.legacy_peers import Graded, Nbgrader
from tests.exchange.legacy.conftest import answer, checked, code, notebook, text, written

pytestmark = pytest.mark.slow
STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
SOURCE = (
    code("LIMIT = 3", grade_id="setup", locked=True, grade=False, solution=False),
    answer("set_a", "### BEGIN SOLUTION\na = 1\n### END SOLUTION"),
    checked("prints", 1, "print('fine')"),
    checked("is_one", 1, "assert a == 1\n### BEGIN HIDDEN TESTS\nassert type(a) is int\n### END HIDDEN TESTS"),
    checked("small", 1, "assert a < LIMIT"),
    checked("noisy", 1, "import sys\nprint('careful', file=sys.stderr)\nassert a == 1"),
    answer("set_p", "### BEGIN SOLUTION\np = 2\n### END SOLUTION"),
    checked("credit", 2, "2 if p == 2 else 0.5"),
    text("The sample answer.", grade_id="why", grade=True, solution=True, locked=False, points=2),
    code("### BEGIN SOLUTION\nb = 2\n### END SOLUTION", grade_id="by_hand", grade=True, solution=True, locked=False,
         points=3),
    text("Draw it.", grade_id="task", grade=False, solution=False, locked=True, task=True, points=4),
)  # fmt: skip
IDS = [cell["metadata"]["nbgrader"]["grade_id"] for cell in SOURCE]
RIGHT = {"set_a": "a = 1", "set_p": "p = 2"}
SUBMISSIONS: dict[str, dict[str, str | None]] = {  # grade_id -> what the student made of it, None: deleted
    "unchanged": {},
    "right": RIGHT,
    "all": {**RIGHT, "why": "Because.", "by_hand": "b = 3"},
    "a_space_more": {**RIGHT, "why": "YOUR ANSWER HERE, ", "by_hand": STUB + "\n#"},
    "hidden": {"set_a": "a = 1.0", "set_p": "p = 3"},
    "raises": {"set_a": "a = 1 / 0", "set_p": "p = 2"},
    "hides_errors": {
        "set_a": "import IPython\nIPython.core.interactiveshell.InteractiveShell.showtraceback = lambda *a, **k: None"
    },
    "no_tracebacks": {"set_a": "import IPython\nIPython.core.interactiveshell.InteractiveShell.showtraceback = None"},
    "edited_test": {"is_one": "# assert a == 1"},
    "edited_setup": {**RIGHT, "set_a": "a = 50", "setup": "LIMIT = 99"},
    "deleted_test": {**RIGHT, "is_one": None},
    "deleted_setup": {**RIGHT, "setup": None},
}
NOISE = "a warning costs all points there"
ALLOWED: dict[tuple[str, str], str] = {
    **{(name, "noisy"): NOISE for name in ("right", "all", "a_space_more", "hidden", "deleted_test", "deleted_setup")},
    **{(name, "task"): "nobody added anything: 0 at once here, a person there" for name in SUBMISSIONS},
    ("deleted_test", "is_one"): "it waits for a person there, and is scored where it stood here",
    ("deleted_setup", "small"): "the deleted cell is not restored there",
}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Graded, Graded]]:
    """Return name -> (theirs, ours) of every submission."""
    pytest.importorskip("nbgrader")
    folder = tmp_path_factory.mktemp("both")
    source = written(folder / "theirs", *SOURCE)
    peer = Nbgrader(source, folder / "peer")
    released: list[dict[str, Any]] = json.loads(peer.release.read_text())["cells"]
    books = {name: notebook(*_changed(released, changes)) for name, changes in SUBMISSIONS.items()}
    with ExitStack() as stack:
        ours = Ours(read_source(source), folder / "ours", stack)
        mine = {name: ours.grade(data) for name, data in books.items()}
    theirs, _ = peer.grade(books)
    return {name: (theirs[name], mine[name]) for name in books}


def _changed(released: list[dict[str, Any]], changes: dict[str, str | None]) -> list[dict[str, Any]]:
    cells = []
    for cell in released:
        grade_id = cell["metadata"]["nbgrader"]["grade_id"]
        if changes.get(grade_id, "") is not None:
            cells.append({**cell, "source": changes.get(grade_id, cell["source"])})
    return cells


@pytest.mark.parametrize("name", list(SUBMISSIONS))
def test_every_cell_has_the_same_score(both: dict[str, tuple[Graded, Graded]], name: str) -> None:
    theirs, ours = both[name]
    assert set(theirs.scores) | {"task"} == set(ours.scores) | {"task"}
    differ = {cell for cell, score in theirs.scores.items() if score != ours.scores[cell]}
    assert differ == {cell for which, cell in ALLOWED if which == name and cell in theirs.scores}


@pytest.mark.parametrize("name", [name for name in SUBMISSIONS if not name.startswith("deleted")])
def test_the_same_answers_are_known_to_be_untouched(both: dict[str, tuple[Graded, Graded]], name: str) -> None:
    theirs, ours = both[name]
    graded_by_hand = {"why", "by_hand", "set_a", "set_p"}
    assert theirs.unchanged & graded_by_hand == ours.unchanged & graded_by_hand
