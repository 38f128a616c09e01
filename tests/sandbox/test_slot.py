"""A slot from outside: its life, the ends a student process can come to, and that nothing of it stays."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.sandbox.backends import container, namespace, none
from autograder.sandbox.choose import open_slot
from autograder.sandbox.host_processes import living_below, threads
from autograder.sandbox.inside.process.student_process import children, descendants
from autograder.sandbox.interface import ChannelClosed, ChannelTimeout, Limits, SandboxFault, Slot, SlotConfig
from autograder.sandbox.open import open_bare
from autograder.sandbox.stream_slot import StreamSlot
from autograder.sandbox.student import StudentProcess

RunCell = Callable[[StudentProcess, str], str]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_gone(pids: list[int], seconds: float = 30.0) -> list[int]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(alive(pid) for pid in pids):
        time.sleep(0.02)
    return [pid for pid in pids if alive(pid)]


@pytest.fixture(params=["namespace", "none"])
def own_slot(request: pytest.FixtureRequest, limits: Limits) -> Iterator[StreamSlot]:
    slot = open_slot(request.param, SlotConfig(preload=[], public_files=[], limits=limits))
    assert isinstance(slot, StreamSlot)
    yield slot
    slot.close()


# Life.


@pytest.mark.parametrize("broken", ["start", "public_paths"])
def test_a_slot_that_cannot_be_opened_leaves_no_folder(
    limits: Limits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fail(*asked: object) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(none, broken, fail)
    with pytest.raises(OSError, match="no more processes"):
        open_bare(SlotConfig(preload=[], public_files=[], limits=limits))
    assert list(tmp_path.iterdir()) == []


def test_both_backends_run_cells_and_tests(own_slot: StreamSlot, limits: Limits, run_cell: RunCell) -> None:
    assert own_slot.unsafe is (own_slot.backend == "none")
    student = StudentProcess(own_slot.start_student(), limits)
    assert run_cell(student, "import os\ncount = 1\nos.system('echo from a shell')") == "from a shell\n"
    run_cell(student, "def bump():\n    global count\n    count += 1\n    return count")
    for _ in range(3):
        test = StudentProcess(own_slot.fork_test(), limits)
        assert test.ask("call", name="bump") == 2  # each test starts from the notebook's state
        assert test.ask("call", name="bump") == 3
        own_slot.end_test()
    assert own_slot.end_student().peak_memory_bytes > 1 << 20
    again = StudentProcess(own_slot.start_student(), limits)
    assert again.request("has", name="count") is False


def test_ending_a_test_ends_what_it_started(own_slot: StreamSlot, limits: Limits, run_cell: RunCell) -> None:
    student = StudentProcess(own_slot.start_student(), limits)
    run_cell(
        student,
        "import os, time\n"
        "def leave():\n"
        "    if os.fork() == 0:\n"
        "        os.setsid()\n"
        "        if os.fork() == 0: time.sleep(60)\n"
        "        os._exit(0)\n"
        "    os.wait()\n"
        "    return 1",
    )
    test = StudentProcess(own_slot.fork_test(), limits)
    assert test.ask("call", name="leave") == 1
    pid = own_slot.student_pid()
    assert len(descendants(pid)) == 2
    before = set(descendants(pid))
    own_slot.end_test()
    StudentProcess(own_slot.fork_test(), limits)
    assert len(descendants(pid)) == 1
    assert not before & set(descendants(pid))


BUSY = """
import itertools, os, threading, time
count, stop = itertools.count(), False
def work():
    while True:
        next(count)
        time.sleep(0.001)
def state():
    return [next(count), threading.active_count(), len(os.listdir("/proc/self/task"))]
