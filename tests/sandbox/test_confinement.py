"""What student code finds around itself: nothing of ours, nothing it can keep, no right to get more."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.sandbox import namespace
from autograder.sandbox.inside import confine
from autograder.sandbox.interface import ChannelClosed, Limits, SandboxFault, Slot, SlotConfig
from autograder.sandbox.selftest import seen_from_outside, self_test
from autograder.sandbox.slot import open_slot
from autograder.sandbox.stream_slot import StreamSlot
from autograder.sandbox.student import StudentError, StudentProcess

Run = Callable[[str], str]


def status_of(run: Run) -> dict[str, str]:
    lines = run("print(open('/proc/self/status').read())").splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def host_status(slot: Slot) -> dict[str, str]:
    """The student process as the host sees it."""
    assert isinstance(slot, StreamSlot)
    lines = Path(f"/proc/{slot.student_pid()}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


# Rule 1: uid 0 is left.


def test_the_kernel_sees_a_user_of_its_own(slot: Slot, student: StudentProcess) -> None:
    status = host_status(slot)
    uids = {int(word) for word in status["Uid"].split() + status["Gid"].split()}
    assert 0 not in uids
    assert len(set(status["Uid"].split())) == 1
    if os.getuid() == 0:
        assert status["Groups"] == ""
        assert min(uids) >= 0x7000_0000


def test_two_slots_have_two_uids(as_root: None) -> None:
    assert namespace.unused_uid() != namespace.unused_uid()


def test_a_launcher_that_would_stay_root_refuses(
    as_root: None, limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(namespace, "own_uid_needed", lambda: False)
    with pytest.raises(SandboxFault, match="as root, a slot must become another user"):
        open_slot("namespace", SlotConfig(preload=[], public_files=[], limits=limits))


@pytest.mark.parametrize(
    ("uid_map", "uid", "refused"),
    [
        ("0 0 4294967295", 0, True),
        ("1000 0 1", 1000, True),  # root under another name
        ("1000 1889000000 1", 1000, False),
        ("0 100000 65536", 0, False),  # root of a rootless container
        ("0 1000 1\n1 0 1", 1, True),
        ("5 5 1", 7, True),  # not mapped at all
    ],
)
def test_kernel_root_is_refused_under_any_name(uid_map: str, uid: int, refused: bool) -> None:
    assert confine.is_kernel_root(uid_map, uid) is refused


def test_a_student_process_with_kernel_uid_0_is_refused(as_root: None, limits: Limits) -> None:
    """A backend that starts the relay as root gets no student process."""
    from autograder.sandbox import slot as module

    config = SlotConfig(preload=[], public_files=[], limits=limits)
    with module.open_bare(config, confined=True) as bare, pytest.raises(SandboxFault, match="kernel's uid 0"):
        bare.start_student()


def test_kernel_settings_are_covered(run: Run) -> None:
    assert (
        run("import os; print(os.listdir('/proc/sys'), os.path.exists('/proc/sys/kernel/core_pattern'))")
        == "[] False\n"
    )
    assert run("print(open('/proc/kallsyms').read(), open('/proc/timer_list').read())").strip() == ""


def test_a_fork_bomb_is_contained(run: Run, limits: Limits) -> None:
    source = """
import os, time
made = 0
try:
    while made < 500:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        made += 1
except BlockingIOError:
    pass
print(made)
"""
    assert 1 <= int(run(source)) < limits.processes


# Rule 2: no capability, and no way to one.


def test_no_capabilities_no_new_privileges_a_filter(run: Run) -> None:
    status = status_of(run)
    assert {status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {"0" * 16}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


def test_securebits_are_locked(run: Run) -> None:
    assert run("import ctypes; print(ctypes.CDLL(None).prctl(27, 0, 0, 0, 0))") == f"{0b1110_1111}\n"


def test_covers_cannot_be_taken_off(run: Run) -> None:
    source = "import ctypes; libc = ctypes.CDLL(None); print(libc.umount2(b'/proc/sys', 2), libc.umount2(b'/tmp', 2))"
    assert run(source) == "-1 -1\n"


def test_setuid_programs_give_nothing(run: Run) -> None:
    assert "uid=1000" in run(
        "import subprocess; print(subprocess.run(['su', '-c', 'id'], capture_output=True).stdout,"
        "subprocess.run('id', capture_output=True, text=True).stdout)"
    )


# Rule 3: nothing of one student reaches the next.


SCAN = """
import ctypes
needle = bytes(reversed({reversed_needle!r}))
hits = 0
for line in open('/proc/self/maps'):
    words = line.split()
    if words[1].startswith('rw') and '[v' not in line:
        start, end = (int(word, 16) for word in words[0].split('-'))
        block = ctypes.string_at(start, end - start)
        position = block.find(needle)
        while position >= 0:
            if start + position != id(needle) + bytes.__basicsize__ - 1:
                hits += 1
            position = block.find(needle, position + 1)
        del block
