"""What one fork of the zygote does to itself before it runs student code.

Theory of operation, and why the order is as it is.

1. The zygote refuses to fork as the kernel's uid 0, on whom neither rlimits nor file permissions of
   /proc bind. Its uid_map tells, but no further than one user namespace out. An engine without root has
   one of its own in between, whose uid 0 is an ordinary user: there the trusted side looks from outside,
   at the credentials of the relay's socket, and vouches.
   The fork is born as PID 1 of new user, PID, mount, network, IPC, UTS and cgroup namespaces. The zygote
   is not dumpable, so its fork may not write its own uid_map until it has made itself dumpable.
2. The fork then has every capability over its new namespaces, and uses them for a private tmpfs
   with bounds on bytes and inodes, a fresh /proc, and covers on what of /proc belongs to the
   machine. Everything else in the tree was made read-only by the slot, and those mounts are locked
   to whoever has a lesser user namespace.
3. After the last mount the way back is closed: limits, all capability sets and the bounding set
   empty, NOROOT locked, no new privileges, not dumpable (a test's fork cannot reach into PID 1 through
   /proc/1/mem), and the system call filter, without which a new user namespace would give all
   capabilities again.

Nothing here parses anything a student wrote, and nothing runs after student code has.
"""

from __future__ import annotations

import contextlib
import os
import resource
import socket

from ..wire.config import InsideConfig
from . import linux

HOME = "/home/student"
TERMINAL = "/run/terminal/output"  # descriptors 1 and 2 of student code
HOST_NAME = "slot"  # as the container backend calls its containers
SCRATCH = "/run/scratch"  # the whole of the private tmpfs
EMPTY = "/run/empty"  # an empty folder of the read-only tree

NEW_NAMESPACES = (
    linux.CLONE_NEWUSER
    | linux.CLONE_NEWPID
    | linux.CLONE_NEWNS
    | linux.CLONE_NEWNET
    | linux.CLONE_NEWIPC
    | linux.CLONE_NEWUTS
    | linux.CLONE_NEWCGROUP
)
COVERED = (
    *("acpi", "asound", "buddyinfo", "bus", "cgroups", "config.gz", "consoles", "crypto", "devices", "diskstats"),
    *("cmdline", "dma", "driver", "dynamic_debug", "fb", "fs", "interrupts", "iomem", "ioports", "irq", "kallsyms"),
    *("kcore", "keys", "key-users", "kmsg", "kpagecgroup", "kpagecount", "kpageflags", "latency_stats", "locks"),
    *("mdstat", "misc", "modules", "mtrr", "pagetypeinfo", "partitions", "pressure", "sched_debug", "schedstat"),
    *("scsi", "slabinfo", "softirqs", "swaps", "sys", "sysrq-trigger", "sysvipc", "timer_list", "timer_stats", "tty"),
    *("vmallocinfo", "zoneinfo"),
)

OPEN_FILES = 256
OOM_SCORE = 800  # of 1000; a test's fork has all of them
STACK_BYTES = 64 << 20


class ConfinementRefused(Exception):
    """This process must not run student code."""


def refuse_kernel_root() -> None:
    """Raise ConfinementRefused where this process's uid is the kernel's uid 0, under whatever name."""
    with open("/proc/self/uid_map") as file:
        if is_kernel_root(file.read(), os.getuid()):
            raise ConfinementRefused("a student process would run as the kernel's uid 0, which no limit binds")


def is_kernel_root(uid_map: str, uid: int) -> bool:
    """Return whether `uid` stands for uid 0 one user namespace further out, or for nothing, by the text of a
    uid_map.
    """
    for line in uid_map.splitlines():
        inside, outside, count = (int(word) for word in line.split())
        if inside <= uid < inside + count:
            return outside + uid - inside == 0
    return True


def write_identity_maps(uid: int, gid: int, inner: int) -> None:
    """Map `inner` of the user namespace just entered to `uid` and `gid` of the one outside."""
    write_maps("self", f"{inner} {uid} 1", f"{inner} {gid} 1")


