"""A template: a slot in which no student process ever runs, and from whose zygote other slots are forked.

Theory of operation. Importing the libraries takes seconds and a quarter of a gigabyte; slots that are forked from one
zygote share both. The one who holds the template must have no threads: it forks the workers, too, and hands each one
the trusted end of a slot's stream (`Forked`). Everything after that is between the worker and its slot, as if the slot
had been started by itself.

A template ends with its holder, and with a template everything that was forked from it.

Containers have no template: what the engine bounds for a container (processor time above all), one student's process
could take from another's there.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass

from autograder.sandbox.backends import launcher, namespace
from autograder.sandbox.inside.process import linux
from autograder.sandbox.inside.process.confine import write_maps
from autograder.sandbox.inside.process.proc_files import status_of
from autograder.sandbox.inside.process.student_process import children
from autograder.sandbox.interface import SandboxFault, SlotConfig
from autograder.sandbox.stream_slot import START_UP_SECONDS, StreamSlot


class ForkedRelay:
    """The relay of a forked slot, held by a pidfd: what `StreamSlot` wants of the process that holds a slot."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._pidfd = os.pidfd_open(pid)

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended. How it ended only its parent knows. Raises subprocess.TimeoutExpired."""
        if self._pidfd >= 0:
            poll = select.poll()
            poll.register(self._pidfd, select.POLLIN)
            if not poll.poll(None if timeout is None else timeout * 1000):
                raise subprocess.TimeoutExpired("a slot's relay", timeout or 0.0)
            self.let_go()
        return 0

    def kill(self) -> None:
        """End it, and with it everything in its PID namespace."""
        signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def let_go(self) -> None:
        """Close what holds it; it goes on."""
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1


@dataclass(frozen=True)
class Forked:
    """A slot that was forked and not opened yet: the trusted end of its stream, and its relay."""

    stream: socket.socket
    relay: ForkedRelay

    def let_go(self) -> None:
        """Close our ends: the slot is another process's, or nobody's, and then it ends."""
        self.stream.close()
        self.relay.let_go()


class ForkedSlot(StreamSlot):
    """A slot that was forked from a template."""

    def relay_pid(self) -> int:
        return self.pid


class SlotTemplate:
    """Forks slots like `slot`, which is one of the backend `namespace` and used for nothing else."""

    def __init__(self, slot: StreamSlot, config: SlotConfig) -> None:
        self._slot = slot
        self._config = config
        self._number = 0  # of the last slot forked

    def fork(self) -> Forked:
        """Fork a slot. Raises SandboxFault."""
        self._number += 1
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                event = self._slot.ask_to_fork(self._number, theirs, time.monotonic() + START_UP_SECONDS)
            if event is None or event["event"] != "forked":
                reason = "it took too long" if event is None else event["message"]
                raise SandboxFault(f"no slot could be forked: {reason}")
            relay = ForkedRelay(self._relay_numbered(event["pid"]))
            if namespace.own_uid_needed():
                give_user(relay.pid, self._slot.zygote_pid, namespace.unused_uid())
        except BaseException as error:
            ours.close()
            if isinstance(error, OSError):
                raise SandboxFault(f"no slot could be forked: {error}") from error
            raise
        return Forked(ours, relay)

    def _relay_numbered(self, number: int) -> int:
        """Return the host's pid of the relay that the zygote knows by this number. Raises ProcessLookupError."""
        for pid in children(self._slot.zygote_pid):
            # Seen from here, then from each PID namespace further in: the last is its own, the one before the zygote's.
            if status_of(pid)["NSpid"][-2:] == [str(number), "1"]:
                return pid
        raise ProcessLookupError(f"the zygote has no child {number}")

    def open(self, forked: Forked) -> ForkedSlot:
        """Open a slot that was forked, in the process that uses it. Raises SandboxFault."""
        slot = ForkedSlot(self._slot.backend, forked.relay, forked.stream, self._slot.own_errors(), self._config)
        slot.image = self._slot.image
        try:
            slot.start(self._slot.inside)
        except BaseException:
            slot.close()
            raise
        return slot

    def let_go(self) -> None:
        """Close, in a fork of the holder, our end of the template's stream. The template is the holder's."""
        self._slot.let_go()

    def close(self) -> None:
        """End the template and every slot that was forked from it."""
        self._slot.close()


def give_user(relay: int, zygote: int, uid: int) -> None:
    """Make, as root, the kernel's `uid` and gid the one user of the user namespace of `relay`, a child of `zygote`.

    Only a process of the user namespace around it may write a map, so a fork of this one enters that. Raises OSError.
    """
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            with open(f"/proc/{zygote}/ns/user") as around:
                linux.enter_namespace(around.fileno(), linux.CLONE_NEWUSER)
            write_maps(str(relay), f"{launcher.INSIDE_UID} {uid} 1")
            status = 0
        except OSError as error:
            print(f"the uid {uid} for a slot: {error}", file=sys.stderr, flush=True)
        finally:
            os._exit(status)
    if os.waitpid(pid, 0)[1]:
        raise OSError(f"a slot could not be given the uid {uid}")
