"""Workers die, hang and cannot start; submissions are graded or said not to be, once each."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.course.course import load_course
from autograder.records import SubmissionInfo
from autograder.sandbox.inside.process.student_process import descendants
from autograder.workers.messages import Graded, Job
from autograder.workers.pool import WorkerPool, WorkerSetupError, setup_for
from autograder.workers.process import WorkerLost, WorkerProcess

KEY = b"k" * 32


def job(name: str, notebook: bytes) -> Job:
    sha = hashlib.sha256(notebook).hexdigest()
    return Job(key=name, submission=SubmissionInfo(subject=name, notebook_sha256=sha), notebook=notebook)


def slow(notebook: bytes, seconds: float) -> bytes:
    """The notebook with a cell that takes its time."""
    cell = b'{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": null, "source": "%s"}, '
    return notebook.replace(b'"cells": [', b'"cells": [' + cell % f"import time; time.sleep({seconds})".encode(), 1)


def pool_of(course: Path, workers: int = 1, margin: float = 30.0) -> WorkerPool:
    assignment = load_course(course).assignment("tiny")
    setup = setup_for(course / "course.yaml", "tiny", "auto", KEY)
    return WorkerPool(setup, assignment.limits, workers=workers, margin_seconds=margin)


def _strike(pool: WorkerPool, number: signal.Signals, times: int) -> None:
    """Send a signal to the worker soon after it was given a job; `times` in all."""
    left = [number] * times
    grade = pool._grade

    def struck(process: WorkerProcess, job: Job) -> Graded:
        if left:
            threading.Timer(0.5, os.kill, (process.pid, left.pop())).start()
        return grade(process, job)

    pool._grade = struck  # type: ignore[method-assign]


@pytest.fixture
def own_temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files in which a test leaves nothing, workers that were killed included."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


def test_a_dead_worker_is_replaced_and_the_submission_tried_again(
    course_root: Path, solution: bytes, own_temporary: Path
) -> None:
    with pool_of(course_root) as pool:
        pool.wait_ready()
        _strike(pool, signal.SIGKILL, times=1)
        done = {each.job.key: each for each in pool.run([job("first", slow(solution, 1.5)), job("second", solution)])}
    graded = done["first"].graded
    assert graded is not None
    assert graded.evidence.outcome == "graded"
    assert done["second"].graded is not None


def test_twice_dead_is_tried_a_third_time(course_root: Path, solution: bytes) -> None:
    with pool_of(course_root) as pool:
        pool.wait_ready()
        _strike(pool, signal.SIGKILL, times=2)
        done = {each.job.key: each for each in pool.run([job("first", slow(solution, 1.5)), job("second", solution)])}
    for name in ("first", "second"):
        graded = done[name].graded
        assert graded is not None
        assert graded.evidence.outcome == "graded"
        assert not done[name].breaks


def test_what_kills_every_worker_is_told_from_a_machine_that_does(
    course_root: Path, solution: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty notebook says which: graded between two deaths, it leaves the notebook as the cause."""
    with pool_of(course_root) as pool:
        pool.wait_ready()
        deadly, grade = slow(solution, 1.5), pool._grade

        def struck(process: WorkerProcess, job: Job) -> Graded:
            if job.notebook == deadly:
                threading.Timer(0.5, os.kill, (process.pid, signal.SIGKILL)).start()
            return grade(process, job)

        monkeypatch.setattr(pool, "_grade", struck)
        done = {each.job.key: each for each in pool.run([job("first", deadly), job("second", solution)])}
        assert done["first"].breaks
        assert done["first"].graded is None
        assert "the worker ended" in done["first"].reason
        second = done["second"].graded
        assert second is not None
        assert second.evidence.outcome == "graded"


