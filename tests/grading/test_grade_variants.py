"""Personal variants: the table decides, the cell is only read, and a mismatch is said once and costs nobody a zero."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from autograder.course.course import Assignment, Course, LatePolicy, load_course
from autograder.course.variant_codes import new_code
from autograder.grading.grader import Grader
from autograder.grading.machine_lock import MachineLock
from autograder.records import Evidence, QuestionResult, SubmissionInfo
from autograder.release.files import write_release
from autograder.release.starter import ReleaseError, build_release, read_master, solution_notebook
from autograder.sandbox.choose import open_slot
from autograder.sandbox.interface import SlotConfig
from autograder.scoring.score import score

MASTERS, ADAS, BOS = (new_code((), random.Random(number).choice) for number in (1, 2, 3))
COURSE = """\
title: Personal
assignments:
  - name: own
    title: Own numbers
    questions:
      - {id: mine, title: Mine, points: 4, kind: tests}
      - {id: same, title: For all, points: 2, kind: tests}
"""
MASTER = f"""\
# %% tags=["variant"]
code = "{MASTERS}"

# %% tags=["given"]
number = sum(map(ord, code))

# %% nbgrader={{"grade_id": "mine", "solution": true}}
def mine(x):
    ### BEGIN SOLUTION
    return x + number
    ### END SOLUTION

# %% tags=["check"] nbgrader={{"grade_id": "check_mine", "grade": true}}
mine(0)

# %% nbgrader={{"grade_id": "same", "solution": true}}
def same(x):
    ### BEGIN SOLUTION
    return x + 1
    ### END SOLUTION

# %% tags=["check"] nbgrader={{"grade_id": "check_same", "grade": true}}
same(0)
"""
TESTS = '''\
from autograder.testing import close, question


@question("mine")
def test_mine(student, rng, variant):
    """It adds your own number."""
    x = rng.integer(0, 1000)
    close(student.mine(x), x + sum(map(ord, variant)))


@question("same")
def test_same(student):
    """It adds one."""
    close(student.same(1), 2)
'''


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    root = tmp_path_factory.mktemp("personal")
    (root / "course.yaml").write_text(COURSE)
    folder = root / "solutions/own"
    folder.mkdir(parents=True)
    (folder / "solution.py").write_text(MASTER)
    (folder / "hidden_tests.py").write_text(TESTS)
    write_release(build_release(load_course(root).assignment("own")))
    return load_course(root)


@pytest.fixture(scope="module")
def own(course: Course) -> Assignment:
    return course.assignment("own")


@pytest.fixture(scope="module")
def grader(own: Assignment) -> Iterator[Grader]:
    slot = open_slot("auto", SlotConfig(own.preload, own.public_paths, own.limits))
    with MachineLock(None) as quiet, Grader(own, slot, b"secret of this course", quiet) as made:
        yield made
    slot.close()


def handed_in(own: Assignment, code: str | None, **answers: str) -> bytes:
    """The solution with a code in its variant cell (None: without that cell), and with other answers."""
    document = json.loads(solution_notebook(read_master(own)))
    kept: list[dict[str, Any]] = []
    for cell in document["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if "variant" in cell["metadata"].get("tags", []):
            if code is None:
                continue
            cell["source"] = f'code = "{code}"  # from the mail'
        kept.append(cell | ({"source": answers[grade_id]} if grade_id in answers else {}))
    return json.dumps(document | {"cells": kept}).encode()


def graded(
    grader: Grader, own: Assignment, notebook: bytes, variant: str | None
) -> tuple[Evidence, dict[str, QuestionResult]]:
    info = SubmissionInfo(
        subject="ada", members=("ada",), notebook_sha256=hashlib.sha256(notebook).hexdigest(), variant=variant
    )
    evidence = grader.grade(info, notebook).evidence
    return evidence, {question.id: question for question in score(evidence, own, LatePolicy()).questions}


@pytest.mark.parametrize("variant", [ADAS, None])
def test_the_code_in_the_cell_is_no_edit_of_provided_code(grader: Grader, own: Assignment, variant: str | None) -> None:
    evidence, questions = graded(grader, own, handed_in(own, ADAS.lower()), variant)
    assert evidence.variant is not None
    assert (evidence.variant.code, evidence.variant.agrees) == (ADAS, True)
    assert (questions["mine"].score, questions["same"].score) == (4, 2)
    assert (evidence.flags, evidence.notices) == ((), ())


@pytest.mark.parametrize("typed", [BOS, MASTERS, "QQQQ2", None])
def test_the_table_decides_whatever_the_cell_says(grader: Grader, own: Assignment, typed: str | None) -> None:
    evidence, questions = graded(grader, own, handed_in(own, typed), ADAS)
    assert evidence.variant is not None
    assert (evidence.variant.code, evidence.variant.agrees) == (ADAS, False)
    assert (questions["mine"].score, questions["mine"].status) == (4, "passed"), "right for the student's own code"
    assert len([flag for flag in evidence.flags if "personal variant" in flag]) == 1
    assert len([notice for notice in evidence.notices if ADAS in notice]) == 1


def test_an_answer_for_another_code_waits_and_is_no_zero(grader: Grader, own: Assignment) -> None:
    for_bo = f"def mine(x):\n    return x + {sum(map(ord, BOS))}"
    _, questions = graded(grader, own, handed_in(own, BOS, mine=for_bo, same="def same(x):\n    return x"), ADAS)
    assert (questions["mine"].score, questions["mine"].status) == (None, "needs_manual_grade")
    assert (questions["same"].score, questions["same"].status) == (0, "failed"), "nothing personal in it"
    _, questions = graded(grader, own, handed_in(own, ADAS, mine=for_bo), ADAS)
    assert (questions["mine"].score, questions["mine"].status) == (0, "failed"), "its code is the right one"
    blank = "def mine(x):\n    raise NotImplementedError"
    _, questions = graded(grader, own, handed_in(own, BOS, mine=blank), ADAS)
    assert questions["mine"].score == 0, "nothing for a person to look at"


def test_who_has_no_code_yet_waits(grader: Grader, own: Assignment) -> None:
    wrong = "def mine(x):\n    return -1"
    evidence, questions = graded(grader, own, handed_in(own, MASTERS, mine=wrong), "")
    assert questions["mine"].status == "needs_manual_grade"
    assert any("run `autograder variants`" in flag for flag in evidence.flags)


def test_a_variant_cell_without_a_code_is_refused(own: Assignment) -> None:
    path = own.solution_path
    try:
        path.write_text(MASTER.replace(MASTERS, "12345"))
        with pytest.raises(ReleaseError, match=r"solution\.py:1: found no code in the cell with the tag 'variant'"):
            read_master(own)
    finally:
        path.write_text(MASTER)
