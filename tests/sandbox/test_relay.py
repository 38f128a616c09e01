"""Envelopes and the relay: sockets go down to the zygote, its events come back; who breaks the rules is told so."""

from __future__ import annotations

import json
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

from autograder.sandbox.inside.process.relay import Relay, SlotBroken
from autograder.sandbox.inside.wire.envelopes import (
    COUNT,
    HEADER,
    MAX_PAYLOAD,
    EnvelopeError,
    EnvelopeReader,
    Kind,
    encode,
)
from autograder.sandbox.interface import SandboxFault
from autograder.sandbox.relay_link import Link

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ENVELOPES = st.lists(st.tuples(st.sampled_from(Kind), st.integers(0, 2**32 - 1), st.binary(max_size=300)), max_size=12)


# The encoding.


@QUICK
@given(envelopes=ENVELOPES, cuts=st.lists(st.integers(1, 40), max_size=60))
def test_envelopes_survive_any_cutting(envelopes: list[tuple[Kind, int, bytes]], cuts: list[int]) -> None:
    stream = b"".join(encode(*envelope) for envelope in envelopes)
    decoder, found = EnvelopeReader(), []
    for size in cuts:
        found += decoder.feed(stream[:size])
        stream = stream[size:]
    assert found + decoder.feed(stream) == envelopes


@QUICK
@given(garbage=st.binary(max_size=2000))
def test_garbage_is_an_envelope_error_or_envelopes(garbage: bytes) -> None:
    decoder = EnvelopeReader()
    try:
        found = decoder.feed(garbage)
    except EnvelopeError:
        return
    assert sum(len(encode(*envelope)) for envelope in found) <= len(garbage)


def test_lengths_beyond_the_limit_are_refused_before_the_payload_comes() -> None:
    with pytest.raises(EnvelopeError, match="at most"):
        EnvelopeReader().feed(HEADER.pack(Kind.EVENT, 1, MAX_PAYLOAD + 1))
    with pytest.raises(EnvelopeError, match="unknown kind"):
        EnvelopeReader().feed(HEADER.pack(99, 1, 0))
    with pytest.raises(EnvelopeError, match="at most"):
        encode(Kind.EVENT, 1, bytes(MAX_PAYLOAD + 1))


# A relay between a trusted link and a zygote that the tests play.


