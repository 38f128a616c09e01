"""Does a slot confine? Asked of a running slot, from inside and from outside, before it is trusted.

Each check names what it found wrong; an empty list means that all held. The inside is asked through
an ordinary cell, in a student process that ends with the test. What counts most (whose uid it is,
which capabilities and filter it has) is read from outside, where nothing inside can answer for it.
"""

from __future__ import annotations

import os

from autograder.sandbox.doctor import selftest_user
from autograder.sandbox.inside.process.proc_files import status_of
from autograder.sandbox.interface import ChannelClosed, ChannelTimeout, Limits
from autograder.sandbox.stream_slot import StreamSlot
from autograder.sandbox.student import StudentError, StudentProcess

SECONDS = 20.0
CAPABILITIES = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
PROBES = """
import ctypes, os, socket

_libc = ctypes.CDLL(None, use_errno=True)


def network():
    try:
        socket.create_connection(("192.0.2.1", 80), timeout=1).close()
    except OSError:
        return open("/proc/net/dev").read().count(":") == 1
    return False


def vsock():
    try:
        socket.socket(40, socket.SOCK_STREAM).close()
    except PermissionError:
        return True
    return False


def namespaces():
    return _libc.unshare(0x10000000) == -1


def settings():
    return os.listdir("/proc/sys") == []


def files():
    for folder in ("/", "/usr", "/etc", "/course", "/sandbox/inside"):
        try:
            os.close(os.open(folder + "/.probe", os.O_CREAT | os.O_WRONLY))
        except OSError:
            continue
        return False
    return True


def alone():
    return [name for name in os.listdir("/proc") if name.isdigit()] == ["1"]


def bounded():
    try:
        os.posix_fallocate(os.open("/tmp/.probe", os.O_CREAT | os.O_WRONLY), 0, 1 << 50)
    except OSError:
        return True
    return False
"""
MEANINGS = {
    "network": "the network can be reached",
    "vsock": "the host can be reached by vsock",
    "namespaces": "a new user namespace can be made",
    "settings": "kernel settings are not covered",
    "files": "a file can be made outside the private folders",
    "alone": "processes of others can be seen",
    "bounded": "files have no limit of size",
}


def by_user(slot: StreamSlot) -> bool:
    """Return whether a slot confines by a user for each student process, and without namespaces."""
    return slot.backend.startswith("confined-uid")


def meanings(slot: StreamSlot) -> dict[str, str]:
    """Return probe -> what does not hold where it fails."""
    return selftest_user.meanings(slot.backend) if by_user(slot) else MEANINGS


def self_test(slot: StreamSlot, limits: Limits) -> list[str]:
    """Return what does not hold in this slot, in words. Ends the slot's student process. Raises SandboxFault."""
    student = StudentProcess(slot.start_student(), limits)
    try:
        failures = seen_from_outside(slot.student_pid())
        reply = student.run_cell(selftest_user.PROBES if by_user(slot) else PROBES, 0, SECONDS)
        if reply.status != "ok":
            return [*failures, f"the probes did not run: {reply.error}"]
        for name, meaning in meanings(slot).items():
            if student.ask("call", name=name, seconds=SECONDS) is not True:
                failures.append(meaning)
        return failures
    except (ChannelClosed, ChannelTimeout, StudentError, ProcessLookupError, FileNotFoundError) as error:
        return [f"a probe did not answer: {error}"]
    finally:
        slot.end_student()


def seen_from_outside(pid: int) -> list[str]:
    """Return what does not hold for the process `pid`, by the host's /proc. Raises OSError if it is gone."""
    status = status_of(pid)
    failures = []
    if "0" in status["Uid"] + status["Gid"]:
        failures.append("student code runs as the kernel's uid 0")
    if os.getuid() == 0 and set(status["Groups"]) - set(status["Gid"]):
        failures.append("student code has groups")
    if any(int(status[name][0], 16) for name in CAPABILITIES):
        failures.append("student code has capabilities")
    if status["NoNewPrivs"] != ["1"]:
        failures.append("student code may gain privileges")
    if status["Seccomp"] != ["2"]:
        failures.append("no system call filter is installed")
    return failures
