"""Envelopes and the relay: whatever a student's socket holds arrives as bytes of that channel, and no more happens."""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.sandbox.inside.envelopes import (
    COUNT,
    HEADER,
    MAX_PAYLOAD,
    WINDOW,
    Decoder,
    EnvelopeError,
    Kind,
    encode,
)
from autograder.sandbox.inside.relay import Lane, Relay, SlotBroken
from autograder.sandbox.interface import ChannelClosed, ChannelTimeout, SandboxFault
from autograder.sandbox.link import Link

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ENVELOPES = st.lists(st.tuples(st.sampled_from(Kind), st.integers(0, 2**32 - 1), st.binary(max_size=300)), max_size=12)


# The encoding.


@QUICK
@given(envelopes=ENVELOPES, cuts=st.lists(st.integers(1, 40), max_size=60))
def test_envelopes_survive_any_cutting(envelopes: list[tuple[Kind, int, bytes]], cuts: list[int]) -> None:
    stream = b"".join(encode(*envelope) for envelope in envelopes)
    decoder, found = Decoder(), []
    for size in cuts:
        found += decoder.feed(stream[:size])
        stream = stream[size:]
    assert found + decoder.feed(stream) == envelopes


@QUICK
@given(garbage=st.binary(max_size=2000))
def test_garbage_is_an_envelope_error_or_envelopes(garbage: bytes) -> None:
    decoder = Decoder()
    try:
        found = decoder.feed(garbage)
    except EnvelopeError:
        return
    assert sum(len(encode(*envelope)) for envelope in found) <= len(garbage)


def test_lengths_beyond_the_limit_are_refused_before_the_payload_comes() -> None:
    with pytest.raises(EnvelopeError, match="at most"):
        Decoder().feed(HEADER.pack(Kind.DATA, 1, MAX_PAYLOAD + 1))
    with pytest.raises(EnvelopeError, match="unknown kind"):
        Decoder().feed(HEADER.pack(99, 1, 0))
    with pytest.raises(EnvelopeError, match="at most"):
        encode(Kind.DATA, 1, bytes(MAX_PAYLOAD + 1))


# A relay between a trusted link and two student sockets which the tests hold the far ends of.


