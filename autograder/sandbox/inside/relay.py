"""The relay: PID 1 of a slot. It moves bounded chunks between the trusted stream and student sockets.

Theory of operation. Trusted by everybody, it trusts nobody's bytes: what comes from a student's
socket is passed on as opaque DATA of that socket's channel and never looked at. It holds the only
connection to the trusted side, so no student process ever has a descriptor of it; and it is a
process apart from the zygote, so that no byte of one student's data is in the memory that the next
student process is forked from.

Bounds: a channel has at most one WINDOW on its way in each direction (see `envelopes`), so a
student who floods stops at a full socket, and one who does not read stops only their own channel.
Descriptors that a student sends along with bytes are closed by the kernel, because nothing here
receives ancillary data.

It ends when the stream ends, and with it, as PID 1, everything in the slot.
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

from . import linux
from .config import InsideConfig, environment
from .envelopes import COUNT, MAX_PAYLOAD, WINDOW, Decoder, EnvelopeError, Kind, encode
from .student_process import end_descendants

MAX_OUTGOING = 2 * MAX_PAYLOAD  # no more is read from students while this much waits for the trusted side
CREDIT_STEP = 64 << 10
MAX_EVENT = 64 << 10
FORK_TEST = b"T"
EXIT_OK, EXIT_FAULT = 0, 70

ZYGOTE = "import sys; sys.path.append(sys.argv[1]); from inside.zygote import main; main(int(sys.argv[2]))"


class SlotBroken(Exception):
    """The sandbox itself failed; the text goes to the trusted side."""


class Lane:
    """One student socket and what is on its way to and from it."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self.socket = end
        self.outgoing = bytearray()  # bytes for the student which its socket has not taken yet
        self.taken = 0  # bytes the socket took since the last CREDIT
        self.credit = WINDOW  # bytes of the student's that the trusted side will still accept


