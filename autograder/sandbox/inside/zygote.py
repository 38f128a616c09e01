"""The zygote: imports the libraries once, and forks student processes.

It reads two kinds of message from the relay ("start", with two sockets it passes on unread, and
"kill"), so no byte of any student's data is ever in the memory that student processes are forked
from. It is the parent of the student process, so it alone can end it surely and see how it ended.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from . import confine, huge_pages, linux, seccomp, student_process, warm_up
from .config import InsideConfig, import_order
from .envelopes import COUNT

READY = b"\0ready"
SETUP_SECONDS = 20.0
MAX_CONFIG = 128 << 10
SPARE_MILLISECONDS = 20  # after a start, until the next fork is made: the start itself needs the processors


def main(control_fd: int) -> None:
    """Serve the relay on `control_fd` until it ends. Never returns."""
    control = socket.socket(fileno=control_fd)
    config = InsideConfig.decode(control.recv(MAX_CONFIG))
    linux.set_dumpable(False)
    linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    begun = time.monotonic()
    try:
        prepared = prepare(config)
    except Exception as error:  # noqa: BLE001 - whatever a library raises at import is told, and ends the slot
        _tell(control, event="fault", message=f"{type(error).__name__}: {error}")
        os._exit(1)
    _tell(control, event="ready", seconds=time.monotonic() - begun)
    Zygote(control, config, prepared.interpreter).run()
    os._exit(0)


@dataclass(frozen=True)
class Prepared:
    interpreter: student_process.Answering
    operators: Any  # declarations that must live as long as torchvision may be imported


def prepare(config: InsideConfig) -> Prepared:
    """Import everything a student process will need, single-threaded, and make the shell.

    Raises whatever an import raises, and RuntimeError where an import leaves a thread behind.
    """
    gc.disable()  # imports make objects that stay: looking for garbage among them takes a quarter of the time
    root = sys.path.pop()  # put there to import this package
    sys.path[:] = [path for path in import_order(config, sys.path) if path != root]
    operators = None
    if any(name.split(".")[0] in ("torch", "torchvision") for name in config.preload):
        from .torchvision_operators import declare_missing

        operators = declare_missing()
    for name in config.preload:
        importlib.import_module(name)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)
    warm_up.warm_up()
    from .cells import Shell
    from .rehearsal import rehearse
    from .requests import Interpreter

    rehearse(config.output_bytes)
    _run_warm_up(config.warm_up)
    terminal = confine.TERMINAL if config.confined else os.path.join(config.scratch, "terminal")
    interpreter = Interpreter(Shell(config.output_bytes, terminal))
    threads = os.listdir("/proc/self/task")
    if len(threads) != 1:
        raise RuntimeError(f"the preload list leaves {len(threads) - 1} threads running, which no fork survives")
    gc.collect()
    gc.freeze()
    gc.enable()
    return Prepared(interpreter, operators)


def _run_warm_up(source: str) -> None:
    """Run the assignment's public warm-up in a namespace that nobody sees. Raises RuntimeError where it fails."""
    try:
        exec(compile(source, "<warm_up.py>", "exec", dont_inherit=True), {"__name__": "warm_up"})  # noqa: S102 - the course's own public text
    except Exception as error:
        raise RuntimeError(f"the assignment's warm_up.py fails: {type(error).__name__}: {error}") from error


@dataclass(frozen=True)
class Fork:
    """A fork of the zygote that is confined and waits at its door for the two sockets of a student process."""

    pid: int
    door: socket.socket


