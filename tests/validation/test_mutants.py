"""Automatic mutants: which there are, where they go, and the reviewed list of those that are no mistakes."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.commands.validate import command
from autograder.course.course import Assignment, CourseError, load_course
from autograder.records import Evidence, Outcome, SubmissionInfo, TestOutcome, TestStatus
from autograder.release.starter import read_master, solution_notebook
from autograder.validation.equivalents import Equivalent, equivalents_path, read_equivalents
from autograder.validation.mutant_verdicts import MutantVerdict, judge_mutant, review
from autograder.validation.mutants import Mutant, insert_mutant, make_mutants
from autograder.workers.messages import Graded, Job
from autograder.workers.pool import Done

CELL = '''\
def add(a, b):
    """The sum of 2 numbers."""
    ### BEGIN SOLUTION
    if b is None:
        raise ValueError("no 2nd number")
    with torch.no_grad():
        total: int = a + 1 * b
    total.detach_()
    return total.mean(dim=0)
    ### END SOLUTION


def given(a):
    return a + 1
'''


@pytest.fixture
def master_of(copy_course: Callable[[], Path]) -> Callable[[str], tuple[Assignment, tuple[Mutant, ...]]]:
    """The tiny assignment with another solution of `add`, and its mutants."""

    def make(cell: str) -> tuple[Assignment, tuple[Mutant, ...]]:
        assignment = load_course(copy_course()).assignment("tiny")
        text = assignment.solution_path.read_text()
        start = text.index("def add(")
        end = text.index("# %%", start)
        assignment.solution_path.write_text(text[:start] + cell + "\n" + text[end:])
        return assignment, make_mutants(read_master(assignment))

    return make


def changes(mutants: tuple[Mutant, ...], question: str = "add") -> set[tuple[str, str]]:
    return {(mutant.before, mutant.after) for mutant in mutants if mutant.question == question}


def test_the_mistakes_that_are_made(master_of: Callable[[str], tuple[Assignment, tuple[Mutant, ...]]]) -> None:
    _, mutants = master_of(CELL)
    made = changes(mutants)
    for before, after in [
        ("if b is None:", "if not (b is None):"),
        ("with torch.no_grad():", "if True:"),
        ("total: int = a + 1 * b", "total: int = a - 1 * b"),
        ("total: int = a + 1 * b", "total: int = a + 2 * b"),
        ("total: int = a + 1 * b", "total: int = a + 0 * b"),
        ("total: int = a + 1 * b", "total: int = a + 1 / b"),
        ("total.detach_()", "pass"),
        ("return total.mean(dim=0)", "return total.sum(dim=0)"),
        ("return total.mean(dim=0)", "return total.mean(dim=1)"),
        ("return total.mean(dim=0)", "return total.mean(dim=-1)"),
    ]:
        assert (before, after) in made


def test_what_no_test_can_see_is_left_alone(
    master_of: Callable[[str], tuple[Assignment, tuple[Mutant, ...]]],
) -> None:
    _, mutants = master_of(CELL)
    for mutant in mutants:
        assert "2 numbers" not in mutant.before
        assert "2nd number" not in mutant.before
        assert "return a + 1" not in mutant.before, "code that is given is no blank"
        assert "dim=None" not in mutant.after
    assert len({ast.dump(ast.parse(mutant.source)) for mutant in mutants}) == len(mutants)
    assert len({mutant.id for mutant in mutants}) == len(mutants)
    assert {mutant.question for mutant in mutants} == {"add", "total"}, "a quiz has keys, not code"


def test_a_mutant_is_the_solution_with_one_cell_changed(tiny: Assignment) -> None:
    master = read_master(tiny)
    solution = solution_notebook(master)
    mutant = next(m for m in make_mutants(master) if m.after == "return a - b")
    cells = json.loads(insert_mutant(solution, mutant))["cells"]
    before = {cell["id"]: cell["source"] for cell in json.loads(solution)["cells"]}
    (changed,) = [cell for cell in cells if before[cell["id"]] != cell["source"]]
    assert changed["source"] == 'def add(a, b):\n    """The sum of two numbers."""\n    return a - b'
    assert "### BEGIN" not in json.dumps(cells)
    tags = {tag for cell in cells if cell["cell_type"] == "code" for tag in cell["metadata"].get("tags", ())}
    assert not tags & {"check", "train", "figure"}
    assert tiny.solution_path.read_text().splitlines()[mutant.line - 1].strip() == "return a + b"


def outcome(status: str, name: str = "test_add[2-5]") -> TestOutcome:
    return TestOutcome(question="add", name=name, title=name, status=TestStatus(status))


def done_of(mutant: Mutant, *tests: TestOutcome, how: Outcome = Outcome.GRADED) -> Done:
    info = SubmissionInfo(subject=mutant.name, notebook_sha256="0" * 64)
    evidence = Evidence(
        assignment="tiny", submission=info, outcome=how, tests=tests, graded_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    job = Job(key=mutant.name, submission=info, notebook=b"{}")
    return Done(job, Graded(key=mutant.name, evidence=evidence, outputs={}, call_seconds={}), "", 0.1)


MUTANTS = tuple(Mutant("add", 1, 20, "operator", "return a + b", f"return a {sign} b") for sign in "-*/%@|&^<>")
PASSED, FAILED = outcome("passed"), outcome("failed")


def test_the_first_test_that_does_not_pass_kills() -> None:
    assert judge_mutant(MUTANTS[0], done_of(MUTANTS[0], PASSED, FAILED)).killed_by == FAILED
    assert judge_mutant(MUTANTS[0], done_of(MUTANTS[0], PASSED)).killed_by is None
    lost = judge_mutant(MUTANTS[0], done_of(MUTANTS[0], how=Outcome.NOT_GRADED))
    assert lost.killed_by is None
    assert "could not be graded" in lost.problem


def test_rates_before_and_after_the_review(copy_course: Callable[[], Path]) -> None:
    assignment = load_course(copy_course()).assignment("tiny")
    verdicts = [MutantVerdict(MUTANTS[0]), *(MutantVerdict(mutant, FAILED) for mutant in MUTANTS[1:])]
    report = review(assignment, verdicts, ())
    assert (report.killed, report.raw_rate, report.rate) == (9, 0.9, 0.9)
    assert report.alive == (MUTANTS[0],)
    assert report.problems[0].startswith("1 of 10 mutants survive the tests of their question: strengthen a test")
    listed = list_equivalents(assignment, entry("return a - b"))
    report = review(assignment, verdicts, listed)
    assert (report.raw_rate, report.rate, report.alive, report.problems) == (0.9, 1.0, (), ())
    assert report.as_json()["survivors"][0]["reason"] == "It is the same."


def entry(after: str, question: str = "add", reason: str = "It is the same.") -> str:
    return f"- question: {question}\n  before: return a + b\n  after: {after}\n  reason: {reason}\n"


def list_equivalents(assignment: Assignment, text: str) -> tuple[Equivalent, ...]:
    equivalents_path(assignment).write_text(text)
    return read_equivalents(assignment)


def test_the_list_holds_what_is_true(copy_course: Callable[[], Path]) -> None:
    assignment = load_course(copy_course()).assignment("tiny")
    verdicts = [MutantVerdict(mutant, None if index < 2 else FAILED) for index, mutant in enumerate(MUTANTS)]
    listed = list_equivalents(
        assignment, "".join(entry(after) for after in ("return a - b", "return a * b", "return a / b", "return c"))
    )
    problems = "\n".join(review(assignment, verdicts, listed).problems)
    assert "equivalent_mutants.yaml:13: found no mutant of add that makes 'return a + b' into 'return c'" in problems
    assert "equivalent_mutants.yaml:9: found a mutant that test_add[2-5] catches" in problems
    assert "found 2 of 10 mutants listed as equivalent, expected at most one in 10" in problems


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "question: add\n",
            ":1: found a mapping, expected a list, each entry with the keys",
        ),
        ("- add\n", ":1: found 'add', expected a mapping with the keys of entry 1: question, before, after, reason"),
        (
            entry("x").replace("reason", "why"),
            ":4: found the unknown key 'why' in entry 1, expected one of",
        ),
        (entry("x").replace("  reason: It is the same.\n", ""), ":1: found no 'reason' in entry 1, expected a text"),
        (entry("x", reason='""'), ":4: found '' as 'reason' of entry 1, expected a text"),
        (entry("x") + "  after: y\n", ":5: found the key 'after' a second time in entry 1"),
        (entry("[1]"), ":3: found a list as 'after' of entry 1, expected a text"),
        (entry("if x:"), ":3: found broken YAML"),
        ("- question: [\n", "found broken YAML"),
    ],
)
def test_mistakes_in_the_list_are_said_with_their_line(copy_course: Callable[[], Path], text: str, said: str) -> None:
    assignment = load_course(copy_course()).assignment("tiny")
    with pytest.raises(CourseError, match=r"equivalent_mutants\.yaml") as caught:
        list_equivalents(assignment, text)
    assert said in str(caught.value)


def test_a_list_that_is_not_there_or_empty_lists_nothing(copy_course: Callable[[], Path]) -> None:
    assignment = load_course(copy_course()).assignment("tiny")
    assert read_equivalents(assignment) == ()
    assert list_equivalents(assignment, "# nothing yet\n") == ()


def test_survivors_are_shown_and_end_with_status_1(copy_course: Callable[[], Path]) -> None:
    root = copy_course()
    tests = root / "solutions/tiny/hidden_tests.py"
    tests.write_text(tests.read_text().replace("(2, 5), (-7, 3)", "(2, 0), (0, 0)"))
    done = CliRunner().invoke(command, ["tiny", "--course", str(root), "--mutants-only", "--jobs", "2"])
    assert done.exit_code == 1, done.output
    assert "survives" in done.output
    assert "-    return a + b\n+    return a - b" in done.output
    assert "strengthen a test, or list them with a reason" in done.output