"""


def test_threads_that_cells_left_do_not_run_beside_tests(
    own_slot: StreamSlot, limits: Limits, run_cell: RunCell
) -> None:
    student = StudentProcess(own_slot.start_student(), limits)
    run_cell(student, BUSY + "threads = [threading.Thread(target=work, daemon=True) for _ in range(3)]\n"
             "[thread.start() for thread in threads]\nlen(threads)")  # fmt: skip
    pid = own_slot.student_pid()
    assert threads(pid) == 4
    found = []
    for _ in range(3):
        test = StudentProcess(own_slot.fork_test(), limits)
        found.append(test.ask("call", name="state"))
        assert len(living_below(pid)) == 2, "the process that tests are forked from, and one fork"
        own_slot.end_test()
    assert found[0] == found[1] == found[2], "nothing counted on while tests ran"
    assert found[0][2] == 1
    assert {Path(f"/proc/{pid}/task/{task}/stat").read_text().rpartition(")")[2].split()[0]
            for task in os.listdir(f"/proc/{pid}/task")} == {"T"}  # fmt: skip
    below = [pid, *descendants(pid)]
    own_slot.end_student()
    assert wait_gone(below) == []
    again = StudentProcess(own_slot.start_student(), limits)
    assert again.request("has", name="count") is False


LEAVE_SIX = """
import os, time
ready, write = os.pipe()
for n in range(3):
    if os.fork() == 0:
        os.setsid()
        os.fork()
        os.write(write, b".")
        time.sleep(60)
        os._exit(0)
for n in range(6):
    os.read(ready, 1)
def one():
    return 1
"""


def test_processes_that_cells_left_end_before_tests_begin(
    own_slot: StreamSlot, limits: Limits, run_cell: RunCell
) -> None:
    student = StudentProcess(own_slot.start_student(), limits)
    run_cell(student, LEAVE_SIX)
    pid = own_slot.student_pid()
    left = descendants(pid)
    assert len(left) == 6
    test = StudentProcess(own_slot.fork_test(), limits)
    assert test.ask("call", name="one") == 1
    assert not set(left) & set(living_below(pid))
    assert threads(pid) == 1, "without threads it needs no other process to fork tests from"


def test_a_test_ends_what_it_started_where_the_notebook_left_threads(
    own_slot: StreamSlot, limits: Limits, run_cell: RunCell
) -> None:
    student = StudentProcess(own_slot.start_student(), limits)
    run_cell(student, BUSY + "threading.Thread(target=work, daemon=True).start()\n"
             "def leave():\n    for _ in range(3):\n        if os.fork() == 0:\n            os.setsid()\n"
             "            if os.fork() == 0: time.sleep(60)\n            os._exit(0)\n    return 1")  # fmt: skip
    pid = own_slot.student_pid()
    for _ in range(2):
        test = StudentProcess(own_slot.fork_test(), limits)
        assert test.ask("call", name="leave") == 1
        own_slot.end_test()
    StudentProcess(own_slot.fork_test(), limits)
    assert len(living_below(pid)) == 2


BORN_MEANWHILE = """
import os, time
from autograder.sandbox.inside.process import linux, student_process
linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
ready, write = os.pipe()
first = os.fork()
if first == 0:
    if os.fork() == 0:
        os.write(write, b".")
    time.sleep(600)
