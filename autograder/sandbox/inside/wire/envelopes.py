"""Envelopes: how the trusted worker and the relay share one Unix socket.

An envelope is 1 byte kind, 4 bytes number, 4 bytes length (big-endian, at most 256 KiB), payload. No byte of a
student's passes here: START brings the two sockets of a student process along as descriptors (its control socket, then
its data socket), and the worker keeps their other ends.

    worker -> relay                                relay -> worker
    CONFIG   0   JSON: InsideConfig                EVENT   0   JSON from the zygote (never from a student)
    START    n   start student process n           FAULT   0   text: the sandbox itself broke
    KILL     0   end the student process
    FORK     n   fork slot n from the zygote; its stream comes along as a descriptor
"""

from __future__ import annotations

import struct
from enum import IntEnum

HEADER = struct.Struct(">BII")
COUNT = struct.Struct(">I")
MAX_PAYLOAD = 256 << 10
SOCKETS = 2  # descriptors that come with START
STREAMS = 1  # that come with FORK


class Kind(IntEnum):
    CONFIG = 1
    START = 2
    KILL = 3
    FORK = 4
    EVENT = 16
    FAULT = 17


class EnvelopeError(Exception):
    """The stream does not hold envelopes. Only the sandbox itself can cause it."""


def encode(kind: Kind, number: int, payload: bytes | bytearray | memoryview = b"") -> bytes:
    if len(payload) > MAX_PAYLOAD:
        raise EnvelopeError(f"a payload of {len(payload)} bytes, at most {MAX_PAYLOAD} are allowed")
    return HEADER.pack(kind, number, len(payload)) + bytes(payload)


class EnvelopeReader:
    """Cuts a byte stream into envelopes; holds at most one unfinished envelope besides what was fed."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes | memoryview) -> list[tuple[Kind, int, bytes]]:
        """Return all envelopes that `data` completes. Raises EnvelopeError on an unknown kind or a length beyond the
        limit.
        """
        self._buffer += data
        found: list[tuple[Kind, int, bytes]] = []
        start = 0
        while len(self._buffer) - start >= HEADER.size:
            code, number, length = HEADER.unpack_from(self._buffer, start)
            if length > MAX_PAYLOAD:
                raise EnvelopeError(f"an envelope of {length} bytes, at most {MAX_PAYLOAD} are allowed")
            try:
                kind = Kind(code)
            except ValueError as error:
                raise EnvelopeError(f"an envelope of unknown kind {code}") from error
            end = start + HEADER.size + length
            if len(self._buffer) < end:
                break
            found.append((kind, number, bytes(self._buffer[start + HEADER.size : end])))
            start = end
        del self._buffer[:start]
        return found
