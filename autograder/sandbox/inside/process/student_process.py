"""The student process: PID 1 of its own namespaces, where the cells of one notebook run.

Threads that the cells left would go on working while tests run, beside every fork of this process. A fork has the
calling thread only; so where there are others, this process forks a *base* for the tests to be forked from, and
the trusted side stops everything else.

It answers requests on its data socket, and between requests commands on its control socket: fork
for a test, end the test. As student code runs in this very process, everything it says may be
forged, and the trusted side treats it so: what counts (ending it, knowing that it ended) is done by the
zygote, its parent, from outside the namespace.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import struct
from collections.abc import Callable
from typing import Any, NoReturn, Protocol

from ..wire.protocol import ProtocolError, read_frame
from . import linux

REPLY = struct.Struct(">ci")  # what happened, a number
FORK_TEST, END_TEST, FORK_BASE, KEEP_STATE = b"T", b"E", b"B", b"K"  # those that fork come with a socket for the fork
FORKED, CANNOT_FORK, TEST_GONE, TEST_ENDED = b"F", b"N", b"S", b"E"
EXIT_BROKEN, EXIT_PROTOCOL = 70, 71


class Answering(Protocol):
    def answer(self, header: dict[str, Any], arrays: list[Any]) -> bytes: ...

    def before_test(self) -> None: ...


def main(control_fd: int, data_fd: int, interpreter: Answering, *, reach: str) -> NoReturn:
    """Serve until a socket ends, then exit. Never returns.

    `reach`: whom it ends after a test. "namespace": it is PID 1 of a PID namespace, and every other process that it
    can see was started by the student. "user": it has a uid of its own, and every other process of that uid was.
    "descendants", in backend `none`: those it can find.
    """
    try:
        session = _Session(control_fd, data_fd, interpreter, reach)
        while True:
            with contextlib.suppress(KeyboardInterrupt):  # a test's fork can send this signal to PID 1, and no other
                session.step()
    finally:
        os._exit(EXIT_BROKEN)  # whatever went wrong must not unwind into the zygote's frames


class _Session:
    def __init__(self, control_fd: int, data_fd: int, interpreter: Answering, reach: str) -> None:
        self._control = socket.socket(fileno=control_fd)
        self._data: socket.socket | None = socket.socket(fileno=data_fd)
        self._interpreter = interpreter
        self._reach = reach
        self._end_others = {"namespace": _kill_namespace, "user": kill_own_user}.get(reach, end_descendants)
        self._test: tuple[int, int] | None = None  # pid and pidfd of the fork for a test

    def step(self) -> None:
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        if self._data is not None:
            poll.register(self._data, select.POLLIN)
        if self._test is not None:
            poll.register(self._test[1], select.POLLIN)
        for descriptor, _ in poll.poll():
            if descriptor == self._control.fileno():
                self._command()
            elif self._data is not None and descriptor == self._data.fileno():
                serve_one(self._data, self._interpreter)
            elif self._test is not None and descriptor == self._test[1]:
                self._test_is_gone(*self._test)

    def _command(self) -> None:
        command, descriptors, _, _ = socket.recv_fds(self._control, 1, 1)
        if command == FORK_TEST and len(descriptors) == 1:
            self._fork_test(descriptors[0])
        elif command in (FORK_BASE, KEEP_STATE) and len(descriptors) == 1:
            self._fork_base(descriptors[0], one_of_several=command == KEEP_STATE)
        elif command == END_TEST:
            self._end_test()
        else:
            os._exit(0 if not command else EXIT_PROTOCOL)

    def _fork_test(self, data_fd: int) -> None:
        with contextlib.suppress(Exception):
            self._interpreter.before_test()
        try:
            pid = os.fork()
        except OSError as error:  # at the limit of processes
            os.close(data_fd)
            self._control.sendall(REPLY.pack(CANNOT_FORK, error.errno or 0))
            return
        if pid == 0:
            self._control.close()
            if self._data is not None:
                self._data.close()
            serve(socket.socket(fileno=data_fd), self._interpreter)
        os.close(data_fd)
        self._test = (pid, os.pidfd_open(pid))
        self._control.sendall(REPLY.pack(FORKED, pid))

    def _fork_base(self, control_fd: int, *, one_of_several: bool) -> None:
        """Fork a process without this one's other threads, which takes its place for the tests, or for some of them."""
        try:
            pid = os.fork()
        except OSError as error:
            os.close(control_fd)
            self._control.sendall(REPLY.pack(CANNOT_FORK, error.errno or 0))
            return
        if pid:
            os.close(control_fd)
            self._control.sendall(REPLY.pack(FORKED, pid))
            return
        linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
        self._control.close()
        if self._data is not None:
            self._data.close()
        self._control, self._data = socket.socket(fileno=control_fd), None
        # kill(-1) of a user of one's own would end the stopped process, too, and where states are kept that of anybody
        # those: there the trusted side ends the rest.
        bases = {"namespace": _reap_ended if one_of_several else _kill_all_but_init, "user": _reap_ended}
        self._end_others = bases.get(self._reach, end_descendants)

    def _test_is_gone(self, pid: int, pidfd: int) -> None:
        self._test = None
        os.close(pidfd)
        status = 0
        with contextlib.suppress(ChildProcessError):  # student code may have waited for it
            status = os.waitpid(pid, 0)[1]
        self._control.sendall(REPLY.pack(TEST_GONE, status))

    def _end_test(self) -> None:
        if self._test is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._test[1], signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._test[0], 0)
            os.close(self._test[1])
            self._test = None
        self._end_others()
        self._control.sendall(REPLY.pack(TEST_ENDED, 0))


