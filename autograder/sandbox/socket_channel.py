"""The trusted end of one socket to a student process; the other end is in the hands of student code.

Theory of operation. Both ends are made here, and the student's is handed down as a descriptor, so that what a
student says passes through no other process of ours: no relay and no zygote can be flooded, and a round trip
takes two hops instead of four. What hostile code can do with its end was weighed one by one:

- Flood: the kernel holds a socket's buffer and no more; here one read is kept besides what was asked for.
- Not read: `send` gives up at its deadline.
- Send descriptors along: nothing here receives ancillary data, so the kernel closes them; where it can (Linux
  6.16), the socket refuses them at once.
- Ask who is at the other end: the student's filter refuses the two options that would give a pidfd of this process,
  and credentials are translated into the student's namespaces, where this process has none.
- Leave the socket with a process that outlives a test: the end of the test is then told on the control channel.
"""

from __future__ import annotations

import contextlib
import select
import socket
import time
from array import array
from collections.abc import Callable, Sequence

from autograder.sandbox.interface import ChannelClosed, ChannelTimeout

READ_AHEAD = 64 << 10  # bytes beyond what was asked for that may be kept
LARGEST_READ = 1 << 20
LONGEST_WAIT = 1.0  # seconds, then `doomed` is asked again
LAST_WORDS_SECONDS = 0.2
SO_PASSRIGHTS = 83  # Linux 6.16


class SocketChannel:
    """Implements interface.Channel. `verdict` says why it ended, once it has; `doomed`, whether nothing more can come
    though the socket is still open, asked when something happens on the channel `told_by`."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        with contextlib.suppress(OSError):  # an older kernel
            end.setsockopt(socket.SOL_SOCKET, SO_PASSRIGHTS, 0)
        self._socket = end
        self._arrived = bytearray()
        self._readable = select.poll()
        self._readable.register(end, select.POLLIN)
        self._told_by: SocketChannel | None = None
        self._is_doomed = False
        self.ended = False  # the student's end is closed, or the channel was closed here
        self.verdict: Callable[[], ChannelClosed] | None = None
        self.doomed: Callable[[], bool] = lambda: False

    @staticmethod
    def pair() -> tuple[SocketChannel, socket.socket]:
        """Return a channel, and the student's end of it: to be handed on, then closed here."""
        ours, theirs = socket.socketpair()
        return SocketChannel(ours), theirs

    def tell_by(self, other: SocketChannel, doomed: Callable[[], bool]) -> None:
        """Ask `doomed` whenever something arrives on the other channel while this one waits."""
        self._told_by, self.doomed = other, doomed
        if not other.ended:
            self._readable.register(other._socket, select.POLLIN)

    def send(self, data: bytes, deadline: float, descriptors: Sequence[int] = ()) -> None:
        """See interface.Channel. `descriptors` go with the first byte. Raises ChannelTimeout if the student does
        not read. That the student's end is closed is found by `receive`, after what was said before."""
        if self.ended:
            raise self._closed()
        view = memoryview(data)
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", descriptors))] if descriptors else []
        while view:
            try:
                view, rights = view[self._socket.sendmsg([view], rights) :], []
            except BlockingIOError:
                self._wait_writable(deadline)
            except OSError:
                return

    def _wait_writable(self, deadline: float) -> None:
        left = deadline - time.monotonic()
        writable = select.poll()
        writable.register(self._socket, select.POLLOUT)
        if left <= 0 or not writable.poll(left * 1000):
            raise ChannelTimeout("the student process does not read")

    def receive(self, size: int, deadline: float) -> bytes:
        """See interface.Channel. Memory grows with what arrives, not with `size`."""
        while len(self._arrived) < size:
            if not self._read(size - len(self._arrived) + READ_AHEAD):
                if self.ended:
                    raise self._closed()
                self._wait(deadline)
        found = bytes(memoryview(self._arrived)[:size])
        del self._arrived[:size]
        return found

    def pending(self) -> bool:
        """See interface.Channel."""
        if not self._arrived:
            self._read(READ_AHEAD)
        return bool(self._arrived)

    def close(self) -> None:
        """Let go of the socket. What still arrives is for nobody."""
        self.ended = True
        self._socket.close()

    def _read(self, most: int) -> bool:
        """Take what has arrived; False where that is nothing, or the end."""
        if self.ended:
            return False
        try:
            data = self._socket.recv(min(most, LARGEST_READ))
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        self.ended = not data
        self._arrived += data
        return bool(data)

    def _wait(self, deadline: float) -> None:
        """Wait for something to arrive. Raises ChannelTimeout, ChannelClosed."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise ChannelTimeout("the student process did not answer in time")
        teller = self._told_by
        if teller is not None and not self._is_doomed and (teller.pending() or teller.ended):
            self._is_doomed = self.doomed()
        if not self._is_doomed:
            self._readable.poll(min(left, LONGEST_WAIT) * 1000)
            return
        last_words = select.poll()
        last_words.register(self._socket, select.POLLIN)
        if not last_words.poll(min(left, LAST_WORDS_SECONDS) * 1000):
            raise self._closed()

    def _closed(self) -> ChannelClosed:
        return self.verdict() if self.verdict is not None else ChannelClosed("exited")