class Bench:
    """A relay in a thread, with the students' sockets of two channels in the test's hands."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self.relay = Relay(theirs.fileno(), theirs.fileno())
        self.link = Link(ours, lambda: "")
        self.channels = [self.link.open(), self.link.open()]
        self.students = []
        for channel in self.channels:
            near, far = socket.socketpair()
            self.relay._lanes[channel.number] = Lane(near)
            self.students.append(far)
        self._sockets = [ours, theirs, *self.students]
        self.failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.relay.run()
        except (SlotBroken, EnvelopeError) as error:
            self.failure = error

    def close(self) -> None:
        self._sockets[0].close()
        self._thread.join(5)
        assert not self._thread.is_alive()
        for end in self._sockets:
            end.close()
        for lane in self.relay._lanes.values():
            lane.socket.close()


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


def soon(seconds: float = 5.0) -> float:
    return time.monotonic() + seconds


# Garbage that looks like what the relay itself speaks.
LOOKALIKES = st.builds(
    lambda kind, channel, payload: encode(kind, channel, payload),
    st.sampled_from(Kind),
    st.integers(0, 3),
    st.binary(max_size=50),
)


@QUICK
@given(chunks=st.lists(st.binary(min_size=1, max_size=5000) | LOOKALIKES, min_size=1, max_size=8))
def test_what_a_student_sends_is_bytes_of_their_channel(chunks: list[bytes]) -> None:
    bench = Bench()
    try:
        hostile, honest = bench.students
        for chunk in chunks:
            hostile.sendall(chunk)
        assert bench.channels[0].receive(sum(map(len, chunks)), soon()) == b"".join(chunks)
        honest.sendall(b"fine")
        assert bench.channels[1].receive(4, soon()) == b"fine"
        hostile.close()
        with pytest.raises(ChannelClosed):
            bench.channels[0].receive(1, soon())
        bench.channels[1].send(b"still here", soon())
        assert honest.recv(100) == b"still here"
        assert bench.link.events == []
        assert bench.failure is None
    finally:
        bench.close()


def test_a_flood_stops_at_the_window(bench: Bench) -> None:
    hostile, honest = bench.students
    hostile.setblocking(False)
    sent, deadline = 0, time.monotonic() + 2
    while time.monotonic() < deadline:
        try:
            sent += hostile.send(bytes(65536))
        except BlockingIOError:
            time.sleep(0.01)
        bench.link.pump(0.0)
    assert WINDOW <= sent < 2 * WINDOW + (1 << 20)  # the window and what the socket itself holds
    honest.sendall(b"fine")
    assert bench.channels[1].receive(4, soon()) == b"fine"


def test_flow_goes_on_as_the_trusted_side_consumes(bench: Bench) -> None:
    size = 5 * WINDOW
    data = os.urandom(size)
    threading.Thread(target=bench.students[0].sendall, args=(data,), daemon=True).start()
    assert bench.channels[0].receive(size, soon(20)) == data


def test_a_student_that_does_not_read_stops_only_itself(bench: Bench) -> None:
    with pytest.raises(ChannelTimeout):
        bench.channels[0].send(bytes(8 * WINDOW), soon(0.3))
    bench.channels[1].send(b"next", soon())
    assert bench.students[1].recv(100) == b"next"


def test_bytes_sent_before_the_end_arrive(bench: Bench) -> None:
    bench.students[0].sendall(b"last words")
    bench.students[0].close()
    assert bench.channels[0].receive(10, soon()) == b"last words"
    with pytest.raises(ChannelClosed):
        bench.channels[0].receive(1, soon())


def test_a_stale_channel_is_dropped(bench: Bench) -> None:
    bench.students[0].sendall(b"early")
    assert bench.channels[0].receive(1, soon()) == b"e"
    bench.link.drop(bench.channels[0])
    bench.link.send(Kind.CLOSE, bench.channels[0].number)
    with pytest.raises(OSError):  # noqa: PT012 - the relay's end closes a moment later
        for _ in range(100):
            bench.students[0].sendall(b"late")
            bench.link.pump(0.01)
    bench.students[1].sendall(b"fine")
    assert bench.channels[1].receive(4, soon()) == b"fine"


def test_descriptors_sent_along_are_closed(bench: Bench) -> None:
    read, write = os.pipe()
    socket.send_fds(bench.students[0], [b"x"], [write])
    os.close(write)
    assert bench.channels[0].receive(1, soon()) == b"x"
    assert os.read(read, 1) == b""  # nobody holds the writing end any more
    os.close(read)


def test_pending_says_whether_anything_came(bench: Bench) -> None:
    assert not bench.channels[0].pending()
    bench.students[0].sendall(b"x")
    deadline = soon()
    while not bench.channels[0].pending() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert bench.channels[0].pending()
    assert not bench.channels[1].pending()


# The trusted end against a relay that breaks the rules: the sandbox's fault, never a student's.


@QUICK
@given(garbage=st.binary(min_size=1, max_size=400))
def test_a_broken_relay_is_a_sandbox_fault(garbage: bytes) -> None:
    ours, theirs = socket.socketpair()
    link = Link(ours, lambda: "")
    channel = link.open()
    with ours:
        with theirs:
            theirs.sendall(HEADER.pack(99, 0, 0) + garbage)
        with pytest.raises(SandboxFault):
            channel.receive(1, soon(1))
        with pytest.raises(SandboxFault):  # and it stays broken
            link.send(Kind.KILL)


@pytest.mark.parametrize(
    "envelopes",
    [
        encode(Kind.DATA, 1, bytes(MAX_PAYLOAD)) * (WINDOW // MAX_PAYLOAD + 1),
        encode(Kind.FAULT, 0, b"it broke"),
        encode(Kind.START, 1, COUNT.pack(2)),
        b"",
    ],
    ids=["beyond the window", "fault", "wrong direction", "end"],
)
def test_rules_a_relay_must_keep(envelopes: bytes) -> None:
    ours, theirs = socket.socketpair()
    link = Link(ours, lambda: "error output")
    channel = link.open()
    with ours:
        sender = threading.Thread(target=lambda: (theirs.sendall(envelopes), theirs.close()))
        sender.start()
        with pytest.raises(SandboxFault):
            channel.receive(100 << 20, soon(5))
        ours.close()
        sender.join(5)


def test_the_relay_says_why_it_ends() -> None:
    ours, theirs = socket.socketpair()
    relay = Relay(theirs.fileno(), theirs.fileno())
    with ours, theirs:
        ours.sendall(struct.pack(">BII", 99, 0, 0))
        with pytest.raises(EnvelopeError):
            relay.run()
        relay.fault("an envelope of unknown kind")
        assert Decoder().feed(ours.recv(1000)) == [(Kind.FAULT, 0, b"an envelope of unknown kind")]


def test_the_code_inside_imports_nothing_of_the_package() -> None:
    inside = Path(__file__).resolve().parents[2] / "autograder/sandbox/inside"
    for file in inside.glob("*.py"):
        assert "autograder" not in [
            word.split(".")[0]
            for line in file.read_text().splitlines()
            if line.strip().startswith(("import ", "from "))
            for word in line.split()[1:2]
        ], file
