"""A release that asked everybody the same is no way around one's own question: the student says which one it is."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from test_grade_variants import ADAS, COURSE, MASTER, MASTERS, TESTS, graded

from autograder.course.course import Assignment, load_course
from autograder.course.releases import load_releases
from autograder.grading.grader import Grader
from autograder.grading.machine_lock import MachineLock
from autograder.release.files import write_release
from autograder.release.starter import build_release, read_master, solution_notebook
from autograder.sandbox.choose import open_slot
from autograder.sandbox.interface import SlotConfig

SHARED = 1000  # the number that everybody had
CELL = f'# %% tags=["variant"]\ncode = "{MASTERS}"\n'
OLD_MASTER = MASTER.replace(CELL, "").replace("number = sum(map(ord, code))", f"number = {SHARED}")
OLD_TESTS = TESTS.replace("sum(map(ord, variant))", str(SHARED)).replace(", variant", "")
NEW_TESTS = TESTS.replace("sum(map(ord, variant))", f"(sum(map(ord, variant)) if variant else {SHARED})")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    """An assignment of two releases, of which the newest asks everybody for a number of their own."""
    root = tmp_path_factory.mktemp("two_releases")
    (root / "course.yaml").write_text(COURSE)
    folder = root / "solutions/own"
    folder.mkdir(parents=True)
    for master, tests in ((OLD_MASTER, OLD_TESTS), (MASTER, NEW_TESTS)):
        (folder / "solution.py").write_text(master)
        (folder / "hidden_tests.py").write_text(tests)
        own = load_course(root).assignment("own")
        write_release(build_release(own))
        (root / f"{len(load_releases(own.releases_path).entries)}.ipynb").write_bytes(
            solution_notebook(read_master(own))
        )
    return own


@pytest.fixture(scope="module")
def grader(own: Assignment) -> Iterator[Grader]:
    slot = open_slot("auto", SlotConfig(own.preload, own.public_paths, own.limits))
    with MachineLock(None) as quiet, Grader(own, slot, b"secret of this course", quiet) as made:
        yield made
    slot.close()


def of_old_release(own: Assignment, *, named: bool, **answers: str) -> bytes:
    """The solution of the first release, as such a notebook is handed in: with its name, or with its cells alone."""
    document = json.loads((own.root / "1.ipynb").read_text())
    release = load_releases(own.releases_path).entries[0].release if named else ""
    document["metadata"]["autograder"] = {"assignment": "own", "release": release}
    for cell in document["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        cell["source"] = answers.get(grade_id, cell["source"])
    return json.dumps(document).encode()


@pytest.mark.parametrize("named", [True, False])
def test_the_answer_that_was_everybodys_waits_for_a_person(grader: Grader, own: Assignment, named: bool) -> None:
    old = load_releases(own.releases_path).entries[0].release
    evidence, questions = graded(grader, own, of_old_release(own, named=named), ADAS)
    assert evidence.compared_with == old
    assert evidence.variant is not None
    assert (evidence.variant.code, evidence.variant.in_notebook, evidence.variant.agrees) == (ADAS, "", False)
    assert (questions["mine"].score, questions["mine"].status) == (None, "needs_manual_grade")
    assert (questions["same"].score, questions["same"].status) == (2, "passed"), "nothing personal in it"
    assert [flag for flag in evidence.flags if "earlier release" in flag and ADAS in flag]
    assert [notice for notice in evidence.notices if "earlier release" in notice and "wait for a person" in notice]


def test_what_is_right_for_ones_own_code_counts_in_an_old_notebook(grader: Grader, own: Assignment) -> None:
    mine = f"def mine(x):\n    return x + {sum(map(ord, ADAS))}"
    _, questions = graded(grader, own, of_old_release(own, named=True, mine=mine), ADAS)
    assert (questions["mine"].score, questions["mine"].status) == (4, "passed")
    blank = "def mine(x):\n    raise NotImplementedError"
    _, questions = graded(grader, own, of_old_release(own, named=True, mine=blank), ADAS)
    assert questions["mine"].score == 0, "nothing for a person to look at"


def test_who_has_no_code_yet_waits_as_well(grader: Grader, own: Assignment) -> None:
    evidence, questions = graded(grader, own, of_old_release(own, named=True), "")
    assert evidence.variant is not None
    assert evidence.variant.code == MASTERS
    assert questions["mine"].status == "needs_manual_grade"


def test_a_course_that_gave_no_codes_grades_each_release_as_it_asked(grader: Grader, own: Assignment) -> None:
    evidence, questions = graded(grader, own, of_old_release(own, named=True), None)
    assert (evidence.variant, evidence.flags) == (None, ())
    assert questions["mine"].score == 4