def test_a_machine_on_which_nothing_can_be_graded_is_no_student_s_fault(
    course_root: Path, solution: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(process: WorkerProcess, job: Job) -> Graded:
        raise WorkerLost("the machine is on fire")

    with pool_of(course_root) as pool:
        pool.wait_ready()
        monkeypatch.setattr(pool, "_grade", lost)
        [done] = pool.run([job("first", solution)])
    assert done.graded is None
    assert not done.breaks
    assert done.reason == "the machine is on fire"


def test_a_worker_that_hangs_is_killed_at_its_deadline(course_root: Path, tmp_path: Path, solution: bytes) -> None:
    shutil.copytree(course_root, tmp_path / "course")
    file = tmp_path / "course/course.yaml"
    file.write_text(file.read_text().replace("submission_seconds: 20", "submission_seconds: 8"))
    with pool_of(tmp_path / "course", margin=2.0) as pool:
        pool.wait_ready()
        _strike(pool, signal.SIGSTOP, times=1)
        done = list(pool.run([job("first", slow(solution, 1.0))]))
    graded = done[0].graded
    assert graded is not None
    assert graded.evidence.outcome == "graded"
    assert done[0].seconds > 10


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text + "\ndef test_nothing(student):\n    pass\n", "test_nothing"),
        (lambda text: "import no_such_module\n" + text, "no_such_module"),
    ],
)
def test_wrong_hidden_tests_end_the_run_with_their_message(
    course_root: Path, tmp_path: Path, change: Callable[[str], str], said: str
) -> None:
    shutil.copytree(course_root, tmp_path / "course")
    file = tmp_path / "course/solutions/tiny/hidden_tests.py"
    file.write_text(change(file.read_text()))
    with pool_of(tmp_path / "course") as pool, pytest.raises(WorkerSetupError, match=said):
        pool.wait_ready()


def test_two_workers_share_the_work(course_root: Path, solution: bytes) -> None:
    jobs = [job(f"s{n}", slow(solution, 0.3) + b" " * n) for n in range(6)]
    with pool_of(course_root, workers=2) as pool:
        done = list(pool.run(iter(jobs)))
    assert sorted(each.job.key for each in done) == [f"s{n}" for n in range(6)]
    assert all(each.graded is not None and each.graded.evidence.outcome == "graded" for each in done)


def test_two_workers_with_endless_functions_confirm_in_turn(course_root: Path, solution: bytes) -> None:
    endless = solution.replace(b"return a + b", b"while True: pass")
    jobs = [job(f"s{n}", endless + b" " * n) for n in range(2)] + [job("good", solution)]
    with pool_of(course_root, workers=2) as pool:
        done = {each.job.key: each.graded for each in pool.run(jobs)}
    for name in ("s0", "s1"):
        graded = done[name]
        assert graded is not None
        found = {test.name: test.status.value for test in graded.evidence.tests}
        assert found["test_add[2-5]"] == "timeout"
        assert found["test_empty"] == "passed"
    good = done["good"]
    assert good is not None
    assert {test.status.value for test in good.evidence.tests} == {"passed"}


def test_a_worker_that_cannot_close_its_slot_takes_its_folder_along(tmp_path: Path) -> None:
    (tmp_path / "course").mkdir()
    (tmp_path / "course/data.csv").write_text("1")
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom autograder.course.public_files import working_beside\n"
        "from autograder.workers.worker import Lines\nlines = Lines()\nlines.watch()\n"
        "with working_beside([Path(sys.argv[1])]) as lines.beside:\n"
        "    print(lines.beside, file=sys.stderr, flush=True)\n    time.sleep(600)\n"
    )
    worker = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "course/data.csv")],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert worker.stdin is not None
    assert worker.stderr is not None
    folder = Path(worker.stderr.readline().strip())
    assert (folder / "data.csv").read_text() == "1"
    worker.stdin.close()
    assert worker.wait() == 0
    assert not folder.exists()
    worker.stderr.close()


@pytest.mark.parametrize(("backend", "workers"), [("auto", 1), ("namespace", 3)])
def test_no_worker_outlives_its_pool(course_root: Path, backend: str, workers: int) -> None:
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom autograder.course.course import load_course\n"
        "from autograder.workers.pool import WorkerPool, setup_for\nroot = Path(sys.argv[1])\n"
        "pool = WorkerPool(setup_for(root / 'course.yaml', 'tiny', sys.argv[2], b'k' * 32),"
        " load_course(root).assignment('tiny').limits, workers=int(sys.argv[3]))\n"
        "pool.wait_ready()\nprint('ready', flush=True)\ntime.sleep(600)\n"
    )
    arguments = [sys.executable, "-c", code, str(course_root), backend, str(workers)]
    main = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    assert main.stdout is not None
    assert main.stdout.readline() == "ready\n"
    below = descendants(main.pid)
    assert len(below) > workers
    main.kill()
    main.wait()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and any(Path(f"/proc/{pid}").exists() for pid in below):
        time.sleep(0.1)
    assert not [pid for pid in below if Path(f"/proc/{pid}").exists()]