print(hits)
"""


def test_no_byte_of_one_student_is_in_the_memory_of_the_next(
    slot: Slot, limits: Limits, run_cell: Callable[[StudentProcess, str], str]
) -> None:
    needle = os.urandom(12).hex().encode()
    first = StudentProcess(slot.start_student(), limits)
    scan = SCAN.format(reversed_needle=bytes(reversed(needle)))
    run_cell(first, f"kept = [{needle!r} + bytes([65 + i % 26]) * 100 for i in range(2000)]")
    assert int(run_cell(first, scan)) >= 2000  # the scan finds what is there
    second = StudentProcess(slot.start_student(), limits)
    assert int(run_cell(second, scan)) == 0


def test_open_descriptors_are_three_standard_ones_and_two_sockets(run: Run) -> None:
    source = """
import os, json
found = {}
for name in os.listdir('/proc/self/fd'):
    try:
        found[int(name)] = os.readlink(f'/proc/self/fd/{name}')
    except FileNotFoundError:
        pass
print(json.dumps(found))
"""
    found = json.loads(run(source))
    assert found.pop("0") == "/dev/null"
    assert {found.pop("1"), found.pop("2")} == {confine.TERMINAL}
    assert sorted(value.split(":")[0] for value in found.values()) == ["socket", "socket"]


def test_nothing_else_runs_that_can_be_seen(run: Run) -> None:
    assert run("import os; print([name for name in os.listdir('/proc') if name.isdigit()])") == "['1']\n"


def test_a_test_cannot_reach_into_the_process_it_came_from(slot: Slot, student: StudentProcess, limits: Limits) -> None:
    student.run_cell("def reach():\n    return open('/proc/1/mem', 'r+b') and 'reached'", 0, 5)
    test = StudentProcess(slot.fork_test(), limits)
    with pytest.raises(StudentError, match="PermissionError"):
        test.ask("call", name="reach")


# The environment.


def test_the_environment_is_an_allow_list(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    names = set(json.loads(run("import os, json; print(json.dumps(sorted(os.environ)))")))
    allowed = {"PATH", "HOME", "TMPDIR", "USER", "LANG", "TERM", "MPLBACKEND", "MPLCONFIGDIR", "LC_CTYPE", "PAGER"}
    assert names <= allowed | {
        name for name in names if name.endswith("_NUM_THREADS") or name in ("OMP_THREAD_LIMIT", "GLIBC_TUNABLES")
    }


# Rules 5 and 8: memory and files.


def test_a_memory_hog_gets_a_memory_error(run: Run) -> None:
    source = "try:\n    bytearray(2 << 30)\nexcept MemoryError:\n    print('refused')"
    assert run(source) == "refused\n"


def test_memory_of_many_processes_counts_together(slot: Slot, student: StudentProcess) -> None:
    source = """
import os, time
for _ in range(8):
    if os.fork() == 0:
        kept = bytearray(100 << 20)
        for i in range(0, len(kept), 4096):
            kept[i] = 1
        time.sleep(60)
time.sleep(60)
"""
    with pytest.raises(ChannelClosed) as caught:
        student.run_cell(source, 0, 30)
    assert caught.value.reason == "memory"
    assert slot.end_student().peak_memory_bytes > 256 << 20


def test_a_test_over_memory_leaves_the_student_process(slot: Slot, student: StudentProcess, limits: Limits) -> None:
    student.run_cell(
        "import os, time\n"
        "def hog():\n"
        "    for _ in range(6):\n"
        "        if os.fork() == 0:\n"
        "            kept = bytearray(b'1') * (100 << 20); time.sleep(60)\n"
        "    time.sleep(60)\n"
        "def fine(): return 7\n",
        0,
        5,
    )
    with pytest.raises(ChannelClosed) as caught:
        StudentProcess(slot.fork_test(), limits).ask("call", name="hog")
    assert caught.value.reason == "memory"
    slot.end_test()
    assert StudentProcess(slot.fork_test(), limits).ask("call", name="fine") == 7


def test_shared_memory_is_refused_without_a_cgroup(run: Run) -> None:
    source = """
import mmap, os
for make in (lambda: os.memfd_create('x'), lambda: mmap.mmap(-1, 4096)):
    try:
        make()
        print('made')
    except OSError as error:
        print(error.strerror)
