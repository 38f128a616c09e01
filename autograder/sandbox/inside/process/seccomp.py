"""The system call filter of a student process: an assembler of a dozen lines, and the list.

Theory of operation. The kernel runs a small program over (number, architecture, arguments) at each
system call. Ours kills a process that calls by another architecture's table (numbers mean other
calls there), refuses x32 numbers, and answers what is listed below with an error number; everything
else is allowed. It is a list of refusals and not of permissions because torch, BLAS libraries and
Python use a wide and changing set of calls, while what leads out of a sandbox whose process has no
capabilities and no new privileges is short: ways to get a new user namespace and with it all
capabilities, ways to change mounts or to reach into other processes, and kernel interfaces with a
record of holes. EPERM is the answer, except where a library falls back only on ENOSYS (`clone3`).

Rules 2, 5 and 6 of the sandbox are here.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Sequence

from . import linux

# name -> (x86_64, aarch64); None if the architecture never had the call
DENIED: dict[str, tuple[int | None, int | None]] = {
    # mounts
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_tree_attr": (467, 467),
    # namespaces
    "unshare": (272, 97),
    "setns": (308, 268),
    # other processes
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    # keys
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # kernel interfaces with a history
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "userfaultfd": (323, 282),
    "fanotify_init": (300, 262),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "personality": (135, 92),
    "syslog": (103, 116),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "vhangup": (153, 58),
    "lookup_dcookie": (212, 18),
    "vmsplice": (278, 75),
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
    "nfsservctl": (180, 42),
    "uselib": (134, None),
    "ustat": (136, None),
    "sysfs": (139, None),
    # modules and kernels
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "query_module": (178, None),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    # names and clocks of the machine
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    # queues and semaphores hold kernel memory that no limit of the process counts
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "memfd_secret": (447, 447),
    # words between students through files that all of them can read, and a number of instances that they share
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    # what is in memory of files that all students read, and where the machine's own folders are mounted
    "cachestat": (451, 451),
    "statmount": (457, 457),
    "listmount": (458, 458),
}
# Locks on such files are words, too. They are answered with success and not made: on the private files of one
# student, libraries that lock (caches, databases) go on as before, and a refusal would have them wait for ever.
FLOCK, FCNTL = (73, 32), (72, 25)
F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW = 6, 7, 37, 38
F_SETLEASE, F_NOTIFY = 1024, 1026
# Pages of such files that are put out of memory are words for whoever looks which are in it; and writing out what all
# programs of the machine have not written yet holds everybody up. Both are advice to a library: answered, not done.
ANSWERED: dict[str, tuple[int, int]] = {
    "fadvise64": (221, 223),
    "readahead": (187, 213),
    "sync": (162, 81),
    "syncfs": (306, 267),
}
# Reads and writes with flags: one tells whether a page is in memory, another puts it out.
WITH_FLAGS: dict[str, tuple[int, int]] = {"preadv2": (327, 286), "pwritev2": (328, 287)}
# Memory that rlimits do not count: refused where no memory cgroup does.
UNCOUNTED_MEMORY: dict[str, tuple[int | None, int | None]] = {
    "memfd_create": (319, 279),
    "shmget": (29, 194),
    "shmat": (30, 196),
}
SOCKET_CALLS = ((41, 198), (53, 199))  # socket, socketpair
# Where the network, the processes and the users are the machine's own: no way to make a socket but a connected pair,
# and none to name another end. A pair of datagram sockets could: each datagram may carry an address.
OF_THE_MACHINE: dict[str, tuple[int | None, int | None]] = {
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
}
SOCKETPAIR, PRCTL = (53, 199), (157, 167)
SOCK_TYPE_BITS, SOCK_STREAM, SOCK_SEQPACKET = 0xF, 1, 5
SET_OPTION, GET_OPTION = (54, 208), (55, 209)
CLONE = (56, 220)
CLONE3 = (435, 435)
MMAP = (9, 222)

# Numbers are the same on all architectures by now. What is younger than this list is as on a kernel without it.
FIRST_UNKNOWN = 468

AF_UNIX, AF_INET, AF_INET6 = 1, 2, 10
SOL_SOCKET = 1
# A socket that lingers would hold up whoever it is passed to and closed by; the others give a pidfd of the worker.
SO_LINGER, SO_PASSPIDFD, SO_PEERPIDFD = 13, 76, 77
# What a socket holds is memory that no limit of a process counts: its buffers stay as small as the kernel makes them.
SO_SNDBUF, SO_RCVBUF, SO_SNDBUFFORCE, SO_RCVBUFFORCE = 7, 8, 32, 33
MAP_SHARED_ANONYMOUS = 0x01 | 0x20
NEW_NAMESPACES = (
    linux.CLONE_NEWNS
    | linux.CLONE_NEWCGROUP
    | linux.CLONE_NEWUTS
    | linux.CLONE_NEWIPC
    | linux.CLONE_NEWUSER
    | linux.CLONE_NEWPID
    | linux.CLONE_NEWNET
)

ARCHITECTURES = {"x86_64": (0, 0xC000_003E), "aarch64": (1, 0xC000_00B7)}  # column above, AUDIT_ARCH_*
X32_BIT = 0x4000_0000

# struct seccomp_data: int nr; u32 arch; u64 instruction_pointer; u64 args[6] (low halves first)
_NUMBER, _ARCHITECTURE = 0, 4
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _KILL_PROCESS, _ERROR = 0x7FFF_0000, 0x8000_0000, 0x0005_0000

Instruction = tuple[int, int, int, int]


def _argument(index: int) -> int:
    """Return the offset of the low half of an argument. All arguments looked at are 32-bit values to the kernel."""
    return 16 + 8 * index


def _error(number: int) -> Instruction:
    return (_RETURN, 0, 0, _ERROR | number)


def assemble(machine: str, *, namespaces: bool = True) -> bytes:
    """Return the filter for `machine` (as in os.uname) as an array of struct sock_filter.

    Without namespaces, no socket but a connected pair can be made, and a process cannot make itself open to others
    of its user. Raises OSError for an architecture without a table: such a machine has no sandbox.
    """
    if machine not in ARCHITECTURES:
        raise OSError(f"no system call table for the architecture {machine}: known are {', '.join(ARCHITECTURES)}")
    column, audit = ARCHITECTURES[machine]
    denied = {**DENIED, **UNCOUNTED_MEMORY}
    if not namespaces:
        denied |= OF_THE_MACHINE
    program: list[Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, audit),
        (_RETURN, 0, 0, _KILL_PROCESS),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":
        program += [(_AT_LEAST, 0, 1, X32_BIT), _error(errno.ENOSYS)]
    program += [(_AT_LEAST, 0, 1, FIRST_UNKNOWN), _error(errno.ENOSYS)]
    program += [(_EQUAL, 0, 1, CLONE3[column]), _error(errno.ENOSYS)]
    for numbers in denied.values():
        number = numbers[column]
        if number is not None:
            program += [(_EQUAL, 0, 1, number), _error(errno.EPERM)]
    program += _with_argument([CLONE[column]], 0, [(_ANY_BIT, 0, 1, NEW_NAMESPACES), _error(errno.EPERM)])
    if not namespaces:
        # Whoever is dumpable has files in /proc that are their own, and could take back that they die first.
        program += _with_argument([PRCTL[column]], 0, [(_EQUAL, 0, 1, linux.PR_SET_DUMPABLE), _error(errno.EPERM)])
        types = [(_EQUAL, 2, 0, SOCK_STREAM), (_EQUAL, 1, 0, SOCK_SEQPACKET), _error(errno.EPERM)]
        checks = [
            (_EQUAL, 1, 0, AF_UNIX),
            _error(errno.EPERM),
            (_LOAD, 0, 0, _argument(1)),
            (_AND, 0, 0, SOCK_TYPE_BITS),
        ]
        program += _with_argument([SOCKETPAIR[column]], 0, [*checks, *types])
    families = [(_EQUAL, 3, 0, AF_UNIX), (_EQUAL, 2, 0, AF_INET), (_EQUAL, 1, 0, AF_INET6), _error(errno.EPERM)]
    program += _with_argument([numbers[column] for numbers in SOCKET_CALLS], 0, families)
    for call, refused in (
        (SET_OPTION, (SO_LINGER, SO_PASSPIDFD, SO_PEERPIDFD, SO_SNDBUF, SO_RCVBUF, SO_SNDBUFFORCE, SO_RCVBUFFORCE)),
        (GET_OPTION, (SO_LINGER, SO_PASSPIDFD, SO_PEERPIDFD)),
    ):
        among = [(_EQUAL, len(refused) - place, 0, option) for place, option in enumerate(refused)]
        options = [(_EQUAL, 0, len(refused) + 3, SOL_SOCKET), (_LOAD, 0, 0, _argument(2)), *among]
        program += _with_argument([call[column]], 1, [*options, (_RETURN, 0, 0, _ALLOW), _error(errno.EPERM)])
    for answered in (FLOCK, *ANSWERED.values()):
        program += [(_EQUAL, 0, 1, answered[column]), _error(0)]
    flags = [(_EQUAL, 1, 0, 0), _error(errno.EOPNOTSUPP)]
    program += _with_argument([numbers[column] for numbers in WITH_FLAGS.values()], 5, flags)
    locks = [(_EQUAL, 6 - place, 0, word) for place, word in enumerate((F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW))]
    words = [*locks, (_EQUAL, 3, 0, F_SETLEASE), (_EQUAL, 2, 0, F_NOTIFY), (_RETURN, 0, 0, _ALLOW)]
    program += _with_argument([FCNTL[column]], 1, [*words, _error(0), _error(errno.EPERM)])
    # Pages of a shared anonymous mapping stay when the process drops them: nobody would count them.
    shared = [(_AND, 0, 0, MAP_SHARED_ANONYMOUS), (_EQUAL, 0, 1, MAP_SHARED_ANONYMOUS), _error(errno.EPERM)]
    program += _with_argument([MMAP[column]], 3, shared)
    program.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def _with_argument(numbers: Sequence[int], index: int, checks: list[Instruction]) -> list[Instruction]:
    """Run, for the system calls `numbers`, `checks` over an argument; they fall through to allow."""
    block: list[Instruction] = []
    for number in numbers:
        block += [
            (_EQUAL, 0, len(checks) + 2, number),
            (_LOAD, 0, 0, _argument(index)),
            *checks,
            (_RETURN, 0, 0, _ALLOW),
        ]
    return block
