"""A student's mistake that is a known one is named; what is not known for certain is not said."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import torch

from autograder.course.course import Assignment, LatePolicy
from autograder.grading import misconceptions
from autograder.grading.answers import Answer
from autograder.grading.graded import GradedSubmission
from autograder.grading.misconceptions import Recogniser
from autograder.grading.replay import Disagrees, ReplaySession
from autograder.sandbox.inside.wire.values import HandleRef
from autograder.sandbox.interface import Limits
from autograder.scoring.score import score

Grade = Callable[..., GradedSubmission]
WithVariants = Callable[..., AbstractContextManager[Grade]]

MINUS = ("add", "def add(first, second):\n    return -1 * (second - first)")  # the bank's `a - b`, written otherwise
FIRST_LOST = (
    "total",
    "def total(numbers):\n    result = 0\n    for i in range(1, len(numbers)):\n        result += numbers[i]\n"
    "    return result",
)
RIGHT = {
    "add": ("add", "def add(a, b):\n    return a + b"),
    "total": ("total", "def total(values):\n    return sum(values)"),
    "quiz": ("quiz", 'quiz_1 = "b"'),
}


def recognised(graded: GradedSubmission) -> dict[str, str]:
    return {found.question: found.id for found in graded.evidence.misconceptions}


def test_a_known_mistake_is_named_with_its_sentence_and_hint(grade: Grade) -> None:
    evidence = grade(MINUS, RIGHT["total"], RIGHT["quiz"]).evidence
    (found,) = evidence.misconceptions
    assert (found.question, found.id) == ("add", "minus")
    assert (found.sentence, found.hint) == ("The numbers are subtracted.", "Look at the sign.")
    said = {(test.question, test.status.value, test.misconception) for test in evidence.tests}
    assert said == {
        ("add", "failed", "minus"),
        ("add", "passed", ""),  # 0 - 0 is 0 + 0
        ("total", "passed", ""),
        ("quiz", "passed", ""),
    }


def test_the_sentence_reaches_the_result(grade: Grade, tiny: Assignment) -> None:
    result = score(grade(RIGHT["add"], FIRST_LOST, RIGHT["quiz"]).evidence, tiny, LatePolicy())
    found = {question.id: question.misconception for question in result.questions}
    assert found["total"] is not None
    assert found["total"].sentence == "The first number is left out."
    assert found["add"] is None


def test_two_mistakes_in_two_questions_are_both_named(grade: Grade) -> None:
    assert recognised(grade(MINUS, FIRST_LOST, ("quiz", 'quiz_1 = "a"'))) == {
        "add": "minus",
        "total": "forgets_first",
        "quiz": "quiz_a",
    }


@pytest.mark.parametrize(
    "code",
    [
        "def add(a, b):\n    return a - b + 1",
        "def add(a, b):\n    return float(a - b)",
        "def add(a, b):\n    return a - b if a != -7 else a * b",  # like the known one for some inputs only
        "def add(a, b):\n    raise ValueError('no')",
        "add = 3",
    ],
)
def test_another_mistake_is_not_named(grade: Grade, code: str) -> None:
    graded = grade(("add", code), RIGHT["total"], RIGHT["quiz"])
    assert any(test.status != "passed" for test in graded.evidence.tests)
    assert recognised(graded) == {}
    assert graded.alike == {"add": ()}


def test_answers_that_are_not_known_to_the_end_name_nothing(grade: Grade) -> None:
    crash = "def add(a, b):\n    if a == -7:\n        import os\n        os._exit(1)\n    return a - b"
    graded = grade(("add", crash), RIGHT["total"], RIGHT["quiz"])
    assert recognised(graded) == {}
    assert "add" not in graded.alike


def test_a_replayed_variant_gets_arguments_in_the_layout_that_students_get() -> None:
    def layout(x: torch.Tensor) -> tuple[int, ...]:
        return x.stride()

    session = ReplaySession(
        namespace={"layout": layout},
        answers={"test": [Answer("call", (1, 3)), Answer("call", (0, 1))]},
        limits=Limits(),
        reference={},
        seed_key=b"k",
        notebook_sha256="a" * 64,
        probe_source="",
    )
    session.expect("test")
    process = session.fork()
    process.ask("call", [torch.zeros(4, 3).t()], name="layout")
    process.ask("call", [torch.zeros(3).expand(4, 3)], name="layout")
    assert session.answered_all


def test_a_submission_that_passes_everything_is_not_searched(grade: Grade, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("a search for nothing")

    monkeypatch.setattr(misconceptions, "_in_fork", never)
    monkeypatch.setattr(Recogniser, "_solution", never)
    assert recognised(grade(*RIGHT.values())) == {}


@pytest.fixture
def with_variants(
    copy_course: Callable[[], Path], grade_in: Callable[[Path], AbstractContextManager[Grade]]
) -> WithVariants:
    """A grader of a course with more wrong variants of `add`: name -> the function's body."""

    def grader(**variants: str) -> AbstractContextManager[Grade]:
        root = copy_course()
        for name, body in variants.items():
            (root / f"solutions/tiny/bank/wrong_{name}.py").write_text(
                f"# question: add\n# misconception: {name}\n# sentence: This is {name}.\n# hint: Think.\n"
                f"def add(a, b):\n    {body}\n"
            )
        return grade_in(root)

    return grader


