"""Runs whose container image is missing, stale or an older one; a slot that sends rubbish in the middle of a run."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from autograder.sandbox.backends.container import choose_image
from autograder.sandbox.backends.container_engine import DEFAULT_IMAGE, Engine, find_engine
from autograder.sandbox.interface import SandboxFault

Command = Callable[..., list[str]]
Grade = Callable[..., subprocess.CompletedProcess[str]]
PIDFD_GETFD = 438
PODMAN = """#!/bin/sh
case "$*" in
*--version) echo "podman version 9.9.9";;
*"image inspect"*) {inspect};;
esac
"""
MISSING = "echo 'Error: no such image' >&2; exit 125"
STALE = """echo '[{"Id": "%s", "Labels": {"autograder.lock": "of last term"}, "Size": 5}]'""" % ("ab" * 32)


def attempts(results: Path) -> Counter[str]:
    return Counter(path.parent.name for path in results.glob("staff/evidence/*/*/attempt-???.zip"))


def result(results: Path, name: str) -> dict:
    return json.loads((results / "staff/submissions/tiny" / name / "result.json").read_text())


@pytest.mark.parametrize(
    ("inspect", "said"), [(MISSING, "has no image"), (STALE, "is stale")], ids=["missing", "stale"]
)
def test_without_its_image_a_run_ends_before_it_begins(
    command: Command, few: Path, tmp_path: Path, inspect: str, said: str
) -> None:
    program = tmp_path / "podman"
    program.write_text(PODMAN.format(inspect=inspect))
    program.chmod(0o755)
    arguments = command(few, "-o", tmp_path / "results", "--no-gradebook", "--jobs", "1", "--backend", "container")
    environment = os.environ | {"PATH": f"{tmp_path}:/usr/bin:/bin", "COLUMNS": "300"}
    environment.pop("AUTOGRADER_ENGINE", None)
    done = subprocess.run(arguments, capture_output=True, text=True, env=environment, timeout=290)
    assert done.returncode == 2
    assert said in done.stderr
    assert "autograder image build" in done.stderr
    assert "Traceback" not in done.stderr
    assert not attempts(tmp_path / "results")


@pytest.fixture
def engine() -> Engine:
    try:
        found = find_engine()
        choose_image(found, "")
    except SandboxFault as fault:
        pytest.skip(str(fault))
    return found


@pytest.fixture
def old_image(engine: Engine, tmp_path: Path) -> Iterator[str]:
    """The digest of an image of another term: the same libraries under another lock."""
    name = f"localhost/autograder-test:{os.getpid()}"
    (tmp_path / "Old").write_text(f"FROM {DEFAULT_IMAGE}\nLABEL autograder.lock=of-last-term\n")
    engine.ask("build", "--file", str(tmp_path / "Old"), "--tag", name, "--network", "none", str(tmp_path), seconds=120)
    try:
        yield engine.image(name).digest
    finally:
        engine.ask("rmi", "--force", name)


@pytest.mark.long
def test_an_old_run_is_repeated_by_its_image(grade: Grade, few: Path, tmp_path: Path, old_image: str) -> None:
    """What an old image graded is the same again under its digest, whatever the default image is by now."""
    then, now, again = tmp_path / "then", tmp_path / "now", tmp_path / "again"
    assert grade(few, "-o", then, "--image", old_image).returncode == 0
    assert grade(few, "-o", now, "--backend", "container").returncode == 0
    recorded = result(then, "s00")["sandbox"]["image"]
    assert recorded == old_image
    assert result(now, "s00")["sandbox"]["image"] != old_image
    assert grade(few, "-o", again, "--image", recorded).returncode == 0
    for name in ("s00", "s01", "s02"):
        old, new = result(then, name), result(again, name)
        assert old["sandbox"]["image"] == new["sandbox"]["image"] == old_image
        assert old["score"] == new["score"]
        kept = ("question", "name", "status", "message", "detail")
        tests = [
            [{key: test[key] for key in kept} for question in one["questions"] for test in question["tests"]]
            for one in (old, new)
        ]
        assert tests[0] == tests[1], "hidden inputs are the same too: they come from the secret and the notebook"


def test_an_image_that_is_gone_is_told(grade: Grade, few: Path, tmp_path: Path, engine: Engine) -> None:
    done = grade(few, "-o", tmp_path / "results", "--image", "sha256:" + "0" * 64)
    assert done.returncode == 2
    assert "has no image sha256:000" in done.stderr.replace("\n", " ")
    assert not attempts(tmp_path / "results")


def test_rubbish_on_a_slot_s_stream_costs_nobody_a_grade(
    command: Command, lasting: Callable[[int, float], Path], tmp_path: Path
) -> None:
    """Another process writes into the relay's own socket, as a broken relay would."""
    if os.getuid() != 0:
        pytest.skip("only root may take another process's descriptor")
    results = tmp_path / "results"
    arguments = command(lasting(1, 3), "-o", results, "--no-gradebook", "--jobs", "1", "--backend", "namespace")
    run = psutil.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    end = time.monotonic() + 90
    while (relay := busy_relay(run)) is None and time.monotonic() < end:
        time.sleep(0.02)
    assert relay is not None
    spoil(relay.pid)
    stdout, stderr = run.communicate(timeout=120)
    assert run.returncode == 0, (stdout + stderr).decode()
    assert result(results, "s00")["outcome"] == "graded"
    assert attempts(results) == {"s00": 1}
    assert len((results / "staff/events.jsonl").read_text().splitlines()) == 1
    assert not relay.is_running(), "the slot was replaced"


def busy_relay(run: psutil.Process) -> psutil.Process | None:
    """The relay of a slot in which a student process runs."""
    for process in run.children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if (
                any("inside.process.relay" in word for word in process.cmdline())
                and len(process.children(recursive=True)) > 1
            ):
                return process
    return None


def spoil(pid: int) -> None:
    """Write bytes that are no envelope where the relay writes to the worker: on its first socket."""
    folder = Path(f"/proc/{pid}/fd")
    sockets = [int(path.name) for path in folder.iterdir() if os.readlink(path).startswith("socket:")]
    process = os.pidfd_open(pid)
    descriptor = ctypes.CDLL(None, use_errno=True).syscall(PIDFD_GETFD, process, min(sockets), 0)
    assert descriptor >= 0, os.strerror(ctypes.get_errno())
    with socket.socket(fileno=descriptor) as stream:
        stream.sendall(b"\xff" * 64)
    os.close(process)
