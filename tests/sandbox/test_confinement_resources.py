"""Memory and files that student code may use, and what of them stays."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.sandbox.interface import ChannelClosed, Limits, Slot
from autograder.sandbox.student import StudentProcess

Run = Callable[[str], str]


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


FULL_SOCKETS = """
import os, socket, time
for _ in range(20):
    if os.fork() == 0:
        pairs = []
        while True:
            try:
                pairs.append(socket.socketpair())
            except OSError:
                break
        for pair in pairs:
            for end in pair:
                end.setblocking(False)
                try:
                    while True:
                        end.send(bytes(60_000))
                except OSError:
                    pass
        time.sleep(60)
time.sleep(60)
"""


def test_what_waits_in_sockets_counts_as_memory(slot: Slot, student: StudentProcess) -> None:
    with pytest.raises(ChannelClosed) as caught:
        student.run_cell(FULL_SOCKETS, 0, 30)
    assert caught.value.reason == "memory"


def test_buffers_of_sockets_cannot_be_made_larger(run: Run) -> None:
    source = """
import socket
end = socket.socketpair()[0]
for option in (socket.SO_SNDBUF, socket.SO_RCVBUF, 32, 33):
    try:
        end.setsockopt(socket.SOL_SOCKET, option, 1 << 28)
    except PermissionError:
        print("refused")
"""
    assert run(source) == "refused\n" * 4


def test_the_kernel_ends_the_student_before_its_keepers(slot: Slot, student: StudentProcess) -> None:
    def score(pid: int) -> int:
        return int(Path(f"/proc/{pid}/oom_score_adj").read_text())

    pid = slot.student_pid()  # type: ignore[attr-defined]
    assert score(pid) == 800
    assert score(slot.relay_pid()) < 800  # type: ignore[attr-defined]
    zygote = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    assert score(zygote) < 800
    lower = "try:\n    open('/proc/self/oom_score_adj', 'w').write('0')\nexcept OSError:\n    pass"
    student.run_cell(lower, 0, 5)
    assert score(pid) == (800 if os.getuid() == 0 else score(pid))


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
