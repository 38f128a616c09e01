"""What student code may do, and what of other students it finds: no right to get more, nothing kept."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.sandbox.backends import namespace
from autograder.sandbox.choose import open_slot
from autograder.sandbox.inside.process import confine
from autograder.sandbox.interface import Limits, SandboxFault, Slot, SlotConfig
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
        (
            "0 1 1000\n1000 0 1\n1001 1001 64535",
            1000,
            True,
        ),  # an engine without root: no telling
        ("5 5 1", 7, True),  # not mapped at all
    ],
)
def test_kernel_root_is_refused_under_any_name(uid_map: str, uid: int, refused: bool) -> None:
    assert confine.is_kernel_root(uid_map, uid) is refused


def test_a_student_process_with_kernel_uid_0_is_refused(as_root: None, limits: Limits) -> None:
    """A backend that starts the relay as root gets no student process."""
    from autograder.sandbox import open as module

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
    allowed |= {"NBGRADER_EXECUTION"}  # a constant, by which notebooks made for nbgrader see that they are graded
    # constants, without which pandas leaves a thread or loses its texts at a limit
    allowed |= {"JE_ARROW_MALLOC_CONF", "ARROW_DEFAULT_MEMORY_POOL"}
    assert names <= allowed | {
        name for name in names if name.endswith("_NUM_THREADS") or name in ("OMP_THREAD_LIMIT", "GLIBC_TUNABLES")
    }
