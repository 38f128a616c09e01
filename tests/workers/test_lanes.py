"""Lanes keep slots warm, put work where they are, close what was idle longest, and see changed files."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.course.course import load_course
from autograder.records import SubmissionInfo
from autograder.release.files import write_release
from autograder.release.starter import build_release
from autograder.sandbox.inside.process.proc_files import status_of
from autograder.workers.lanes import Lanes, Target
from autograder.workers.messages import Job
from autograder.workers.pool import WorkerSetupError


@pytest.fixture
def course(course_root: Path, tmp_path: Path) -> Path:
    """A copy of the tiny course with a second assignment that is the first under another name."""
    root = tmp_path / "course"
    shutil.copytree(course_root, root)
    shutil.copytree(root / "solutions/tiny", root / "solutions/other")
    text = (root / "course.yaml").read_text()
    head, _, body = text.partition("assignments:\n")
    (root / "course.yaml").write_text(
        f"{head}assignments:\n{body.rstrip()}\n{body.replace('name: tiny', 'name: other')}"
    )
    (root / "solutions/other/releases.json").unlink(missing_ok=True)
    write_release(build_release(load_course(root).assignment("other")))
    return root / "course.yaml"


@pytest.fixture
def target(course: Path) -> Callable[[str], Target]:
    return lambda name: Target(course, name, "namespace")


@pytest.fixture
def lanes() -> Iterator[Callable[..., Lanes]]:
    made: list[Lanes] = []

    def make(count: int, **options: object) -> Lanes:
        made.append(Lanes(count, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()


def job(notebook: bytes, name: str = "s00") -> Job:
    info = SubmissionInfo(subject=name, notebook_sha256=hashlib.sha256(notebook).hexdigest())
    return Job(key=name, submission=info, notebook=notebook)


def passed(lanes: Lanes, target: Target, notebook: bytes) -> int:
    """Grade one notebook and return how many of its tests passed."""
    done = lanes.submit(target, job(notebook), who="s00", urgent=True).result()
    assert done.graded is not None, done.reason
    return sum(test.status == "passed" for test in done.graded.evidence.tests)


def test_a_slot_stays_warm_and_is_given_up_for_another(
    lanes: Callable[..., Lanes], target: Callable[[str], Target], solution: bytes
) -> None:
    one = lanes(1, most_slots=1)
    full = passed(one, target("tiny"), solution)
    assert passed(one, target("tiny"), solution) == full > 0
    assert (one.counts.started, one.counts.evicted) == (1, 0)
    passed(one, target("other"), solution)
    assert (one.counts.started, one.counts.evicted) == (2, 1)
    assert one.state()["warm"] == ["other"]


def test_idle_slots_go_where_memory_is_short(
    lanes: Callable[..., Lanes], target: Callable[[str], Target], solution: bytes
) -> None:
    free = [10 << 30]
    one = lanes(1, most_slots=5, keep_free=1 << 30, free_memory=lambda: free[0])
    passed(one, target("tiny"), solution)
    free[0] = 1 << 20
    passed(one, target("other"), solution)
    assert one.state()["warm"] == ["other"]


def test_changed_hidden_tests_grade_the_next_submission(
    lanes: Callable[..., Lanes], target: Callable[[str], Target], solution: bytes, course: Path
) -> None:
    one = lanes(1)
    before = passed(one, target("tiny"), solution)
    tests = course.parent / "solutions/tiny/hidden_tests.py"
    tests.write_text(tests.read_text().replace("== a + b", "== a + b + 1"))
    after = passed(one, target("tiny"), solution)
    assert after < before
    assert one.counts.restarted == 1


def test_several_at_a_time_each_once(
    lanes: Callable[..., Lanes], target: Callable[[str], Target], solution: bytes
) -> None:
    two = lanes(2)
    futures = {
        f"s{n:02d}": two.submit(target("tiny"), job(solution, f"s{n:02d}"), who=f"s{n:02d}", urgent=n % 2 == 0)
        for n in range(8)
    }
    assert {name: future.result().job.key for name, future in futures.items()} == {name: name for name in futures}
    assert two.drained(timeout=60)
    assert two.counts.graded == 8


def test_lanes_of_one_assignment_share_a_template_which_goes_with_the_last_slot(
    lanes: Callable[..., Lanes], target: Callable[[str], Target], solution: bytes, course: Path
) -> None:
    two = lanes(2)
    both = [two.submit(target("tiny"), job(solution, f"s{n}"), who=f"s{n}", urgent=True) for n in range(2)]
    assert all(future.result().graded is not None for future in both)
    assert two.drained(timeout=60)
    assert two.counts.started == 2
    [template] = two._templates
    below = {process.pid for lane in two._lanes for slot in lane.slots.values() for process in slot.pool._processes}
    assert {status_of(pid)["PPid"][0] for pid in below} == {str(template.pid)}
    tests = course.parent / "solutions/tiny/hidden_tests.py"
    tests.write_text(tests.read_text() + "\n")
    while two.counts.restarted < 2:  # where one lane was quicker, it has graded both
        both = [two.submit(target("tiny"), job(solution, f"s{n}"), who=f"s{n}", urgent=True) for n in range(2)]
        assert all(future.result().graded is not None for future in both)
    assert two.drained(timeout=60)
    assert template not in two._templates
    assert template.pid is None, "it ended with its last slot"
    assert len(two._templates) == 1


def test_what_cannot_start_is_told_to_who_asked(lanes: Callable[..., Lanes], target: Callable[[str], Target]) -> None:
    one = lanes(1)
    future = one.submit(target("nowhere"), job(b"{}"), who="s00", urgent=True)
    with pytest.raises(WorkerSetupError, match="nowhere"):
        future.result()


def test_closing_lets_nobody_wait_for_ever(
    lanes: Callable[..., Lanes], target: Callable[[str], Target], solution: bytes
) -> None:
    one = lanes(1)
    futures = [one.submit(target("tiny"), job(solution, f"s{n}"), who=f"s{n}", urgent=False) for n in range(4)]
    one.close()
    assert all(future.done() for future in futures)
    with pytest.raises(RuntimeError, match="closed"):
        one.submit(target("tiny"), job(solution), who="s", urgent=True)
