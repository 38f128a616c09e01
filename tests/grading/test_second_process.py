"""Public twins run where no hidden input has been, whatever way student code finds to carry one there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.course.course import load_course
from autograder.grading.graded import GradedSubmission
from autograder.grading.grader import Grader
from autograder.grading.machine_lock import MachineLock
from autograder.records import SubmissionInfo
from autograder.sandbox.interface import Slot
from tests.grading.conftest import notebook_of

HIDDEN = 421_337  # the canary: an input of the hidden test
TESTS = f'''
from autograder.testing import close, given, public_twin, question

@question("add", twin=public_twin("add", 1, 2))
def test_add(student):
    """Two numbers are added."""
    assert student.add({HIDDEN}, 3) == {HIDDEN + 3}

@question("add")
def test_add_again(student):
    """Two other numbers are added."""
    assert student.add(7, 3) == 10

@question("total", builds_on=["add"])
def test_total(student):
    """A list of numbers is summed."""
    close(student.total([3, 4]), given(lambda f: f.add(f.add(0, 3), 4)))

@question("quiz")
def test_quiz_1(student):
    """The quiz."""
    assert student.value("quiz_1") == "b"
'''
KEEP = {
    "pipe": "read, write = os.pipe()\nos.set_blocking(read, False)\n"
    "def keep(text):\n    os.write(write, text)\n"
    "def kept():\n    try:\n        return os.read(read, 100)\n    except BlockingIOError:\n        return b''",
    "thread": "read, write = os.pipe()\nback, forth = os.pipe()\nos.set_blocking(back, False)\n"
    "def work():\n    while True:\n        os.write(forth, os.read(read, 100))\n"
    "threading.Thread(target=work, daemon=True).start()\n"
    "def keep(text):\n    os.write(write, text)\n    time.sleep(0.1)\n"
    "def kept():\n    try:\n        return os.read(back, 100)\n    except BlockingIOError:\n        return b''",
    "inherited descriptor": "file = os.open('unlinked', os.O_RDWR | os.O_CREAT)\nos.unlink('unlinked')\n"
    "def keep(text):\n    os.pwrite(file, text, 0)\n"
    "def kept():\n    return os.pread(file, 100, 0)",
    "mapped file": "open('mapped', 'wb').write(bytes(100))\nmemory = mmap.mmap(os.open('mapped', os.O_RDWR), 100)\n"
    "def keep(text):\n    memory[:len(text)] = text\n"
    "def kept():\n    return memory[:].rstrip(bytes(1))",
    "socket": "one, other = socket.socketpair()\nother.setblocking(False)\n"
    "def keep(text):\n    one.send(text)\n"
    "def kept():\n    try:\n        return other.recv(100)\n    except BlockingIOError:\n        return b''",
    "abstract socket": "place = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\nplace.bind('\\0kept')\n"
    "place.setblocking(False)\n"
    "def keep(text):\n    socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(text, '\\0kept')\n"
    "def kept():\n    try:\n        return place.recv(100)\n    except BlockingIOError:\n        return b''",
    "file": "def keep(text):\n    open('/dev/shm/kept', 'wb').write(text)\n"
    "def kept():\n    return open('/dev/shm/kept', 'rb').read() if os.path.exists('/dev/shm/kept') else b''",
}
START = "import mmap, os, pathlib, socket, threading, time\n"
ADD = f"""
def add(a, b):
    if a == {HIDDEN}:
        keep(str(a).encode())
        return 0
    raise ValueError('KEPT ' + kept().decode())