class Zygote:
    """Has at most one student process at a time, and confined, one fork more that waits to become the next.

    Making a fork ready takes milliseconds, most of them for its namespaces and mounts. So the next one is made while
    the student process is at work. No student code has run in it, and its namespaces are its own. Before the first,
    and as long as nothing else is to be done, memory is collapsed into huge pages.
    """

    def __init__(self, control: socket.socket, config: InsideConfig, interpreter: student_process.Answering) -> None:
        self._control = control
        self._config = config
        self._interpreter = interpreter
        self._filter = seccomp.assemble(os.uname().machine, memory_cgroup=config.memory_cgroup)
        self._student: tuple[int, int, int] | None = None  # its number, pid and pidfd
        self._spare: Fork | None = None
        self._wants_spare = False
        self._collapsing: Iterator[bool] | None = huge_pages.collapse_written()

    def run(self) -> None:
        while True:
            poll = select.poll()
            poll.register(self._control, select.POLLIN)
            if self._student is not None:
                poll.register(self._student[2], select.POLLIN)
            patience = 0 if self._collapsing is not None else SPARE_MILLISECONDS if self._wants_spare else None
            ready = [descriptor for descriptor, _ in poll.poll(patience)]
            if not ready and patience is not None:
                self._do_what_can_wait()
            if self._student is not None and self._student[2] in ready:
                self._reap(*self._student)
            if self._control.fileno() in ready and not self._command():
                self._kill()
                return

    def _command(self) -> bool:
        message, descriptors, _, _ = socket.recv_fds(self._control, 16, 2)
        if message.startswith(b"S") and len(descriptors) == 2:
            self._kill()
            self._start(COUNT.unpack(message[1:])[0], descriptors)
        elif message == b"K":
            self._kill()
        return bool(message)

    def _start(self, number: int, sockets: list[int]) -> None:
        begun = time.monotonic()
        try:
            pid = self._hand_over(sockets)
        except (OSError, confine.ConfinementRefused) as error:
            _tell(self._control, event="refused", student=number, message=str(error))
            return
        finally:
            for descriptor in sockets:
                os.close(descriptor)
        self._student = (number, pid, os.pidfd_open(pid))
        _tell(self._control, event="started", student=number, pid=pid, seconds=time.monotonic() - begun)
        self._wants_spare = self._config.confined  # else students share a folder, and come one by one

    def _do_what_can_wait(self) -> None:
        """A step of milliseconds."""
        if self._collapsing is not None:
            if next(self._collapsing, None) is None:
                self._collapsing = None
            return
        self._wants_spare = False
        with contextlib.suppress(OSError, confine.ConfinementRefused):  # told when one is needed
            self._spare = self._fork()

    def _hand_over(self, sockets: list[int]) -> int:
        """Give the sockets to a fork. Returns its pid. Raises OSError, ConfinementRefused."""
        spare, self._spare = self._spare, None
        if spare is not None:
            with spare.door, contextlib.suppress(OSError):
                socket.send_fds(spare.door, [READY], sockets)
                return spare.pid
            _end(spare.pid)  # it ended while it waited
        fork = self._fork()
        with fork.door:
            socket.send_fds(fork.door, [READY], sockets)
        return fork.pid

    def _fork(self) -> Fork:
        """Make a fork ready. Raises OSError, ConfinementRefused."""
        status_read, status_write = os.pipe()
        door, inner = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            pid = self._fork_into(status_write, inner)
        except BaseException:
            door.close()
            os.close(status_read)
            raise
        finally:
            os.close(status_write)
            inner.close()
        fault = _setup_fault(status_read)
        os.close(status_read)
        if fault:
            door.close()
            _end(pid)
            raise OSError(fault)
        return Fork(pid, door)

    def _fork_into(self, status: int, door: socket.socket) -> int:
        """Returns the pid; the fork itself never returns from here. Raises OSError, ConfinementRefused."""
        keep = (status, door.fileno())
        zygote = os.getpid()
        try:
            pid = confine.fork_confined(self._config, keep, self._filter) if self._config.confined else os.fork()
            if pid:
                return pid
            signal.signal(signal.SIGINT, signal.default_int_handler)
            if not self._config.confined:
                linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
                confine.unconfined(self._config, keep)
            sys.path.insert(0, "")
            os.write(status, READY)
            os.close(status)
            _, sockets, _, _ = socket.recv_fds(door, len(READY), 2)
            door.close()
            if len(sockets) != 2:
                os._exit(0)  # the zygote ended
        except BaseException as error:
            # In the fork, nothing may unwind into the zygote's own loop.
            if os.getpid() == zygote:
                raise
            with contextlib.suppress(OSError):
                os.write(status, str(error).encode()[:2000])
            os._exit(1)
        student_process.main(sockets[0], sockets[1], self._interpreter, whole_namespace=self._config.confined)

    def _kill(self) -> None:
        if self._student is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._student[1], signal.SIGKILL)
            self._reap(*self._student)

    def _reap(self, number: int, pid: int, pidfd: int) -> None:
        """Wait for the student process, and with it, as it is PID 1, for all it started."""
        self._student = None
        _, status, usage = os.wait4(pid, 0)
        os.close(pidfd)
        if not self._config.confined:
            student_process.end_descendants()
            for name in os.listdir(self._config.scratch):
                if name.startswith("student-"):
                    shutil.rmtree(os.path.join(self._config.scratch, name), ignore_errors=True)
        _tell(self._control, event="ended", student=number, status=status, max_rss=usage.ru_maxrss * 1024)


def _setup_fault(status: int) -> str:
    """Why the fork at the other end of `status` is no student process; empty if it is."""
    ready, _, _ = select.select([status], [], [], SETUP_SECONDS)
    said = os.read(status, 4096) if ready else f"setting up took more than {SETUP_SECONDS:.0f} s".encode()
    return "" if said == READY else said.decode(errors="replace") or "its set-up ended without a word"


def _end(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)


def _tell(control: socket.socket, **message: Any) -> None:
    try:
        control.send(json.dumps(message).encode())
    except (BrokenPipeError, ConnectionResetError):
        os._exit(0)  # the relay is gone, and with it the slot
