"""A template of workers: `python -m autograder.workers.template VERSION`, started by a pool and by nothing else.

Theory of operation
===================

It does once what every worker of an assignment begins with (imports, the hidden tests, the solution) and holds a
template of slots (`sandbox.template`). Asked for a worker, it forks one, which has all of that in memory that it shares
with the others, and hands it a slot that was forked likewise. A worker then does the rest for itself: its slot, its
lock files, a folder to work in, and the conversation with the pool, on descriptors that come with the request.

A process with threads cannot be forked. Where the tests or the solution leave one behind, it says so, and the pool
starts its workers one by one.

    pool -> template   Setup, once; then for each worker the folder that it works in, with its standard input,
                       output and error output
    template -> pool   {"event": "ready", ...} or {"event": "failed", ...}, once; then for each worker its pid, with
                       a pidfd, or {"event": "failed", ...}

It ends when its socket ends: with the pool, however that ended. A worker ends when its input does, as any worker, and
at the latest with the template; so does every slot. When the template is killed the pool loses its workers, starts
another template, and tries what they were at once more.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import NoReturn

from autograder import __version__
from autograder.course.course import Assignment
from autograder.course.public_files import working_beside
from autograder.sandbox.choose import may_fork, open_slot, open_template
from autograder.sandbox.inside.process import linux, warm_up
from autograder.sandbox.interface import SandboxFault, Slot, SlotConfig
from autograder.sandbox.template import Forked, SlotTemplate
from autograder.suite.suite import Suite
from autograder.testing.randomness import seed_trusted
from autograder.workers.messages import Failed, Message, Ready, Setup
from autograder.workers.worker import (
    TROUBLES,
    Lines,
    assignment_of,
    collect_tests,
    failed,
    other_version,
    slot_config,
    work,
)

MOST_BYTES = 1 << 20  # of a message
STREAMS = 3  # descriptors that come with a request
GRACE_SECONDS = 3.0  # for workers to end by themselves


@dataclass
class _Common:
    """Hold what all workers share. slots: None where each opens a slot of its own."""

    setup: Setup
    assignment: Assignment
    config: SlotConfig
    suite: Suite
    slots: SlotTemplate | None


class _Template:
    def __init__(self, control: socket.socket, common: _Common) -> None:
        self._control = control
        self._common = common
        self._workers: dict[int, int] = {}  # pidfd -> pid

    def run(self) -> None:
        """Fork workers until the pool is gone."""
        while True:
            poll = select.poll()
            for descriptor in (self._control.fileno(), *self._workers):
                poll.register(descriptor, select.POLLIN)
            ready = {descriptor for descriptor, _ in poll.poll()}
            for pidfd in self._workers.keys() & ready:
                os.waitpid(self._workers.pop(pidfd), 0)
                os.close(pidfd)
            if self._control.fileno() in ready:
                beside, streams, _, _ = socket.recv_fds(self._control, MOST_BYTES, STREAMS)
                if not beside:
                    return
                self._answer(os.fsdecode(beside), streams)

    def _answer(self, beside: str, streams: list[int]) -> None:
        """Fork a worker that works in this folder, on these descriptors, and say which it is."""
        slots = self._common.slots
        forked: Forked | None = None
        try:
            forked = slots.fork() if slots is not None else None
            pid = self._fork(forked, beside, streams)
            pidfd = os.pidfd_open(pid)
        except (SandboxFault, OSError) as error:
            self._control.send(failed(error).line())
        else:
            self._workers[pidfd] = pid
            socket.send_fds(self._control, [str(pid).encode()], [pidfd])
        finally:
            if forked is not None:
                forked.let_go()
            for descriptor in streams:
                os.close(descriptor)

    def _fork(self, forked: Forked | None, beside: str, streams: list[int]) -> int:
        template = os.getpid()
        pid = os.fork()
        if pid:
            return pid
        try:
            self._become_worker(template, forked, beside, streams)
        finally:
            os._exit(1)  # nothing may unwind into the template's own loop

    def _become_worker(self, template: int, forked: Forked | None, beside: str, streams: list[int]) -> NoReturn:
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != template:
            os._exit(1)
        self._control.close()
        for pidfd in self._workers:
            os.close(pidfd)
        for number, descriptor in enumerate(streams):
            os.dup2(descriptor, number)
            os.close(descriptor)
        common, slots, started = self._common, self._common.slots, time.monotonic()
        lines = Lines()
        with ExitStack() as stack:
            lines.beside = stack.enter_context(working_beside(common.assignment.public_paths, beside))
            slot: Slot
            try:
                if slots is not None and forked is not None:
                    slot = slots.open(forked)
                    slots.let_go()
                else:
                    slot = open_slot(common.setup.backend, common.config)
            except TROUBLES as error:
                lines.send(failed(error))
                os._exit(1)
            stack.callback(slot.close)
            status = work(lines, common.setup, common.assignment, slot, common.suite, started, stack)
        os._exit(status)

    def wait_for_workers(self) -> None:
        """Wait for a moment until all have ended; those that have not end with this process."""
        deadline = time.monotonic() + GRACE_SECONDS
        for pidfd in self._workers:
            poll = select.poll()
            poll.register(pidfd, select.POLLIN)
            poll.poll(max(0.0, deadline - time.monotonic()) * 1000)


def _prepare(setup: Setup, stack: ExitStack) -> _Common:
    """Load what all workers need. Raises what is in TROUBLES."""
    assignment = assignment_of(setup)
    config = slot_config(setup, assignment)
    with ThreadPoolExecutor(1, "slot") as other:
        opening = other.submit(open_template, setup.backend, config) if may_fork(setup.backend, setup.image) else None
        stack.enter_context(working_beside(assignment.public_paths, setup.beside))
        suite = collect_tests(assignment)
    stack.callback(suite.close)
    _use_once()
    slots = None
    if opening is not None:
        try:
            slots = opening.result()
            stack.callback(slots.close)
        except SandboxFault:
            if setup.backend != "auto":
                raise
    return _Common(setup, assignment, config, suite, slots)


def _use_once() -> None:
    """Do what every worker would do for the first time; what is loaded for it is shared then."""
    warm_up.warm_up()
    seed_trusted(0)
    if "torch" in sys.modules:
        import torch

        from autograder.testing import compare_tensors  # noqa: F401 - for what it loads

        one = torch.ones(1, requires_grad=True)
        torch.autograd.grad(one * 2, one, torch.ones(1))  # with a gradient given: torch imports 500 modules for that


def main(wanted: str = __version__) -> int:
    control = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    if wanted != __version__:
        control.send(other_version(wanted).line())
        return 1
    line = control.recv(MOST_BYTES)
    if not line:
        return 0
    setup = Setup.model_validate_json(line)
    started = time.monotonic()
    gc.disable()  # imports make objects that stay: looking for garbage among them takes a quarter of the time
    with ExitStack() as stack:
        answer: Message
        try:
            common = _prepare(setup, stack)
            answer = Ready(backend=setup.backend, unsafe=setup.backend == "none", seconds=time.monotonic() - started)
        except TROUBLES as error:
            answer = failed(error)
        threads = len(os.listdir("/proc/self/task"))
        if isinstance(answer, Ready) and threads > 1:
            answer = Failed(message=f"the hidden tests leave {threads - 1} threads running", ours=True, alone=True)
        control.send(answer.line())
        if isinstance(answer, Failed):
            return 1
        gc.collect()
        gc.freeze()  # torch and the tests are here to stay: no collection touches them, and so copies them, in a worker
        template = _Template(control, common)
        template.run()
        template.wait_for_workers()
    return 0


if __name__ == "__main__":
    os._exit(main(*sys.argv[1:2]))