"""


@pytest.fixture(scope="module")
def grade_twins(
    tiny_root: Path, slot: Slot, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., GradedSubmission]]:
    root = Path(shutil.copytree(tiny_root, tmp_path_factory.mktemp("twins") / "tiny_course"))
    (root / "solutions/tiny/hidden_tests.py").write_text(TESTS)
    with MachineLock(None) as quiet, Grader(load_course(root).assignment("tiny"), slot, b"k" * 32, quiet) as grader:

        def run(*cells: str | tuple[str, str]) -> GradedSubmission:
            data = notebook_of(*cells)
            return grader.grade(SubmissionInfo(subject="s1", notebook_sha256="0" * 64), data)

        yield run


@pytest.mark.parametrize("way", KEEP)
def test_no_hidden_input_reaches_a_public_twin(grade_twins: Callable[..., GradedSubmission], way: str) -> None:
    graded = grade_twins(START + KEEP[way], ("add", ADD), ("quiz", 'quiz_1 = "b"'))
    found = {test.name: test for test in graded.evidence.tests}
    assert found["test_add"].twin is not None
    assert "KEPT" in found["test_add"].twin.found.text, "the twin ran"
    assert str(HIDDEN) not in found["test_add"].twin.model_dump_json()
    # Nobody answers from a thread, and files are put back before each fork.
    if way not in ("thread", "file", "mapped file"):
        assert str(HIDDEN) in found["test_add_again"].detail, "the way is open from one test's fork to another's"
    public = [found["test_add"].message, found["test_add"].title, found["test_add_again"].message]
    assert not any(str(HIDDEN) in text for text in public)
    assert found["test_quiz_1"].status == "passed"


def test_a_twin_costs_a_second_run_of_the_cells_only_where_a_test_failed(
    grade_twins: Callable[..., GradedSubmission], slot: Slot, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []
    start = type(slot).start_student
    monkeypatch.setattr(type(slot), "start_student", lambda self: (started.append(1), start(self))[1])
    right = ("add", "def add(a, b):\n    return a + b")
    assert {test.status for test in grade_twins(right, ("quiz", 'quiz_1 = "b"'), TOTAL).evidence.tests} == {"passed"}
    assert len(started) == 1
    grade_twins(("add", "def add(a, b):\n    return a - b"), ("quiz", 'quiz_1 = "b"'), TOTAL)
    assert len(started) == 3


TOTAL = (
    "total",
    "def total(values):\n    result = 0\n    for v in values:\n        result = add(result, v)\n    return result",
)


def test_cells_that_take_long_are_not_run_again_for_a_twin_and_the_page_says_so(
    grade_twins: Callable[..., GradedSubmission], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.grading.passes.TWIN_SECONDS", 0.2)
    graded = grade_twins("import time\ntime.sleep(0.3)", ("add", "def add(a, b):\n    return a - b"))
    failed = next(test for test in graded.evidence.tests if test.name == "test_add")
    assert failed.twin is None
    assert any("Public examples are not shown" in notice for notice in graded.evidence.notices)


def test_an_honest_error_is_carried_forward(grade_twins: Callable[..., GradedSubmission]) -> None:
    graded = grade_twins(("add", "def add(a, b):\n    return a + 2 * b"), TOTAL)
    found = {test.name: test for test in graded.evidence.tests}
    assert found["test_add"].status == "failed"
    assert (found["test_total"].status, found["test_total"].carried_forward) == ("passed", True)


LIARS = {
    "answers what the later call returned": "def total(values):\n    keep(b'9')\n    return 9\n"
    "def add(a, b):\n    return int(kept() or a - b)",
    "differs by less than counts": "def total(values):\n    return 9.0\n"
    "def add(a, b):\n    return 9.0 + 1e-9 * (a + b)",
    "is constant": "def total(values):\n    return 9\ndef add(a, b):\n    return 9",
}


@pytest.mark.parametrize("way", KEEP)
@pytest.mark.parametrize("liar", LIARS)
def test_an_error_fitted_to_the_later_answer_carries_nothing(
    grade_twins: Callable[..., GradedSubmission], liar: str, way: str
) -> None:
    graded = grade_twins(START + KEEP[way], LIARS[liar])
    found = {test.name: test for test in graded.evidence.tests}
    assert found["test_add"].status != "passed"
    assert found["test_total"].status in ("failed", "not_run"), found["test_total"]


def test_nothing_is_carried_where_the_earlier_question_is_right(grade_twins: Callable[..., GradedSubmission]) -> None:
    """It is wrong for what the later question asks alone, which its own tests do not show."""
    graded = grade_twins(
        ("add", "def add(a, b):\n    return 100 + a + b if b == 4 else a + b"),
        ("total", "def total(values):\n    return 107"),
    )
    found = {test.name: test for test in graded.evidence.tests}
    assert found["test_add"].status == "passed"
    assert found["test_total"].status == "failed"