os.read(ready, 1)
seen = student_process.descendants
looks = iter([[first]])  # the first look came before the second process was born
student_process.descendants = lambda pid: next(looks, None) or seen(pid)
student_process.end_descendants()
print(seen(os.getpid()))
"""


def test_a_process_that_is_born_while_others_are_ended_is_ended_and_not_waited_for() -> None:
    done = subprocess.run([sys.executable, "-c", BORN_MEANWHILE], capture_output=True, text=True, timeout=300)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_what_runs_beside_the_base_of_tests_ends_the_student(own_slot: StreamSlot, limits: Limits) -> None:
    """Code that was put in the place of ours starts a thread between two tests."""
    student = StudentProcess(own_slot.start_student(), limits)
    student.run_cell(
        "import sys, threading, time\n"
        "process = next(m for n, m in sys.modules.items() if n.endswith('inside.process.student_process'))\n"
        "def end(self, whole=process._Session._end_test):\n"
        "    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n    whole(self)\n"
        "process._Session._end_test = end\ndef one(): return 1",
        0, 20.0,
    )  # fmt: skip
    for _ in range(2):  # the first time it is stopped, and a fork takes its place
        test = StudentProcess(own_slot.fork_test(), limits)
        assert test.ask("call", name="one") == 1
        own_slot.end_test()
    with pytest.raises(ChannelClosed, match="beside"):
        own_slot.fork_test()


def test_ending_a_student_ends_what_it_started(own_slot: StreamSlot, limits: Limits, run_cell: RunCell) -> None:
    student = StudentProcess(own_slot.start_student(), limits)
    run_cell(
        student,
        "import os, time\nready, write = os.pipe()\n"
        "if os.fork() == 0:\n    os.setsid(); os.fork(); os.write(write, b'.'); time.sleep(60)\n"
        "os.read(ready, 1), os.read(ready, 1)",
    )
    below = [own_slot.student_pid(), *descendants(own_slot.student_pid())]
    assert len(below) == 3
    own_slot.end_student()
    assert wait_gone(below) == []


def test_large_frames_pass_in_both_directions(own_slot: StreamSlot, limits: Limits, run_cell: RunCell) -> None:
    import numpy

    student = StudentProcess(own_slot.start_student(), limits)
    run_cell(student, "def same(x): return x")
    sent = numpy.arange(5_000_000, dtype="float32")
    assert numpy.array_equal(student.ask("call", [sent], name="same", seconds=20.0), sent)


def test_without_a_student_process_no_test_can_be_forked(slot: Slot) -> None:
    with pytest.raises(ChannelClosed):
        slot.fork_test()
    assert slot.end_student().peak_memory_bytes == 0
    slot.end_test()


# Ends.


@pytest.mark.parametrize(
    ("source", "reason", "detail"),
    [
        ("import os; os._exit(3)", "exited", "status 3"),
        ("import ctypes; ctypes.string_at(0)", "signal", "SIGSEGV"),
    ],
)
def test_how_a_cell_ended_the_process(
    slot: Slot, student: StudentProcess, source: str, reason: str, detail: str
) -> None:
    with pytest.raises(ChannelClosed) as caught:
        student.run_cell(source, 0, 5)
    assert (caught.value.reason, caught.value.detail) == (reason, detail)


@pytest.mark.parametrize(
    ("body", "reason", "detail"),
    [
        ("os._exit(3)", "exited", "status 3"),
        ("ctypes.string_at(0)", "signal", "SIGSEGV"),
        ("os.kill(os.getpid(), 9)", "signal", "SIGKILL"),
        # The grandchild holds the socket open, longer than a call may last.
        ("os.fork() or time.sleep(200); os._exit(4)", "exited", "status 4"),
    ],
)
def test_how_a_call_ended_the_test(
    slot: Slot, student: StudentProcess, limits: Limits, run_cell: RunCell, body: str, reason: str, detail: str
) -> None:
    run_cell(student, f"import os, ctypes, time\ndef end():\n    {body}\ndef fine(): return 7")
    test = StudentProcess(slot.fork_test(), limits)
    with pytest.raises(ChannelClosed) as caught:
        test.ask("call", name="end")
    assert (caught.value.reason, caught.value.detail) == (reason, detail)
    slot.end_test()
    assert StudentProcess(slot.fork_test(), limits).ask("call", name="fine") == 7


def test_a_hanging_call_is_a_timeout_and_the_next_test_runs(
    slot: Slot, student: StudentProcess, limits: Limits, run_cell: RunCell
) -> None:
    run_cell(
        student,
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n"
        "def hang():\n    while True: pass\ndef fine(): return 7",
    )
    with pytest.raises(ChannelTimeout):
        StudentProcess(slot.fork_test(), limits).ask("call", name="hang", seconds=0.3)
    slot.end_test()
    assert StudentProcess(slot.fork_test(), limits).ask("call", name="fine") == 7


def test_a_student_process_that_does_not_answer_is_killed(
    slot: Slot, student: StudentProcess, limits: Limits, monkeypatch: pytest.MonkeyPatch, run_cell: RunCell
) -> None:
    """PID 1 stopped listening: a cell left it in a handler that never returns."""
    from autograder.sandbox import stream_slot as module

    run_cell(
        student,
        "import signal, time\ndef never(*_):\n    while True: time.sleep(1)\nsignal.signal(signal.SIGUSR1, never)",
    )
    assert isinstance(slot, StreamSlot)
    pid = slot.student_pid()
    os.kill(pid, signal.SIGUSR1)
    with monkeypatch.context() as context:
        context.setattr(module, "CONTROL_SECONDS", 0.5)
        with pytest.raises(ChannelClosed):
            slot.fork_test()
    assert wait_gone([pid]) == []
    assert StudentProcess(slot.start_student(), limits).ask("has", name="absent") is False


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT, signal.SIGSTOP, signal.SIGKILL])
def test_a_test_cannot_signal_the_process_it_came_from(
    slot: Slot, student: StudentProcess, limits: Limits, run_cell: RunCell, signal_number: int
) -> None:
    run_cell(student, f"import os\ndef strike():\n    os.kill(1, {int(signal_number)}); return 1")
    for _ in range(2):
        assert StudentProcess(slot.fork_test(), limits).ask("call", name="strike") == 1
        slot.end_test()


def test_a_flood_on_the_channel_grows_nobody(slot: Slot, student: StudentProcess, limits: Limits) -> None:
    assert isinstance(slot, StreamSlot)
    relay = children(slot.pid)[0]

    def resident(pid: int) -> int:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096

    before = resident(relay), resident(os.getpid())
    source = """
