"""Validation accepts a suite that is right, and says what is off with one that is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder import records
from autograder.commands.validate import command
from autograder.course.call_times import allowed_seconds, read_call_times
from autograder.course.course import Assignment
from autograder.records import Distance, Evidence, Outcome, SubmissionInfo
from autograder.validation.cases import Case
from autograder.validation.page import render_kill_matrix
from autograder.validation.verdict import Verdict, judge
from autograder.validation.verdicts import conclude
from autograder.workers.messages import Graded
from autograder.workers.pool import Done

GOOD = {"test_add": "passed", "test_total": "passed", "test_quiz": "passed"}


def judged(
    assignment: Assignment,
    case: Case,
    statuses: dict[str, str],
    outcome: Outcome = Outcome.GRADED,
    flags: tuple[str, ...] = (),
    recognised: dict[str, str] | None = None,
    alike: dict[str, tuple[str, ...]] | None = None,
) -> Verdict:
    """recognised: question -> misconception; the expected one where it is not given."""
    tests = tuple(
        records.TestOutcome(
            question=name.split("_")[1], name=name, title=name, status=records.TestStatus(status), detail="why"
        )
        for name, status in statuses.items()
    )
    if recognised is None:
        recognised = dict(case.misconceptions)
    evidence = Evidence(
        assignment="tiny", submission=SubmissionInfo(subject=case.name, notebook_sha256="0" * 64), outcome=outcome,
        tests=tests, flags=flags, graded_at=datetime(2026, 1, 1, tzinfo=UTC),
        misconceptions=tuple(
            records.Misconception(question=question, id=id, sentence="s")
            for question, id in recognised.items()
        ),
    )  # fmt: skip
    graded = Graded(key=case.name, evidence=evidence, outputs={}, call_seconds={}, alike=alike or {})
    return judge(case, Done(case.job(), graded, evidence.reason, 0.1), assignment)


SOLUTION = Case("solution", "solution", b"")
STARTER = Case("starter", "starter", b"")
RIGHT = Case("right", "right_x", b"", ("add",))
WRONG = Case("wrong", "wrong_x", b"", ("add",), misconceptions={"add": "minus"})


@pytest.mark.parametrize(
    ("case", "changed"),
    [
        (SOLUTION, {}),
        (RIGHT, {}),
        (WRONG, {"test_add": "failed"}),
        (WRONG, {"test_add": "timeout"}),
        (STARTER, {"test_add": "error", "test_total": "error", "test_quiz": "failed"}),
    ],
)
def test_what_is_as_it_must_be(tiny: Assignment, case: Case, changed: dict[str, str]) -> None:
    assert judged(tiny, case, GOOD | changed).problems == ()


@pytest.mark.parametrize(
    ("case", "changed", "said"),
    [
        (SOLUTION, {"test_add": "failed"}, "add: expected all points, found 0 of 4: test_add failed (why)"),
        (RIGHT, {"test_total": "error"}, "total: expected all points"),
        (WRONG, {}, "add: expected to lose points, found 4 of 4: no test caught it"),
        (WRONG, {"test_add": "failed", "test_total": "failed"}, "total: expected all points"),
        (WRONG, {"test_add": "failed", "test_total": "not_run"}, "total: expected all points"),
        (STARTER, {"test_total": "error"}, "add: expected 0 from an untouched blank, found 4 of 4: test_add passed"),
    ],
)
def test_what_is_off_is_said(tiny: Assignment, case: Case, changed: dict[str, str], said: str) -> None:
    problems = judged(tiny, case, GOOD | changed).problems
    assert any(problem.startswith(said) for problem in problems), problems


@pytest.mark.parametrize(
    ("recognised", "alike", "said"),
    [
        ({}, {}, "found none: the search for it took too long"),
        ({}, {"add": ()}, "found none: no variant gives these answers"),
        ({}, {"add": ("x", "y")}, "found none: these variants all give its answers to every test: x, y; write a test"),
        ({"add": "swapped"}, {"add": ("y",)}, "found swapped: "),
    ],
)
def test_a_variant_that_is_not_recognised_is_off(
    tiny: Assignment, recognised: dict[str, str], alike: dict[str, tuple[str, ...]], said: str
) -> None:
    verdict = judged(tiny, WRONG, GOOD | {"test_add": "failed"}, recognised=recognised, alike=alike)
    (problem,) = verdict.problems
    assert problem.startswith("add: expected the misconception minus to be recognised, ")
    assert said in problem


def test_a_right_answer_in_which_a_mistake_is_recognised_is_off(tiny: Assignment) -> None:
    statuses = GOOD | {"test_total": "failed"}
    problems = judged(tiny, RIGHT, statuses, recognised={"total": "forgets_first"}).problems
    assert any("expected the misconception none to be recognised, found forgets_first" in said for said in problems)


@pytest.mark.parametrize("case", [SOLUTION, RIGHT, WRONG])
def test_an_honest_case_that_is_suspected_is_off(tiny: Assignment, case: Case) -> None:
    statuses = GOOD | ({"test_add": "failed"} if case is WRONG else {})
    assert judged(tiny, case, statuses, flags=("cell 3 reaches for tracing",)).problems == (
        "is honest, and raises a flag: cell 3 reaches for tracing",
    )


def test_a_case_that_is_not_graded_is_off(tiny: Assignment) -> None:
    assert judged(tiny, RIGHT, {}, Outcome.NOT_GRADED).problems[0].startswith("is not_graded")


def test_a_pair_must_lose_points_and_be_recognised_in_both_questions(tiny: Assignment) -> None:
    pair = Case("pair", "x with y", b"", ("add", "total"), {"add": "minus", "total": "forgets_first"})
    both = GOOD | {"test_add": "failed", "test_total": "failed"}
    assert judged(tiny, pair, both).problems == ()
    (problem,) = judged(tiny, pair, both, recognised={"add": "minus"}, alike={"total": ()}).problems
    assert problem.startswith("total: expected the misconception forgets_first to be recognised, found none")
    (problem,) = judged(tiny, pair, GOOD | {"test_add": "failed"}).problems
    assert problem.startswith("total: expected to lose points")


def test_questions_without_tests_and_idle_tests_are_named(tiny: Assignment) -> None:
    statuses = {"test_add": "failed", "test_total": "passed"}
    validation = conclude(tiny, [judged(tiny, WRONG, statuses)])
    assert validation.problems == ("quiz: has 2 points and no hidden test",)
    assert not validation.ok
    assert validation.catches == {"test_add": ("wrong_x",), "test_total": ()}
    assert validation.catch_nothing == ("test_total",)
    assert validation.catch_nothing_alone == ()


def test_a_test_that_is_never_the_only_one_to_see_a_mistake_is_named(tiny: Assignment) -> None:
    both = Case("wrong", "wrong_both", b"", ("total",), misconceptions={"total": "a"})
    one = Case("wrong", "wrong_one", b"", ("total",), misconceptions={"total": "b"})
    good = GOOD | {"test_total_empty": "passed"}
    verdicts = [
        judged(tiny, both, good | {"test_total": "failed", "test_total_empty": "failed"}),
        judged(tiny, one, good | {"test_total": "failed"}),
    ]
    validation = conclude(tiny, verdicts)
    assert validation.catches["test_total"] == ("wrong_both", "wrong_one")
    assert validation.catch_nothing_alone == ("test_total_empty",)


def test_one_error_in_many_draws_is_told_once_with_its_count(tiny: Assignment) -> None:
    def drawn(case: Case, problems: tuple[str, ...], draw: int = 0) -> Verdict:
        further = replace(case, name=f"{case.name} seed {draw + 1}", first=case.name) if draw else case
        return Verdict(further, None, None, problems)

    validation = conclude(
        tiny,
        [
            drawn(SOLUTION, ("add: expected 0.25, found -1.5e-3",)),
            drawn(SOLUTION, (), 1),
            drawn(SOLUTION, ("add: expected 7, found 0.5", "total: raises NameError"), 2),
            drawn(STARTER, ("quiz: expected 0",)),
            drawn(STARTER, ("quiz: expected 0",), 1),
            drawn(RIGHT, ("total: raises NameError",)),
            drawn(replace(RIGHT, name="right_y"), ("add: expected 8, found 0.5",)),
        ],
    )
    assert validation.all_problems == (
        ("solution (2 of 3 draws)", "add: expected 0.25, found -1.5e-3"),
        ("solution (1 of 3 draws), right_x", "total: raises NameError"),
        ("starter (all 2 draws)", "quiz: expected 0"),
        ("right_y", "add: expected 8, found 0.5"),
    )
    assert [len(case["problems"]) for case in validation.as_json()["cases"]] == [1, 0, 2, 1, 1, 1, 1], "all of them"


def test_questions_without_a_right_variant_and_tests_that_nobody_passes_are_named(tiny: Assignment) -> None:
    strict = GOOD | {"test_add": "failed", "test_add_zero": "failed"}
    other = replace(WRONG, name="wrong_y")
    one = [judged(tiny, SOLUTION, GOOD), judged(tiny, WRONG, strict)]
    validation = conclude(tiny, one)
    assert validation.without_right_variant == ("add", "total")
    assert validation.passed_by_nobody == (), "of one mistake that every test sees nothing follows"
    validation = conclude(tiny, [*one, judged(tiny, other, GOOD | {"test_add": "failed", "test_add_zero": "passed"})])
    assert validation.passed_by_nobody == ("test_add",)
    assert validation.as_json()["passed_by_nobody"] == ["test_add"]
    page = render_kill_matrix(validation)
    assert "no right variant for these questions" in page
    assert "passed these tests, right or wrong: <code>test_add</code>" in page
    validation = conclude(tiny, [*one, judged(tiny, RIGHT, GOOD)])
    assert (validation.without_right_variant, validation.passed_by_nobody) == (("total",), ())
    assert conclude(tiny, one[:1]).without_right_variant == (), "the bank was left out"


def test_the_page_is_escaped_and_names_what_is_off(tiny: Assignment) -> None:
    hostile = Case("wrong", "wrong_<script>", b"", ("add",))
    page = render_kill_matrix(conclude(tiny, [judged(tiny, hostile, GOOD)]))
    assert "<script>" not in page
    assert "wrong_&lt;script&gt;" in page
    assert "no test caught it" in page


def test_the_page_shows_how_much_room_checks_leave(tiny: Assignment) -> None:
    def with_distance(case: Case, ratio: float, changed: dict[str, str]) -> Verdict:
        noted = {"test_add:12": Distance(ratio=ratio, error=ratio / 1000)}
        return replace(judged(tiny, case, GOOD | changed), distances=noted)

    failed = {"test_add": "failed"}
    validation = conclude(tiny, [with_distance(RIGHT, 0.02, {}), with_distance(WRONG, 1.5, failed)])
    (margin,) = validation.as_json()["margins"]
    assert (margin["test"], margin["line"], margin["honest"], margin["wrong"]) == ("test_add", 12, 0.02, 1.5)
    assert margin["narrow"]
    room = render_kill_matrix(validation).split("Room of numeric checks</h2>")[1]
    row = room.split('<tr class="bad">')[1].split("</tr>")[0]
    for shown in ("test_add", "right_x", "wrong_x", "0.02", "1.5", "75"):
        assert shown in row


def test_the_tiny_suite_is_right_in_the_real_sandbox(tiny_root: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        command, ["--course", str(tiny_root), "--output", str(tmp_path), "--json", "--update-timings", "--jobs", "2"]
    )
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)[0]
    assert found["ok"]
    kinds = (
        ["solution"] * 6 + ["starter"] * 6 + ["noop"] * 8 + ["right"] * 2 + ["wrong"] * 3 + ["pair"] * 2
    )  # three seeds, 1 and 2 threads
    assert [case["kind"] for case in found["cases"]] == kinds
    assert {case["name"] for case in found["cases"]} >= {"solution", "starter seed 3", "solution seed 2 with 2 threads"}
    assert found["mutants"]["rate"] == 1
    assert found["mutants"]["made"] == found["mutants"]["killed"] + found["mutants"]["equivalent"]
    assert found["margins"] == []  # whole numbers are compared as they are
    caught = {test["name"]: test["catches"] for test in found["tests"]}
    assert caught["test_total"] == ["wrong_first"]  # and not wrong_minus: the mistake is paid for once
    assert json.loads((tmp_path / "tiny/validate.json").read_text()) == found
    assert "wrong_first" not in (tmp_path / "tiny/validate.html").read_text().split("<thead>")[0]
    times = read_call_times(tiny_root / "solutions/tiny")
    assert 0 < times["test_total"] < 1
    page = (tmp_path / "tiny/validate.html").read_text()
    assert "Automatic mutants" in page


def test_a_wrong_suite_ends_with_status_1(tiny_root: Path, tmp_path: Path, copy_course: Callable[[], Path]) -> None:
    root = copy_course()
    bank = root / "solutions/tiny/bank"
    (bank / "wrong_harmless.py").write_text(
        "# question: add\n# misconception: none\n# sentence: s\n# hint: h\ndef add(a, b):\n    return b + a\n"
    )
    options = ["--no-mutants", "--seeds", "1", "--bank-seeds", "2", "--threads", "1", "--jobs", "2"]
    done = CliRunner().invoke(command, ["--course", str(root), *options])
    assert done.exit_code == 1, done.output
    said = "wrong_harmless (all 2 draws), harmless with first (all 2 draws): add: expected to lose points, found 4 of 4"
    assert said in done.output, "each draw is judged by itself, and told once"
    assert "8 wrong" in done.output


def test_limits_of_calls_follow_the_solution() -> None:
    times = {"quick": 0.001, "slow": 0.2}
    assert allowed_seconds(times, "quick", 10) == 1.0
    assert allowed_seconds(times, "slow", 10) == 4.0
    assert allowed_seconds(times, "slow", 2) == 2
    assert allowed_seconds(times, "never timed", 10) == 10
