"""The trusted end of a slot's stream: envelopes in and out, and the channels they belong to.

Theory of operation. One thread uses a link. Nothing is read from the stream but while somebody waits
for something, and then everything that has arrived is sorted: bytes to their channel (at most one
window each, which the relay keeps to), events of the zygote to a list. What belongs to no open
channel is stale and dropped. The relay and the zygote run no student code, so where *they* break
the rules the sandbox is broken, and that is a SandboxFault; what a student sends is never looked
at here.
"""

from __future__ import annotations

import json
import select
import socket
import time
from collections.abc import Callable
from typing import Any

from autograder.sandbox.inside.envelopes import COUNT, MAX_PAYLOAD, WINDOW, Decoder, EnvelopeError, Kind, encode
from autograder.sandbox.interface import ChannelClosed, ChannelTimeout, SandboxFault

READ_SIZE = 1 << 20
CREDIT_STEP = 64 << 10
STREAM_SECONDS = 30.0  # the relay takes envelopes at once; one that does not for so long is broken


class StreamChannel:
    """One channel of a link; implements interface.Channel."""

    def __init__(self, link: Link, number: int) -> None:
        self._link = link
        self.number = number
        self._arrived = bytearray()
        self._unreported = 0  # bytes consumed, for which the relay has no credit yet
        self._window = WINDOW  # bytes the relay will still take for the student
        self.ended = False  # the student's end of the socket is closed, or the channel was dropped
        self.verdict: Callable[[], ChannelClosed] | None = None  # says why, once it has ended
        self.doomed: Callable[[], bool] = lambda: False  # nothing more can come, though the socket is still open

    def send(self, data: bytes, deadline: float) -> None:
        """See interface.Channel. Raises ChannelTimeout where the student does not read, ChannelClosed, SandboxFault."""
        view, start = memoryview(data), 0
        while start < len(view):
            size = min(len(view) - start, self._window, MAX_PAYLOAD)
            if self.ended:
                raise self._closed()
            if size:
                self._window -= size
                self._link.send(Kind.DATA, self.number, view[start : start + size])
                start += size
                if start < len(view):
                    self._link.pump(0.0)
            else:
                self._wait(deadline)

    def receive(self, size: int, deadline: float) -> bytes:
        """See interface.Channel. Memory grows with what arrives, not with `size`."""
        found = bytearray()
        while True:
            part = self._arrived[: size - len(found)]
            del self._arrived[: len(part)]
            found += part
            self._consumed(len(part))
            if len(found) == size:
                return bytes(found)
            if self.ended:
                raise self._closed()
            self._wait(deadline)

    def pending(self) -> bool:
        """See interface.Channel."""
        self._link.pump(0.0)
        return bool(self._arrived)

    def _wait(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise ChannelTimeout("the student process did not answer in time")
        if self.doomed() and not self._link.pump(min(left, 0.2)) and not self._arrived:
            raise self._closed()
        self._link.pump(min(left, 1.0))

    def _consumed(self, count: int) -> None:
        self._unreported += count
        if self._unreported >= CREDIT_STEP and not self.ended:
            self._link.send(Kind.CREDIT, self.number, COUNT.pack(self._unreported))
            self._unreported = 0

    def _closed(self) -> ChannelClosed:
        return self.verdict() if self.verdict is not None else ChannelClosed("exited")

    # Called by the link.

    def arrive(self, data: bytes) -> None:
        if len(self._arrived) + len(data) > WINDOW:
            raise SandboxFault("the relay sent more than it had credit for")
        self._arrived += data

    def widen(self, count: int) -> None:
        self._window += count


class Link:
    """The stream to one relay. `describe` adds what is known (its error output) to a fault."""

    def __init__(self, stream: socket.socket, describe: Callable[[], str]) -> None:
        stream.setblocking(False)
        self._stream = stream
        self._describe = describe
        self._decoder = Decoder()
        self._buffer = memoryview(bytearray(READ_SIZE))
        self._readable = select.poll()
        self._readable.register(stream, select.POLLIN)
        self._channels: dict[int, StreamChannel] = {}
        self._last = 0
        self._broken: SandboxFault | None = None
        self.events: list[dict[str, Any]] = []

    def open(self) -> StreamChannel:
        """A channel with a number that was never used before on this stream."""
        self._last += 1
        channel = StreamChannel(self, self._last)
        self._channels[channel.number] = channel
        return channel

    def drop(self, channel: StreamChannel) -> None:
        """Forget a channel: what still arrives on it is stale."""
        channel.ended = True
        self._channels.pop(channel.number, None)

    def send(self, kind: Kind, channel: int = 0, payload: bytes | memoryview = b"") -> None:
        """Send one envelope, reading meanwhile so that the relay never waits for us. Raises SandboxFault."""
        self._check()
        view = memoryview(encode(kind, channel, payload))
        deadline = time.monotonic() + STREAM_SECONDS
        while view:
            try:
                view = view[self._stream.send(view) :]
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise self._fault("the relay does not read") from None
                either = select.poll()
                either.register(self._stream, select.POLLIN | select.POLLOUT)
                either.poll(100)
                self.pump(0.0)
            except OSError as error:
                self._read_last_words()
                raise self._fault(f"the slot is gone ({error})") from error

    def pump(self, seconds: float) -> bool:
        """Wait up to `seconds` for something to arrive, and sort all that has. False where nothing came."""
        self._check()
        if not self._readable.poll(max(0.0, seconds) * 1000):
            return False
        while True:
            try:
                size = self._stream.recv_into(self._buffer)
            except BlockingIOError:
                return True
            except OSError as error:
                raise self._fault(f"the slot is gone ({error})") from error
            if not size:
                raise self._fault("the slot ended")
            self._sort(self._buffer[:size])
            if size < READ_SIZE:
                return True

    def wait_event(self, deadline: float, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
        """The first event that is `wanted`, removed from the list; None at the deadline."""
        while True:
            for position, event in enumerate(self.events):
                if wanted(event):
                    return self.events.pop(position)
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            self.pump(left)

    def _sort(self, data: memoryview) -> None:
        try:
            envelopes = self._decoder.feed(data)
        except EnvelopeError as error:
            raise self._fault(f"the relay sent {error}") from error
        for kind, number, payload in envelopes:
            channel = self._channels.get(number)
            if kind in (Kind.EVENT, Kind.READY):
                self.events.append(json.loads(payload))
            elif kind is Kind.FAULT:
                raise self._fault(payload.decode(errors="replace"))
            elif channel is None:
                continue
            elif kind is Kind.DATA:
                channel.arrive(payload)
            elif kind is Kind.CREDIT:
                channel.widen(COUNT.unpack(payload)[0])
            elif kind is Kind.CLOSED:
                channel.ended = True
            else:
                raise self._fault(f"the relay sent {kind.name}")

    def _read_last_words(self) -> None:
        """The relay may have said what broke before it ended."""
        while self.pump(0.5):
            pass

    def _check(self) -> None:
        if self._broken is not None:
            raise self._broken

    def _fault(self, text: str) -> SandboxFault:
        more = self._describe()
        self._broken = SandboxFault(f"{text}: {more}" if more else text)
        return self._broken