import os, socket, threading
ends = [socket.socket(fileno=os.dup(int(n))) for n in os.listdir('/proc/self/fd')
        if os.path.exists(f'/proc/self/fd/{n}') and os.readlink(f'/proc/self/fd/{n}').startswith('socket')]
def flood(end):
    while True: end.send(b'x' * 65536)
for end in ends: threading.Thread(target=flood, args=(end,), daemon=True).start()
"""
    with pytest.raises(ChannelClosed) as caught:  # noqa: PT012 - the flood may spoil this reply or the next
        student.run_cell(source, 0, 10)
        student.request("has", name="f")
    assert caught.value.reason == "protocol"
    time.sleep(0.5)
    with pytest.raises(ChannelClosed):
        slot.fork_test()
    assert resident(relay) - before[0] < 8 << 20
    assert resident(os.getpid()) - before[1] < 16 << 20
    assert StudentProcess(slot.start_student(), limits).ask("has", name="absent") is False


def test_a_student_that_does_not_read_is_a_timeout(slot: Slot, limits: Limits) -> None:
    channel = slot.start_student()
    StudentProcess(channel, limits).run_cell("import os; os.kill(os.getpid(), 0)", 0, 5)
    assert isinstance(slot, StreamSlot)
    os.kill(slot.student_pid(), signal.SIGSTOP)
    with pytest.raises(ChannelTimeout):
        channel.send(bytes(32 << 20), time.monotonic() + 0.5)
    assert slot.end_student()


# Nothing stays.


def mounts() -> set[str]:
    """Those of this machine, without what container engines mount for tests that run at the same time."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return {line for line in lines if not re.search(r"/containers/storage/|/run/netns|/docker/", line)}


