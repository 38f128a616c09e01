"""The system call filter, run by a small interpreter of its instruction set, and live."""

from __future__ import annotations

import errno
import re
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.sandbox.inside.process import seccomp

ALLOW, KILL = 0x7FFF_0000, 0x8000_0000
MACHINES = ("x86_64", "aarch64")


def verdict(program: bytes, number: int, arch: int, arguments: tuple[int, ...] = ()) -> int:
    """What the kernel would answer."""
    data = struct.pack("=iIQ6Q", number, arch, 0, *(*arguments, *[0] * (6 - len(arguments))))
    instructions = list(struct.iter_unpack("=HBBI", program))
    accumulator, position = 0, 0
    while True:
        code, jump_true, jump_false, k = instructions[position]
        position += 1
        if code == 0x20:
            accumulator = struct.unpack_from("=I", data, k)[0]
        elif code == 0x54:
            accumulator &= k
        elif code == 0x06:
            return k
        else:
            holds = {0x15: accumulator == k, 0x35: accumulator >= k, 0x45: bool(accumulator & k)}[code]
            position += jump_true if holds else jump_false


def error(number: int) -> int:
    return 0x0005_0000 | number


@pytest.fixture(params=MACHINES)
def machine(request: pytest.FixtureRequest) -> tuple[int, int, bytes]:
    """Column of the table, architecture, the filter."""
    return *seccomp.ARCHITECTURES[request.param], seccomp.assemble(request.param)


def test_everything_listed_is_refused(machine: tuple[int, int, bytes]) -> None:
    column, arch, program = machine
    for name, numbers in seccomp.DENIED.items():
        if numbers[column] is not None:
            assert verdict(program, numbers[column], arch) == error(errno.EPERM), name


HEADERS = (
    (0, Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), r"#define __NR_(\w+)\s+(\d+)"),
    (1, Path("/usr/include/asm-generic/unistd.h"), r"#define __NR(?:3264)?_(\w+)\s+(\d+)"),
)


@pytest.mark.parametrize(("column", "header", "line"), HEADERS, ids=["x86_64", "aarch64"])
def test_the_numbers_are_those_of_the_kernel_s_headers(column: int, header: Path, line: str) -> None:
    if not header.exists():
        pytest.skip(f"{header} is not installed")
    known = {name: int(number) for name, number in re.findall(line, header.read_text())}
    table = {**seccomp.DENIED, **seccomp.UNCOUNTED_MEMORY, **seccomp.ANSWERED, **seccomp.WITH_FLAGS}
    ours = {name: numbers[column] for name, numbers in table.items() if numbers[column] is not None}
    newer = ours.keys() - known.keys()
    assert len(newer) < 6, newer  # calls that are younger than the headers
    assert {name: known[name] for name in ours.keys() & known.keys()} == {
        name: number for name, number in ours.items() if name in known
    }
    assert len(set(ours.values())) == len(ours)


def test_what_a_container_engine_refuses_by_default_is_refused_too() -> None:
    """Our profile stands in its place: the calls that it lets nobody make without a capability."""
    wanted = (
        "acct add_key adjtimex bpf chroot clock_adjtime clock_settime delete_module fanotify_init finit_module "
        "fsconfig fsmount fsopen fspick init_module io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load keyctl "
        "lookup_dcookie migrate_pages modify_ldt mount mount_setattr move_mount move_pages name_to_handle_at "
        "nfsservctl open_by_handle_at open_tree perf_event_open pivot_root process_vm_readv process_vm_writev ptrace "
        "query_module quotactl reboot request_key setdomainname sethostname setns settimeofday swapoff swapon sysfs "
        "syslog umount2 unshare uselib userfaultfd ustat vhangup vmsplice"
    )
    assert set(wanted.split()) <= seccomp.DENIED.keys()


def test_calls_younger_than_the_list_do_not_exist(machine: tuple[int, int, bytes]) -> None:
    """Libraries fall back on ENOSYS as on an older kernel; nobody has judged these calls yet."""
    _, arch, program = machine
    assert verdict(program, seccomp.FIRST_UNKNOWN - 2, arch) == ALLOW
    for number in (seccomp.FIRST_UNKNOWN, seccomp.FIRST_UNKNOWN + 7, 1000):
        assert verdict(program, number, arch) == error(errno.ENOSYS)


