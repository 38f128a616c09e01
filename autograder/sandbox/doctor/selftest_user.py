"""What a slot of the backend `confined-uid` is asked from inside. Other things hold without namespaces."""

from __future__ import annotations

PROBES = """
import ctypes, os, socket

_libc = ctypes.CDLL(None, use_errno=True)
SHARED = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock", "/run/user", "/var/lock")


def refused(act, *arguments):
    try:
        made = act(*arguments)
    except OSError:
        return True
    if isinstance(made, int) and not isinstance(made, bool):
        os.close(made)
    return False


def network():
    kinds = [(family, kind) for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, 16, 17, 40)
             for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW)]
    return all(refused(socket.socket, *kind) for kind in kinds)


def datagrams():
    stream = socket.socketpair()
    return refused(socket.socketpair, socket.AF_UNIX, socket.SOCK_DGRAM) and refused(stream[0].connect, "/x")


def namespaces():
    return _libc.unshare(0x10000000) == -1


def settings():
    return refused(os.open, "/proc/sys/kernel/core_pattern", os.O_WRONLY)


def files():
    folders = ("/", "/usr", "/etc", "..", "../course", "../sandbox/inside", *SHARED)
    return all(refused(os.open, folder + "/.probe", os.O_CREAT | os.O_WRONLY) for folder in folders)


def others():
    parent = os.getppid()
    return refused(os.kill, parent, 0) and refused(os.open, f"/proc/{parent}/environ", os.O_RDONLY)


def bounded():
    return refused(os.posix_fallocate, os.open("probe", os.O_CREAT | os.O_WRONLY), 0, 1 << 50)


def dumpable():
    return _libc.prctl(4, 1, 0, 0, 0) == -1


def unlisted():
    return refused(os.listdir, "/proc") and refused(os.listdir, "/")
"""
MEANINGS = {
    "network": "a socket can be made",
    "datagrams": "a pair of sockets can name another end",
    "namespaces": "a new user namespace can be made",
    "settings": "kernel settings can be written",
    "files": "a file can be made outside the folders of its own",
    "others": "processes of others can be reached",
    "bounded": "files have no limit of size",
    "dumpable": "a process can open itself to others of its user",
}
WITH_LANDLOCK = {"unlisted": "files and processes of others can be listed"}
GOOD = {
    "network": "no socket can be made",
    "datagrams": "pairs of sockets stay pairs",
    "namespaces": "no new user namespace",
    "settings": "kernel settings are out of reach",
    "files": "no file outside its own folders",
    "others": "no other process is reached",
    "bounded": "files are bounded",
    "dumpable": "it cannot open itself to others",
    "unlisted": "files by an allow-list, no /proc",
}


def meanings(backend: str) -> dict[str, str]:
    """Return probe -> what does not hold where it fails, for a slot of this level."""
    return MEANINGS if "no Landlock" in backend else {**MEANINGS, **WITH_LANDLOCK}
