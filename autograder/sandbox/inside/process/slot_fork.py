"""A fork of a zygote becomes a slot of its own: a relay in new namespaces, and below it a zygote that imports nothing.

Theory of operation. The zygote of a *template* slot, in which no student process ever runs, has imported the libraries;
each slot that is forked from it shares their memory until one of the two writes to it. What keeps slots apart is as in
a slot that was started by itself:

1. The fork is born as PID 1 of a new PID namespace, so that everything in the slot ends with it, and in a new user
   namespace. It closes every descriptor but its stream, whose other end its worker holds: it can neither hear nor tell
   anything of the template or of another slot.
2. It waits for the first byte of the stream. Where the trusted side is root, it has given this user namespace a uid
   that nobody else has by then, as every slot has one: what the kernel counts for a user is not shared. Otherwise the
   fork maps the uid that all processes of the grader have.
3. It gives up the capabilities that come with a user namespace, and from then on is a relay like any other, that starts
   its zygote by a fork instead of a program.

Student processes are confined by that zygote (`confine`), with all namespaces of their own.
"""

from __future__ import annotations

import os
import resource
import socket
from collections.abc import Callable
from typing import NoReturn

from ..wire.config import InsideConfig
from . import confine, linux, relay

NAMESPACES = linux.CLONE_NEWUSER | linux.CLONE_NEWPID
EXIT_SETUP = 70


def fork_slot(stream: int, become_zygote: Callable[[socket.socket, InsideConfig], NoReturn]) -> int:
    """Fork a slot whose trusted end is at the other end of `stream`. Returns the pid of its relay.

    become_zygote: what the relay's fork does with its end of the socket to the relay. Raises OSError.
    """
    uid, gid = os.getuid(), os.getgid()
    pid = linux.fork_into(NAMESPACES)
    if pid:
        return pid
    status = EXIT_SETUP
    try:
        _keep_only(stream)
        trusted = socket.socket(fileno=stream)
        if not trusted.recv(1, socket.MSG_PEEK):
            status = 0  # nobody wants it any more
            return pid
        _settle_user(uid, gid)
        linux.drop_all_capabilities()
        linux.set_dumpable(False)
        relay.serve(relay.Relay(trusted, lambda config: _fork_zygote(trusted, config, become_zygote)))
    finally:
        os._exit(status)  # in the fork, nothing may unwind into the zygote's own loop


def _keep_only(stream: int) -> None:
    """Close every descriptor but `stream` and the standard ones, which lead nowhere but to the slots' error output."""
    os.closerange(3, stream)
    os.closerange(stream + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _settle_user(uid: int, gid: int) -> None:
    """Become the one user of the new user namespace: as mapped from outside, else the one that we were."""
    with open("/proc/self/uid_map") as file:
        mapped = file.read().split()
    if not mapped:
        linux.set_dumpable(True)  # else the maps belong to root and cannot be written
        confine.write_identity_maps(uid, gid, uid)
        return
    inside = int(mapped[0])
    os.setresgid(inside, inside, inside)
    os.setresuid(inside, inside, inside)


def _fork_zygote(
    trusted: socket.socket, config: InsideConfig, become_zygote: Callable[[socket.socket, InsideConfig], NoReturn]
) -> tuple[socket.socket, int]:
    """Fork the slot's zygote from its relay; it has no end of the trusted stream."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if pid:
        theirs.close()
        return ours, pid
    try:
        trusted.close()
        ours.close()
        become_zygote(theirs, config)
    finally:
        os._exit(EXIT_SETUP)
