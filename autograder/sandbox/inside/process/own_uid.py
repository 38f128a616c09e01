"""Backend `confined-uid`: what a fork of the zygote does to itself where no namespace can be made.

Theory of operation. Relay and zygote run as root of a container that grades one submission and is thrown away, and
run nothing of a student's. Each student process becomes a uid that nobody has and nobody had. From that follow what
is closed by mode, what can be signalled, and what is ended afterwards: everything of that uid.

1. As root still: folders of its own, first to go where memory runs out, limits, descriptors, no way to a capability.
2. The uid and gid change for good and all capabilities go; no new privileges.
3. With Landlock: files by an allow-list, and with them /proc and its words on others.
4. The system call filter last: no socket but a connected pair.

`end_user` ends everything of a uid by kill(-1), which the kernel does at once, so that nothing outruns it. The process
that calls it has that uid as the effective one only, so that it reaches nobody else, and cannot be reached itself.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import time

from ..wire.config import InsideConfig
from . import confine, landlock, linux
from .proc_files import status_of
from .student_process import descendants

FOLDERS = ("home", "tmp")
OOM_SCORE = 1000
END_SECONDS, PAUSE_SECONDS = 20.0, 0.002
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
OF_PROC = ("/proc/cpuinfo", "/proc/meminfo")  # what libraries size themselves by


def unused_uid(first: int, last: int) -> int:
    """Return a uid in the range that no account and no process has. Raises OSError if none is found."""
    used = {entry.pw_uid for entry in pwd.getpwall()} | {0}
    for name in os.listdir("/proc"):
        if name.isdigit():
            used.update(_uids_of(int(name)))
    for _ in range(1000):
        uid = first + secrets.randbelow(last - first + 1)
        if uid not in used:
            return uid
    raise OSError("no unused uid was found")


def _uids_of(pid: int) -> set[int]:
    """Return the real, effective, saved and file system uid of a process; nothing where it is gone."""
    with contextlib.suppress(OSError):
        return {int(word) for word in status_of(pid).get("Uid", ())}
    return set()


def confine_as(config: InsideConfig, uid: int, keep: tuple[int, ...], program: bytes) -> None:
    """Confine this process, a fork of the zygote, as the user `uid` for good. Raises OSError: it must not go on."""
    os.setsid()
    terminal = _own_folders(config, uid)
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write(str(OOM_SCORE))
    rules = _rules(config, terminal)
    confine.standard_descriptors(terminal, keep)
    os.chown(terminal, uid, uid)
    os.chdir(os.path.join(config.scratch, "home"))
    confine.limits(config)
    linux.lock_capabilities()
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    linux.empty_capabilities()
    if set(os.getresuid() + os.getresgid()) != {uid} or os.getgroups():
        raise OSError("uid 0 could not be left")
    confine.link_beside(config.course)
    linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
    linux.set_dumpable(False)
    if config.landlock:
        landlock.restrict(rules, config.landlock)
    linux.install_filter(program)


def _own_folders(config: InsideConfig, uid: int) -> str:
    """Make the folders of one student process, and return the path of the file behind descriptors 1 and 2."""
    for name in FOLDERS:
        path = os.path.join(config.scratch, name)
        os.mkdir(path, 0o700)
        os.chown(path, uid, uid)
    return os.path.join(config.scratch, "terminal")


def _rules(config: InsideConfig, terminal: str) -> list[tuple[str, int]]:
    return [
        *((path, landlock.READ) for path in (*config.readable, config.course, os.path.join(config.scratch, "sandbox"))),
        *((path, landlock.LIST) for path in config.listable),
        *((path, landlock.USE) for path in DEVICES),
        *((path, landlock.READ) for path in OF_PROC),
        *((os.path.join(config.scratch, name), landlock.OWN) for name in FOLDERS),
        (terminal, landlock.USE),
    ]


def clear(config: InsideConfig) -> None:
    """Remove what a student process left in its folders. Nothing of its uid runs any more."""
    for name in FOLDERS:
        shutil.rmtree(os.path.join(config.scratch, name), ignore_errors=True)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(config.scratch, "terminal"))


def end_user(uid: int, bystander: int) -> None:
    """Kill everything of `uid`, and wait until nothing is below this process. Raises OSError where something is left.

    bystander: a uid that nobody has, for the process that does it.
    """
    _kill_all_of(uid, bystander)
    deadline = time.monotonic() + END_SECONDS
    while not _all_reaped():
        if time.monotonic() > deadline:
            raise OSError(f"processes of the uid {uid} could not be ended")
        time.sleep(PAUSE_SECONDS)


def _kill_all_of(uid: int, bystander: int) -> None:
    """Signal everything of `uid` at once. The kernel says nothing of whether there was anything."""
    if 0 in (uid, bystander) or uid == bystander:
        raise OSError("the user whose processes are ended must be one of their own")
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.setgroups([])
            os.setresgid(bystander, bystander, bystander)
            os.setresuid(bystander, uid, bystander)
            linux.empty_capabilities()
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
            status = 0
        finally:
            os._exit(status)
    if os.waitpid(pid, 0)[1] != 0:
        raise OSError(f"processes of the uid {uid} could not be signalled")


def _all_reaped() -> bool:
    """Wait for those below this process that have ended. Returns whether there are no others.

    What loses its parent comes to this process, as a subreaper.
    """
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return True
    return False


def end_users_below(pid: int, first: int, last: int) -> None:
    """End, as `end_user` does, every uid in the range that a process below `pid` has: where the zygote itself was
    killed."""
    for uid in {uid for below in descendants(pid) for uid in _uids_of(below) if first <= uid <= last}:
        with contextlib.suppress(OSError):
            end_user(uid, unused_uid(first, last))
