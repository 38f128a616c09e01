"""A student process as tests of the wire need it: a real fork behind a socketpair, without confinement."""

from __future__ import annotations

import linecache
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from autograder.sandbox.inside.answers.requests import Interpreter
from autograder.sandbox.inside.wire.protocol import read_frame
from autograder.sandbox.interface import ChannelClosed, ChannelTimeout, Limits
from autograder.sandbox.student import StudentProcess


class SocketChannel:
    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def _wait(self, deadline: float, reading: bool) -> None:
        left = deadline - time.monotonic()
        ends = ([self._end], []) if reading else ([], [self._end])
        if left <= 0 or not any(select.select(*ends, [], left)):
            raise ChannelTimeout

    def send(self, data: bytes, deadline: float) -> None:
        view = memoryview(data)
        while view:
            self._wait(deadline, reading=False)
            try:
                view = view[self._end.send(view[: 1 << 16]) :]
            except OSError as error:
                raise ChannelClosed("exited") from error

    def receive(self, size: int, deadline: float) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            self._wait(deadline, reading=True)
            try:
                part = self._end.recv(size - len(parts))
            except OSError as error:
                raise ChannelClosed("exited") from error
            if not part:
                raise ChannelClosed("exited")
            parts += part
        return bytes(parts)

    def pending(self) -> bool:
        return bool(select.select([self._end], [], [], 0)[0])


class MinimalShell:
    """Runs cells with exec: what IPython adds is tested with the real shell."""

    def __init__(self) -> None:
        self.namespace: dict[str, Any] = {"__name__": "__main__"}

    def run_cell(self, source: str, index: int, soft_seconds: float) -> dict[str, Any]:
        from autograder.sandbox.inside.answers.errors import describe

        name = f"<cell {index}>"
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        error = None
        try:
            exec(compile(source, name, "exec"), self.namespace)  # noqa: S102 - this is the student's side
        except BaseException as raised:  # noqa: BLE001 - a cell may raise anything
            error = describe(raised)
        return {"status": "error" if error else "ok", "error": error, "outputs": [], "seconds": 0.01}


def serve(end: socket.socket, raw: Callable[[socket.socket], None] | None = None) -> None:
    """What student_process does on its data socket."""
    if raw is not None:
        raw(end)
        return
    interpreter = Interpreter(MinimalShell())
    interpreter._shell.namespace["_socket"] = end

    def receive(size: int) -> bytes:
        data = b""
        while len(data) < size:
            part = end.recv(size - len(data))
            if not part:
                os._exit(0)
            data += part
        return data

    while True:
        header, arrays = read_frame(receive, strides=True)
        end.sendall(interpreter.answer(header, arrays))


@pytest.fixture
def start() -> Iterator[Callable[..., StudentProcess]]:
    """`start(*cells, raw=None)`: a student process that ran the cells; `raw` replaces its whole side of the wire."""
    import torch

    torch.set_num_threads(1)
    children, ends = [], []

    def begin(*cells: str, raw: Callable[[socket.socket], None] | None = None) -> StudentProcess:
        ours, theirs = socket.socketpair()
        child = os.fork()
        if child == 0:
            try:
                ours.close()
                serve(theirs, raw)
            finally:
                os._exit(0)
        theirs.close()
        children.append(child)
        ends.append(ours)
        process = StudentProcess(SocketChannel(ours), Limits(call_seconds=120.0))
        for index, cell in enumerate(cells):
            process.run_cell(cell, index, 20.0)
        return process

    yield begin
    for end in ends:
        end.close()
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