class Bench:
    """A relay in a thread, with the zygote's socket in the test's hands."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        near, self.zygote = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.relay = Relay(theirs)
        self.relay._zygote = near
        self.link = Link(ours, lambda: "")
        self._sockets = [ours, theirs, near, self.zygote]
        self.failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.relay.run()
        except (SlotBroken, EnvelopeError) as error:
            self.failure = error

    def finished(self) -> BaseException | None:
        self._thread.join(5)
        assert not self._thread.is_alive()
        return self.failure

    def close(self) -> None:
        self._sockets[0].close()
        self.finished()
        for end in self._sockets:
            end.close()


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.close()


def soon(seconds: float = 60.0) -> float:
    return time.monotonic() + seconds


def test_the_sockets_of_each_student_reach_the_zygote_and_stay_nowhere_else(bench: Bench) -> None:
    for number in (1, 2, 3):
        pipes = [os.pipe(), os.pipe()]
        bench.link.send(Kind.START, number, descriptors=[write for _, write in pipes])
        for _, write in pipes:
            os.close(write)
        message, descriptors, _, _ = socket.recv_fds(bench.zygote, 100, 4)
        assert message == b"S" + COUNT.pack(number)
        for place, (read, _) in enumerate(pipes):
            os.write(descriptors[place], b"%d" % place)
            os.close(descriptors[place])
            assert os.read(read, 10) == b"%d" % place
            assert os.read(read, 10) == b""  # the relay has let go of its copy
            os.close(read)
    bench.link.send(Kind.KILL)
    assert bench.zygote.recv(10) == b"K"


def test_starts_in_one_breath_keep_their_sockets_apart(bench: Bench) -> None:
    ends = [socket.socketpair() for _ in range(6)]
    for number in (1, 2, 3):
        pair = ends[2 * number - 2 : 2 * number]
        bench.link.send(Kind.START, number, descriptors=[theirs.fileno() for _, theirs in pair])
    for number in (1, 2, 3):
        message, descriptors, _, _ = socket.recv_fds(bench.zygote, 100, 4)
        assert message == b"S" + COUNT.pack(number)
        for place, descriptor in enumerate(descriptors):
            os.write(descriptor, b"x")
            os.close(descriptor)
            assert ends[2 * number - 2 + place][0].recv(10) == b"x"
    for ours, theirs in ends:
        ours.close()
        theirs.close()


def test_the_stream_of_another_slot_reaches_the_zygote_and_stays_nowhere_else(bench: Bench) -> None:
    read, write = os.pipe()
    bench.link.send(Kind.FORK, 9, descriptors=[write])
    os.close(write)
    message, descriptors, _, _ = socket.recv_fds(bench.zygote, 100, 4)
    assert (message, len(descriptors)) == (b"F" + COUNT.pack(9), 1)
    os.close(descriptors[0])
    assert os.read(read, 10) == b""  # the relay has let go of its copy
    os.close(read)


def test_events_of_the_zygote_come_back(bench: Bench) -> None:
    bench.zygote.send(json.dumps({"event": "started", "student": 1}).encode())
    bench.zygote.send(json.dumps({"event": "ended", "student": 1}).encode())
    assert bench.link.wait_event(soon(), lambda event: event["event"] == "ended")
    assert bench.link.events == [{"event": "started", "student": 1}]
    assert bench.link.wait_event(soon(0.1), lambda event: event["event"] == "ended") is None


@pytest.mark.parametrize("kind", [Kind.START, Kind.FORK])
def test_a_start_or_a_fork_without_sockets_is_refused(bench: Bench, kind: Kind) -> None:
    bench.link.send(kind, 1)
    assert isinstance(bench.finished(), EnvelopeError)


def test_a_zygote_that_ends_breaks_the_slot(bench: Bench) -> None:
    bench.zygote.close()
    assert isinstance(bench.finished(), SlotBroken)


# The trusted end against a relay that breaks the rules: the sandbox's fault, never a student's.


@QUICK
@given(garbage=st.binary(min_size=1, max_size=400))
def test_a_broken_relay_is_a_sandbox_fault(garbage: bytes) -> None:
    ours, theirs = socket.socketpair()
    link = Link(ours, lambda: "")
    with ours:
        with theirs:
            theirs.sendall(HEADER.pack(99, 0, 0) + garbage)
        with pytest.raises(SandboxFault):
            link.wait_event(soon(1), lambda event: True)
        with pytest.raises(SandboxFault):  # and it stays broken
            link.send(Kind.KILL)


@pytest.mark.parametrize(
    "envelopes",
    [
        encode(Kind.EVENT, 0, b"no json"),
        encode(Kind.FAULT, 0, b"it broke"),
        encode(Kind.START, 1),
        b"",
    ],
    ids=["no event", "fault", "wrong direction", "end"],
)
def test_rules_a_relay_must_keep(envelopes: bytes) -> None:
    ours, theirs = socket.socketpair()
    link = Link(ours, lambda: "error output")
    with ours:
        sender = threading.Thread(target=lambda: (theirs.sendall(envelopes), theirs.close()))
        sender.start()
        with pytest.raises(SandboxFault):
            link.wait_event(soon(), lambda event: True)
        ours.close()
        sender.join(5)


def test_the_relay_says_why_it_ends() -> None:
    ours, theirs = socket.socketpair()
    relay = Relay(theirs)
    with ours, theirs:
        ours.sendall(struct.pack(">BII", 99, 0, 0))
        with pytest.raises(EnvelopeError):
            relay.run()
        relay.fault("an envelope of unknown kind")
        assert EnvelopeReader().feed(ours.recv(1000)) == [(Kind.FAULT, 0, b"an envelope of unknown kind")]


def test_the_code_inside_imports_nothing_of_the_package() -> None:
    inside = Path(__file__).resolve().parents[2] / "autograder/sandbox/inside"
    for file in inside.rglob("*.py"):
        assert "autograder" not in [
            word.split(".")[0]
            for line in file.read_text().splitlines()
            if line.strip().startswith(("import ", "from "))
            for word in line.split()[1:2]
        ], file
