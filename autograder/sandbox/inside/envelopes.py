"""Envelopes: how the trusted worker and the relay share one byte stream.

An envelope is 1 byte kind, 4 bytes channel, 4 bytes length (big-endian, at most 256 KiB), payload.
Payloads of DATA are opaque: only the trusted side and the student process give them a meaning.

Back-pressure is by credit. At most WINDOW bytes of a channel are on their way in one direction; the
receiver of DATA returns CREDIT as it passes the bytes on. So neither end ever holds more than a
window a channel, and a student who floods or does not read stalls nobody but themselves.

    worker -> relay                                relay -> worker
    CONFIG   0   JSON: InsideConfig                READY   0   JSON: the zygote stands
    START    n   u32: the control channel          EVENT   0   JSON from the zygote (never from a student)
    TEST     n   on which the student forks        DATA    n   bytes of a student's socket
    DATA     n   bytes for a student's socket      CREDIT  n   u32: bytes the student's socket took
    CREDIT   n   u32: bytes consumed               CLOSED  n   the student's socket is at its end
    CLOSE    n   drop this channel                 FAULT   0   text: the sandbox itself broke
    KILL     0   end the student process
"""

from __future__ import annotations

import struct
from enum import IntEnum

HEADER = struct.Struct(">BII")
COUNT = struct.Struct(">I")
MAX_PAYLOAD = 256 << 10
WINDOW = 1 << 20


class Kind(IntEnum):
    CONFIG = 1
    START = 2
    TEST = 3
    KILL = 4
    CLOSE = 5
    DATA = 16
    CREDIT = 17
    READY = 32
    EVENT = 33
    CLOSED = 34
    FAULT = 35


class EnvelopeError(Exception):
    """The stream does not hold envelopes. Only the sandbox itself can cause it."""


def encode(kind: Kind, channel: int, payload: bytes | bytearray | memoryview = b"") -> bytes:
    if len(payload) > MAX_PAYLOAD:
        raise EnvelopeError(f"a payload of {len(payload)} bytes, at most {MAX_PAYLOAD} are allowed")
    return HEADER.pack(kind, channel, len(payload)) + bytes(payload)


class Decoder:
    """Cuts a byte stream into envelopes; holds at most one unfinished envelope besides what was fed."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes | memoryview) -> list[tuple[Kind, int, bytes]]:
        """All envelopes that `data` completes. Raises EnvelopeError on an unknown kind or a length beyond the limit."""
        self._buffer += data
        found: list[tuple[Kind, int, bytes]] = []
        start = 0
        while len(self._buffer) - start >= HEADER.size:
            number, channel, length = HEADER.unpack_from(self._buffer, start)
            if length > MAX_PAYLOAD:
                raise EnvelopeError(f"an envelope of {length} bytes, at most {MAX_PAYLOAD} are allowed")
            try:
                kind = Kind(number)
            except ValueError as error:
                raise EnvelopeError(f"an envelope of unknown kind {number}") from error
            end = start + HEADER.size + length
            if len(self._buffer) < end:
                break
            found.append((kind, channel, bytes(self._buffer[start + HEADER.size : end])))
            start = end
        del self._buffer[:start]
        return found
