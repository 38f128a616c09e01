"""How a slot and its processes are set up, and the self-test that `auto` stands on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.sandbox import watchdog
from autograder.sandbox.backends import namespace
from autograder.sandbox.choose import open_slot
from autograder.sandbox.doctor.selftest import seen_from_outside, self_test
from autograder.sandbox.interface import Limits, SandboxFault, Slot, SlotConfig
from autograder.sandbox.stream_slot import StreamSlot
from autograder.sandbox.student import StudentProcess

Run = Callable[[str], str]


# Rule 14: one thread.


def test_a_student_process_starts_with_one_thread(run: Run) -> None:
    assert "\nThreads:\t1\n" in run("print(open('/proc/self/status').read())")
    names = ("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    assert run(f"import os; print([os.environ.get(n) for n in {names}])") == f"{['1'] * 4}\n"


def test_a_preload_that_leaves_threads_is_refused(tmp_path: Path, limits: Limits) -> None:
    module = tmp_path / "starts_a_thread.py"
    module.write_text("import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n")
    with pytest.raises(SandboxFault, match="leaves 1 threads running"):
        open_slot("namespace", SlotConfig(["starts_a_thread"], [module], limits))


def test_calls_do_not_wait_for_the_watchdog(student: StudentProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "PERIOD_SECONDS", 10_000.0)  # one that waited would not come back
    for _ in range(3):
        student.request("has", name="f")


ELSEWHERE = """
from autograder.sandbox.interface import Limits, SlotConfig
from autograder.sandbox.doctor.selftest import seen_from_outside, self_test
from autograder.sandbox.choose import open_slot
from autograder.sandbox.student import StudentProcess
slot = open_slot("namespace", SlotConfig(["numpy"], [], Limits()))
student = StudentProcess(slot.start_student(), Limits())
student.run_cell("import subprocess, sys", 0, 5)
source = "print(subprocess.run([sys.executable, '-c', 'print(6 * 7)'], capture_output=True).stdout)"
reply = student.run_cell(source, 0, 9)
print(reply.outputs, reply.error)
slot.close()
"""


def test_an_environment_under_tmp_stays_visible(tmp_path: Path) -> None:
    """The private /tmp covers the host's, but a Python environment that lies there must go on working."""
    if not tmp_path.is_relative_to("/tmp"):
        pytest.skip("the temporary folder is not /tmp")
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    packages = next(environment.glob("lib/python*/site-packages"))
    packages.rmdir()
    packages.symlink_to(Path(namespace.import_paths()[0]))
    checkout = str(Path(__file__).resolve().parents[2])
    result = subprocess.run(
        [environment / "bin/python", "-c", ELSEWHERE],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": checkout},
        timeout=60,
    )
    assert "42" in result.stdout, result.stdout + result.stderr


# The self-test that `auto` stands on.


def test_the_self_test_finds_nothing_wrong(slot: Slot, limits: Limits) -> None:
    assert isinstance(slot, StreamSlot)
    assert self_test(slot, limits) == []


def test_seen_from_outside_an_unconfined_process_fails(as_root: None) -> None:
    found = seen_from_outside(os.getpid())
    assert "student code runs as the kernel's uid 0" in found
    assert "student code has capabilities" in found
    assert "no system call filter is installed" in found


GROUPS = """
from autograder.sandbox.interface import Limits, SlotConfig
from autograder.sandbox.doctor.selftest import seen_from_outside, self_test
from autograder.sandbox.choose import open_slot
from pathlib import Path
slot = open_slot("namespace", SlotConfig([], [], Limits()))
slot.start_student()
print([line for line in Path(f"/proc/{slot.student_pid()}/status").read_text().splitlines() if line[:6] == "Groups"])
slot.close()
"""


def test_groups_of_the_worker_are_left(as_root: None) -> None:
    command = [sys.executable, "-c", GROUPS]
    result = subprocess.run(command, capture_output=True, text=True, extra_groups=[4, 24])
    assert result.stdout.strip() == r"['Groups:\t ']", result.stderr
