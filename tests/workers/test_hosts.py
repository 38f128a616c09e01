"""Slots on other machines: what a file of hosts says, and workers that a launcher reaches.

The launcher here is a script that does what `ssh` does: it joins its words, and gives them to a shell with another
environment, another home and something to say before the worker speaks.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.course import fingerprint
from autograder.course.course import load_course
from autograder.course.packing import packed_assignment
from autograder.course.yaml_sections import CourseError
from autograder.workers.hosts import Host, fewest_needed, read_machines
from autograder.workers.pool import Done, WorkerPool, WorkerSetupError, setup_for
from tests.workers.test_pool import KEY, job

LAUNCHER = """#!/bin/sh
shift
echo "Welcome to this machine"
exec env -i HOME={home} PATH=/usr/bin:/bin sh -c "$*"
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "hosts.yaml"
    path.write_text(text)
    return path


def test_a_file_of_hosts(tmp_path: Path) -> None:
    machines = read_machines(written(tmp_path, """
hosts:
  - {name: here, slots: 2}
  - {name: big, slots: 8, prefix: "ssh -o BatchMode=yes big", python: /opt/a/bin/python, course: /srv/course}
  - {name: node, slots: 4, prefix: srun -n1, environment: ["CIFAR10_DATA=/data/x y"]}
"""))  # fmt: skip
    here, big, node = machines.hosts
    assert machines.slots == 14
    assert here.is_here
    assert here.command({})[0] == sys.executable
    assert big.command({"A": "b c"})[:4] == ["ssh", "-o", "BatchMode=yes", "big"]
    assert big.command({"A": "b c"})[4].startswith("cd / && exec env 'A=b c' /opt/a/bin/python -P -m ")  # one line
    assert node.command({"A": "b c"})[:6] == ["srun", "-n1", "env", "A=b c", "CIFAR10_DATA=/data/x y", "python3"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hosts: []", "expected a list with at least one host"),
        ("{}", "neither 'hosts' nor 'dask'"),
        ("hosts: [{name: a, slots: 0}]", "expected a whole number of at least 1"),
        ("hosts: [{name: a}, {name: a}]", "'a' a second time as a host's name"),
        ('hosts: [{name: a, prefix: "ssh \'a"}]', "a command line whose quotes are closed"),
        ("hosts: [{name: a, prefix: ssh a, course: here}]", "the absolute path of the course's folder"),
        ("hosts: [{name: a, python: python3}]", "no such key without a 'prefix'"),
        ("hosts: [{name: a, prefix: ssh a, environment: [A]}]", "expected NAME=value"),
        ("hosts: [{name: a, prefx: ssh a}]", "did you mean 'prefix'?"),
        ("dask: {scheduler: 'tcp://head:8786', ca: a, certificate: a, key: a}", "without TLS anybody on the network"),
        ("dask: {scheduler: 'tls://head:8786', ca: a, certificate: a, key: a}", "is not there"),
    ],
)
def test_mistakes_in_a_file_of_hosts(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CourseError) as caught:
        read_machines(written(tmp_path, text))
    assert said in str(caught.value)
    assert str(caught.value).startswith("hosts.yaml")


def test_no_more_slots_are_opened_than_there_are_submissions() -> None:
    hosts = (Host("a", 1), Host("b", 8), Host("c", 8))
    assert [(host.name, host.slots) for host in fewest_needed(hosts, 6)] == [("a", 1), ("b", 3), ("c", 2)]
    assert fewest_needed(hosts, 1) == (Host("a", 1),)
    assert fewest_needed(hosts, 100) == hosts


@pytest.fixture
def elsewhere(tmp_path: Path) -> Host:
    """A machine reached by a launcher, with a home of its own."""
    (tmp_path / "home").mkdir()
    launcher = tmp_path / "launcher"
    launcher.write_text(LAUNCHER.format(home=tmp_path / "home"))
    launcher.chmod(0o700)
    return Host("far", 1, prefix=(str(launcher), "far"), shell=True, python=sys.executable)


