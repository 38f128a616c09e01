"""The relay: PID 1 of a slot. It hands the zygote what the trusted side asks for, and the zygote's events back.

Theory of operation. It holds the only connection to the trusted side, so no student process ever has a descriptor of
it; and it is a process apart from the zygote, so that what the zygote forks student processes from knows two kinds
of message and nothing of the stream. Each student process comes with two sockets whose other ends the trusted side
keeps: they arrive here as descriptors, go on to the zygote and are closed. What a student says
passes through neither.

It ends when the stream ends, and with it, as PID 1, everything in the slot.

A zygote can be the template of other slots: each has a relay of its own, a fork of that zygote, which starts its zygote
by forking itself once more (`slot_fork`). All libraries are in memory once then, and the streams are apart as before.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import sys
import time
from array import array
from collections.abc import Callable
from typing import NoReturn

from ..wire.config import InsideConfig, environment
from ..wire.envelopes import COUNT, SOCKETS, STREAMS, EnvelopeError, EnvelopeReader, Kind, encode
from . import linux, own_uid
from .student_process import end_descendants

READ_SIZE = 64 << 10
MAX_EVENT = 64 << 10
EXIT_OK, EXIT_FAULT = 0, 70
END_SECONDS = 25.0  # for the zygote to end its student process

ZYGOTE = "import sys; sys.path.append(sys.argv[1]); from inside.process.zygote import main; main(int(sys.argv[2]))"


class SlotBroken(Exception):
    """The sandbox itself failed; the text goes to the trusted side."""


class Relay:
    """Between the trusted stream and one zygote.

    fork: starts the zygote where this process can be forked for it; it returns the socket to it and its pid.
    """

    def __init__(
        self, stream: socket.socket, fork: Callable[[InsideConfig], tuple[socket.socket, int]] | None = None
    ) -> None:
        self._stream = stream
        self._fork = fork
        self._decoder = EnvelopeReader()
        self._passed: list[int] = []  # descriptors that arrived and were not asked for yet
        self._zygote: socket.socket | None = None
        self._scratch = ""
        self._own_uids: tuple[int, ...] = ()
        self._zygote_pid = 0

    def run(self) -> None:
        """Relay until the trusted stream ends. Raises SlotBroken and EnvelopeError."""
        try:
            while self._step():
                pass
        except (BrokenPipeError, ConnectionResetError):
            return  # the trusted side is gone

    def _step(self) -> bool:
        poll = select.poll()
        poll.register(self._stream, select.POLLIN)
        if self._zygote is not None:
            poll.register(self._zygote, select.POLLIN)
        ready = [descriptor for descriptor, _ in poll.poll()]
        if self._zygote is not None and self._zygote.fileno() in ready:
            self._read_zygote(self._zygote)
        return self._stream.fileno() not in ready or self._read_stream()

    def _read_stream(self) -> bool:
        space = socket.CMSG_SPACE(SOCKETS * array("i").itemsize)
        data, ancillary, _, _ = self._stream.recvmsg(READ_SIZE, space, socket.MSG_CMSG_CLOEXEC)
        for level, kind, rights in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                self._passed += array("i", rights)
        for envelope, number, payload in self._decoder.feed(data):
            self._handle(envelope, number, payload)
        return bool(data)

    def _handle(self, kind: Kind, number: int, payload: bytes) -> None:
        if kind is Kind.CONFIG:
            self._start_zygote(InsideConfig.decode(payload))
        elif kind is Kind.START:
            self._pass_on(b"S", kind, number, SOCKETS)
        elif kind is Kind.FORK:
            self._pass_on(b"F", kind, number, STREAMS)
        elif kind is Kind.KILL:
            self._tell_zygote(b"K")
        else:
            raise EnvelopeError(f"{kind.name}, which only a relay sends")

    def _start_zygote(self, config: InsideConfig) -> None:
        self._scratch, self._own_uids = config.scratch, config.own_uids
        if self._fork is not None:
            self._zygote, self._zygote_pid = self._fork(config)
            return
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        os.set_inheritable(theirs.fileno(), True)
        root = os.path.abspath(__file__).rsplit(os.sep, 3)[0]  # the folder that `inside` lies in
        command = [sys.executable, "-I", "-S", "-B", "-c", ZYGOTE, root, str(theirs.fileno())]
        actions = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0), (os.POSIX_SPAWN_DUP2, 2, 1)]
        self._zygote_pid = os.posix_spawn(sys.executable, command, environment(config), file_actions=actions)
        theirs.close()
        self._zygote = ours
        ours.send(config.encode())

    def _read_zygote(self, zygote: socket.socket) -> None:
        try:
            message = zygote.recv(MAX_EVENT)
        except ConnectionResetError:
            message = b""
        if not message:
            raise SlotBroken("the zygote ended")
        event = json.loads(message)
        if event["event"] == "fault":
            raise SlotBroken(f"the zygote could not start: {event['message']}")
        self._stream.sendall(encode(Kind.EVENT, 0, message))  # a few in a student process's life

    def _pass_on(self, word: bytes, kind: Kind, number: int, count: int) -> None:
        """Hand the zygote what came with an envelope: `count` sockets, which are closed here."""
        sockets, self._passed = self._passed[:count], self._passed[count:]
        try:
            if len(sockets) != count:
                raise EnvelopeError(f"{kind.name} with {len(sockets)} sockets, expected {count}")
            self._tell_zygote(word + COUNT.pack(number), sockets)
        finally:
            for descriptor in sockets:
                os.close(descriptor)

    def _tell_zygote(self, message: bytes, descriptors: list[int] | None = None) -> None:
        if self._zygote is None:
            raise SlotBroken("no zygote was started")
        try:
            socket.send_fds(self._zygote, [message], descriptors or [])
        except (BrokenPipeError, ConnectionResetError) as error:
            raise SlotBroken("the zygote ended") from error

    def clean_up(self) -> None:
        """End what is below this process, where no namespace does it, and remove the scratch folder."""
        if self._zygote is not None and self._own_uids:
            self._zygote.close()  # it ends its student process, and itself
            self._wait_for_zygote(time.monotonic() + END_SECONDS)
            own_uid.end_users_below(os.getpid(), self._own_uids[0], self._own_uids[-1])
        if self._scratch:
            end_descendants()
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _wait_for_zygote(self, deadline: float) -> None:
        while time.monotonic() < deadline and os.waitpid(self._zygote_pid, os.WNOHANG)[0] == 0:
            time.sleep(0.005)

    def fault(self, text: str) -> None:
        """Tell the trusted side that the slot is broken, waiting for at most a second."""
        rest = encode(Kind.FAULT, 0, text.encode()[:4096])
        deadline = time.monotonic() + 1
        self._stream.setblocking(False)
        while rest and time.monotonic() < deadline:
            select.select([], [self._stream], [], 0.1)
            try:
                rest = rest[self._stream.send(rest) :]
            except BlockingIOError:
                continue
            except OSError:
                return


def main(stream: int = 0) -> None:
    """Run a slot over the given socket until it ends."""
    linux.set_dumpable(False)
    linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C at the terminal is for the runner to handle
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    # Nothing started from here may find the trusted stream among its standard descriptors.
    stream = os.dup(stream)
    nothing = os.open("/dev/null", os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    serve(Relay(socket.socket(fileno=stream)))


def serve(relay: Relay) -> NoReturn:
    """Relay until the stream ends, tell what broke, and end this process."""
    status = EXIT_OK
    try:
        relay.run()
    except (SlotBroken, EnvelopeError, OSError) as error:
        relay.fault(str(error))
        status = EXIT_FAULT
    finally:
        relay.clean_up()
        os._exit(status)