def test_rule_2_is_covered(machine: tuple[int, int, bytes]) -> None:
    wanted = (
        "mount umount2 pivot_root open_tree move_mount fsopen unshare setns ptrace process_vm_readv process_vm_writev "
        "keyctl bpf perf_event_open io_uring_setup userfaultfd kexec_load init_module finit_module name_to_handle_at"
    )
    assert set(wanted.split()) <= seccomp.DENIED.keys()


def test_memory_that_belongs_to_no_process_is_refused(machine: tuple[int, int, bytes]) -> None:
    column, arch, program = machine
    for name, numbers in seccomp.UNCOUNTED_MEMORY.items():
        assert verdict(program, numbers[column], arch) == error(errno.EPERM), name
    shared, private = 0x21, 0x22
    number = seccomp.MMAP[column]
    assert verdict(program, number, arch, (0, 4096, 3, shared)) == error(errno.EPERM)
    assert verdict(program, number, arch, (0, 4096, 3, private)) == ALLOW
    assert verdict(program, number, arch, (0, 4096, 3, 1)) == ALLOW  # a shared file


def test_pages_of_shared_files_and_unwritten_ones_are_left_alone(machine: tuple[int, int, bytes]) -> None:
    """Answered with success, as libraries expect of advice; a read that asks about memory is not supported."""
    column, arch, program = machine
    for name, numbers in seccomp.ANSWERED.items():
        assert verdict(program, numbers[column], arch) == error(0), name
    for numbers in seccomp.WITH_FLAGS.values():
        assert verdict(program, numbers[column], arch, (3, 0, 1, 0, 0, 0)) == ALLOW
        for flag in (0x8, 0x80):  # RWF_NOWAIT, RWF_DONTCACHE
            assert verdict(program, numbers[column], arch, (3, 0, 1, 0, 0, flag)) == error(errno.EOPNOTSUPP)


def test_clone_makes_threads_and_processes_but_no_namespaces(machine: tuple[int, int, bytes]) -> None:
    column, arch, program = machine
    number = seccomp.CLONE[column]
    assert verdict(program, number, arch, (17,)) == ALLOW
    assert verdict(program, number, arch, (0x3D0F00,)) == ALLOW  # what pthread_create passes
    for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        assert verdict(program, number, arch, (flag | 17,)) == error(errno.EPERM), hex(flag)
    assert verdict(program, seccomp.CLONE3[column], arch) == error(errno.ENOSYS)


def test_sockets_are_local_or_internet(machine: tuple[int, int, bytes]) -> None:
    column, arch, program = machine
    for numbers in seccomp.SOCKET_CALLS:
        for family in range(64):
            expected = ALLOW if family in (1, 2, 10) else error(errno.EPERM)
            assert verdict(program, numbers[column], arch, (family, 1, 0)) == expected, family


def test_options_of_sockets_that_reach_out_or_hold_memory_are_refused(machine: tuple[int, int, bytes]) -> None:
    column, arch, program = machine
    for numbers, refused in ((seccomp.SET_OPTION, {7, 8, 13, 32, 33, 76, 77}), (seccomp.GET_OPTION, {13, 76, 77})):
        for option in range(100):
            expected = error(errno.EPERM) if option in refused else ALLOW
            assert verdict(program, numbers[column], arch, (3, 1, option)) == expected, option
            assert verdict(program, numbers[column], arch, (3, 6, option)) == ALLOW, option  # of TCP


def test_locks_are_not_made_and_notices_are_refused(machine: tuple[int, int, bytes]) -> None:
    column, arch, program = machine
    assert verdict(program, seccomp.FLOCK[column], arch, (3, 2)) == error(0)
    for word in range(1100):
        expected = error(0) if word in (6, 7, 37, 38) else error(errno.EPERM) if word in (1024, 1026) else ALLOW
        assert verdict(program, seccomp.FCNTL[column], arch, (3, word)) == expected, word


def test_other_architectures_and_x32_are_refused() -> None:
    program = seccomp.assemble("x86_64")
    native = seccomp.ARCHITECTURES["x86_64"][1]
    assert verdict(program, 39, 0x4000_0003) == KILL  # i386
    assert verdict(program, 39, native) == ALLOW
    assert verdict(program, 39 | seccomp.X32_BIT, native) == error(errno.ENOSYS)


