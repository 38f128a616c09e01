"""Backend `confined-uid`: a user of its own for each student process, where no namespace can be made.

For containers that grade one submission and are thrown away, whose profile refuses namespaces (Docker's own does).
What it promises everywhere, what only with Landlock, and what not, is said in docs/security.md.

Student code sees the files of this container as any user does. So before a slot opens it is tried, as such a user,
what must not be reached: the course, and every folder where all may write, which would carry words from one
student process to the next. With Landlock the latter are out of reach by the list of what may be opened.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from autograder.sandbox.backends import launcher, namespace
from autograder.sandbox.backends.interpreter import start_interpreter
from autograder.sandbox.inside.process import landlock, own_uid
from autograder.sandbox.inside.process.proc_files import status_of
from autograder.sandbox.interface import SandboxFault, SlotConfig

SWITCH = "AUTOGRADER_LANDLOCK"  # "off": do without, to see what holds then
BASES = ("/run", "/var/lib", "/opt")  # where a folder for student processes is made: all may go through it
NEEDED = {"CAP_CHOWN": 0, "CAP_KILL": 5, "CAP_SETGID": 6, "CAP_SETUID": 7, "CAP_SETPCAP": 8}
SHARED = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock", "/run/shm", "/run/user")
FILES_OF_ETC = ("/etc/passwd", "/etc/group", "/etc/hosts", "/etc/nsswitch.conf")
PROBE = """
import json, os, sys
can_read, can_write = json.loads(sys.argv[1])
def reads(path):
    try:
        os.listdir(path) if os.path.isdir(path) else open(path, "rb").close()
    except OSError:
        return os.path.isdir(path) and os.access(path, os.X_OK)
    return True
print(json.dumps([[p for p in can_read if reads(p)], [p for p in can_write if os.access(p, os.W_OK)]]))
"""


def landlock_version() -> int:
    """Return the version of Landlock to use; 0 where the kernel has none or it is switched off."""
    return 0 if os.environ.get(SWITCH, "").lower() in ("off", "0", "no") else landlock.version()


def level(version: int) -> str:
    """Return the name by which a result says what it was graded with."""
    return f"confined-uid, Landlock {version}" if version else "confined-uid, no Landlock"


def check(config: SlotConfig) -> None:
    """Raise SandboxFault, with what to do, where student code would reach what it must not, or lack what it needs."""
    if os.getuid() != 0:
        raise SandboxFault("the backend confined-uid needs root, to give each submission a user of its own")
    held = _capabilities()
    missing = [name for name, bit in NEEDED.items() if not held & 1 << bit]
    if missing:
        raise SandboxFault(f"the backend confined-uid needs {', '.join(missing)}: start the container with them")
    hidden = [str(path) for path in config.hidden_paths] + list(namespace.own_code(namespace.import_paths()))
    needed = [os.path.realpath(sys.executable), os.path.dirname(os.__file__), *namespace.import_paths()]
    shared = [] if landlock_version() else [path for path in SHARED if os.path.isdir(path) and not os.path.islink(path)]
    readable, writable = _as_anybody([*hidden, *needed], shared)
    for path in hidden:
        if path in readable:
            raise SandboxFault(f"{path} can be read by every user: close it (chmod -R go= {path})")
    for path in needed:
        if path not in readable:
            raise SandboxFault(
                f"{path}, which student code needs, cannot be read by other users: see the modes of its folders"
            )
    if writable:
        raise SandboxFault(
            f"every user may write to {', '.join(writable)}, and this kernel has no Landlock: close them (chmod 0711), "
            "in a container that does nothing else"
        )


def _capabilities() -> int:
    return int(status_of("self").get("CapEff", ["0"])[0], 16)


def _as_anybody(can_read: Sequence[str], can_write: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return which paths a user without any right of its own can read, and which of the others it can write to."""
    uid = own_uid.unused_uid(*uid_range())
    asked = json.dumps([list(can_read), list(can_write)])
    # Not our own interpreter: it may be the very thing that cannot be read.
    said = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _BECOME + PROBE, asked, str(uid)],
        capture_output=True, text=True, check=False, env=launcher.ENVIRONMENT, cwd="/",
    )  # fmt: skip
    try:
        found: tuple[list[str], list[str]] = tuple(json.loads(said.stdout))
    except ValueError as error:
        raise SandboxFault(f"what other users can read could not be tried: {said.stderr.strip()[-300:]}") from error
    return found


# The libraries are loaded before the user changes, since they may lie where that user cannot go.
_BECOME = """
import json, os, sys
uid = int(sys.argv.pop())
os.setgroups([]); os.setresgid(uid, uid, uid); os.setresuid(uid, uid, uid)
"""


def uid_range() -> tuple[int, int]:
    """Return the first and last uid to draw from. Raises SandboxFault where too few are mapped."""
    return namespace.mapped_range(Path("/proc/self/uid_map").read_text())


def make_scratch(config: SlotConfig) -> Path:
    """Return a folder that every user may go through and nobody but root may write to: public files in `course`, the
    code that runs inside in `sandbox`, and a place for what student processes write."""
    scratch = Path(tempfile.mkdtemp(prefix="autograder-uid-", dir=_base()))
    old = os.umask(0o022)
    try:
        for name in own_uid.FOLDERS:  # libraries that the zygote imports ask for them, and remember where they are
            (scratch / name).mkdir()
        (scratch / "course").mkdir()
        for source, inside in namespace.public_paths(config.public_files):
            target = scratch / "course" / Path(inside).name
            shutil.copytree(source, target) if os.path.isdir(source) else shutil.copy(source, target)
        shutil.copytree(Path(launcher.__file__).parents[1] / "inside", scratch / "sandbox" / "inside",
                        ignore=shutil.ignore_patterns("__pycache__"))  # fmt: skip
        for path in [*scratch.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        scratch.chmod(0o711)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    finally:
        os.umask(old)
    return scratch


def _base() -> str:
    for path in BASES:
        if os.path.isdir(path) and os.access(path, os.W_OK) and stat.S_IMODE(os.stat(path).st_mode) & 0o001:
            return path
    raise SandboxFault(f"no folder for student processes can be made in any of {', '.join(BASES)}")


def readable(config: SlotConfig) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what Landlock lets student code read, with all below it, and the folders of which it sees the names only.

    Raises SandboxFault if the course lies under any of it.
    """
    binds, _ = namespace.tree_binds()
    namespace.check_hidden(binds, config.hidden_paths)
    whole, listed = [*FILES_OF_ETC], []
    covered = [os.path.realpath(path) for path in namespace.own_code(namespace.import_paths())]
    waiting = [os.path.realpath(path) for path in binds]
    while waiting:
        path = waiting.pop()
        if path in covered:
            continue
        if any(other.startswith(path + "/") for other in covered):
            listed.append(path)
            waiting += [entry.path for entry in os.scandir(path)]
        else:
            whole.append(path)
    return tuple(whole), tuple(listed)


def start(scratch: Path, stream: socket.socket, errors: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start the relay with `stream` as its standard input and output."""
    return start_interpreter(launcher.RELAY, [str(scratch / "sandbox")], stream, errors)