class Relay:
    def __init__(self, stream_in: int, stream_out: int) -> None:
        self._in, self._out = stream_in, stream_out
        os.set_blocking(stream_in, False)
        os.set_blocking(stream_out, False)
        self._decoder = Decoder()
        self._buffer = memoryview(bytearray(4 * MAX_PAYLOAD))
        self._outgoing = bytearray()
        self._lanes: dict[int, Lane] = {}
        self._zygote: socket.socket | None = None
        self._scratch = ""

    def run(self) -> None:
        """Relay until the trusted stream ends. Raises SlotBroken and EnvelopeError."""
        while self._step():
            pass

    def _step(self) -> bool:
        poll = select.poll()
        poll.register(self._in, select.POLLIN)
        if self._outgoing:
            poll.register(self._out, select.POLLOUT | (select.POLLIN if self._out == self._in else 0))
        room = len(self._outgoing) < MAX_OUTGOING
        by_descriptor: dict[int, int] = {}
        for number, lane in self._lanes.items():
            events = (select.POLLIN if room and lane.credit > 0 else 0) | (select.POLLOUT if lane.outgoing else 0)
            if events:
                poll.register(lane.socket, events)
                by_descriptor[lane.socket.fileno()] = number
        if self._zygote is not None and room:
            poll.register(self._zygote, select.POLLIN)
        for descriptor, events in poll.poll():
            if descriptor == self._out and events & select.POLLOUT:
                self._flush()
            if descriptor == self._in and events & ~select.POLLOUT and not self._read_stream():
                return False
            if self._zygote is not None and descriptor == self._zygote.fileno():
                self._read_zygote(self._zygote)
            # A lane may have gone, or its descriptor been reused, by what was handled before in this round.
            number = by_descriptor.get(descriptor, 0)
            if number in self._lanes and self._lanes[number].socket.fileno() == descriptor:
                self._move(number, self._lanes[number])
        return True

    def _send(self, kind: Kind, channel: int = 0, payload: bytes | memoryview = b"") -> None:
        self._outgoing += encode(kind, channel, payload)
        self._flush()

    def _flush(self) -> None:
        try:
            del self._outgoing[: os.write(self._out, self._outgoing[: 4 * MAX_PAYLOAD])]
        except BlockingIOError:
            pass
        except (BrokenPipeError, ConnectionResetError):
            self._outgoing.clear()  # the reading side will see the end of the stream

    def _read_stream(self) -> bool:
        try:
            size = os.readv(self._in, [self._buffer])
        except BlockingIOError:
            return True
        except ConnectionResetError:
            return False
        for kind, channel, payload in self._decoder.feed(self._buffer[:size]):
            self._handle(kind, channel, payload)
        return bool(size)

    def _handle(self, kind: Kind, channel: int, payload: bytes) -> None:
        lane = self._lanes.get(channel)
        if kind is Kind.CONFIG:
            self._start_zygote(InsideConfig.decode(payload))
        elif kind is Kind.START:
            self._start_student(channel, COUNT.unpack(payload)[0])
        elif kind is Kind.TEST:
            self._fork_test(channel, COUNT.unpack(payload)[0])
        elif kind is Kind.KILL:
            self._drop_all()
            self._tell_zygote(b"K")
        elif lane is None:
            return  # a channel that is gone
        elif kind is Kind.CLOSE:
            self._drop(channel)
        elif kind is Kind.CREDIT:
            lane.credit += COUNT.unpack(payload)[0]
        elif kind is Kind.DATA:
            lane.outgoing += payload
            if len(lane.outgoing) > WINDOW:
                raise EnvelopeError(f"more than {WINDOW} bytes for channel {channel} without credit")
            self._deliver(channel, lane)

    def _start_zygote(self, config: InsideConfig) -> None:
        self._scratch = config.scratch
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        os.set_inheritable(theirs.fileno(), True)
        root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        command = [sys.executable, "-I", "-S", "-B", "-c", ZYGOTE, root, str(theirs.fileno())]
        actions = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0), (os.POSIX_SPAWN_DUP2, 2, 1)]
        os.posix_spawn(sys.executable, command, environment(config), file_actions=actions)
        theirs.close()
        self._zygote = ours
        ours.send(config.encode())

    def _read_zygote(self, zygote: socket.socket) -> None:
        try:
            message = zygote.recv(MAX_EVENT)
        except BlockingIOError:
            return
        except ConnectionResetError:
            message = b""
        if not message:
            raise SlotBroken("the zygote ended")
        event = json.loads(message)
        if event["event"] == "fault":
            raise SlotBroken(f"the zygote could not start: {event['message']}")
        self._send(Kind.READY if event["event"] == "ready" else Kind.EVENT, 0, message)

    def _tell_zygote(self, message: bytes, descriptors: list[int] | None = None) -> None:
        if self._zygote is None:
            raise SlotBroken("no zygote was started")
        try:
            socket.send_fds(self._zygote, [message], descriptors or [])
        except (BrokenPipeError, ConnectionResetError) as error:
            raise SlotBroken("the zygote ended") from error

    def _start_student(self, channel: int, control: int) -> None:
        self._drop_all()
        control_end, data_end = self._open(control), self._open(channel)
        self._tell_zygote(b"S" + COUNT.pack(channel), [control_end.fileno(), data_end.fileno()])
        control_end.close()
        data_end.close()

    def _fork_test(self, channel: int, control: int) -> None:
        lane = self._lanes.get(control)
        if lane is None:
            self._send(Kind.CLOSED, channel)
            return
        end = self._open(channel)
        try:
            socket.send_fds(lane.socket, [FORK_TEST], [end.fileno()])
        except OSError:  # the student ended, or does not read its control socket
            self._drop(channel)
            self._send(Kind.CLOSED, channel)
        finally:
            end.close()

    def _open(self, channel: int) -> socket.socket:
        """A socket pair; our end becomes the lane of `channel`, the other is returned."""
        ours, theirs = socket.socketpair()
        self._lanes[channel] = Lane(ours)
        return theirs

    def _drop(self, channel: int) -> None:
        self._lanes.pop(channel).socket.close()

    def _drop_all(self) -> None:
        for channel in list(self._lanes):
            self._drop(channel)

    def _move(self, channel: int, lane: Lane) -> None:
        """Move what can be moved, in both directions, without waiting."""
        if lane.outgoing and not self._deliver(channel, lane):
            return
        if lane.credit <= 0 or len(self._outgoing) >= MAX_OUTGOING:
            return
        try:
            data = lane.socket.recv(min(lane.credit, MAX_PAYLOAD))
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            lane.credit -= len(data)
            self._send(Kind.DATA, channel, data)
        else:
            self._drop(channel)
            self._send(Kind.CLOSED, channel)

    def _deliver(self, channel: int, lane: Lane) -> bool:
        """Hand waiting bytes to the student's socket. False where it has closed its end."""
        try:
            count = lane.socket.send(lane.outgoing)
        except BlockingIOError:
            return True
        except OSError:
            lane.outgoing.clear()  # what the student said before is still to be read, then comes the end
            return True
        del lane.outgoing[:count]
        lane.taken += count
        if lane.taken >= CREDIT_STEP:  # what is left unreported is far less than a window
            self._send(Kind.CREDIT, channel, COUNT.pack(lane.taken))
            lane.taken = 0
        return True

    def clean_up(self) -> None:
        """Backend `none`, where no namespace does it: end what is below this process, remove the scratch folder."""
        if self._scratch:
            end_descendants()
            shutil.rmtree(self._scratch, ignore_errors=True)

    def fault(self, text: str) -> None:
        """Tell the trusted side that the slot is broken, waiting for at most a second."""
        self._outgoing += encode(Kind.FAULT, 0, text.encode()[:4096])
        deadline = time.monotonic() + 1
        while self._outgoing and time.monotonic() < deadline:
            select.select([], [self._out], [], 0.1)
            self._flush()


def main(stream_in: int = 0, stream_out: int = 1) -> None:
    """Run a slot over the given descriptors until the stream ends."""
    linux.set_dumpable(False)
    linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C at the terminal is for the runner to handle
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    # Nothing started from here may find the trusted stream among its standard descriptors.
    stream_in, stream_out = os.dup(stream_in), os.dup(stream_out)
    nothing = os.open("/dev/null", os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    relay, status = Relay(stream_in, stream_out), EXIT_OK
    try:
        relay.run()
    except (SlotBroken, EnvelopeError, OSError) as error:
        relay.fault(str(error))
        status = EXIT_FAULT
    finally:
        relay.clean_up()
        os._exit(status)