def write_maps(pid: str, users: str, groups: str = "") -> None:
    """Write the maps of a process's user namespace: lines of (inside, outside, count). groups: as users by default.

    Uses os.write, because a buffered file reports the kernel's refusal only when it is closed.
    """
    for name, text in (("setgroups", "deny"), ("uid_map", users), ("gid_map", groups or users)):
        descriptor = os.open(f"/proc/{pid}/{name}", os.O_WRONLY)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)


def fork_confined(config: InsideConfig, keep: tuple[int, ...], program: bytes) -> int:
    """Fork this process into new namespaces and confine the child. Returns the pid, and 0 in the child.

    `keep` are descriptors the child leaves open besides 0, 1, 2; `program` is its system call filter.
    In the child, OSError where any step fails: then it must not go on. In the parent,
    ConfinementRefused where this process is the kernel's uid 0.
    """
    if not config.uid_vouched:
        refuse_kernel_root()
    uid, gid = os.getuid(), os.getgid()
    pid = linux.fork_into(NEW_NAMESPACES)
    if pid == 0:
        linux.set_dumpable(True)
        write_identity_maps(uid, gid, uid)
        linux.set_dumpable(False)
        confine(config, keep, program)
    return pid


def confine(config: InsideConfig, keep: tuple[int, ...], program: bytes) -> None:
    """Confine this process, PID 1 of its new namespaces, for good."""
    os.setsid()
    _first_to_go()
    if os.uname().nodename != HOST_NAME:
        socket.sethostname(HOST_NAME)
    frozen = _frozen_trees(config)
    _private_files(config)
    _fresh_proc(frozen)
    os.chdir(HOME)
    link_beside(config.course)
    standard_descriptors(TERMINAL, keep)
    limits(config)
    linux.drop_all_capabilities()
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
    linux.set_dumpable(False)
    linux.install_filter(program)