def pool_on(course: Path, hosts: list[Host], told: list[str], sha: str = "") -> WorkerPool:
    assignment = load_course(course).assignment("tiny")
    setup = setup_for(
        course / "course.yaml", "tiny", "auto", KEY, tests_sha256=sha or fingerprint.tests_sha256(assignment)
    )
    packed = packed_assignment(course / "course.yaml", assignment)
    return WorkerPool(setup, assignment.limits, hosts=hosts, packed=packed, tell=told.append)


def points(done: Done) -> dict[str, str]:
    assert done.graded is not None, done.reason
    return {test.name: test.status.value for test in done.graded.evidence.tests}


def test_a_course_that_is_sent_grades_as_at_home(
    course_root: Path, solution: bytes, elsewhere: Host, tmp_path: Path
) -> None:
    wrong = solution.replace(b"return a + b", b"return a - b")
    told: list[str] = []
    with pool_on(course_root, [Host("here"), replace(elsewhere, slots=2)], told) as pool:
        done = {one.job.key: points(one) for one in pool.run([job("good", solution), job("wrong", wrong)])}
    assert set(done["good"].values()) == {"passed"}
    assert done["wrong"]["test_add[2-5]"] == "failed"
    assert told == []
    kept = [path.name for path in (tmp_path / "home/.cache/autograder").iterdir()]
    assert "courses" in kept


def test_a_host_that_cannot_start_is_told_of_once_and_costs_nobody_anything(
    course_root: Path, solution: bytes, tmp_path: Path
) -> None:
    broken = Host("broken", 2, prefix=("/bin/sh", "-c", "echo no route to it >&2; exit 1"))
    told: list[str] = []
    with pool_on(course_root, [broken, Host("here")], told) as pool:
        done = list(pool.run(job(f"s{n}", solution) for n in range(3)))
    assert sorted(one.job.key for one in done) == ["s0", "s1", "s2"]
    assert all(set(points(one).values()) == {"passed"} for one in done)
    assert told == ["host broken is left out: the worker ended: no route to it"]


def test_another_version_and_other_hidden_tests_are_refused(course_root: Path, solution: bytes) -> None:
    older = f"exec {sys.executable} -P -m autograder.workers.worker 0.0.1"
    told: list[str] = []
    said = r"host old is left out: it has version .*, and 0.0.1 is asked for"
    old = pool_on(course_root, [Host("old", prefix=("/bin/sh", "-c", older))], told)
    with old, pytest.raises(WorkerSetupError, match=said):
        old.wait_ready()
    stale = Host("stale", prefix=("/usr/bin/env",), python=sys.executable, course=str(course_root))
    other = pool_on(course_root, [stale], told, sha="0" * 64)
    with other, pytest.raises(WorkerSetupError, match=r"host stale is left out: its copy of the course .* has other"):
        other.wait_ready()


def test_a_host_that_is_lost_on_the_way_hands_its_work_to_the_others(
    course_root: Path, solution: bytes, tmp_path: Path
) -> None:
    """The launcher works until a file appears, and the worker is killed when it has its second job."""
    gone = tmp_path / "gone"
    launcher = tmp_path / "launcher"
    launcher.write_text(f'#!/bin/sh\nif [ -e {gone} ]; then echo host is down >&2; exit 255; fi\nexec "$@"\n')
    launcher.chmod(0o700)
    far = Host("far", prefix=(str(launcher),), python=sys.executable)
    told: list[str] = []
    with pool_on(course_root, [far, Host("here")], told) as pool:
        grade = pool._grade

        def lost_at_the_first_job(process: object, one: object) -> object:
            if not gone.exists() and process._child.args[0] == str(launcher):  # type: ignore[attr-defined]
                gone.touch()
                process.kill()  # type: ignore[attr-defined]
            return grade(process, one)  # type: ignore[arg-type]

        pool._grade = lost_at_the_first_job  # type: ignore[assignment,method-assign]
        done = list(pool.run(job(f"s{n}", solution) for n in range(40)))
    assert gone.exists()
    assert sorted(one.job.key for one in done) == sorted(f"s{n}" for n in range(40))
    assert all(set(points(one).values()) == {"passed"} for one in done)
    assert told == ["host far is left out: the worker ended: host is down"]