"""
    assert run(source) == "Operation not permitted\n" * 2


WRITABLE = """
import os
def writable(folder):
    try:
        descriptor = os.open(os.path.join(folder, '.probe'), os.O_CREAT | os.O_WRONLY, 0o600)
    except OSError:
        return False
    os.close(descriptor); os.unlink(os.path.join(folder, '.probe'))
    return True
found = set()
for top, folders, _ in os.walk('/'):
    if top.startswith(('/proc', '/usr/share', '/usr/lib')) or 'site-packages/' in top:
        folders[:] = []
        continue
    if writable(top):
        found.add(top)
print(sorted(found))
"""


def above_python_in_tmp() -> set[str]:
    """Folders of the private /tmp down to Python, where it is installed under /tmp."""
    inside = [Path(prefix) for prefix in (sys.prefix, sys.base_prefix) if Path(prefix).is_relative_to("/tmp")]
    return {str(folder) for prefix in inside for folder in (prefix, *prefix.parents[:-2])}


def test_writable_are_only_the_private_folders(run: Run) -> None:
    found = eval(run(WRITABLE), {"__builtins__": {}})  # noqa: S307 - a list printed by our own probe
    assert set(found) <= {
        *("/dev/shm", "/home/student", "/tmp", "/run/terminal"),
        *("/run/scratch", "/run/scratch/shm", "/run/scratch/student", "/run/scratch/tmp"),
        *(prefix + folder for folder in above_python_in_tmp() for prefix in ("", "/run/scratch")),
    }
    assert {"/dev/shm", "/home/student", "/tmp"} <= set(found)


def test_every_mount_but_the_private_ones_is_read_only(run: Run) -> None:
    mounts = [line.split() for line in run("print(open('/proc/self/mounts').read())").splitlines() if line]
    last = {target: options.split(",") for _, target, _, options, *_ in mounts}  # what is mounted on top
    for target, options in last.items():
        private = target in ("/tmp", "/dev/shm", "/home/student", "/run/scratch", "/run/terminal", "/proc")
        device = target.startswith("/dev/") or target.startswith("/proc/")
        assert private or device or "ro" in options, (target, options)


def test_the_private_folders_share_one_limit(run: Run, limits: Limits) -> None:
    source = """
written = 0
try:
    for folder in ('/tmp', '/dev/shm', '/home/student'):
        with open(folder + '/big', 'wb') as file:
            while True:
                written += file.write(bytes(1 << 20))
                file.flush()
except OSError as error:
    print(written, error.strerror)
"""
    written, _, reason = run(source).strip().partition(" ")
    assert int(written) <= limits.tmpfs_bytes
    assert reason == "No space left on device"


def test_the_number_of_files_is_limited(run: Run, limits: Limits) -> None:
    source = """
import os
made = 0
try:
    while made < 10_000:
        open(f'/tmp/{made}', 'w').close(); made += 1
except OSError:
    print(made)
"""
    assert int(run(source)) <= limits.tmpfs_inodes


def test_nothing_is_left_for_the_next(
    slot: Slot, limits: Limits, run_cell: Callable[[StudentProcess, str], str]
) -> None:
    look = "import os; print([os.listdir(p) for p in ('.', '/tmp', '/dev/shm')])"
    first = StudentProcess(slot.start_student(), limits)
    run_cell(
        first,
        "for p in ('.', '/tmp', '/dev/shm'): open(p + '/left', 'w').write('x')\nimport os; os.system('sleep 60 &')",
    )
    second = StudentProcess(slot.start_student(), limits)
    in_tmp = sorted({Path(folder).parts[2] for folder in above_python_in_tmp() if folder != "/tmp"})
    assert run_cell(second, look) == f"{[[], in_tmp, []]}\n"
    assert run_cell(second, "print([n for n in os.listdir('/proc') if n.isdigit()])") == "['1']\n"


# Rule 6: the network.


def test_there_is_no_network(run: Run) -> None:
    source = """
import socket
print(sorted(name for _, name in socket.if_nameindex()) if False else open('/proc/net/dev').read().count(':'))
for address in (('127.0.0.1', 80), ('1.1.1.1', 53), ('169.254.169.254', 80)):
    try:
        socket.create_connection(address, timeout=2)
        print('connected')
    except OSError as error:
        print(error.strerror)