def serve(data: socket.socket, interpreter: Answering) -> NoReturn:
    """Answer requests until the socket ends, then exit. Never returns."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")  # where memory runs out, the test's fork goes before the process it came from
    try:
        while True:
            serve_one(data, interpreter)
    finally:
        os._exit(EXIT_BROKEN)


def serve_one(data: socket.socket, interpreter: Answering) -> None:
    """Answer one request; exit at the end of the socket or where it no longer holds frames."""
    try:
        header, arrays = read_frame(_exact(data), strides=True)
        data.sendall(interpreter.answer(header, arrays))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        os._exit(0)
    except ProtocolError:
        os._exit(EXIT_PROTOCOL)


def _exact(data: socket.socket) -> Callable[[int], bytes]:
    def receive(size: int) -> bytes:
        parts = bytearray(size)
        view, start = memoryview(parts), 0
        while start < size:
            count = data.recv_into(view[start:])
            if count == 0:
                raise EOFError
            start += count
        return bytes(parts)

    return receive


def _kill_namespace() -> None:
    """Kill and reap every other process. Only as PID 1 of a namespace: elsewhere it would end the user's session."""
    if os.getpid() != 1:
        raise RuntimeError("only PID 1 of a namespace may end all its processes")
    _kill_all_but_init()


def _kill_all_but_init() -> None:
    """Kill every process of the namespace but this one and its PID 1, and reap those below this one."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def _reap_ended() -> None:
    """Wait for those below this process that have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def kill_own_user() -> None:
    """Kill every other process of this user, and reap those below this one. Never as root: that would be everybody."""
    if 0 in (os.getuid(), os.geteuid()):
        raise RuntimeError("only a process with a uid of its own may end all processes of its user")
    _kill_all_but_init()


def end_descendants() -> None:
    """Kill, where there is no namespace, descendants until there are none. One that keeps forking can outrun it."""
    for _ in range(100):
        found = descendants(os.getpid())
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in found:  # only those that were killed: what was born meanwhile may last, and is found next
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        _reap_ended()
        if not found:
            return


def descendants(pid: int) -> list[int]:
    """Return pids of all processes below `pid`, as far as they can be seen now."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        below = children(waiting.pop())
        found += below
        waiting += below
    return found


def children(pid: int) -> list[int]:
    """Return pids of the children of all threads of `pid`; none for a process that is gone."""
    found: list[int] = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children") as file:
                found += [int(word) for word in file.read().split()]
    return found
