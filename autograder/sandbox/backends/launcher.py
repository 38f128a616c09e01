"""Makes the namespaces and the file tree of one slot, and starts its relay. A program of its own.

Theory of operation. The trusted worker may have threads and open files, so namespaces are made in
a fresh interpreter. Two processes come of it:

- the *warden* stays outside. It holds no end of the stream. It ends the slot when the worker dies
  (by a pidfd: PDEATHSIG would fire when the *thread* that opened the slot ends), and waits
  for it. When the warden itself is killed, the slot gets SIGKILL.
- the *relay*, PID 1 of the slot's PID namespace.

As root the file tree is built with root's own rights, since the Python prefix may lie where only
root can go; the mounts are in a private mount namespace and reach nobody else. Then the process
becomes an unused uid and gid without groups, for as the kernel's uid 0 neither limits nor the
permissions of /proc would bind, and enters a user namespace in which the tree's mounts are locked.
An ordinary user enters a user namespace first and builds the tree inside it. From there on both
ways are one: no capability outside, uid 1000 inside, no new privileges, and exec of the relay, by
which the capabilities over the slot's own namespaces go too.

The tree is a tmpfs, made read-only in the end, holding read-only copies of the mounts of the
Python prefix, the packages and /usr (rule 7: `mount_setattr` with AT_RECURSIVE, for a read-only
remount does not reach submounts), four device nodes, a fresh /proc, and copies of the code that
runs inside. The zygote has a writable /tmp, which student processes
cover with their own. After pivot_root the host's tree is detached: there is no path back to it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
from dataclasses import asdict, dataclass
from typing import Any

from autograder.sandbox.inside.process import linux
from autograder.sandbox.inside.process.confine import write_identity_maps, write_maps

INSIDE_UID = 1000
EXIT_SETUP = 70
BASE = "/tmp"  # where the new root is put together, in a mount namespace that nobody else sees
DEVICES = ("null", "zero", "full", "random", "urandom")
FOLDERS = (
    *("proc", "tmp", "course", "dev/shm", "home/student", "etc", "var"),
    *("run/empty", "run/scratch", "run/terminal", "sandbox/inside"),
)
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
RELAY = "import sys; sys.path.append(sys.argv[1]); from inside.process.relay import main; main()"
SECRET_MODE = 0o004
ENTERED, MAPPED = b"e", b"m"  # what a template and its warden say of the user namespace
COPIED_BYTES, COPIED_FILES = 8 << 20, 1000  # of one public file or folder


@dataclass(frozen=True)
class SlotPlan:
    """Everything the launcher needs; sent to it as one JSON argument."""

    python: str  # the interpreter, at its own path
    binds: tuple[str, ...]  # folders and files shown read-only at their own path
    links: tuple[tuple[str, str], ...]  # symbolic links of the root: (path, target)
    public_files: tuple[tuple[str, str], ...]  # (source, path inside), read-only
    inside: str  # folder of the code that runs inside; the .py files below it are copied
    covers: tuple[str, ...]  # folders under the binds which are shown empty
    files: tuple[tuple[str, str], ...]  # (path inside, content) of small files made up for the tree
    uid: int | None  # as root: the kernel uid and gid to become; None for an ordinary user
    uids: tuple[int, ...] = ()  # of a template, as root: first and last of those that slots forked from it may have

    def encode(self) -> str:
        return json.dumps(asdict(self))

    @staticmethod
    def decode(text: str) -> SlotPlan:
        return SlotPlan(**{name: _tuples(value) for name, value in json.loads(text).items()})


def _tuples(value: Any) -> Any:
    return tuple(_tuples(part) for part in value) if isinstance(value, list) else value


def build_tree(plan: SlotPlan) -> None:
    """Make the slot's root and pivot into it. Needs every capability over its mount and PID namespaces."""
    linux.mount("none", "/", "", linux.MS_REC | linux.MS_PRIVATE)
    trees = [(path, _read_only_tree(path)) for path in plan.binds]
    public = [(inside, tree) for source, inside in plan.public_files for inside, tree in _public_trees(source, inside)]
    devices = [(f"/dev/{name}", linux.clone_tree(f"/dev/{name}")) for name in DEVICES]
    paths = [os.path.join(place, name) for place, _, names in os.walk(plan.inside) for name in names]
    code = [(path.removeprefix(plan.inside), _content(path)) for path in paths if path.endswith(".py")]

    linux.mount("tmpfs", BASE, "tmpfs", linux.MS_NOSUID, "mode=0755,size=256m")
    for folder in FOLDERS:
        os.makedirs(BASE + "/" + folder, exist_ok=True)
    linux.mount("tmpfs", f"{BASE}/tmp", "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "mode=1777,size=64m")
    for path, target in plan.links:
        os.symlink(target, BASE + path)
    for path, tree in [*trees, *devices]:
        _attach(tree, BASE + path)
    for inside, source in public:
        if isinstance(source, int):
            _attach(source, BASE + inside)
        else:
            _write(BASE + inside, source)
    for path, content in code:
        _write(f"{BASE}/sandbox/inside{path}", content)
    for path, text in plan.files:
        _write(BASE + path, text.encode())
    for path in plan.covers:
        _attach(_read_only_tree(f"{BASE}/run/empty"), BASE + path)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        os.symlink(f"/proc/self/fd/{number}", f"{BASE}/dev/{name}")
    os.symlink("/proc/self/fd", f"{BASE}/dev/fd")
    linux.mount("proc", f"{BASE}/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    os.chdir(BASE)
    linux.pivot_root(".", ".")
    linux.unmount(".", linux.MNT_DETACH)
    os.chdir("/")
    linux.mount("none", "/", "", linux.MS_REMOUNT | linux.MS_BIND | linux.MS_RDONLY | linux.MS_NOSUID)


def _read_only_tree(path: str) -> int:
    tree = linux.clone_tree(path)
    attributes = linux.MOUNT_ATTR_RDONLY | linux.MOUNT_ATTR_NOSUID | linux.MOUNT_ATTR_NODEV
    linux.set_mount_attributes(tree, attributes)
    return tree


def _public_trees(source: str, inside: str) -> list[tuple[str, int | bytes]]:
    """Return a public file or folder: (path inside, content), or a tree of its mount where it is too large to be
    copied.

    A mount tells where on the machine its files lie (/proc/self/mountinfo), and is closed to students where their owner
    keeps it from others; a copy is neither.
    """
    files = [source] if os.path.isfile(source) else _files_of(source)
    if not os.path.isfile(source) and (not files or sum(map(os.path.getsize, files)) > COPIED_BYTES):
        return [(inside, _read_only_tree(source))]
    if os.path.getsize(source) > COPIED_BYTES and os.stat(source).st_mode & SECRET_MODE:
        return [(inside, _read_only_tree(source))]
    return [(inside + path.removeprefix(source), _content(path)) for path in files]


def _files_of(folder: str) -> list[str]:
    """Return the files below a folder; none where something in it is neither file nor folder, or it holds too many."""
    found: list[str] = []
    for place, folders, names in os.walk(folder):
        paths = [os.path.join(place, name) for name in (*folders, *names)]
        if any(os.path.islink(path) for path in paths) or not all(map(os.path.isfile, paths[len(folders) :])):
            return []
        found += paths[len(folders) :]
        if len(found) > COPIED_FILES:
            return []
    return found


def _content(path: str) -> bytes:
    if not os.path.isfile(path):
        return b""
    with open(path, "rb") as file:
        return file.read()


def _attach(tree: int, target: str) -> None:
    info = os.fstat(tree)  # an O_PATH descriptor of the root of the tree
    if os.path.isdir(f"/proc/self/fd/{tree}"):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
    linux.attach_tree(tree, target)
    os.close(tree)
    if os.stat(target).st_ino != info.st_ino:
        raise OSError(f"{target} does not show what it should")


def _write(path: str, content: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    os.chmod(path, 0o444)


def become(uid: int, warden: socket.socket | None = None) -> None:
    """Leave uid 0 for `uid`, and the groups; then a user namespace of its own. Raises OSError if uid 0 is left over.

    warden: writes the maps where more than `uid` is mapped; none of the others can be taken without a capability.
    """
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    if 0 in os.getresuid() or 0 in os.getresgid() or os.getgroups():
        raise OSError("uid 0 could not be left")
    linux.set_dumpable(True)  # else the maps belong to root and cannot be written
    linux.unshare(linux.CLONE_NEWUSER | linux.CLONE_NEWNS)
    if warden is None:
        write_identity_maps(uid, uid, INSIDE_UID)
        return
    warden.send(ENTERED)
    if warden.recv(1) != MAPPED:
        raise OSError("the warden wrote no maps")


def map_many(plan: SlotPlan, other: socket.socket) -> None:
    """Map, as the warden of a template, the child's uid to the one inside, and all others of the range to themselves.

    The mount namespace is one with the child's until it enters its user namespace, so /proc shows the child as 1.
    """
    if plan.uid is None or other.recv(1) != ENTERED:
        return  # it has ended
    first, last = plan.uids
    ranges = [(first, plan.uid - first), (plan.uid + 1, last - plan.uid)]
    lines = [f"{INSIDE_UID} {plan.uid} 1", *(f"{start} {start} {count}" for start, count in ranges if count > 0)]
    write_maps("1", "\n".join(lines))
    other.send(MAPPED)


def run_relay(plan: SlotPlan, warden: socket.socket | None = None) -> None:
    """Become the relay. As PID 1 of the new PID namespace: build the tree, give up every right, exec the relay. Never
    returns."""
    try:
        os.umask(0o022)
        build_tree(plan)
        if plan.uid is not None:
            become(plan.uid, warden)
            if warden is not None:
                warden.close()
        linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
        command = [plan.python, "-I", "-S", "-B", "-c", RELAY, "/sandbox"]
        os.execve(plan.python, command, ENVIRONMENT)
    except OSError as error:
        print(f"the slot could not be set up: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(EXIT_SETUP)


def enter(plan: SlotPlan) -> None:
    """Enter the slot's namespaces, all but the PID namespace, which the next child will be PID 1 of."""
    flags = linux.CLONE_NEWNS | linux.CLONE_NEWPID | linux.CLONE_NEWNET | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS
    flags |= linux.CLONE_NEWCGROUP
    if plan.uid is not None:
        linux.unshare(flags)
        return
    uid, gid = os.getuid(), os.getgid()
    if uid == 0:
        raise OSError("as root, a slot must become another user")
    linux.set_dumpable(True)
    linux.unshare(flags | linux.CLONE_NEWUSER)
    write_identity_maps(uid, gid, INSIDE_UID)


def watch(child: int, worker: int) -> None:
    """Wait until the slot or the worker ends; leave no process of the slot."""
    pidfd = os.pidfd_open(child)
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    poll.register(worker, select.POLLIN)
    poll.poll()
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def main() -> None:
    """Run `launcher PLAN WORKER_PID`, with the stream as descriptors 0 and 1."""
    plan = SlotPlan.decode(sys.argv[1])
    try:
        worker = os.pidfd_open(int(sys.argv[2]))
        if os.getppid() != int(sys.argv[2]):
            os._exit(0)  # the worker died before we could watch it
        enter(plan)
    except OSError as error:
        print(f"the slot could not be set up: {error}", file=sys.stderr, flush=True)
        os._exit(EXIT_SETUP)
    ours, theirs = socket.socketpair() if plan.uids else (None, None)
    child = os.fork()
    if child == 0:
        if ours is not None:
            ours.close()
        run_relay(plan, theirs)
    if ours is not None and theirs is not None:
        theirs.close()
        try:
            map_many(plan, ours)
        except OSError as error:
            print(f"the slot could not be set up: {error}", file=sys.stderr, flush=True)
        ours.close()
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signal_number, signal.SIG_IGN)  # the worker's end is what ends a slot
    nothing = os.open("/dev/null", os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    watch(child, worker)
