"""The rules of the backend `confined-uid`. Run by `test_confined_uid`, as on a machine that is closed as it asks."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.sandbox.backends import confined_uid
from autograder.sandbox.doctor.selftest import self_test
from autograder.sandbox.host_processes import is_frozen
from autograder.sandbox.inside.process.proc_files import status_of
from autograder.sandbox.interface import ChannelClosed, Limits, SandboxFault, SlotConfig
from autograder.sandbox.open import open_named
from autograder.sandbox.stream_slot import StreamSlot
from autograder.sandbox.student import StudentProcess

LIMITS = Limits(call_seconds=20.0, memory_bytes=256 << 20, processes=24)
Run = Callable[[str], str]
LANDLOCK = bool(confined_uid.landlock_version())


@pytest.fixture(scope="module")
def hidden(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("course")
    (folder / "hidden_tests.py").write_text("secret = 1\n")
    (folder / "table.csv").write_text("1,2\n")
    (folder / "early.py").write_text("import tempfile\nplace = tempfile.gettempdir()\n")
    folder.chmod(0o700)
    return folder


@pytest.fixture(scope="module")
def slot(hidden: Path) -> Iterator[StreamSlot]:
    config = SlotConfig(["early"], [hidden / "table.csv", hidden / "early.py"], LIMITS, hidden_paths=[hidden])
    with open_named("confined-uid", config) as opened:
        yield opened


@pytest.fixture
def student(slot: StreamSlot) -> Iterator[StudentProcess]:
    yield StudentProcess(slot.start_student(), LIMITS)
    slot.end_student()


@pytest.fixture
def run(student: StudentProcess) -> Run:
    def run_cell(source: str) -> str:
        reply = student.run_cell(source, 0, 20.0)
        assert reply.error is None, reply.error
        return "".join(output.get("text", "") for output in reply.outputs)

    return run_cell


def uid_of(pid: int) -> int:
    status = status_of(pid)
    found = {int(word) for name in ("Uid", "Gid") for word in status.get(name, ())}
    assert len(found) == 1, found
    return found.pop()


def of_user(uid: int) -> list[int]:
    found = []
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and uid_of(int(name)) == uid:
                found.append(int(name))
        except (OSError, AssertionError):
            continue
    return found


def running(uid: int) -> list[int]:
    return [pid for pid in of_user(uid) if status_of(pid)["State"][0] != "Z"]


def test_the_self_test_holds(slot: StreamSlot) -> None:
    assert self_test(slot, LIMITS) == []


def test_the_result_says_which_level(slot: StreamSlot) -> None:
    assert slot.backend.startswith("confined-uid, Landlock " if LANDLOCK else "confined-uid, no Landlock")
    assert not slot.unsafe


def test_each_student_process_has_a_user_that_nobody_had(slot: StreamSlot) -> None:
    seen = set()
    for _ in range(3):
        slot.start_student()
        seen.add(uid_of(slot.student_pid()))
        slot.end_student()
    assert len(seen) == 3
    assert 0 not in seen


def test_hidden_files_are_closed_and_public_ones_open(run: Run, hidden: Path) -> None:
    assert run("print(open('table.csv').read())") == "1,2\n\n"
    source = f"""
import os
try:
    print(os.listdir({str(hidden)!r}))
except PermissionError as error:
    print("closed")
try:
    print(open({str(hidden / "hidden_tests.py")!r}).read())
except PermissionError as error:
    print("closed")
"""
    assert run(source) == "closed\nclosed\n"


def test_what_a_student_process_started_is_gone_when_it_is(slot: StreamSlot) -> None:
    """Those that left their parents, too, and those that fork on and on."""
    student = StudentProcess(slot.start_student(), LIMITS)
    uid = uid_of(slot.student_pid())
    source = """
import ctypes, os, time
ctypes.CDLL(None).prctl(36, 0, 0, 0, 0)  # no orphans of mine come to me
for _ in range(5):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            while True:
                try:
                    if os.fork():
                        os._exit(0)
                except OSError:
                    pass
        os._exit(0)
"""
    assert student.run_cell(source, 0, 20.0).error is None
    assert len(of_user(uid)) > 1
    slot.end_student()
    assert of_user(uid) == []


def test_a_test_finds_nothing_of_the_cells_running(slot: StreamSlot) -> None:
    student = StudentProcess(slot.start_student(), LIMITS)
    uid = uid_of(slot.student_pid())
    source = """
import ctypes, os, time
ctypes.CDLL(None).prctl(36, 0, 0, 0, 0)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(600)
    os._exit(0)
def answer():
    return 42
"""
    assert student.run_cell(source, 0, 20.0).error is None
    student.settle(20.0)
    test = StudentProcess(slot.fork_test(), LIMITS)
    assert test.ask("call", name="answer") == 42
    assert len(running(uid)) == 2, "the student process and the fork for the test"
    slot.end_test()
    slot.end_student()


def test_threads_of_the_cells_stop_for_the_tests(slot: StreamSlot) -> None:
    """What a test leaves running is gone for the next, too, though the fork they come from may not end it all."""
    student = StudentProcess(slot.start_student(), LIMITS)
    uid = uid_of(slot.student_pid())
    source = """
import os, threading, time
threading.Thread(target=time.sleep, args=(600,)).start()
def answer():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(600)
        os._exit(0)
    return 42
