"""Validation accepts a suite that is right, and says what is off with one that is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder import records
from autograder.call_times import allowed_seconds, read_call_times
from autograder.commands.validate import command
from autograder.course import Assignment
from autograder.jobs import Graded
from autograder.kill_matrix import render_kill_matrix
from autograder.pool import Done
from autograder.records import Evidence, Outcome, SubmissionInfo
from autograder.validate import Case, Verdict, conclude, judge

GOOD = {"test_add": "passed", "test_total": "passed", "test_quiz": "passed"}


def judged(
    assignment: Assignment,
    case: Case,
    statuses: dict[str, str],
    outcome: Outcome = Outcome.GRADED,
    flags: tuple[str, ...] = (),
) -> Verdict:
    tests = tuple(
        records.TestOutcome(
            question=name.removeprefix("test_"), name=name, title=name, status=records.TestStatus(status), detail="why"
        )
        for name, status in statuses.items()
    )
    evidence = Evidence(
        assignment="tiny", submission=SubmissionInfo(subject=case.name, notebook_sha256="0" * 64), outcome=outcome,
        tests=tests, flags=flags, graded_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    graded = Graded(key=case.name, evidence=evidence, outputs={}, call_seconds={})
    return judge(case, Done(case.job(), graded, evidence.reason, 0.1), assignment)


SOLUTION = Case("solution", "solution", b"")
STARTER = Case("starter", "starter", b"")
RIGHT = Case("right", "right_x", b"", ("add",))
WRONG = Case("wrong", "wrong_x", b"", ("add",))


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


@pytest.mark.parametrize("case", [SOLUTION, RIGHT, WRONG])
def test_an_honest_case_that_is_suspected_is_off(tiny: Assignment, case: Case) -> None:
    statuses = GOOD | ({"test_add": "failed"} if case is WRONG else {})
    assert judged(tiny, case, statuses, flags=("cell 3 reaches for tracing",)).problems == (
        "is honest, and raises a flag: cell 3 reaches for tracing",
    )


def test_a_case_that_is_not_graded_is_off(tiny: Assignment) -> None:
    assert judged(tiny, RIGHT, {}, Outcome.NOT_GRADED).problems[0].startswith("is not_graded")


def test_questions_without_tests_and_idle_tests_are_named(tiny: Assignment) -> None:
    statuses = {"test_add": "failed", "test_total": "passed"}
    validation = conclude(tiny, [judged(tiny, WRONG, statuses)])
    assert validation.problems == ("quiz: has 2 points and no hidden test",)
    assert not validation.ok
    assert validation.catches == {"test_add": ("wrong_x",), "test_total": ()}
    assert validation.catch_nothing == ("test_total",)


def test_the_page_is_escaped_and_names_what_is_off(tiny: Assignment) -> None:
    hostile = Case("wrong", "wrong_<script>", b"", ("add",))
    page = render_kill_matrix(conclude(tiny, [judged(tiny, hostile, GOOD)]))
    assert "<script>" not in page
    assert "wrong_&lt;script&gt;" in page
    assert "no test caught it" in page


def test_the_tiny_suite_is_right_in_the_real_sandbox(tiny_root: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        command, ["--course", str(tiny_root), "--output", str(tmp_path), "--json", "--update-timings", "--jobs", "2"]
    )
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)[0]
    assert found["ok"]
    assert [case["kind"] for case in found["cases"]] == ["solution", "starter", "right", "right"] + ["wrong"] * 3
    caught = {test["name"]: test["catches"] for test in found["tests"]}
    assert caught["test_total"] == ["wrong_first"]  # and not wrong_minus: the mistake is paid for once
    assert json.loads((tmp_path / "tiny/validate.json").read_text()) == found
    assert "wrong_first" not in (tmp_path / "tiny/validate.html").read_text().split("<thead>")[0]
    times = read_call_times(tiny_root / "solutions/tiny")
    assert 0 < times["test_total"] < 1


def test_a_wrong_suite_ends_with_status_1(tiny_root: Path, tmp_path: Path, copy_course: Callable[[], Path]) -> None:
    root = copy_course()
    bank = root / "solutions/tiny/bank"
    (bank / "wrong_harmless.py").write_text(
        "# question: add\n# misconception: none\n# sentence: s\n# hint: h\ndef add(a, b):\n    return b + a\n"
    )
    done = CliRunner().invoke(command, ["--course", str(root), "--jobs", "2"])
    assert done.exit_code == 1, done.output
    assert "wrong_harmless: add: expected to lose points, found 4 of 4" in done.output


def test_limits_of_calls_follow_the_solution() -> None:
    times = {"quick": 0.001, "slow": 0.2}
    assert allowed_seconds(times, "quick", 10) == 1.0
    assert allowed_seconds(times, "slow", 10) == 4.0
    assert allowed_seconds(times, "slow", 2) == 2
    assert allowed_seconds(times, "never timed", 10) == 10