def test_closing_leaves_nothing(limits: Limits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = mounts()
    descriptors = len(os.listdir("/proc/self/fd"))
    for backend in ("namespace", "none"):
        slot = open_slot(backend, SlotConfig([], [], limits))  # type: ignore[arg-type]
        assert isinstance(slot, StreamSlot)
        StudentProcess(slot.start_student(), limits).run_cell("import os\nos.fork() or os.setsid()", 0, 5)
        pids = [slot.pid, *descendants(slot.pid)]
        assert len(pids) >= 4
        slot.close()
        slot.close()
        assert wait_gone(pids) == []
    assert mounts() == before
    assert len(os.listdir("/proc/self/fd")) == descriptors
    assert os.listdir(tmp_path) == []


WORKER = """
import sys, time
from autograder.sandbox.interface import Limits, SlotConfig
from autograder.sandbox.choose import open_slot
from autograder.sandbox.student import StudentProcess
slot = open_slot(sys.argv[1], SlotConfig([], [], Limits()))
student = StudentProcess(slot.start_student(), Limits())
student.run_cell("import os, signal\\nif os.fork() == 0:\\n    os.setsid(); signal.pause()", 0, 5)
print("ready", flush=True)
time.sleep(60)
"""


# Backend `none` has no namespace: there a killed relay leaves the student's own children, which is part of its UNSAFE.
@pytest.mark.parametrize(
    ("backend", "who"),
    [
        *(("namespace", who) for who in ("worker", "group", "warden", "relay", "zygote")),
        *(("none", who) for who in ("worker", "group", "zygote")),
    ],
)
def test_whoever_is_killed_nothing_stays(backend: str, who: str, tmp_path: Path) -> None:
    before = mounts()
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, backend],
        stdout=subprocess.PIPE,
        start_new_session=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == b"ready\n"
    pids = descendants(worker.pid)
    warden = children(worker.pid)[0]
    relay = children(warden)[0] if backend == "namespace" else warden
    victim = {"worker": worker.pid, "group": worker.pid, "warden": warden, "relay": relay, "zygote": children(relay)[0]}
    try:
        if who == "group":
            os.killpg(worker.pid, signal.SIGKILL)
        else:
            os.kill(victim[who], signal.SIGKILL)
        if who in ("worker", "group"):
            worker.wait()
        assert wait_gone([pid for pid in pids if pid != warden]) == []
        if who in ("worker", "group"):
            assert wait_gone(pids) == []
            assert os.listdir(tmp_path) == []
    finally:
        worker.kill()
        worker.wait()
        worker.stdout.close()
        for pid in pids:
            if alive(pid):
                os.kill(pid, signal.SIGKILL)
    assert mounts() == before


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_a_signal_to_the_relay_leaves_a_slot_or_nothing(limits: Limits, signal_number: int) -> None:
    slot = open_slot("namespace", SlotConfig([], [], limits))
    assert isinstance(slot, StreamSlot)
    try:
        pids = [slot.pid, *descendants(slot.pid)]
        os.kill(children(slot.pid)[0], signal_number)
        try:
            assert StudentProcess(slot.start_student(), limits).ask("has", name="absent") is False
        except SandboxFault:
            assert wait_gone(pids[1:]) == []
    finally:
        slot.close()


def test_a_broken_zygote_is_the_sandboxs_fault(limits: Limits) -> None:
    slot = open_slot("namespace", SlotConfig([], [], limits))
    assert isinstance(slot, StreamSlot)
    student = StudentProcess(slot.start_student(), limits)
    zygote = children(children(slot.pid)[0])[0]
    below = [zygote, slot.student_pid()]
    os.kill(zygote, signal.SIGKILL)
    assert wait_gone(below) == []  # the zygote alone may be gone while its student process still answers
    with pytest.raises(SandboxFault, match="zygote ended"):
        student.request("has", name="f")
    with pytest.raises(SandboxFault):
        slot.start_student()
    slot.close()


# What is refused.


def test_an_import_that_fails_is_told(limits: Limits) -> None:
    with pytest.raises(SandboxFault, match="No module named 'not_to_be_found'"):
        open_slot("namespace", SlotConfig(["not_to_be_found"], [], limits))