def test_ordinary_calls_are_allowed() -> None:
    program = seccomp.assemble("x86_64")
    native = seccomp.ARCHITECTURES["x86_64"][1]
    for number in (0, 1, 2, 3, 9, 11, 12, 13, 39, 57, 59, 60, 61, 202, 218, 231, 257, 262, 318, 334):
        assert verdict(program, number, native) == ALLOW, number


def test_an_unknown_architecture_has_no_sandbox() -> None:
    with pytest.raises(OSError, match="riscv64"):
        seccomp.assemble("riscv64")


LIVE = """
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) for a in arguments])
    return errno.errorcode.get(ctypes.get_errno(), "ok") if result < 0 else "ok"
print(call({number}, {arguments}))
"""


@pytest.mark.parametrize(
    ("number", "arguments", "answer"),
    [
        (272, "0x10000000", "EPERM"),  # unshare(NEWUSER), which any process may do elsewhere
        (56, "0x10000011, 0, 0, 0, 0", "EPERM"),  # clone(NEWUSER)
        (435, "0, 0", "ENOSYS"),  # clone3
        (101, "0, 0, 0, 0", "EPERM"),  # ptrace(TRACEME)
        (250, "0, -3, 1", "EPERM"),  # keyctl
        (425, "1, 0", "EPERM"),  # io_uring_setup
        (323, "1", "EPERM"),  # userfaultfd
        (303, "-100, 0, 0, 0, 0", "EPERM"),  # name_to_handle_at
        (319, "0, 0", "EPERM"),  # memfd_create
        (29, "0, 4096, 0o1600", "EPERM"),  # shmget
        (41, "40, 1, 0", "EPERM"),  # socket(AF_VSOCK)
        (41, "16, 3, 0", "EPERM"),  # socket(AF_NETLINK)
        (135, "0xffffffff", "EPERM"),  # personality
        (240, "0, 0, 0, 0", "EPERM"),  # mq_open
        (278, "1, 0, 0, 0", "EPERM"),  # vmsplice
        (470, "0, 0", "ENOSYS"),  # younger than the list
        (39 | 0x4000_0000, "", "ENOSYS"),  # getpid by the x32 table
        (39, "", "ok"),
    ],
)
def test_live_on_x86_64(run: Callable[[str], str], number: int, arguments: str, answer: str) -> None:
    import platform

    if platform.machine() != "x86_64":
        pytest.skip("numbers of x86_64")
    assert run(LIVE.format(number=number, arguments=arguments)).strip() == answer


def test_the_same_calls_do_work_outside() -> None:
    """Without the filter the live test above would fail: unshare of a user namespace is open to everybody here."""
    import subprocess
    import sys

    code = "import ctypes; print(ctypes.CDLL(None).unshare(0x10000000))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "0"


# Without namespaces (backend `confined-uid`).


@pytest.mark.parametrize("machine", MACHINES)
def test_without_namespaces_no_socket_but_a_connected_pair(machine: str) -> None:
    column, arch = seccomp.ARCHITECTURES[machine]
    program = seccomp.assemble(machine, namespaces=False)
    for numbers in seccomp.OF_THE_MACHINE.values():
        for family in (seccomp.AF_UNIX, seccomp.AF_INET, seccomp.AF_INET6, 16, 40):
            assert verdict(program, numbers[column], arch, (family, 1)) == error(errno.EPERM)
    pair = seccomp.SOCKETPAIR[column]
    close_on_exec = 0o2000000
    for kind, answer in ((1, ALLOW), (5, ALLOW), (2, error(errno.EPERM)), (3, error(errno.EPERM))):
        assert verdict(program, pair, arch, (seccomp.AF_UNIX, kind | close_on_exec)) == answer
        assert verdict(program, pair, arch, (seccomp.AF_INET, kind)) == error(errno.EPERM)


@pytest.mark.parametrize("machine", MACHINES)
def test_without_namespaces_nobody_opens_itself_to_its_user(machine: str) -> None:
    column, arch = seccomp.ARCHITECTURES[machine]
    program = seccomp.assemble(machine, namespaces=False)
    assert verdict(program, seccomp.PRCTL[column], arch, (4, 1)) == error(errno.EPERM)
    assert verdict(program, seccomp.PRCTL[column], arch, (15,)) == ALLOW, "names of threads may be set"
    confined = seccomp.assemble(machine)
    assert verdict(confined, seccomp.PRCTL[column], arch, (4, 1)) == ALLOW
