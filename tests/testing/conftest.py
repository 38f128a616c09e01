"""Submissions as the suite sees them: every fork is a real process behind a socketpair, without confinement."""

from __future__ import annotations

import linecache
import os
import select
import signal
import socket
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from autograder.sandbox.inside.answers.errors import describe
from autograder.sandbox.inside.answers.requests import Interpreter
from autograder.sandbox.inside.shell.left_behind import Snapshot
from autograder.sandbox.inside.wire.protocol import read_frame
from autograder.sandbox.interface import ChannelClosed, ChannelTimeout, Limits
from autograder.sandbox.student import StudentProcess
from autograder.suite.suite import Suite, collect_file


class SocketChannel:
    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def send(self, data: bytes, deadline: float) -> None:
        self._end.settimeout(max(0.01, deadline - time.monotonic()))
        try:
            self._end.sendall(data)
        except TimeoutError:
            raise ChannelTimeout from None
        except OSError as error:
            raise ChannelClosed("exited") from error

    def receive(self, size: int, deadline: float) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            self._end.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                part = self._end.recv(size - len(parts))
            except TimeoutError:
                raise ChannelTimeout from None
            except OSError as error:
                raise ChannelClosed("exited") from error
            if not part:
                raise ChannelClosed("exited")
            parts += part
        return bytes(parts)

    def pending(self) -> bool:
        return bool(select.select([self._end], [], [], 0)[0])


class MinimalShell:
    def __init__(self, cells: tuple[str, ...]) -> None:
        self.namespace: dict[str, Any] = {"__name__": "__main__"}
        for index, source in enumerate(cells):
            name = f"<cell {index}>"
            linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
            try:
                exec(compile(source, name, "exec"), self.namespace)  # noqa: S102 - this is the student's side
            except Exception as error:  # noqa: BLE001 - a cell may raise anything
                describe(error)

    def before_first_fork(self) -> None:
        self._snapshot = Snapshot(self.namespace)

    def unchanged(self) -> bool:
        return self._snapshot.unchanged()


def serve(end: socket.socket, shell: MinimalShell) -> None:
    interpreter = Interpreter(shell)

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


def close_all_but(kept: int) -> None:
    """Close every descriptor that this process inherited, but the standard ones and `kept`."""
    os.closerange(3, kept)
    os.closerange(kept + 1, os.sysconf("SC_OPEN_MAX"))


class Session:
    """A TestSession over forks of the test's own process."""

    __test__ = False

    def __init__(self, reference: dict[str, Any], cells: tuple[str, ...], sha: str = "a" * 64) -> None:
        self.reference = reference
        self.seed_key = b"secret"
        self.notebook_sha256 = sha
        self.probe_source = "def twice(x):\n    return 2 * x\n"
        self.artifacts: dict[str, bytes] = {}
        self.kept: dict[Any, Any] = {}
        self.timeouts: list[str] = []
        self.forks = 0
        self.seconds = 120.0
        self.deadline = time.monotonic() + 600.0
        self._cells = cells
        self._shell: MinimalShell | None = None
        self._child = 0
        self._end: socket.socket | None = None

    def cell_source(self, index: int) -> str:
        return self._cells[index] if 0 <= index < len(self._cells) else ""

    def fork(self) -> StudentProcess:
        assert self._child == 0, "two forks at once"
        if self._shell is None:
            self._shell = MinimalShell(self._cells)
            self._shell.before_first_fork()
        self.forks += 1
        self._end, theirs = socket.socketpair()
        self._child = os.fork()
        if self._child == 0:
            try:
                close_all_but(theirs.fileno())  # as in the sandbox: what a test's code writes to must be its own
                serve(theirs, self._shell)
            finally:
                os._exit(0)
        theirs.close()
        return StudentProcess(SocketChannel(self._end), Limits(call_seconds=120.0))

    def end_test(self) -> None:
        assert self._child, "end_test without a fork"
        assert self._end is not None
        self._end.close()
        os.kill(self._child, signal.SIGKILL)
        os.waitpid(self._child, 0)
        self._child = 0

    def call_seconds(self, test: str) -> float:
        return self.seconds

    @property
    def seconds_left(self) -> float:
        return self.deadline - time.monotonic()

    def timed_out(self, question: str) -> None:
        self.timeouts.append(question)

    def blocked(self, question: str) -> str:
        return "Two tests took too long." if self.timeouts.count(question) >= 2 else ""


def namespace(source: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    exec(textwrap.dedent(source), found)  # noqa: S102 - the test's own reference
    return found


Grade = Callable[..., Any]
HEAD = """
import pytest, torch
from torch import nn
from torch.nn import functional as F
from autograder.testing import close, forbidden_calls, given, gradient, public_twin, question, unchanged
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def write(tests: str) -> Path:
        path = tmp_path / "hidden_tests.py"
        path.write_text(HEAD + textwrap.dedent(tests))
        return path

    return write


@pytest.fixture
def suite_of(write: Callable[[str], Path]) -> Iterator[Callable[..., Suite]]:
    torch.set_num_threads(1)
    suites = []

    def make(tests: str, reference: str = "") -> Suite:
        suites.append(collect_file(write(tests), namespace(reference)))
        return suites[-1]

    yield make
    for suite in suites:
        suite.close()


@pytest.fixture
def session_of() -> Callable[..., Session]:
    def make(suite: Suite, *cells: str, sha: str = "a" * 64) -> Session:
        return Session(suite.reference, tuple(textwrap.dedent(cell).strip("\n") for cell in cells), sha)

    return make


@pytest.fixture
def grade(suite_of: Callable[..., Suite], session_of: Callable[..., Session]) -> Grade:
    """`grade(tests, reference, *cells)`: outcomes of the tests over a notebook of these cells."""

    def run(tests: str, reference: str, *cells: str) -> list[Any]:
        suite = suite_of(tests, reference)
        outcomes = {outcome.name: outcome for outcome in suite.run(session_of(suite, *cells))}
        second = suite.second(outcomes, suite.put_off)
        session = session_of(suite, *cells)
        return list((outcomes | second.show_twins(session) | second.carry(session)).values())

    return run
