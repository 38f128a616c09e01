"""One submission in a real sandbox: whatever students write, the rest of their notebook is graded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import pytest

from autograder.course.course import Assignment
from autograder.grading.graded import GradedSubmission
from autograder.grading.grader import Grader
from autograder.grading.machine_lock import MachineLock
from autograder.grading.session import GradingSession
from autograder.records import CellOutcome, SubmissionInfo
from autograder.sandbox.interface import SandboxFault, Slot, Usage

Grade = Callable[..., GradedSubmission]

ADD = ("add", "def add(a, b):\n    return a + b")
TOTAL = ("total", "def total(values):\n    return sum(values)")
QUIZ = ("quiz", 'quiz_1 = "b"')
FULL = {"add": {"passed"}, "total": {"passed"}, "quiz": {"passed"}}


def statuses(graded: GradedSubmission) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for test in graded.evidence.tests:
        found[test.question].add(test.status.value)
    return dict(found)


def cell(graded: GradedSubmission, index: int) -> CellOutcome:
    return next(cell for cell in graded.evidence.cells if cell.index == index)


def test_a_full_solution_passes_and_leaves_complete_evidence(grade: Grade) -> None:
    graded = grade(ADD, TOTAL, QUIZ, "print('hello')")
    evidence = graded.evidence
    assert evidence.outcome == "graded"
    assert statuses(graded) == FULL
    assert graded.outputs[3] == [{"output_type": "stream", "name": "stdout", "text": "hello\n"}]
    assert evidence.sandbox is not None
    assert evidence.sandbox.restarts == 0
    assert evidence.sandbox.peak_memory_bytes > 0
    assert evidence.tests_sha256
    assert evidence.seed_id
    assert evidence.versions["engine"]
    assert set(graded.call_seconds) >= {test.name for test in evidence.tests if test.question != "quiz"}


def test_a_cell_that_raises_does_not_stop_the_next(grade: Grade) -> None:
    graded = grade(ADD, "1 / 0", "def broken(:", TOTAL, QUIZ)
    assert statuses(graded) == FULL
    trace = cell(graded, 1).traceback
    assert trace is not None
    assert (trace.exception, trace.lines) == ("ZeroDivisionError", ((1, 1, "1 / 0"),))
    assert cell(graded, 2).status == "error"


def test_cells_out_of_order_run_once_more(grade: Grade) -> None:
    graded = grade("base = offset + 1", ADD, TOTAL, QUIZ, "offset = 1")
    assert cell(graded, 0).status == "ok"
    assert statuses(graded) == FULL


def test_a_cell_that_ends_the_process_is_left_out(grade: Grade) -> None:
    graded = grade(ADD, TOTAL, "import os\nos._exit(0)", QUIZ)
    assert statuses(graded) == FULL
    assert cell(graded, 2).status == "error"
    assert "ended the Python process" in cell(graded, 2).reason
    assert graded.evidence.sandbox is not None
    assert graded.evidence.sandbox.restarts == 1


def test_what_ran_before_the_third_crash_is_still_graded(grade: Grade) -> None:
    bye = "import os\nos._exit(0)"
    graded = grade(ADD, bye, TOTAL, bye, bye, QUIZ, bye)
    assert statuses(graded) == FULL | {"quiz": {"error"}}
    assert cell(graded, 5).status == "not_run"
    assert graded.evidence.sandbox is not None
    assert graded.evidence.sandbox.restarts == 3


def test_an_endless_cell_is_interrupted_and_the_rest_is_graded(grade: Grade) -> None:
    graded = grade(ADD, "while True:\n    pass", TOTAL, QUIZ)
    assert statuses(graded) == FULL
    assert cell(graded, 1).status == "timeout"
    assert "2 s" in cell(graded, 1).reason


def test_an_endless_cell_that_cannot_be_interrupted_is_killed(grade: Grade) -> None:
    stubborn = "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass"
    graded = grade(ADD, stubborn, TOTAL, QUIZ)
    assert cell(graded, 1).status == "timeout"
    assert statuses(graded) == FULL


def test_an_endless_function_costs_its_own_question_only(grade: Grade) -> None:
    graded = grade(("add", "def add(a, b):\n    while True:\n        pass"), TOTAL, QUIZ)
    assert statuses(graded)["add"] == {"timeout"}
    assert statuses(graded)["quiz"] == {"passed"}
    outcomes = {test.name: test for test in graded.evidence.tests}
    assert outcomes["test_empty"].status == "passed"
    not_started = [test for test in graded.evidence.tests if "not started" in test.message]
    assert len(not_started) == 1  # the third of three, after two timeouts


SLOW = ("add", "import time\ndef add(a, b):\n    time.sleep(0.6)\n    return a + b")


def test_a_timeout_is_confirmed_before_it_is_a_verdict(grade: Grade, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is too slow for the call until nobody else computes."""
    whole = GradingSession.call_seconds

    def hurried(session: GradingSession, test: str) -> float:
        return whole(session, test) if session._alone else 0.3

    monkeypatch.setattr(GradingSession, "call_seconds", hurried)
    assert statuses(grade(SLOW, TOTAL, QUIZ)) == FULL