def test_of_several_that_fit_none_is_named(with_variants: WithVariants) -> None:
    with with_variants(opposite="return -(b - a)") as grade:
        graded = grade(MINUS, RIGHT["total"], ("quiz", 'quiz_1 = "a"'))
    assert recognised(graded) == {"quiz": "quiz_a"}
    assert set(graded.alike["add"]) == {"minus", "opposite"}


def test_a_variant_that_hangs_costs_its_question_the_sentence_and_no_more(
    with_variants: WithVariants, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(misconceptions, "VARIANT_SECONDS", 0.3)
    with with_variants(patient="while True: pass") as grade:
        graded = grade(MINUS, RIGHT["total"], ("quiz", 'quiz_1 = "a"'))
    assert recognised(graded) == {"quiz": "quiz_a"}
    assert "add" not in graded.alike


def test_a_search_that_takes_too_long_ends_with_what_was_found(
    with_variants: WithVariants, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A signal cannot end every wait, so the fork itself is ended."""
    stubborn = "import signal; signal.signal(signal.SIGPROF, signal.SIG_IGN)\n    while True: pass"
    with with_variants(stubborn=stubborn) as grade:
        graded = grade(RIGHT["add"], FIRST_LOST, RIGHT["quiz"])
        assert recognised(graded) == {"total": "forgets_first"}  # no variant of `add` is run
        monkeypatch.setattr(misconceptions, "MOST_SECONDS", 1.0)
        graded = grade(MINUS, FIRST_LOST, RIGHT["quiz"])
    assert recognised(graded) == {}
    assert {test.question for test in graded.evidence.tests if test.status == "failed"} == {"add", "total"}


@pytest.mark.parametrize("body", ["import os; os._exit(0)", "import torch; torch.set_num_threads(3); return a * b"])
def test_whatever_a_variant_does_stays_in_its_fork(with_variants: WithVariants, body: str) -> None:
    threads = torch.get_num_threads()
    with with_variants(reckless=body) as grade:
        graded = grade(MINUS, FIRST_LOST, RIGHT["quiz"])
        again = grade(*RIGHT.values())
    assert {test.question for test in graded.evidence.tests if test.status == "failed"} == {"add", "total"}
    assert {test.status.value for test in again.evidence.tests} == {"passed"}
    assert torch.get_num_threads() == threads


def test_names_that_a_probe_lists_may_differ_and_what_the_test_makes_of_them_may_not() -> None:
    """Which functions were called is the wording of a mistake."""
    probe = "def called(): return student.names\ndef read(): return student.number"

    def replayed(names: list[str], number: int) -> ReplaySession:
        session = ReplaySession(
            namespace={"names": names, "number": number},
            answers={"test": [Answer("add_probe", HandleRef(0, "object", "module")), *GIVEN]},
            limits=Limits(),
            reference={},
            seed_key=b"k",
            notebook_sha256="a" * 64,
            probe_source="",
        )
        session.expect("test")
        process = session.fork()
        handle = process.request("add_probe", source=probe)
        process.ask("method", [], handle=handle.number, name="called")
        process.ask("method", [], handle=handle.number, name="read")
        return session

    assert replayed(["log", "sum", "mean"], 3).by_wording
    assert replayed(["log"], 3).answered_all
    with pytest.raises(Disagrees):
        replayed(["log"], 4)  # a number is no wording


GIVEN = (Answer("method", ["log", "sum"]), Answer("method", 3))