"""
    assert run(source).split("\n")[:4] == ["1"] + ["Network is unreachable"] * 3


def test_abstract_sockets_of_the_host_are_out_of_reach(run: Run) -> None:
    import socket

    name = b"\0autograder-test-" + os.urandom(8).hex().encode()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        source = (
            f"import socket\ntry:\n    socket.socket(socket.AF_UNIX).connect({name!r}); print('connected')\n"
            "except OSError as error:\n    print(error.strerror)"
        )
        assert run(source) == "Connection refused\n"


# Rule 7 and the tree: what of the host can be reached.


def test_the_course_is_not_there(run: Run) -> None:
    checkout = Path(__file__).resolve().parents[2]
    probe = f"import os; print([n for n in os.listdir({str(checkout)!r})] if os.path.isdir({str(checkout)!r}) else [])"
    assert set(eval(run(probe), {"__builtins__": {}})) <= {Path(sys.prefix).name}  # noqa: S307 - our own probe
    assert "inside" in run("import os; print(os.listdir('/sandbox'))")


def test_a_course_under_a_bound_path_is_refused(limits: Limits) -> None:
    with pytest.raises(SandboxFault, match="lies under /usr"):
        open_slot("namespace", SlotConfig([], [Path("/usr/bin/env")], limits))
    with pytest.raises(SandboxFault, match="move the course out of"):
        open_slot("namespace", SlotConfig([], [], limits, hidden_paths=[Path(sys.prefix) / "lib"]))


def test_a_link_into_a_bound_path_is_refused(limits: Limits, tmp_path: Path) -> None:
    (tmp_path / "course").symlink_to("/usr/share")
    with pytest.raises(SandboxFault, match="lies under /usr"):
        open_slot("namespace", SlotConfig([], [], limits, hidden_paths=[tmp_path / "course"]))


@pytest.fixture
def public_files(tmp_path: Path) -> list[Path]:
    secret = tmp_path / "hidden_tests.py"
    secret.write_text("SECRET = 1")
    module = tmp_path / "given_module.py"
    module.write_text("ANSWER = 42\n")
    module.chmod(0o600)
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "a.txt").write_text("image")
    (folder / "a.txt").chmod(0o666)
    folder.chmod(0o777)
    return [module, folder]


def test_public_files_are_read_only_and_importable(
    public_files: list[Path], limits: Limits, run_cell: Callable[[StudentProcess, str], str]
) -> None:
    slot = open_slot("namespace", SlotConfig([], public_files, limits))
    try:
        student = StudentProcess(slot.start_student(), limits)
        assert run_cell(student, "import given_module; print(given_module.ANSWER)") == "42\n"
        assert run_cell(student, "import os; print(sorted(os.listdir('/course')))") == "['given_module.py', 'images']\n"
        for path in ("/course/images/a.txt", "/course/images/new", "/course/new"):
            with pytest.raises(AssertionError, match="Read-only file system"):
                run_cell(student, f"open({path!r}, 'a')")
    finally:
        slot.close()


SUBMOUNT = """
import os, sys
from pathlib import Path
from autograder.sandbox.interface import Limits, SlotConfig
from autograder.sandbox.selftest import seen_from_outside, self_test
from autograder.sandbox.slot import open_slot
from autograder.sandbox.student import StudentProcess
import subprocess
folder = Path(sys.argv[1])
(folder / "below").mkdir()
subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(folder / "below")], check=True)
slot = open_slot("namespace", SlotConfig([], [folder], Limits()))
student = StudentProcess(slot.start_student(), Limits())
reply = student.run_cell(f"open('/course/{folder.name}/below/x', 'w')", 0, 5)
print(reply.error)
slot.close()
"""


def test_mounts_below_a_public_folder_are_read_only_too(as_root: None, tmp_path: Path) -> None:
    folder = tmp_path / "public"
    folder.mkdir()
    folder.chmod(0o777)
    command = ["unshare", "--mount", "--propagation", "private", sys.executable, "-c", SUBMOUNT, str(folder)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert "Read-only file system" in result.stdout, result.stderr


# Rule 14: one thread.


def test_a_student_process_starts_with_one_thread(run: Run) -> None:
    assert status_of(run)["Threads"] == "1"
    names = ("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    assert run(f"import os; print([os.environ.get(n) for n in {names}])") == f"{['1'] * 4}\n"


def test_a_preload_that_leaves_threads_is_refused(tmp_path: Path, limits: Limits) -> None:
    module = tmp_path / "starts_a_thread.py"
    module.write_text("import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n")
    with pytest.raises(SandboxFault, match="leaves 1 threads running"):
        open_slot("namespace", SlotConfig(["starts_a_thread"], [module], limits))


def test_calls_do_not_wait_for_the_watchdog(student: StudentProcess) -> None:
    begun = time.perf_counter()
    for _ in range(50):
        student.request("names")
    assert time.perf_counter() - begun < 2.0


ELSEWHERE = """
from autograder.sandbox.interface import Limits, SlotConfig
from autograder.sandbox.selftest import seen_from_outside, self_test
from autograder.sandbox.slot import open_slot
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
from autograder.sandbox.selftest import seen_from_outside, self_test
from autograder.sandbox.slot import open_slot
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
