"""Backend `namespace`: what a slot's tree shows, and the process that makes it.

The tree holds the machine's libraries and the Python environment, the public files of one
assignment, and nothing else. A course must not lie under anything that is bound: `check_hidden` refuses
it, since binding a folder shows all of it.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import site
import socket
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

from autograder.sandbox.backends import launcher
from autograder.sandbox.backends.interpreter import start_interpreter
from autograder.sandbox.interface import SandboxFault, SlotConfig

SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin")
OF_ETC = (
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/localtime",
    "/etc/mime.types",
)
PROCESSORS = "/sys/devices/system/cpu"  # torch reads from here how many there are
FILES = (
    ("/etc/passwd", "root:x:0:0:root:/:/bin/false\nstudent:x:1000:1000:student:/home/student:/bin/sh\n"),
    ("/etc/group", "root:x:0:\nstudent:x:1000:\n"),
    ("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n"),
    ("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"),
)
OWN_PACKAGE = "autograder"
FIRST_UID, LAST_UID = 0x7000_0000, 0x7FFF_FFFE  # set aside by nobody; systemd's ranges end below
LAUNCHER = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from autograder.sandbox.backends.launcher import main; main()"
)


def import_paths() -> tuple[str, ...]:
    """Return the site-packages folders of this environment."""
    prefixes = list(dict.fromkeys([sys.prefix, sys.base_prefix])) if sys.prefix == sys.base_prefix else [sys.prefix]
    found = [path for path in site.getsitepackages(prefixes) if os.path.isdir(path)]
    return tuple(dict.fromkeys(os.path.realpath(path) for path in found))


def tree_binds() -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return paths to bind and symbolic links to make, for the system and the Python environment.

    Each path is resolved, and none lies under another.
    """
    links = tuple((path, os.readlink(path)) for path in SYSTEM if os.path.islink(path))
    wanted = [path for path in SYSTEM if os.path.isdir(path) and not os.path.islink(path)]
    wanted += [path for path in OF_ETC if os.path.exists(path)]
    wanted += [path for path in (PROCESSORS,) if os.path.isdir(path)]
    wanted += [sys.base_prefix, sys.prefix, os.path.dirname(os.path.realpath(sys.executable)), *import_paths()]
    return _outermost(wanted), links


def _outermost(paths: Iterable[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for path in sorted(dict.fromkeys(os.path.abspath(path) for path in paths)):
        if not any(_lies_under(path, other) for other in kept):
            kept.append(path)
    return tuple(kept)


def _lies_under(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def check_hidden(binds: Sequence[str], hidden: Iterable[Path]) -> None:
    """Raise SandboxFault if a path that students must not reach would be shown with a bound one."""
    for path in hidden:
        for name in {os.path.abspath(path), os.path.realpath(path)}:
            for bound in {*binds, *(os.path.realpath(bind) for bind in binds)}:
                if _lies_under(name, bound):
                    raise SandboxFault(
                        f"{name} lies under {bound}, which student code can read: move the course out of {bound}, "
                        "or use a Python environment that does not contain it"
                    )


def own_code(paths: Sequence[str]) -> tuple[str, ...]:
    """Return the folders of this distribution that lie in site-packages (when it is not installed as editable).

    They hold model definitions which answer blanks, so they are shown empty.
    """
    found = []
    for folder in paths:
        for listing in Path(folder).glob("*.dist-info/top_level.txt"):
            names = listing.read_text().split()
            if OWN_PACKAGE in names:
                found += [os.path.join(folder, name) for name in names if os.path.isdir(os.path.join(folder, name))]
    return tuple(found)


def public_paths(files: Sequence[Path]) -> tuple[tuple[str, str], ...]:
    """Return (source, path inside) of public files. Raises SandboxFault if one is missing or two have one name."""
    named: dict[str, str] = {}
    for file in files:
        if not file.exists():
            raise SandboxFault(f"the public file {file} does not exist: correct `public_files` in course.yaml")
        if file.name in named:
            raise SandboxFault(f"two public files are called {file.name}: {named[file.name]} and {file}")
        named[file.name] = str(file.resolve())
    return tuple((source, f"/course/{name}") for name, source in named.items())


def own_uid_needed() -> bool:
    """Return whether rule 1 asks for an own uid: as the kernel's uid 0 neither limits nor permissions of /proc bind."""
    return os.getuid() == 0


def unused_uid() -> int:
    """Return a kernel uid that no account and no process has. Raises SandboxFault if only a few uids are mapped."""
    used = {entry.pw_uid for entry in pwd.getpwall()}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(FileNotFoundError):
                used.add(os.stat(f"/proc/{name}").st_uid)
    first, last = mapped_range(Path("/proc/self/uid_map").read_text())
    for _ in range(1000):
        uid = first + secrets.randbelow(last - first + 1)
        if uid not in used:
            return uid
    raise SandboxFault("no unused uid was found for a slot")


def mapped_range(uid_map: str) -> tuple[int, int]:
    """Return where to look for an unused uid: the range set aside, else the upper half of the largest mapped one."""
    ranges = [(int(line.split()[0]), int(line.split()[2])) for line in uid_map.splitlines()]
    for start, count in ranges:
        if start <= FIRST_UID and start + count > LAST_UID:
            return FIRST_UID, LAST_UID
    start, count = max(ranges, key=lambda found: found[1])
    if count < 1000:
        raise SandboxFault(
            f"only {count} uids are mapped in this container, and a slot needs one of its own: "
            "map a range of uids, or run as an ordinary user"
        )
    return start + count // 2, start + count - 2


def plan(config: SlotConfig) -> launcher.SlotPlan:
    """Raise SandboxFault if the course could be reached from the tree."""
    binds, links = tree_binds()
    check_hidden(binds, [*config.public_files, *config.hidden_paths])
    as_root = own_uid_needed()
    return launcher.SlotPlan(
        python=sys.executable,
        binds=binds,
        links=links,
        public_files=public_paths(config.public_files),
        inside=str(Path(launcher.__file__).parents[1] / "inside"),
        covers=own_code(import_paths()),
        files=FILES,
        uid=unused_uid() if as_root else None,
        uids=mapped_range(Path("/proc/self/uid_map").read_text()) if as_root and config.template else (),
    )


def start(slot_plan: launcher.SlotPlan, stream: socket.socket, errors: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start the launcher with `stream` as its standard input and output."""
    root = str(Path(launcher.__file__).parents[3])
    return start_interpreter(LAUNCHER, [root, slot_plan.encode(), str(os.getpid())], stream, errors)
