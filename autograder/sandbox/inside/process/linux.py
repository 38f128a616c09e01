"""The few Linux calls that Python lacks, by ctypes. Each raises OSError with the name of what failed.

Used inside the sandbox by `confine`, and outside by the launcher that makes a slot's namespaces.
Flag values are those of the kernel's headers; the numbers of the newer system calls (from 424 on)
are the same on every architecture.
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct

CLONE_NEWNS = 0x0002_0000
CLONE_NEWCGROUP = 0x0200_0000
CLONE_NEWUTS = 0x0400_0000
CLONE_NEWIPC = 0x0800_0000
CLONE_NEWUSER = 0x1000_0000
CLONE_NEWPID = 0x2000_0000
CLONE_NEWNET = 0x4000_0000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 0x1, 0x2, 0x4, 0x8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 0x20, 0x1000, 0x4000, 0x4_0000
MNT_DETACH = 2

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_READ, PR_CAPBSET_DROP = 23, 24
PR_SET_SECUREBITS = 28
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4

# NOROOT, NO_SETUID_FIXUP, NO_CAP_AMBIENT_RAISE, each locked; KEEP_CAPS locked off.
SECUREBITS_ALL_LOCKED = 0b1110_1111

_AT_FDCWD = -100
_AT_EMPTY_PATH = 0x1000
_AT_RECURSIVE = 0x8000
_OPEN_TREE_CLONE = 1
_OPEN_TREE_CLOEXEC = os.O_CLOEXEC
_MOVE_MOUNT_F_EMPTY_PATH = 4
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV = 0x1, 0x2, 0x4

_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442
_OLD_CALLS = {
    "x86_64": {"pivot_root": 155, "capset": 126, "clone": 56},
    "aarch64": {"pivot_root": 41, "capset": 91, "clone": 220},
}
_CAPABILITY_VERSION_3 = 0x2008_0522

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def syscall(what: str, number: int, *arguments: object) -> int:
    """Make a system call by its number. Raises OSError with `what` in its text."""
    # Integers would be passed as 32 bits; system calls take whole registers.
    wide = [ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments]
    return _check(_libc.syscall(ctypes.c_long(number), *wide), what)


def _number(name: str) -> int:
    machine = os.uname().machine
    if machine not in _OLD_CALLS:
        raise OSError(f"{name}: no system call numbers for the architecture {machine}")
    return _OLD_CALLS[machine][name]


def prctl(option: int, value: int = 0, third: int = 0) -> int:
    zero = ctypes.c_ulong(0)
    return _check(
        _libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(third), zero, zero), f"prctl({option}, {value})"
    )


def set_dumpable(dumpable: bool) -> None:
    """Set whether processes of the same user may trace this one and read its memory through /proc."""
    prctl(PR_SET_DUMPABLE, int(dumpable))


def unshare(flags: int) -> None:
    _check(_libc.unshare(ctypes.c_int(flags)), f"unshare({flags:#x})")


def enter_namespace(namespace: int, kind: int) -> None:
    """Enter the namespace behind a descriptor; `kind` is the flag by which such a one is made."""
    _check(_libc.setns(ctypes.c_int(namespace), ctypes.c_int(kind)), f"setns({kind:#x})")


def fork_into(flags: int) -> int:
    """Fork as os.fork() does, but the child is born into new namespaces, as PID 1 where `flags` has CLONE_NEWPID.

    Unsharing first would need a second fork, as the first child of a new PID namespace is its PID 1, and
    each fork of a process of this size costs milliseconds. The C library's own fork handlers are not
    run, so this process must have one thread; Python's are. Returns the child's pid, and 0 in the child.
    """
    python = ctypes.PyDLL(None, use_errno=True)  # holds the interpreter's lock during the call
    number = _number("clone")
    python.PyOS_BeforeFork()
    pid: int = python.syscall(ctypes.c_long(number), ctypes.c_long(flags | signal.SIGCHLD), *[ctypes.c_long(0)] * 4)
    if pid == 0:
        python.PyOS_AfterFork_Child()
    else:
        python.PyOS_AfterFork_Parent()
    return _check(pid, f"clone({flags:#x})")


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    result = _libc.mount(source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), data.encode())
    _check(result, f"mount {kind or 'bind'} {source} on {target}")


def unmount(target: str, flags: int = 0) -> None:
    _check(_libc.umount2(target.encode(), ctypes.c_int(flags)), f"unmount {target}")


def pivot_root(new: str, old: str) -> None:
    syscall(f"pivot_root {new}", _number("pivot_root"), new.encode(), old.encode())


def clone_tree(path: str) -> int:
    """Return a detached copy of the mounts at and below `path`, as a descriptor."""
    flags = _OPEN_TREE_CLONE | _OPEN_TREE_CLOEXEC | _AT_RECURSIVE
    return syscall(f"open_tree {path}", _OPEN_TREE, _AT_FDCWD, path.encode(), flags)


def attach_tree(tree: int, path: str) -> None:
    syscall(f"move_mount to {path}", _MOVE_MOUNT, tree, b"", _AT_FDCWD, path.encode(), _MOVE_MOUNT_F_EMPTY_PATH)


def set_mount_attributes(tree: int, attributes: int) -> None:
    """Set attributes and private propagation on the mount `tree` and on every mount below it."""
    wanted = struct.pack("=QQQQ", attributes, 0, MS_PRIVATE, 0)
    flags = _AT_EMPTY_PATH | _AT_RECURSIVE
    syscall("mount_setattr", _MOUNT_SETATTR, tree, b"", flags, wanted, len(wanted))


def drop_all_capabilities() -> None:
    """Empty every capability set and the bounding set of this thread, and lock the way back.

    A new user namespace gives all of them again: the system call filter must forbid making one.
    """
    lock_capabilities()
    empty_capabilities()


def lock_capabilities() -> None:
    """Empty the bounding set and lock the ways by which a program or a change of user gives capabilities.

    Those that are held stay until `empty_capabilities`: a change of user takes none away any more.
    """
    prctl(PR_SET_SECUREBITS, SECUREBITS_ALL_LOCKED)
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    capability = 0
    while _libc.prctl(PR_CAPBSET_READ, ctypes.c_ulong(capability), *[ctypes.c_ulong(0)] * 3) >= 0:
        prctl(PR_CAPBSET_DROP, capability)
        capability += 1


def empty_capabilities() -> None:
    """Give up every capability that this thread holds."""
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    syscall("capset", _number("capset"), header, bytes(24))


def install_filter(program: bytes) -> None:
    """Install a seccomp filter: `program` is an array of struct sock_filter. Irrevocable."""

    class SockFprog(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    buffer = ctypes.create_string_buffer(program, len(program))
    description = SockFprog(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    set_seccomp, mode_filter = 22, 2
    result = _libc.prctl(set_seccomp, ctypes.c_ulong(mode_filter), ctypes.byref(description), *[ctypes.c_ulong(0)] * 2)
    _check(result, "seccomp filter")