def _first_to_go() -> None:
    """Let the kernel end the student, not relay or zygote, where memory runs out, in a container's own cgroup say."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write(str(OOM_SCORE))


def link_beside(course: str) -> None:
    """Make public files lie where a notebook looks for them: links to what is read-only, so that none is copied."""
    for name in os.listdir(course) if os.path.isdir(course) else ():
        if not name.endswith((".py", ".pyc")) and name != "__pycache__":  # modules are on sys.path
            os.symlink(os.path.join(course, name), name)


def _private_files(config: InsideConfig) -> None:
    """Mount one bounded tmpfs under home, /tmp and /dev/shm; a small one for what is written to descriptors 1 and 2."""
    flags = linux.MS_NOSUID | linux.MS_NODEV
    kept = [(path, linux.clone_tree(path)) for path in config.kept_paths]
    bounds = f"size={config.tmpfs_bytes},nr_inodes={config.tmpfs_inodes},mode=0755"
    linux.mount("tmpfs", SCRATCH, "tmpfs", flags, bounds)
    for target, mode in ((HOME, 0o700), ("/tmp", 0o1777), ("/dev/shm", 0o1777)):
        source = os.path.join(SCRATCH, os.path.basename(target))
        os.mkdir(source)
        os.chmod(source, mode)
        linux.mount(source, target, "", linux.MS_BIND)
    for path, tree in kept:
        os.makedirs(path)
        linux.attach_tree(tree, path)
    folder = os.path.dirname(TERMINAL)
    linux.mount("tmpfs", folder, "tmpfs", flags | linux.MS_NOEXEC, f"size={config.output_bytes},nr_inodes=4,mode=0755")


def frozen_files(config: InsideConfig) -> dict[str, str]:
    """Return what libraries read of the machine in /proc, in the kernel's form: a student's memory, and no load."""
    limit = config.memory_bytes >> 10
    memory = {"MemTotal": limit, "MemFree": limit, "MemAvailable": limit, "Buffers": 0, "Cached": 0, "SwapCached": 0}
    memory |= dict.fromkeys(("Active", "Inactive", "SwapTotal", "SwapFree", "Shmem", "Slab", "SReclaimable"), 0)
    processors = ["cpu ", *(f"cpu{number}" for number in range(len(os.sched_getaffinity(0))))]
    return {
        "loadavg": "0.00 0.00 0.00 1/1 1\n",
        "meminfo": "".join(f"{name + ':':<16}{kilobytes:>8} kB\n" for name, kilobytes in memory.items()),
        "stat": "".join(f"{name} {' '.join(['0'] * 10)}\n" for name in processors)
        + "intr 0\nctxt 0\nbtime 0\nprocesses 1\nprocs_running 1\nprocs_blocked 0\n",
        "uptime": "0.00 0.00\n",
        "vmstat": "pswpin 0\npswpout 0\n",
    }


def _frozen_trees(config: InsideConfig) -> dict[str, int]:
    """Return these files as read-only trees. The file system that holds them will be covered, and out of reach."""
    linux.mount("tmpfs", SCRATCH, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC, "size=64k,nr_inodes=16")
    trees = {}
    for name, text in frozen_files(config).items():
        path = os.path.join(SCRATCH, name)
        with open(path, "w") as file:
            file.write(text)
        trees[name] = linux.clone_tree(path)
        linux.set_mount_attributes(trees[name], linux.MOUNT_ATTR_RDONLY | linux.MOUNT_ATTR_NOSUID)
    return trees


def _fresh_proc(frozen: dict[str, int]) -> None:
    linux.mount("proc", "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)
    for name in COVERED:
        path = f"/proc/{name}"
        if os.path.isdir(path):
            linux.mount(EMPTY, path, "", linux.MS_BIND)
        elif os.path.exists(path):
            linux.mount("/dev/null", path, "", linux.MS_BIND)
    for name, tree in frozen.items():
        linux.attach_tree(tree, f"/proc/{name}")
        os.close(tree)


def standard_descriptors(terminal: str, keep: tuple[int, ...]) -> None:
    """Set up the descriptors: 0 is empty, 1 and 2 are a bounded file; every descriptor but those and `keep` is
    closed."""
    os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
    output = os.open(terminal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    last = 2
    for descriptor in sorted(keep):
        os.closerange(last + 1, descriptor)
        last = descriptor
    os.closerange(last + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def limits(config: InsideConfig) -> None:
    """Set the limits of one process, where memory is what it may use beyond what the zygote already had."""
    address_space, data = _baseline()
    _limit(resource.RLIMIT_NPROC, config.processes)
    _limit(resource.RLIMIT_FSIZE, config.file_bytes)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    _limit(resource.RLIMIT_DATA, data + config.memory_bytes)
    _limit(resource.RLIMIT_AS, address_space + config.memory_bytes + config.tmpfs_bytes)
    _limit(resource.RLIMIT_MEMLOCK, 0)
    _limit(resource.RLIMIT_MSGQUEUE, 0)
    _limit(resource.RLIMIT_SIGPENDING, OPEN_FILES)
    _limit(resource.RLIMIT_STACK, STACK_BYTES, keep_soft=True)


def _limit(what: int, value: int, *, keep_soft: bool = False) -> None:
    """Lower a limit to `value`. One that is lower already stays: raising it needs a privilege."""
    soft, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    if keep_soft and soft != resource.RLIM_INFINITY:
        resource.setrlimit(what, (min(soft, value), value))
    else:
        resource.setrlimit(what, (value, value))


def _baseline() -> tuple[int, int]:
    """Return bytes of address space and of private data that this process has now."""
    page = resource.getpagesize()
    with open("/proc/self/statm") as file:
        words = file.read().split()
    return int(words[0]) * page, int(words[5]) * page


def unconfined(config: InsideConfig, keep: tuple[int, ...]) -> str:
    """Prepare the backend `none`: a folder and descriptors of its own, no more. Returns the terminal's path."""
    folder = os.path.join(config.scratch, f"student-{os.getpid()}")
    os.mkdir(folder, 0o700)
    os.chdir(folder)
    link_beside(config.course)
    with contextlib.suppress(PermissionError):  # already the leader of a session
        os.setsid()
    terminal = os.path.join(config.scratch, "terminal")
    with contextlib.suppress(FileNotFoundError):
        os.unlink(terminal)
    standard_descriptors(terminal, keep)
    return terminal