"""
    assert student.run_cell(source, 0, 20.0).error is None
    student.settle(20.0)
    for _ in range(3):
        test = StudentProcess(slot.fork_test(), LIMITS)
        assert len(running(uid)) == 3, "the stopped process, the one that is forked, and the fork"
        assert test.ask("call", name="answer") == 42
        slot.end_test()
    slot.end_student()
    assert of_user(uid) == []


def test_states_that_are_kept_stand_still_and_end_with_the_student(slot: StreamSlot) -> None:
    student = StudentProcess(slot.start_student(), LIMITS)
    uid = uid_of(slot.student_pid())
    leave = "    if os.fork() == 0:\n        os.setsid(); time.sleep(600)\n    return value"
    states = []
    for value in (1, 2):
        source = f"import os, time\nvalue = {value}\ndef answer():\n{leave}"
        assert student.run_cell(source, 0, 20.0).error is None
        states.append(slot.keep_state())
    for state, value in zip(states, (1, 2), strict=True):
        assert state is not None
        slot.go_back_to(state)
        for _ in range(2):
            test = StudentProcess(slot.fork_test(), LIMITS)
            moving = [pid for pid in running(uid) if not is_frozen(pid)]
            assert len(moving) == 2, "the state and the fork for the test"
            assert test.ask("call", name="answer") == value
            slot.end_test()
    slot.end_student()
    assert of_user(uid) == []


def test_nothing_is_left_for_the_next(slot: StreamSlot) -> None:
    first = StudentProcess(slot.start_student(), LIMITS)
    source = "import os, tempfile\nopen('left', 'w').write('x')\nprint(tempfile.mkstemp()[1])\nos.chmod('.', 0)"
    reply = first.run_cell(source, 0, 20.0)
    assert reply.error is None, reply.error
    path = reply.outputs[0]["text"].strip()
    slot.end_student()
    assert not os.path.exists(path)
    second = StudentProcess(slot.start_student(), LIMITS)
    assert second.run_cell("import os\nprint(os.listdir('.'))", 0, 20.0).outputs[0]["text"] == "['table.csv']\n"
    slot.end_student()


def test_the_student_goes_first_where_memory_runs_out_and_cannot_take_it_back(slot: StreamSlot, run: Run) -> None:
    assert Path(f"/proc/{slot.student_pid()}/oom_score_adj").read_text() == "1000\n"
    source = """
import ctypes
print(ctypes.CDLL(None).prctl(4, 1, 0, 0, 0))
try:
    open("/proc/self/oom_score_adj", "w").write("0")
except OSError:
    print("refused")
"""
    assert run(source) == "-1\nrefused\n"


def test_the_limit_of_memory_counts_those_without_a_parent(slot: StreamSlot) -> None:
    student = StudentProcess(slot.start_student(), LIMITS)
    source = """
import ctypes, os, time
ctypes.CDLL(None).prctl(36, 0, 0, 0, 0)
for _ in range(8):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            hoard = bytearray(b"x") * (100 << 20)
            time.sleep(60)
        os._exit(0)
time.sleep(60)
"""
    with pytest.raises(ChannelClosed, match="memory"):
        student.run_cell(source, 0, 60.0)
    slot.end_student()


@pytest.mark.skipif(not LANDLOCK, reason="without Landlock")
def test_with_landlock_only_what_is_listed_can_be_opened(run: Run) -> None:
    source = """
import os
for path in ("/", "/proc", "/etc", "/var/log", "/sys", "/root", "/dev"):
    try:
        print(path, os.listdir(path))
    except PermissionError:
        pass
print(open("/etc/hosts").read() != "", len(os.listdir(os.path.dirname(os.__file__))) > 100)
"""
    assert run(source) == "True True\n"


@pytest.mark.timeout(60)
def test_where_the_relay_is_killed_nothing_goes_on(hidden: Path) -> None:
    config = SlotConfig([], [], LIMITS, hidden_paths=[hidden])
    with open_named("confined-uid", config) as slot:
        StudentProcess(slot.start_student(), LIMITS)
        uid = uid_of(slot.student_pid())
        os.kill(slot.relay_pid(), 9)
        gone(uid)


@pytest.mark.timeout(60)
def test_where_the_zygote_is_killed_nothing_goes_on(hidden: Path) -> None:
    """Whatever its processes call themselves."""
    config = SlotConfig([], [], LIMITS, hidden_paths=[hidden])
    with open_named("confined-uid", config) as slot:
        student = StudentProcess(slot.start_student(), LIMITS)
        source = """
import ctypes, os, time
for name in (b"\\xff\\xfe", b"\\rUid:\\t0", b"\\x0cUid:\\tx"):
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(15, name, 0, 0, 0)
        os.setsid()
        time.sleep(600)
"""
        assert student.run_cell(source, 0, 20.0).error is None
        uid = uid_of(slot.student_pid())
        os.kill(int(Path(f"/proc/{slot.relay_pid()}/task/{slot.relay_pid()}/children").read_text()), 9)
        gone(uid)


def gone(uid: int) -> None:
    """Wait until nothing of a user runs; the test's own limit of time ends it otherwise."""
    while of_user(uid):
        time.sleep(0.01)


def test_a_course_that_others_can_read_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, *tmp_path.parents):
        if path.is_relative_to("/tmp") and path != Path("/tmp"):
            path.chmod(0o755)
    (tmp_path / "hidden_tests.py").write_text("")
    with pytest.raises(SandboxFault, match="can be read by every user: close it"):
        open_named("confined-uid", SlotConfig([], [], LIMITS, hidden_paths=[tmp_path]))


@pytest.mark.skipif(LANDLOCK, reason="with Landlock the list keeps them closed")
def test_a_folder_where_all_may_write_is_refused(hidden: Path) -> None:
    os.chmod("/dev/shm", 0o1777)
    try:
        with pytest.raises(SandboxFault, match="every user may write to /dev/shm"):
            open_named("confined-uid", SlotConfig([], [], LIMITS, hidden_paths=[hidden]))
    finally:
        os.chmod("/dev/shm", 0o711)