def test_work_goes_on_nowhere_after_a_timeout(grade: Grade) -> None:
    """The first call hangs and has a thread of the notebook, and a file, hold its answer for the second."""
    graded = grade(
        "import os, pathlib, threading, time\nread, write = os.pipe()\nmemory = {}\n"
        "def work():\n    while True:\n        a, b = os.read(read, 100).decode().split()\n"
        "        time.sleep(1)\n        memory[a, b] = int(a) + int(b)\n"
        "        pathlib.Path('answer').write_text(str(int(a) + int(b)))\n"
        "threading.Thread(target=work, daemon=True).start()",
        ("add", "def add(a, b):\n    if (str(a), str(b)) in memory:\n        return memory[str(a), str(b)]\n"
         "    if pathlib.Path('answer').exists():\n        return int(pathlib.Path('answer').read_text())\n"
         "    os.write(write, f'{a} {b}'.encode())\n    time.sleep(60)"), TOTAL, QUIZ,
    )  # fmt: skip
    assert statuses(graded)["add"] == {"timeout"}
    assert statuses(graded)["quiz"] == {"passed"}


def test_a_function_that_ends_the_process_costs_its_own_tests_only(grade: Grade) -> None:
    graded = grade(("add", "import os\ndef add(a, b):\n    os._exit(0)"), TOTAL, QUIZ)
    found = statuses(graded)
    assert found["add"] == {"error"}
    assert found["quiz"] == {"passed"}
    assert {t.name: t.status.value for t in graded.evidence.tests}["test_empty"] == "passed"


def test_a_process_that_dies_between_tests_is_replayed(grade: Grade) -> None:
    """The thread has the tests forked from a process below PID 1, which their forks can kill."""
    graded = grade(
        "import os, signal, threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()",
        ("add", "def add(a, b):\n    if a == 2:\n"
         "        os.kill(os.getppid(), signal.SIGKILL)\n        os._exit(0)\n    return a + b"),
        TOTAL, QUIZ,
    )  # fmt: skip
    assert graded.evidence.outcome == "graded"
    assert graded.evidence.sandbox is not None
    assert graded.evidence.sandbox.restarts >= 1
    assert statuses(graded)["quiz"] == {"passed"}


@pytest.mark.parametrize("data", [b"", b"\xff\xfe garbage", b"[1, 2", b'{"cells": 3}', b"[" * 100_000])
def test_what_cannot_be_read_is_ungradable_with_a_reason(grade: Grade, data: bytes) -> None:
    graded = grade(data=data)
    assert graded.evidence.outcome == "ungradable"
    assert "expected" in graded.evidence.reason
    assert graded.evidence.tests == ()


def test_training_cells_are_skipped(grade: Grade, tiny: Assignment) -> None:
    graded = grade(data=tiny.starter_path.read_bytes())
    skipped = [cell for cell in graded.evidence.cells if cell.status == "skipped"]
    assert len(skipped) == 1
    assert "Training" in skipped[0].reason
    assert statuses(graded) == {"add": {"error"}, "total": {"error"}, "quiz": {"failed"}}


def test_one_submission_leaves_nothing_for_the_next(grade: Grade) -> None:
    left = "import builtins, pathlib\nbuiltins.len = lambda x: 0\npathlib.Path('/tmp/left').touch()\nadd = 3"
    grade(left, "def total(values): return 0")
    graded = grade(ADD, TOTAL, QUIZ, "import pathlib\nprint(pathlib.Path('/tmp/left').exists(), len([1]))")
    assert statuses(graded) == FULL
    assert graded.outputs[3][0]["text"] == "False 1\n"


def test_what_an_earlier_test_left_behind_costs_nothing(grade: Grade) -> None:
    """Right in a fresh process, wrong from the second call on: what failed in a used fork runs again in a fresh one."""
    once = "calls = []\ndef add(a, b):\n    calls.append(a)\n    return a + b if len(calls) == 1 else None"
    graded = grade(("add", once), TOTAL, QUIZ)
    assert statuses(graded)["add"] == {"passed"}


def test_a_regrade_says_the_same(grade: Grade) -> None:
    cells = (ADD, ("total", "import random\ndef total(values):\n    return sum(values) + random.randint(0, 1)"), QUIZ)
    first, second = grade(*cells), grade(*cells)
    outcomes = [[(test.name, test.status) for test in graded.evidence.tests] for graded in (first, second)]
    assert outcomes[0] == outcomes[1]


class _BrokenSlot:
    """A slot whose zygote is gone."""

    backend = "namespace"
    unsafe = False
    image = ""

    def start_student(self) -> object:
        raise SandboxFault("the zygote is gone")

    def end_student(self) -> Usage:
        return Usage(0)


def test_our_own_fault_is_not_graded(tiny: Assignment, slot: Slot) -> None:
    broken: Slot = _BrokenSlot()  # type: ignore[assignment]
    with MachineLock(None) as quiet, Grader(tiny, broken, b"k" * 32, quiet) as grader:
        info = SubmissionInfo(subject="s1", notebook_sha256="0" * 64)
        graded = grader.grade(info, tiny.starter_path.read_bytes())
    assert graded.evidence.outcome == "not_graded"
    assert "the zygote is gone" in graded.evidence.reason
    assert graded.evidence.tests == ()
