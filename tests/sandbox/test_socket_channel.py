"""The trusted end of a student's socket: whatever comes or does not come, memory and time stay bounded."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.sandbox.interface import ChannelClosed, ChannelTimeout
from autograder.sandbox.socket_channel import LARGEST_READ, READ_AHEAD, SocketChannel

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def soon(seconds: float = 60.0) -> float:
    return time.monotonic() + seconds


@pytest.fixture
def pair() -> Iterator[tuple[SocketChannel, socket.socket]]:
    channel, student = SocketChannel.pair()
    yield channel, student
    channel.close()
    student.close()


@QUICK
@given(
    chunks=st.lists(st.binary(min_size=1, max_size=5000), min_size=1, max_size=8),
    cuts=st.lists(st.integers(1, 3000), max_size=40),
)
def test_bytes_arrive_in_order_however_they_are_cut(chunks: list[bytes], cuts: list[int]) -> None:
    channel, student = SocketChannel.pair()
    with student:
        sent = b"".join(chunks)
        for chunk in chunks:
            student.sendall(chunk)
        found = b""
        for cut in cuts:
            size = min(cut, len(sent) - len(found))
            found += channel.receive(size, soon()) if size else b""
        assert found + channel.receive(len(sent) - len(found), soon()) == sent
        assert not channel.pending()
    channel.close()


def test_a_large_answer_arrives_while_it_is_written(pair: tuple[SocketChannel, socket.socket]) -> None:
    channel, student = pair
    data = os.urandom(5 * LARGEST_READ)
    threading.Thread(target=student.sendall, args=(data,), daemon=True).start()
    assert channel.receive(len(data), soon(20)) == data


def test_a_flood_stops_at_the_socket(pair: tuple[SocketChannel, socket.socket]) -> None:
    channel, student = pair
    student.setblocking(False)
    sent = full = 0
    while full < 20:
        try:
            sent += student.send(bytes(65536))
        except BlockingIOError:
            full += 1
        assert channel.pending()
    assert len(channel._arrived) <= READ_AHEAD
    assert sent < 8 << 20  # what the kernel holds for one socket


def test_a_student_that_does_not_read_is_a_timeout(pair: tuple[SocketChannel, socket.socket]) -> None:
    channel, _ = pair
    with pytest.raises(ChannelTimeout):
        channel.send(bytes(32 << 20), soon(0.3))


def test_nothing_said_is_a_timeout(pair: tuple[SocketChannel, socket.socket]) -> None:
    channel, student = pair
    student.sendall(b"hal")
    with pytest.raises(ChannelTimeout):
        channel.receive(4, soon(0.2))
    student.sendall(b"f")
    assert channel.receive(4, soon()) == b"half"


def test_bytes_sent_before_the_end_arrive(pair: tuple[SocketChannel, socket.socket]) -> None:
    channel, student = pair
    channel.verdict = lambda: ChannelClosed("signal", "SIGKILL")
    student.sendall(b"last words")
    student.close()
    channel.send(b"to nobody", soon())  # the end is found where it is read
    assert channel.receive(10, soon()) == b"last words"
    with pytest.raises(ChannelClosed, match="SIGKILL"):
        channel.receive(1, soon())
    with pytest.raises(ChannelClosed, match="SIGKILL"):
        channel.send(b"more", soon())


def test_descriptors_sent_along_go_nowhere(pair: tuple[SocketChannel, socket.socket]) -> None:
    channel, student = pair
    read, write = os.pipe()
    try:
        socket.send_fds(student, [b"x"], [write])
    except PermissionError:  # Linux 6.16 and later
        student.sendall(b"x")
    os.close(write)
    assert channel.receive(1, soon()) == b"x"
    assert os.read(read, 1) == b""  # nobody holds the writing end any more
    os.close(read)


def test_urgent_bytes_keep_nobody_busy(
    pair: tuple[SocketChannel, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    channel, student = pair
    student.send(b"!", socket.MSG_OOB)
    waits, wait = [], channel._wait
    monkeypatch.setattr(channel, "_wait", lambda deadline: waits.append(wait(deadline)))
    with pytest.raises(ChannelTimeout):
        channel.receive(100, soon(0.3))
    assert len(waits) < 10, "the wait must not end because of a byte that cannot be read"
    student.sendall(bytes(100))
    assert len(channel.receive(100, soon())) == 100


def test_pending_says_whether_anything_came(pair: tuple[SocketChannel, socket.socket]) -> None:
    channel, student = pair
    assert not channel.pending()
    student.sendall(b"x")
    assert channel.pending()
    assert channel.receive(1, soon()) == b"x"
    student.close()
    assert not channel.pending()
    assert channel.ended


def test_descriptors_are_handed_down(pair: tuple[SocketChannel, socket.socket]) -> None:
    channel, student = pair
    read, write = os.pipe()
    channel.send(b"take this", soon(), [write])
    os.close(write)
    data, descriptors, _, _ = socket.recv_fds(student, 100, 4)
    assert data == b"take this"
    os.write(descriptors[0], b"here")
    assert os.read(read, 10) == b"here"
    for descriptor in (*descriptors, read):
        os.close(descriptor)


@pytest.mark.parametrize("early", [True, False], ids=["told before the wait", "told in the wait"])
def test_the_end_is_told_by_another_channel(pair: tuple[SocketChannel, socket.socket], early: bool) -> None:
    """A process that the student left behind may hold the socket open."""
    channel, student = pair
    control, control_end = SocketChannel.pair()
    channel.tell_by(control, lambda: control.receive(1, soon(0.0)) == b"S")
    student.sendall(b"so far")
    sender = threading.Timer(0.0 if early else 0.3, control_end.sendall, [b"S"])
    sender.start()
    if early:
        sender.join()
        assert control.pending()
    with pytest.raises(ChannelClosed):
        channel.receive(100, soon(100))
    assert channel.receive(6, soon()) == b"so far"
    sender.join()
    control.close()
    control_end.close()