def test_missing_public_files_are_told(limits: Limits, tmp_path: Path) -> None:
    with pytest.raises(SandboxFault, match="does not exist"):
        open_slot("namespace", SlotConfig([], [tmp_path / "absent.py"], limits))
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.py").touch()
    with pytest.raises(SandboxFault, match="two public files are called"):
        open_slot("namespace", SlotConfig([], [tmp_path / "a/same.py", tmp_path / "b/same.py"], limits))


def test_an_unknown_backend_is_told(limits: Limits) -> None:
    with pytest.raises(SandboxFault, match="there is no sandbox backend 'docker'"):
        open_slot("docker", SlotConfig([], [], limits))  # type: ignore[arg-type]


def test_auto_never_falls_back_to_none(limits: Limits, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise SandboxFault("no user namespaces here")

    monkeypatch.setattr(namespace, "start", broken)
    monkeypatch.setattr(container, "find_engine", broken)
    with pytest.raises(SandboxFault, match="no sandbox"):
        open_slot("auto", SlotConfig([], [], limits))


def test_auto_says_which(limits: Limits) -> None:
    slot = open_slot("auto", SlotConfig([], [], limits))
    assert slot.backend in ("container", "namespace")
    assert not slot.unsafe
    assert StudentProcess(slot.start_student(), limits).ask("has", name="absent") is False
    slot.close()


def test_a_slot_may_outlive_the_thread_that_opened_it(limits: Limits) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        slot = pool.submit(open_slot, "namespace", SlotConfig([], [], limits)).result()
    time.sleep(0.2)
    assert StudentProcess(slot.start_student(), limits).ask("has", name="absent") is False
    slot.close()


def pipes(pid: int) -> set[str]:
    found = set()
    for name in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):  # the folder's own descriptor
            found.add(os.readlink(f"/proc/{pid}/fd/{name}"))
    return {name for name in found if name.startswith("pipe")}


def test_what_a_student_passes_along_with_bytes_goes_nowhere(slot: Slot, student: StudentProcess) -> None:
    source = """
import array, os, socket
ends = [socket.socket(fileno=os.dup(int(n))) for n in os.listdir('/proc/self/fd')
        if os.path.exists(f'/proc/self/fd/{n}') and os.readlink(f'/proc/self/fd/{n}').startswith('socket')]
reader, writer = os.pipe()
for end in ends:
    try:
        end.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [writer]))])
    except PermissionError:  # the trusted end takes none, from Linux 6.16 on
        end.send(b'x')
"""
    assert isinstance(slot, StreamSlot)
    processes = children(slot.pid)[0], os.getpid()
    before = [pipes(pid) for pid in processes]
    with pytest.raises(ChannelClosed):  # noqa: PT012 - the stray byte may spoil this reply or the next
        student.run_cell(source, 0, 5)
        student.request("has", name="f")
    assert [pipes(pid) for pid in processes] == before


def test_the_trusted_end_cannot_be_asked_who_it_is(slot: Slot, student: StudentProcess, run_cell: RunCell) -> None:
    source = """
import os, socket
end = next(socket.socket(fileno=os.dup(int(n))) for n in os.listdir('/proc/self/fd')
           if os.path.exists(f'/proc/self/fd/{n}') and os.readlink(f'/proc/self/fd/{n}').startswith('socket'))
for name, ask in {
    'pidfd': lambda: end.getsockopt(socket.SOL_SOCKET, 77), 'pidfds': lambda: end.setsockopt(socket.SOL_SOCKET, 76, 1),
    'linger': lambda: end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes(8)),
    'pid': lambda: int.from_bytes(end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)[:4], 'little'),
}.items():
    try: print(name, ask())
    except PermissionError: print(name, 'refused')
"""
    assert run_cell(student, source) == "pidfd refused\npidfds refused\nlinger refused\npid 0\n"
