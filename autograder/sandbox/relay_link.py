"""The trusted end of a slot's stream: what the relay is told, and what it and the zygote say.

Theory of operation. One thread uses a link. Nothing is read from the stream but while somebody waits for an
event, and then everything that has arrived is kept. No student code has an end of this stream, and the relay and
the zygote run none, so where *they* break the rules the sandbox is broken, and that is a SandboxFault.
"""

from __future__ import annotations

import json
import select
import socket
import time
from array import array
from collections.abc import Callable, Sequence
from typing import Any

from autograder.sandbox.inside.wire.envelopes import EnvelopeError, EnvelopeReader, Kind, encode
from autograder.sandbox.interface import SandboxFault

READ_SIZE = 64 << 10
STREAM_SECONDS = 30.0  # the relay takes envelopes at once; one that does not for so long is broken


class Link:
    """The stream to one relay. `describe` adds what is known (its error output) to a fault."""

    def __init__(self, stream: socket.socket, describe: Callable[[], str]) -> None:
        stream.setblocking(False)
        self._stream = stream
        self._describe = describe
        self._decoder = EnvelopeReader()
        self._readable = select.poll()
        self._readable.register(stream, select.POLLIN)
        self._broken: SandboxFault | None = None
        self.events: list[dict[str, Any]] = []

    def send(self, kind: Kind, number: int = 0, payload: bytes = b"", descriptors: Sequence[int] = ()) -> None:
        """Send one envelope, with descriptors for the relay. Raises SandboxFault."""
        self._check()
        view = memoryview(encode(kind, number, payload))
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", descriptors))] if descriptors else []
        deadline = time.monotonic() + STREAM_SECONDS
        while view:
            try:
                view, rights = view[self._stream.sendmsg([view], rights) :], []
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
        """Wait up to `seconds` for something to arrive, and keep it. False where nothing came."""
        self._check()
        if not self._readable.poll(max(0.0, seconds) * 1000):
            return False
        try:
            data = self._stream.recv(READ_SIZE)
        except BlockingIOError:
            return False
        except OSError as error:
            raise self._fault(f"the slot is gone ({error})") from error
        if not data:
            raise self._fault("the slot ended")
        self._sort(data)
        return True

    def wait_event(self, deadline: float, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
        """Return the first event that is `wanted`, removed from the list; None at the deadline."""
        while True:
            for position, event in enumerate(self.events):
                if wanted(event):
                    return self.events.pop(position)
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            self.pump(left)

    def _sort(self, data: bytes) -> None:
        try:
            envelopes = self._decoder.feed(data)
        except EnvelopeError as error:
            raise self._fault(f"the relay sent {error}") from error
        for kind, _, payload in envelopes:
            if kind is Kind.EVENT:
                try:
                    self.events.append(json.loads(payload))
                except ValueError:
                    raise self._fault("the relay sent an event that is no JSON") from None
            elif kind is Kind.FAULT:
                raise self._fault(payload.decode(errors="replace"))
            else:
                raise self._fault(f"the relay sent {kind.name}")

    def _read_last_words(self) -> None:
        """Read what the relay may have said before it ended."""
        while self.pump(0.5):
            pass

    def _check(self) -> None:
        if self._broken is not None:
            raise self._broken

    def _fault(self, text: str) -> SandboxFault:
        more = self._describe()
        self._broken = SandboxFault(f"{text}: {more}" if more else text)
        return self._broken
