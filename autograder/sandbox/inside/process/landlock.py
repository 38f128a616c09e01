"""Landlock: what files a process and everything it starts may open, by a list that it puts on itself for good.

The kernel tells which version it has; each version knows more kinds of access. All that a version knows is refused
but below the paths that are named here.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable

from . import linux

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_ASK_VERSION = 1
_PATH_BENEATH = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_AND_MAKE = 0x1FF0  # bits 4 to 12: remove and make files, folders, links, pipes, sockets, devices
_MAKE_DEVICES = 1 << 6 | 1 << 11  # MAKE_CHAR and MAKE_BLOCK
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | _TRUNCATE | _IOCTL_DEV
# The last bit of each version from 1 on.
_KNOWN = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF, 5: 0xFFFF}
_TCP = 0b11  # version 4: bind and connect
_SCOPES = 0b11  # version 6: abstract sockets and signals

READ = EXECUTE | READ_FILE | READ_DIR
LIST = READ_DIR
USE = READ_FILE | WRITE_FILE
OWN = READ | WRITE_FILE | (_REMOVE_AND_MAKE & ~_MAKE_DEVICES) | _REFER | _TRUNCATE


def version() -> int:
    """Return the kernel's version of Landlock; 0 where it has none, or a container's profile keeps it away."""
    try:
        return linux.syscall("landlock", _CREATE_RULESET, None, 0, _ASK_VERSION)
    except OSError:
        return 0


def restrict(rules: Iterable[tuple[str, int]], known: int) -> None:
    """Restrict this thread, and what it starts, to `rules` for good: (path, kinds of access at and below it).

    known: the kernel's version, at least 1. Paths that are not there are left out. No new privileges must be set.
    Raises OSError.
    """
    handled = _KNOWN[min(known, max(_KNOWN))]
    wanted = struct.pack("=Q", handled)
    if known >= 4:
        wanted += struct.pack("=Q", _TCP)
    if known >= 6:
        wanted += struct.pack("=Q", _SCOPES)
    ruleset = linux.syscall("landlock_create_ruleset", _CREATE_RULESET, wanted, len(wanted), 0)
    try:
        for path, access in rules:
            _allow(ruleset, path, access & handled)
        linux.syscall("landlock_restrict_self", _RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return
    try:
        if not os.path.isdir(path):
            access &= _OF_FILES
        rule = ctypes.create_string_buffer(struct.pack("=Qi", access, place))
        linux.syscall(f"landlock rule for {path}", _ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
    finally:
        os.close(place)
