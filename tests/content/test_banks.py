"""What validation has to work with, without running it: enough variants and mutants, and a list that is up to date."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from autograder.course.bank import read_bank
from autograder.course.call_times import read_call_times
from autograder.course.course import Assignment, load_course
from autograder.release.starter import read_master
from autograder.validation.equivalents import read_equivalents, stale
from autograder.validation.mutant_verdicts import MOST_LISTED
from autograder.validation.mutants import make_mutants

COURSE = load_course(Path(__file__).resolve().parents[2])
WRITTEN = [assignment for assignment in COURSE.assignments if assignment.solution_path.is_file()]


@pytest.fixture(params=WRITTEN, ids=lambda assignment: assignment.name, scope="module")
def assignment(request: pytest.FixtureRequest) -> Assignment:
    return request.param


def test_enough_variants_each_with_a_mistake_of_its_own(assignment: Assignment) -> None:
    bank = read_bank(assignment)
    right = [variant for variant in bank if variant.kind == "right"]
    wrong = [variant for variant in bank if variant.kind == "wrong"]
    assert len(right) >= 6
    assert len(wrong) >= 15
    said: dict[str, set[tuple[str, str]]] = {}
    for variant in wrong:
        said.setdefault(variant.misconception, set()).add((variant.sentence, variant.hint))
    assert {id: texts for id, texts in said.items() if len(texts) > 1} == {}, "one id, one sentence and hint"
    of_tests = {question.id for question in assignment.questions if question.kind == "tests"}
    named = Counter(question for variant in wrong for question in variant.questions)
    assert of_tests <= set(named), "each blank has a foreseen mistake"


def test_enough_mutants_and_a_list_that_fits_them(assignment: Assignment) -> None:
    mutants = make_mutants(read_master(assignment))
    assert len(mutants) >= 40
    assert {m.question for m in mutants} == {q.id for q in assignment.questions if q.kind == "tests"}
    listed = read_equivalents(assignment)
    assert stale(listed, mutants, assignment) == []
    assert len(listed) * MOST_LISTED <= len(mutants)


def test_every_hidden_test_is_timed(assignment: Assignment) -> None:
    """A test that was never timed may take ten seconds a call; `autograder validate --update-timings` times it."""
    tests = re.findall(r"^def (test_\w+)\((.*?)\)", assignment.hidden_tests_path.read_text("utf-8"), re.MULTILINE)
    written = {name for name, fixtures in tests if "artifact" not in fixtures}
    timed = {name.partition("[")[0] for name in read_call_times(assignment.solution_dir)}
    assert timed - {"test_accuracy"} == written
