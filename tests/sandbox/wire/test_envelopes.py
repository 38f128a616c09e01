"""Envelopes between worker and relay: cut wherever their bytes are split, bounded, and of known kinds."""

from __future__ import annotations

import pytest

from autograder.sandbox.inside.wire.envelopes import (
    COUNT,
    HEADER,
    MAX_PAYLOAD,
    SOCKETS,
    EnvelopeError,
    EnvelopeReader,
    Kind,
    encode,
)

SENT = [(Kind.CONFIG, 0, b"{}"), (Kind.START, 7, b""), (Kind.KILL, 2**32 - 1, b"x"), (Kind.FAULT, 0, b"broken")]
STREAM = b"".join(encode(*one) for one in SENT)


def test_an_envelope_to_the_letter() -> None:
    assert encode(Kind.CONFIG, 258, b"ab") == b"\x01\x00\x00\x01\x02\x00\x00\x00\x02ab"
    assert encode(Kind.KILL, 1) == b"\x03\x00\x00\x00\x01\x00\x00\x00\x00"
    assert (
        encode(Kind.EVENT, 0, bytearray(b"a"))
        == encode(Kind.EVENT, 0, memoryview(b"a"))
        == b"\x10" + bytes(7) + b"\x01a"
    )
    assert [(kind.name, int(kind)) for kind in Kind] == [
        ("CONFIG", 1), ("START", 2), ("KILL", 3), ("FORK", 4), ("EVENT", 16), ("FAULT", 17),
    ]  # fmt: skip
    assert (HEADER.size, COUNT.pack(3), SOCKETS, MAX_PAYLOAD) == (9, b"\x00\x00\x00\x03", 2, 262144)


@pytest.mark.parametrize("size", range(1, len(STREAM) + 1))
def test_a_stream_is_cut_wherever_it_is_split(size: int) -> None:
    reader, found = EnvelopeReader(), []
    for start in range(0, len(STREAM), size):
        found += reader.feed(memoryview(STREAM)[start : start + size])
    assert found == SENT
    assert all(type(kind) is Kind and type(payload) is bytes for kind, _, payload in found)


def test_nothing_is_held_but_one_unfinished_envelope() -> None:
    reader = EnvelopeReader()
    assert reader.feed(STREAM + STREAM[:5]) == SENT
    assert len(reader._buffer) == 5
    assert reader.feed(STREAM[5:]) == SENT
    assert len(reader._buffer) == 0


def test_a_payload_is_bounded_at_both_ends() -> None:
    most = bytes(MAX_PAYLOAD)
    assert EnvelopeReader().feed(encode(Kind.EVENT, 1, most)) == [(Kind.EVENT, 1, most)]
    with pytest.raises(EnvelopeError, match=r"^a payload of 262145 bytes, at most 262144 are allowed$"):
        encode(Kind.EVENT, 1, most + b"x")
    with pytest.raises(EnvelopeError, match=r"^an envelope of 262145 bytes, at most 262144 are allowed$"):
        EnvelopeReader().feed(HEADER.pack(Kind.EVENT, 1, MAX_PAYLOAD + 1))
    with pytest.raises(EnvelopeError, match=r"^an envelope of unknown kind 5$"):
        EnvelopeReader().feed(HEADER.pack(5, 1, 0))
