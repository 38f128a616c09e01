"""The zygote: imports the libraries once, and forks student processes.

It reads three kinds of message from the relay ("start", with two sockets it passes on unread, "kill", and "fork", with
the stream of another slot), so no byte of any student's data is ever in the memory that student processes are forked
from. It is the parent of the student process, so it alone can end it surely and see how it ended.

A zygote that other slots are forked from (`slot_fork`) runs no student process itself.
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
from typing import Any, NoReturn

from ..wire.config import InsideConfig, import_order
from ..wire.envelopes import COUNT
from . import confine, huge_pages, linux, own_uid, seccomp, slot_fork, student_process, warm_up

READY = b"\0ready"
SETUP_SECONDS = 20.0
MAX_CONFIG = 128 << 10


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
    from ..answers.requests import Interpreter
    from ..shell.cells import Shell

    terminal = confine.TERMINAL if config.confined else os.path.join(config.scratch, "terminal")
    shell = Shell(config.output_bytes, terminal)
    shell.folders = ("/home/student", "/tmp", "/dev/shm") if config.confined else ()
    if config.own_uids:
        shell.folders = tuple(os.path.join(config.scratch, name) for name in own_uid.FOLDERS)
    interpreter = Interpreter(shell)
    threads = os.listdir("/proc/self/task")
    if len(threads) != 1:
        raise RuntimeError(f"the preload list leaves {len(threads) - 1} threads running, which no fork survives")
    gc.collect()
    gc.freeze()
    gc.enable()
    return Prepared(interpreter, operators)


class Zygote:
    """Has at most one student process at a time, or forks slots.

    While there is nothing else to do, after the start, it collapses its memory into huge pages. forked: it was forked
    from a zygote that has done so; its memory is shared, and collapsing it would make a copy.
    """

    def __init__(
        self,
        control: socket.socket,
        config: InsideConfig,
        interpreter: student_process.Answering,
        *,
        forked: bool = False,
    ) -> None:
        self._control = control
        self._config = config
        self._interpreter = interpreter
        self._filter = seccomp.assemble(os.uname().machine, namespaces=not config.own_uids)
        self._uid = 0  # backend `confined-uid`: of the last student process
        self._student: tuple[int, int, int] | None = None  # its number, pid and pidfd
        self._slots: dict[int, int] = {}  # pidfd -> pid of the relays of slots forked from here
        self._collapsing: Iterator[bool] | None = None if forked else huge_pages.collapse_written()

    def run(self) -> None:
        while True:
            poll = select.poll()
            poll.register(self._control, select.POLLIN)
            if self._student is not None:
                poll.register(self._student[2], select.POLLIN)
            for pidfd in self._slots:
                poll.register(pidfd, select.POLLIN)
            ready = [descriptor for descriptor, _ in poll.poll(None if self._collapsing is None else 0)]
            if not ready and self._collapsing is not None and next(self._collapsing, None) is None:
                self._collapsing = None
            if self._student is not None and self._student[2] in ready:
                self._reap(*self._student)
            for pidfd in self._slots.keys() & set(ready):
                os.waitpid(self._slots.pop(pidfd), 0)
                os.close(pidfd)
            if self._control.fileno() in ready and not self._command():
                self._kill()
                return

    def _command(self) -> bool:
        message, descriptors, _, _ = socket.recv_fds(self._control, 16, 2)
        if message.startswith(b"S") and len(descriptors) == 2:
            self._kill()
            self._start(COUNT.unpack(message[1:])[0], descriptors[0], descriptors[1])
        elif message == b"K":
            self._kill()
        elif message.startswith(b"F") and len(descriptors) == 1:
            self._fork_slot(COUNT.unpack(message[1:])[0], descriptors[0])
        return bool(message)

    def _fork_slot(self, number: int, stream: int) -> None:
        """Fork a slot, once all memory that it will share is as it stays."""
        for _ in self._collapsing or ():
            pass
        self._collapsing = None
        try:
            if not self._config.confined or self._student is not None:
                raise confine.ConfinementRefused("no slot can be forked from this one")
            if not self._config.uid_vouched:
                confine.refuse_kernel_root()
            pid = slot_fork.fork_slot(stream, self._begin_again)
        except (OSError, confine.ConfinementRefused) as error:
            _tell(self._control, event="not forked", slot=number, message=str(error))
        else:
            self._slots[os.pidfd_open(pid)] = pid
            _tell(self._control, event="forked", slot=number, pid=pid)
        finally:
            os.close(stream)

    def _begin_again(self, control: socket.socket, config: InsideConfig) -> NoReturn:
        """Serve, as the zygote of a slot that was forked from this one, that slot's relay until it ends."""
        _tell(control, event="ready", seconds=0.0)
        Zygote(control, config, self._interpreter, forked=True).run()
        os._exit(0)

    def _start(self, number: int, control_fd: int, data_fd: int) -> None:
        begun = time.monotonic()
        status_read, status_write = os.pipe()
        keep = (status_write, control_fd, data_fd)
        try:
            pid = self._fork(keep)
        except (OSError, confine.ConfinementRefused) as error:
            _tell(self._control, event="refused", student=number, message=str(error))
            pid = 0
        for descriptor in keep:
            os.close(descriptor)
        if pid:
            fault = _setup_fault(status_read)
            if fault:
                _end(pid)
                if self._config.own_uids:
                    own_uid.clear(self._config)
                _tell(self._control, event="refused", student=number, message=fault)
            else:
                self._student = (number, pid, os.pidfd_open(pid))
                _tell(self._control, event="started", student=number, seconds=time.monotonic() - begun)
        os.close(status_read)

    def _fork(self, keep: tuple[int, int, int]) -> int:
        """Fork a student process, which never returns from here. Raises OSError, ConfinementRefused."""
        status, control_fd, data_fd = keep
        zygote = os.getpid()
        try:
            if self._config.own_uids:
                own_uid.clear(self._config)
                self._uid = own_uid.unused_uid(*self._config.own_uids)
            pid = confine.fork_confined(self._config, keep, self._filter) if self._config.confined else os.fork()
            if pid:
                return pid
            signal.signal(signal.SIGINT, signal.default_int_handler)
            if self._config.own_uids:
                own_uid.confine_as(self._config, self._uid, keep, self._filter)
            elif not self._config.confined:
                linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
                confine.unconfined(self._config, keep)
            sys.path.insert(0, "")
            os.write(status, READY)
            os.close(status)
        except BaseException as error:
            # In the fork, nothing may unwind into the zygote's own loop.
            if os.getpid() == zygote:
                raise
            os.write(status, str(error).encode()[:2000])
            os._exit(1)
        reach = "namespace" if self._config.confined else "user" if self._config.own_uids else "descendants"
        student_process.main(control_fd, data_fd, self._interpreter, reach=reach)

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
        if self._config.own_uids:
            try:
                own_uid.end_user(self._uid, own_uid.unused_uid(*self._config.own_uids))
            except OSError as error:
                _tell(self._control, event="fault", message=str(error))
                os._exit(1)
            own_uid.clear(self._config)
        elif not self._config.confined:
            student_process.end_descendants()
            for name in os.listdir(self._config.scratch):
                if name.startswith("student-"):
                    shutil.rmtree(os.path.join(self._config.scratch, name), ignore_errors=True)
        _tell(self._control, event="ended", student=number, status=status, max_rss=usage.ru_maxrss * 1024)


def _setup_fault(status: int) -> str:
    """Return why the fork at the other end of `status` is no student process; empty if it is."""
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
