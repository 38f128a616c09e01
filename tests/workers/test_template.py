"""Workers that are forked from one template: the same evidence, and nothing lost when the template is."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.course.course import load_course
from autograder.sandbox.inside.process.proc_files import status_of
from autograder.sandbox.inside.process.student_process import descendants
from autograder.workers.messages import Graded, Job
from autograder.workers.pool import WorkerPool, WorkerSetupError, setup_for
from autograder.workers.process import WorkerProcess
from tests.sandbox.test_slot import wait_gone
from tests.workers.test_pool import KEY, job, own_temporary, slow

__all__ = ["own_temporary"]

WORKER_S_OWN = {"timings", "graded_at", "sandbox"}


def pool_of(course: Path, workers: int, backend: str = "namespace") -> WorkerPool:
    setup = setup_for(course / "course.yaml", "tiny", backend, KEY)
    return WorkerPool(setup, load_course(course).assignment("tiny").limits, workers=workers)


def template_of(pool: WorkerPool) -> int:
    assert pool._template is not None
    assert pool._template.pid is not None
    return pool._template.pid


def workers_of(pool: WorkerPool) -> list[int]:
    return [process.pid for process in pool._processes]


def wait_for_workers(pool: WorkerPool, count: int) -> None:
    """Wait until all have started: `wait_ready` waits for the first one."""
    pool.wait_ready()
    while len(pool._processes) < count:
        time.sleep(0.02)


def wait_for_processes(template: int, workers: int) -> list[int]:
    """Return what is below a template whose workers are all ready, and wait for nothing else."""
    # workers; warden, relay and zygote; and of each forked slot a relay and a zygote
    wanted, deadline = workers + 3 + 2 * workers, time.monotonic() + 30
    while len(below := descendants(template)) != wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(below) == wanted
    return below


@pytest.fixture(scope="module")
def several(course_root: Path, solution: bytes) -> list[Job]:
    """Eight notebooks of four fates."""
    bodies = [b"return a + b", b"return a - b", b"raise ValueError(a)", b"return (a + b) * 1.0"]
    found = []
    for n in range(8):
        book = solution.replace(b"return a + b", bodies[n % 4])
        found.append(job(f"s{n}", book + b" " * n))
    return found


def test_four_forked_workers_say_what_one_says(course_root: Path, several: list[Job]) -> None:
    found = []
    for workers in (1, 4):
        with pool_of(course_root, workers) as pool:
            done = {each.job.key: each.graded for each in pool.run(several)}
        assert all(done.values())
        evidence = {key: graded.evidence for key, graded in done.items() if graded is not None}
        assert {each.outcome.value for each in evidence.values()} == {"graded"}
        found.append(
            {
                key: [test.model_dump(exclude={"seconds"}) for test in each.tests]
                + [each.model_dump(exclude={*WORKER_S_OWN, "tests", "cells"})]
                for key, each in evidence.items()
            }
        )
    assert found[0] == found[1]
    passed = {key: sum(test["status"] == "passed" for test in tests[:-1]) for key, tests in found[0].items()}
    assert len(set(passed.values())) > 1, "the notebooks have different fates"


def test_workers_and_slots_are_forks(course_root: Path) -> None:
    with pool_of(course_root, 3) as pool:
        wait_for_workers(pool, 3)
        template = template_of(pool)
        assert {status_of(pid)["PPid"][0] for pid in workers_of(pool)} == {str(template)}
        below = wait_for_processes(template, 3)
        assert not any(descendants(pid) for pid in workers_of(pool)), "no slot is started below a worker"
    assert wait_gone([template, *below]) == []


def test_a_dead_worker_is_replaced_by_another_fork(course_root: Path, solution: bytes) -> None:
    with pool_of(course_root, 2) as pool:
        wait_for_workers(pool, 2)
        template = template_of(pool)
        below = set(wait_for_processes(template, 2))
        killed: list[int] = []
        _strike(pool, lambda process: killed.append(process.pid) or os.kill(process.pid, signal.SIGKILL))
        done = [each.graded for each in pool.run([job("first", slow(solution, 1.5)), job("second", solution)])]
        assert [graded.evidence.outcome.value for graded in done if graded is not None] == ["graded"] * 2
        assert template_of(pool) == template, "the other worker goes on"
        assert killed[0] not in workers_of(pool)
        left = [pid for pid in descendants(template) if pid in below]
        assert len(below) - len(left) == 3, "with the worker its slot ended: a relay and a zygote"


def _strike(pool: WorkerPool, act: Callable[[WorkerProcess], object]) -> None:
    """Do something soon after the first job was given to a worker."""
    left = [act]
    grade = pool._grade

    def struck(process: WorkerProcess, job: Job) -> Graded:
        if left:
            threading.Timer(0.5, left.pop(), (process,)).start()
        return grade(process, job)

    pool._grade = struck  # type: ignore[method-assign]


@pytest.mark.parametrize("whom", ["template", "zygote"])
def test_nothing_is_lost_when_what_they_share_is_killed(
    course_root: Path, solution: bytes, own_temporary: Path, whom: str
) -> None:
    jobs = [job(f"s{n}", slow(solution, 1.0) + b" " * n) for n in range(4)]
    with pool_of(course_root, 2) as pool:
        wait_for_workers(pool, 2)
        template = template_of(pool)
        below = [template, *descendants(template)]
        zygote = next(pid for pid in below if "process.zygote" in Path(f"/proc/{pid}/cmdline").read_text())
        victim = template if whom == "template" else zygote
        _strike(pool, lambda process: os.kill(victim, signal.SIGKILL))
        done = list(pool.run(jobs))
        assert sorted(each.job.key for each in done) == [f"s{n}" for n in range(4)]
        assert [each.graded.evidence.outcome.value for each in done if each.graded is not None] == ["graded"] * 4
        assert not any(each.breaks for each in done)
        assert template_of(pool) != template
    assert wait_gone(below) == []


def test_tests_that_leave_a_thread_are_graded_by_workers_of_their_own(
    course_root: Path, tmp_path: Path, several: list[Job]
) -> None:
    shutil.copytree(course_root, tmp_path / "course")
    file = tmp_path / "course/solutions/tiny/hidden_tests.py"
    line = "import threading, time; threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
    first, _, rest = file.read_text().partition("import ")
    file.write_text(f"{first}{line}import {rest}")
    with pool_of(tmp_path / "course", 2) as pool:
        done = [each.graded for each in pool.run(several[:2])]
        assert pool._template is not None
        assert "1 threads" in pool._template.alone
        assert pool._template.pid is None
    assert [graded.evidence.outcome.value for graded in done if graded is not None] == ["graded"] * 2


def test_wrong_hidden_tests_end_the_run_with_their_message(course_root: Path, tmp_path: Path) -> None:
    shutil.copytree(course_root, tmp_path / "course")
    file = tmp_path / "course/solutions/tiny/hidden_tests.py"
    file.write_text("import no_such_module\n" + file.read_text())
    with pool_of(tmp_path / "course", 3) as pool, pytest.raises(WorkerSetupError, match="no_such_module") as refused:
        pool.wait_ready()
    assert not refused.value.ours


def test_workers_of_other_backends_open_slots_of_their_own(course_root: Path, several: list[Job]) -> None:
    with pool_of(course_root, 2, "none") as pool:
        wait_for_workers(pool, 2)
        template = template_of(pool)
        assert {status_of(pid)["PPid"][0] for pid in workers_of(pool)} == {str(template)}
        done = [each.graded for each in pool.run(several[:2])]
    assert [graded.evidence.sandbox.backend for graded in done if graded is not None] == ["none"] * 2


def test_a_pool_that_is_closed_while_its_template_starts_leaves_nothing(course_root: Path) -> None:
    pool = pool_of(course_root, 2)
    assert pool._template is not None
    while pool._template.pid is None:
        time.sleep(0.005)
    template = pool._template.pid
    time.sleep(0.2)
    below = [template, *descendants(template)]
    pool.close(now=True)
    assert wait_gone(below) == []
    assert not any(thread.is_alive() for thread in pool._threads)
