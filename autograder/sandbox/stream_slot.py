"""The trusted end of one slot: one sandbox with one zygote in it, whatever the backend.

Theory of operation. The backends differ only in how the relay is started and in what surrounds it;
from then on there is one Unix socket to it, and this file is its trusted end. The sockets of each student process
are made here: one end stays, the other is handed down. A student process is
ended by the zygote, its parent, and is gone with everything it started when the zygote says so.
What the student process answers on its control channel (that it forked, how a test ended) is only
a claim: it decides which words a failed test gets, and never more.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, NoReturn, Protocol

from autograder.sandbox.host_processes import end_below, freeze, is_frozen, living_below, pid_with_number, threads
from autograder.sandbox.inside.process.student_process import (
    CANNOT_FORK,
    END_TEST,
    FORK_BASE,
    FORK_TEST,
    FORKED,
    KEEP_STATE,
    REPLY,
    TEST_ENDED,
    TEST_GONE,
)
from autograder.sandbox.inside.wire.config import InsideConfig
from autograder.sandbox.inside.wire.envelopes import Kind
from autograder.sandbox.interface import (
    Channel,
    ChannelClosed,
    ChannelTimeout,
    SandboxFault,
    SlotConfig,
    Usage,
)
from autograder.sandbox.relay_link import Link
from autograder.sandbox.socket_channel import SocketChannel
from autograder.sandbox.watchdog import Watchdog, only_child

START_UP_SECONDS = 120.0  # a cold disk and a long preload list
STUDENT_SECONDS = 30.0  # the zygote's own limit for setting up a fork is lower
CONTROL_SECONDS = 5.0  # for the student process to fork, or to end a test
END_SECONDS = 1.0  # for the word how a closed channel's process ended
MOST_KEPT = 24  # states of one notebook
ERROR_TAIL = 2000  # characters of a slot's error output in a fault


class Holder(Protocol):
    """The process that holds a slot: it ends with the slot, and the slot with it."""

    @property
    def pid(self) -> int: ...

    def wait(self, timeout: float | None = None) -> int: ...

    def kill(self) -> None: ...


class StreamSlot:
    """A slot over a byte stream to a relay; implements interface.Slot. Used by one thread."""

    def __init__(
        self,
        backend: str,
        process: Holder,
        stream: socket.socket,
        errors: IO[bytes],
        config: SlotConfig,
        scratch: Path | None = None,
    ) -> None:
        self.backend = backend
        self.unsafe = backend == "none"
        # With a user instead of namespaces, what loses its parent comes to the zygote, which is asked for it then.
        self._by_user = backend.startswith("confined-uid")
        self.image = ""
        self._limits = config.limits
        self._process = process
        self._stream = stream
        self._errors = errors
        self._scratch = scratch
        self._link = Link(stream, self._error_tail)
        self._watchdog = Watchdog()
        self.inside = InsideConfig((), (), confined=True)  # as it was started with
        self._zygote = 0
        self._number = 0  # of the last student process
        self._pid: int | None = None  # of the student process, out here
        self._base: int | None = None  # of the process that tests are forked from, where that is another
        self._of_several = False  # whether that holds a kept state, and others may be beside it
        self._kept: dict[int, SocketChannel] = {}  # by pid: stopped processes, each of which holds an earlier state
        self._student: SocketChannel | None = None
        self._control: SocketChannel | None = None
        self._test: SocketChannel | None = None
        self._ending = False  # a test was told to end, and its end not yet waited for
        self._test_status: int | None = None  # as claimed by the student process
        self._ended: tuple[int, int] | None = None  # wait status and largest resident set, by the zygote

    @property
    def pid(self) -> int:
        """Return the process that holds the slot: the warden; the relay where there is none."""
        return self._process.pid

    @property
    def stopped(self) -> bool:
        """See interface.Slot."""
        return self._base is not None

    def relay_pid(self) -> int:
        """Return the relay as the host numbers it. Raises ProcessLookupError if there is none."""
        return self.pid if self.unsafe or self._by_user else only_child(self.pid)

    def student_pid(self) -> int:
        """Return the student process as the host numbers it. Raises ProcessLookupError if there is none."""
        return only_child(self._zygote)

    @property
    def zygote_pid(self) -> int:
        """Return the zygote as the host numbers it."""
        return self._zygote

    @property
    def _root(self) -> int | None:
        return self._zygote if self._by_user else None

    def start(self, inside: InsideConfig) -> None:
        """Start the zygote and wait until it has imported the preload list. Raises SandboxFault."""
        self.inside = inside
        self._link.send(Kind.CONFIG, 0, inside.encode())
        event = self._link.wait_event(time.monotonic() + START_UP_SECONDS, lambda event: event["event"] == "ready")
        if event is None:
            raise SandboxFault(f"the preload list was not imported within {START_UP_SECONDS:.0f} s")
        self._zygote = only_child(self.relay_pid())

    def ask_to_fork(self, number: int, stream: socket.socket, deadline: float) -> dict[str, Any] | None:
        """Ask the zygote for a fork that is a slot, with its end of that slot's stream (`sandbox.template`).

        Return what it says, None at the deadline. Raises SandboxFault.
        """
        self._link.send(Kind.FORK, number, descriptors=[stream.fileno()])
        return self._link.wait_event(deadline, lambda event: event.get("slot") == number)

    def start_student(self) -> Channel:
        """See interface.Slot. Raises SandboxFault."""
        if self._student is not None:
            self.end_student()
        if self._watchdog.fault is not None:
            raise SandboxFault(f"the memory of student processes cannot be watched: {self._watchdog.fault}")
        self._number += 1
        (control, control_end), (student, student_end) = SocketChannel.pair(), SocketChannel.pair()
        self._ended, self._test_status, self._ending = None, None, False
        with control_end, student_end:
            self._link.send(Kind.START, self._number, descriptors=[control_end.fileno(), student_end.fileno()])
        event = self._link.wait_event(
            time.monotonic() + STUDENT_SECONDS,
            lambda event: event["event"] in ("started", "refused") and event["student"] == self._number,
        )
        if event is None or event["event"] == "refused":
            control.close()
            student.close()
            reason = "it took too long" if event is None else event["message"]
            raise SandboxFault(f"no student process could be started: {reason}")
        self._student, self._control = student, control
        student.verdict = self._why_the_student_ended
        self._pid, self._base, self._kept, self._of_several = None, None, {}, False
        try:
            self._pid = self.student_pid()
            self._watchdog.watch(self._pid, self._limits.memory_bytes, self._root)
        except ProcessLookupError:  # it may be gone already; the channel will say so
            if self._wait_ended(time.monotonic() + END_SECONDS) is None:
                raise SandboxFault("the student process cannot be found, so nothing watches it") from None
        return student

    def fork_test(self) -> Channel:
        """See interface.Slot. Raises ChannelClosed, SandboxFault."""
        if self._control is None or self._student is None:
            raise ChannelClosed("exited", "there is no student process")
        self._finish_test()
        self._leave_the_base_alone()
        test, test_end = SocketChannel.pair()
        self._test_status = None
        self._watchdog.test_begins()
        try:
            with test_end:
                self._command(FORK_TEST, [test_end.fileno()])
            word, number = self._control_reply(FORKED, CANNOT_FORK)
        except ChannelClosed:
            test.close()
            raise
        if word == CANNOT_FORK:
            test.close()
            raise ChannelClosed("exited", f"the student process could not fork: {os.strerror(number)}")
        self._test = test
        test.verdict = self._why_the_test_ended
        test.tell_by(self._control, self._test_is_gone)
        return test

    def _finish_test(self) -> None:
        """End the test that runs, if there is one, and wait until it has ended. Raises ChannelClosed, SandboxFault."""
        self.end_test()
        if self._ending:
            self._control_reply(TEST_ENDED)
            self._watchdog.test_ends()
            self._ending = False

    def _leave_the_base_alone(self) -> None:
        """See to it that nothing of the student's runs but the process to be forked, which has one thread.

        What cells left (threads, processes) would work on beside the tests, with more time than a call has. Raises
        ChannelClosed where that cannot be had; no notebook that is honest comes to it twice.
        """
        if self._pid is None:
            raise self._why_the_student_ended()
        if self._base is None and threads(self._pid) > 1:
            self._fork_base(self._pid)
        base = self._pid if self._base is None else self._base
        spared = {base, *self._kept}
        to_end = self._base is None or self._by_user or self._of_several
        if to_end and not end_below(self._pid, CONTROL_SECONDS, self._root, spared):
            self._end_for("processes of the notebook could not be ended")
        running = [pid for pid in living_below(self._pid, self._root) if pid not in spared]
        if threads(base) > 1 or running or not all(map(is_frozen, self._kept)):
            self._end_for("something runs beside the process that tests are forked from")

    def _fork_base(self, pid: int) -> None:
        """Stop the student process with all its threads, and fork tests from a fork of it."""
        base, word, number = self._forked(FORK_BASE)
        if word == CANNOT_FORK:
            base.close()
            raise ChannelClosed("exited", f"the student process could not fork: {os.strerror(number)}")
        # Only now do other processes end: a thread that looks after them (`multiprocessing.Pool`) would start new ones.
        frozen = freeze(pid, CONTROL_SECONDS)
        spare = pid_with_number(number, living_below(pid, self._root))
        if not frozen or spare is None or not end_below(pid, CONTROL_SECONDS, self._root, {spare, *self._kept}):
            base.close()
            self._end_for("threads of the notebook could not be stopped")
        assert self._control is not None
        self._control.close()
        self._control, self._base = base, spare
        self._watchdog.keep({spare, *self._kept})

    def _forked(self, command: bytes) -> tuple[SocketChannel, bytes, int]:
        """Let the student process fork one like itself. Return the channel to it, and what was said. Raises
        ChannelClosed."""
        fork, fork_end = SocketChannel.pair()
        try:
            with fork_end:
                self._command(command, [fork_end.fileno()])
            return fork, *self._control_reply(FORKED, CANNOT_FORK)
        except ChannelClosed:
            fork.close()
            raise

    def keep_state(self) -> int | None:
        """See interface.Slot. Raises ChannelClosed, SandboxFault."""
        if self._control is None or self._pid is None or self._base is not None:
            raise ChannelClosed("exited", "there is no student process that runs")
        if len(self._kept) >= min(MOST_KEPT, self._limits.processes // 2) or threads(self._pid) > 1:
            return None
        channel, word, number = self._forked(KEEP_STATE)
        below = [pid for pid in living_below(self._pid, self._root) if pid not in self._kept]
        pid = pid_with_number(number, below) if word == FORKED else None
        if pid is None or not freeze(pid, CONTROL_SECONDS):
            channel.close()
            return None
        self._kept[pid] = channel
        self._watchdog.keep(self._kept)
        return pid

    def go_back_to(self, state: int) -> None:
        """See interface.Slot. Raises ChannelClosed, SandboxFault."""
        self._finish_test()
        if self._control is None or self._pid is None or state not in self._kept:
            raise ChannelClosed("exited", "there is no such state")
        if not freeze(self._pid, CONTROL_SECONDS):
            self._end_for("the notebook could not be stopped")
        self._control.close()
        self._control, self._base, self._of_several = self._kept.pop(state), state, True
        self._watchdog.keep({state, *self._kept})
        with contextlib.suppress(ProcessLookupError):
            os.kill(state, signal.SIGCONT)

    def end_test(self) -> None:
        """See interface.Slot. Does not wait for the end: the next fork does. Raises ChannelClosed, SandboxFault."""
        if self._test is None:
            return
        self._test.close()
        self._test = None
        if self._control is not None:
            self._command(END_TEST)
            self._ending = True

    def end_student(self) -> Usage:
        """See interface.Slot. Raises SandboxFault."""
        if self._student is None:
            return Usage(0)
        self._link.send(Kind.KILL)
        self._watchdog.release()
        ended = self._wait_ended(time.monotonic() + STUDENT_SECONDS)
        if ended is None:
            raise SandboxFault("the student process could not be ended")
        self._close_channels()
        return Usage(peak_memory_bytes=max(self._watchdog.peak, ended[1]))

    def _close_channels(self) -> None:
        for channel in (self._test, self._control, self._student, *self._kept.values()):
            if channel is not None:
                channel.close()
        self._student = self._control = self._test = self._pid = self._base = None
        self._kept, self._of_several = {}, False
        self._ending = False

    def let_go(self) -> None:
        """Close what a fork of the process that opened the slot inherited. The slot goes on."""
        self._stream.close()
        self._errors.close()

    def own_errors(self) -> IO[bytes]:
        """Return another descriptor of the slot's error output."""
        return os.fdopen(os.dup(self._errors.fileno()), "rb")

    def __enter__(self) -> StreamSlot:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """See interface.Slot. Does nothing the second time."""
        self._watchdog.close()
        self._close_channels()
        self._stream.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _command(self, word: bytes, descriptors: Sequence[int] = ()) -> None:
        """Tell the student process. One that does not read is ended."""
        assert self._control is not None
        try:
            self._control.send(word, time.monotonic() + CONTROL_SECONDS, descriptors)
        except ChannelTimeout:
            self._end_for("the student process does not read its commands")

    def _end_for(self, detail: str) -> NoReturn:
        self._link.send(Kind.KILL)
        self._wait_ended(time.monotonic() + STUDENT_SECONDS)
        raise ChannelClosed("protocol", detail)

    def _control_reply(self, *expected: bytes) -> tuple[bytes, int]:
        """Return the student process's word on its control channel. One that is not to be had ends the student
        process.
        """
        assert self._control is not None
        deadline = time.monotonic() + CONTROL_SECONDS
        try:
            while True:
                word, number = REPLY.unpack(self._control.receive(REPLY.size, deadline))
                if word in expected:
                    return word, number
                if word != TEST_GONE:
                    break
                self._test_status = number
        except ChannelTimeout:
            detail = "the student process did not answer"
        except ChannelClosed:
            raise self._why_the_student_ended() from None
        else:
            detail = "the student process answered something else"
        self._end_for(detail)

    def _wait_ended(self, deadline: float) -> tuple[int, int] | None:
        """Wait status and largest resident set of the student process, from the zygote; None at the deadline."""
        if self._ended is None and self._student is not None:
            event = self._link.wait_event(
                deadline, lambda event: event["event"] == "ended" and event["student"] == self._number
            )
            if event is not None:
                self._ended = (event["status"], event["max_rss"])
        return self._ended

    def _why_the_student_ended(self) -> ChannelClosed:
        ended = self._wait_ended(time.monotonic() + END_SECONDS)
        if self._watchdog.killed:
            return _over_memory(self._limits.memory_bytes)
        if ended is None:
            return ChannelClosed("protocol", "the student process closed its connection")
        return _by_status(ended[0])

    def _test_is_gone(self) -> bool:
        """Return whether the fork for a test has ended, though one it started may still hold the channel open."""
        if self._test_status is None and self._control is not None:
            with contextlib.suppress(ChannelTimeout, ChannelClosed):
                word, number = REPLY.unpack(self._control.receive(REPLY.size, time.monotonic()))
                self._test_status = number if word == TEST_GONE else None
        return self._test_status is not None or (self._control is not None and self._control.ended)

    def _why_the_test_ended(self) -> ChannelClosed:
        deadline = time.monotonic() + END_SECONDS
        while self._test_status is None and self._control is not None and not self._control.ended:
            try:
                word, number = REPLY.unpack(self._control.receive(REPLY.size, deadline))
            except (ChannelTimeout, ChannelClosed):
                break
            if word == TEST_GONE:
                self._test_status = number
        if self._watchdog.killed:
            return _over_memory(self._limits.memory_bytes)
        if self._test_status is not None:
            return _by_status(self._test_status)
        if self._control is not None and self._control.ended:
            return self._why_the_student_ended()
        return ChannelClosed("protocol", "the test closed its connection")

    def _error_tail(self) -> str:
        """Return the end of what the slot's own processes wrote to their error output. No student code writes there."""
        with contextlib.suppress(OSError, ValueError):
            size = os.fstat(self._errors.fileno()).st_size  # other processes may read it: the place in it is shared
            read = os.pread(self._errors.fileno(), 4 * ERROR_TAIL, max(0, size - 4 * ERROR_TAIL))
            return read.decode(errors="replace")[-ERROR_TAIL:].strip()
        return ""


def _over_memory(limit: int) -> ChannelClosed:
    return ChannelClosed("memory", f"more than {limit >> 20} MiB")


def _by_status(status: int) -> ChannelClosed:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        with contextlib.suppress(ValueError):
            return ChannelClosed("signal", signal.Signals(number).name)
        return ChannelClosed("signal", str(number))
    return ChannelClosed("exited", f"status {os.WEXITSTATUS(status)}" if os.WIFEXITED(status) else "")
