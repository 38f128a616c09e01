"""One submission's student side: run its cells, survive those that hang or crash, fork for tests.

Theory of operation
===================

Cells run in one student process, top to bottom, those that raised NameError once more at the end. What
can go wrong, and what is done:

- A cell raises: its error is kept, the next cell runs.
- A cell reaches its time limit and lets itself be interrupted: the process lives on, with whatever the
  cell did so far. It is run once more, alone on the machine; only then is "timeout" its verdict.
- A cell hangs so that only killing helps, or ends the process (os._exit, a crash, memory): the process
  is replaced and the cells are *replayed* without the offender. A hang is replayed with it, alone,
  the first time: it may have been ours.

A submission has three replays. The third is the safe one: it runs only cells that have already run to
their end, so that whatever worked before can be tested, whatever the cells after it do. `script` is
the order of the cells that ran to their end, which is all a replay has to know. Outputs are kept from
the first time a cell ran.

The same replays serve the tests, when the process cannot be forked any more. Where the notebook uses a library that
no fork survives (polars: calls of its threads, which a fork has not, wait for ever), tests run in the process of the
cells itself, each time a fresh one in which the cells have run again. Nothing the student's side says is trusted; it
says whether a cell raised, and that decides only what the student reads, and whether it can be forked, which decides
only how long its tests take.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

from autograder.grading.kept_states import KeptStates
from autograder.grading.machine_lock import MachineLock
from autograder.grading.outputs_kept import OutputsKept
from autograder.notebooks.outputs import well_formed
from autograder.records import CellOutcome, StudentTraceback
from autograder.sandbox.interface import Channel, ChannelClosed, ChannelTimeout, Limits, SandboxFault, Slot
from autograder.sandbox.student import CellReply, Rebound, StudentError, StudentProcess

MAX_REPLAYS = 3
LATE_SECONDS = 1.0  # after its limit a cell has been interrupted; one that says otherwise later is not believed
MAX_LINE = 500  # characters of a line of a traceback
_ENDED = {
    "exited": "This cell ended the Python process, so it was left out and the others were run again.",
    "signal": "This cell crashed the Python process, so it was left out and the others were run again.",
    "memory": "This cell used more memory than there is, so it was left out and the others were run again.",
    "protocol": "This cell disturbed the connection to the grader, so it was left out and the others were run again.",
}
_HUNG = "This cell ran longer than {seconds:g} s and could not be interrupted, so it was left out."
_SLOW = "This cell ran longer than {seconds:g} s and was interrupted."
_SPENT = "The time for the whole submission was used up before this cell."
_NOT_REACHED = "Earlier cells ended the Python process {replays} times, so this one was not run."


@dataclass(frozen=True)
class Step:
    """One code cell to run, or not to. `index` is its position in the notebook; `reason` is for the student. added: it
    is no cell of the notebook, and nobody is told how it ended. role, names: see `autograder.notebooks.plan`."""

    index: int
    source: str
    run: bool = True
    reason: str = ""
    added: bool = False
    role: str = "own"
    names: tuple[str, ...] = ()


class Budget:
    """The time one submission has, in seconds. Time spent waiting for other workers does not count."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        return self._end - time.monotonic()

    def extend(self, seconds: float) -> None:
        self._end += seconds


def traceback_of(error: StudentError, *, message: bool = True) -> StudentTraceback:
    """Return a student's exception as a record. `message=False` where it could repeat a hidden input."""
    return StudentTraceback(
        exception=well_formed(error.type),
        message=well_formed(error.message) if message else "",
        lines=tuple((cell, line, well_formed(text[:MAX_LINE])) for cell, line, text in error.lines),
    )


class _Lost(Exception):
    """The student process is gone. `outcome` says what becomes of the cell at `position`."""

    def __init__(self, position: int, outcome: CellOutcome, *, hung: bool) -> None:
        super().__init__(outcome.reason)
        self.position = position
        self.outcome = outcome
        self.hung = hung


class StudentRun:
    """The student process of one submission, from its first cell to its last test."""

    def __init__(
        self,
        slot: Slot,
        limits: Limits,
        steps: Sequence[Step],
        seed: int,
        quiet: MachineLock,
        budget: Budget,
        places: Collection[int] = (),
        cell_seed: int | None = None,
    ) -> None:
        """Take `places`: positions before which tests are scored (`advance_to`). cell_seed: with which generators are
        seeded before each cell."""
        self._cell_seed = cell_seed
        self._slot = slot
        self._limits = limits
        self._steps = steps
        self._seed = seed
        self._quiet = quiet
        self._budget = budget
        self._process: StudentProcess | None = None
        self._channel: Channel | None = None  # of that process
        self._forkable: bool | None = None  # None: not asked yet
        self._outcomes: dict[int, CellOutcome] = {}
        self._script: list[int] = []
        self._added = {step.index for step in steps if step.added}
        self._suspects: set[int] = set()  # cells that hung once and are to be run alone
        self._kept = OutputsKept(limits.output_bytes)
        self._settled = False
        self._states = KeptStates(slot, places)
        self._place: int | None = None  # before which position the tests stand; None: behind the last cell
        self._reached: int | None = None  # how many of the cells have run in a process of `advance_to`
        self.rebound: list[Rebound] = []  # names that a later cell bound again
        self.replays = 0
        self.fork_seconds = 0.0
        self.peak_memory_bytes = 0
        self.flags: list[str] = []

    # -- cells -----------------------------------------------------------------------------------

    def run_notebook(self) -> None:
        """Run all cells, then those that raised NameError once more. Raises SandboxFault."""
        self._start()
        order = [position for position, step in enumerate(self._steps) if step.run]
        for position, step in enumerate(self._steps):
            if not step.run:
                self._outcomes[position] = CellOutcome(index=step.index, status="skipped", reason=step.reason)
        if self._run_in_order(order, keep=True):
            again = [position for position in order if self._raised_name_error(position)]
            if again and len(order) > 1:
                self._run_in_order(again)
        if self._states and self._process is not None:
            with contextlib.suppress(StudentError, ChannelClosed, ChannelTimeout):  # whoever needs it finds that out
                self._ask_whether_forkable()

    def _raised_name_error(self, position: int) -> bool:
        trace = self._outcomes[position].traceback if position in self._outcomes else None
        return trace is not None and trace.exception == "NameError"

    def _run_in_order(self, order: Sequence[int], *, keep: bool = False) -> bool:
        """Run these cells, replaying where one ends the process. Returns whether all had their turn.

        keep: the states at the places are kept for tests.
        """
        queue = list(order)
        while queue:
            position = queue[0]
            if self._budget.left <= 0:
                self._leave_out(queue, _SPENT)
                return False
            if keep:
                self._states.before(position)
            try:
                self._run_cell(position)
            except _Lost as lost:
                retry = lost.hung and position not in self._suspects and self.replays < MAX_REPLAYS - 1
                if retry:
                    self._suspects.add(position)
                else:
                    self._outcomes[position] = lost.outcome
                    queue.pop(0)
                if not self._replay():
                    self._leave_out(
                        queue, _SPENT if self._budget.left <= 0 else _NOT_REACHED.format(replays=self.replays)
                    )
                    return False
                if self.replays == MAX_REPLAYS:
                    self._leave_out(queue, _NOT_REACHED.format(replays=self.replays))
                    return False
            else:
                queue.pop(0)
        if keep:
            self._states.before(None)
        return True

    def _leave_out(self, positions: Sequence[int], reason: str) -> None:
        for position in positions:
            if position not in self._outcomes:
                index = self._steps[position].index
                self._outcomes[position] = CellOutcome(index=index, status="not_run", reason=reason)

    def _run_cell(self, position: int) -> None:
        """Run one cell, again and alone if it took too long. Raises _Lost."""
        suspect = position in self._suspects
        reply = self._attempt(position, self._quiet.alone() if suspect else self._quiet.shared())
        if reply.status == "timeout":
            self._states.stop()
        if reply.status == "timeout" and not suspect and self._budget.left > 0:
            reply = self._attempt(position, self._quiet.alone())
        self._note(position, reply)
        if reply.status != "timeout":
            self._script.append(position)

    def _attempt(self, position: int, turn: AbstractContextManager[None]) -> CellReply:
        step = self._steps[position]
        process = self._alive()
        with turn:
            seconds = max(0.1, min(self._limits.cell_seconds, self._budget.left))
            started = time.monotonic()
            try:
                reply = self._reply(process, step, seconds)
                took = time.monotonic() - started  # by our clock: theirs may have been set
                late = took > seconds + LATE_SECONDS and reply.status != "timeout"
                return replace(reply, seconds=took, status="timeout" if late else reply.status)
            except ChannelTimeout:
                reason, hung = _HUNG.format(seconds=seconds), True
            except ChannelClosed as closed:
                reason, hung = _ENDED[closed.reason], False
                if closed.reason == "protocol":
                    self.flags.append(f"cell {step.index} broke the protocol: {closed.detail}")
            outcome = CellOutcome(
                index=step.index,
                status="timeout" if hung else "error",
                seconds=round(time.monotonic() - started, 3),
                reason=reason,
            )
        self.end()
        raise _Lost(position, outcome, hung=hung)

    def _reply(self, process: StudentProcess, step: Step, seconds: float) -> CellReply:
        if self._cell_seed is not None and not step.source.startswith("%%"):
            process.seed_next(self._cell_seed)
        return process.run_cell(step.source, step.index, seconds, step.role, step.names)

    def _note(self, position: int, reply: CellReply) -> None:
        step = self._steps[position]
        status = reply.status if reply.status in ("ok", "error", "timeout") else "error"
        slow = [_SLOW.format(seconds=self._limits.cell_seconds)] if status == "timeout" else []
        if not step.added:
            self._kept.keep(step.index, reply.outputs)
        trace = self._traceback(reply.error) if reply.error is not None else None
        if trace is not None and not self._kept.room_for(trace):
            trace = trace.model_copy(update={"message": "", "lines": ()})
        self._outcomes[position] = CellOutcome.model_validate(
            {
                "index": step.index,
                "status": status,
                "seconds": round(reply.seconds, 3),
                "traceback": trace,
                "reason": " ".join([*slow, *filter(None, [step.reason])]),
            }
        )

    def _traceback(self, error: StudentError) -> StudentTraceback:
        """Return the exception with the lines of the notebook's own cells."""
        own = [line for line in error.lines if line[0] not in self._added]
        return traceback_of(StudentError(error.type, error.message, own, error.where))

    @property
    def outputs(self) -> dict[int, list[dict[str, Any]]]:
        """Cell index -> what it printed and showed, as nbformat outputs."""
        return self._kept.outputs

    @property
    def cells(self) -> tuple[CellOutcome, ...]:
        """Return what became of each code cell, in the notebook's order."""
        own = (position for position in sorted(self._outcomes) if not self._steps[position].added)
        return tuple(self._outcomes[position] for position in own)

    # -- the process -----------------------------------------------------------------------------

    def _alive(self) -> StudentProcess:
        if self._process is None:
            raise SandboxFault("the student process was used after its end")
        return self._process

    def _start(self) -> None:
        started = time.monotonic()
        try:
            self._channel = self._slot.start_student()
            process = StudentProcess(self._channel, self._limits)
            process.request("seed", value=self._seed)
        except (ChannelClosed, ChannelTimeout, StudentError) as error:
            raise SandboxFault(f"a fresh student process did not answer: {error}") from error
        self._process, self._settled = process, False
        self.fork_seconds += time.monotonic() - started

    def _replay(self) -> bool:
        """Return a fresh process in which the cells that ran to their end have run again. Returns whether there is
        one.
        """
        while self.replays < MAX_REPLAYS and self._budget.left > 0:
            self.replays += 1
            self._start()
            process = self._alive()
            for position in self._script:
                step = self._steps[position]
                seconds = max(0.1, min(self._limits.cell_seconds, self._budget.left))
                try:
                    with self._quiet.shared():
                        self._reply(process, step, seconds)
                except (ChannelTimeout, ChannelClosed):
                    self._script = [other for other in self._script if other != position]
                    self.flags.append(f"cell {step.index} ran once, and ended the process when it was replayed")
                    self.end()
                    break
            else:
                return True
        return False

    @property
    def cell_seconds(self) -> float:
        """Return how long the cells took that a fresh process would run again."""
        return sum(self._outcomes[position].seconds for position in set(self._script))

    def begin_again(self) -> bool:
        """End the student process and run the cells in a fresh one, which has seen no test. False where none can be.

        It is none of the replays that a submission has for what its code does to its process.
        """
        self.end()
        replays, self.replays = self.replays, MAX_REPLAYS - 1
        try:
            return self._replay()
        finally:
            self.replays = replays

    def advance_to(self, position: int) -> bool:
        """Bring a student process to where only the cells before this position have run, each once. Returns whether
        there is one.

        The positions of one pass must not fall. Tests may run in forks in between: the process goes on from where it
        is, unless it had to be stopped for them. Bindings stay as the cells left them, since tests of a state want
        just that.
        """
        self._place = position
        if self._process is not None:
            try:
                if self._states.go_back_to(position):
                    self._settled = True
                    return self._budget.left > 0
            except (ChannelClosed, ChannelTimeout):
                self.end()
        wanted = [step for step in self._first_runs if step < position]
        fresh = self._process is None or self._reached is None or self._slot.stopped
        if fresh:
            self.end()
            self._start()
        done = 0 if fresh or self._reached is None else self._reached
        self._settled = True
        for step_position in wanted[done:]:
            step = self._steps[step_position]
            seconds = max(0.1, min(self._limits.cell_seconds, self._budget.left))
            try:
                with self._quiet.shared():
                    self._reply(self._alive(), step, seconds)
            except (ChannelTimeout, ChannelClosed):
                self.flags.append(f"cell {step.index} ran once, and ended the process when it was run again")
                self.end()
                return False
        self._reached = len(wanted)
        return self._budget.left > 0

    @property
    def _first_runs(self) -> list[int]:
        """Return the positions of the cells that ran to their end, as they stand in the notebook."""
        return sorted(set(self._script))

    def end(self) -> None:
        """End the student process, if there is one, and all that it started."""
        self._reached = None
        self._states.forget()
        if self._process is not None:
            self._process = None
            usage = self._slot.end_student()
            self.peak_memory_bytes = max(self.peak_memory_bytes, usage.peak_memory_bytes)

    # -- tests -----------------------------------------------------------------------------------

    def fork_test(self) -> Channel:
        """Return a channel to a fresh copy of the process, for one test; after a replay if need be.

        Raises ChannelClosed if there is none to be had, which is the student's doing.
        """
        while True:
            if self._process is None and not (self._anew() if self._forkable is False else self._brought_back()):
                raise ChannelClosed("exited", "the notebook ended its Python process, and no replay is left")
            try:
                self._settle()
                if self._forkable is None:
                    self._ask_whether_forkable()
                if self._forkable:
                    self._states.spare_the_others()
                    return self._slot.fork_test()
                if self._channel is None:
                    raise SandboxFault("a student process without a channel")
                return self._channel
            except StudentError as error:  # it broke the process in which it runs
                raise ChannelClosed("exited", str(error)) from error
            except (ChannelClosed, ChannelTimeout):
                self.end()
                if self._forkable is False:
                    raise

    def _ask_whether_forkable(self) -> None:
        """Ask the student process. Raises StudentError, ChannelClosed, ChannelTimeout."""
        try:
            self._forkable = self._alive().request("forkable") is not False
        finally:
            if self._forkable is not True:
                self._states.forget()

    def end_test(self) -> None:
        """End the copy that `fork_test` gave. Raises ChannelClosed, ChannelTimeout where the process itself is gone."""
        if self._forkable is False:
            self.end()
        else:
            self._slot.end_test()

    def _anew(self) -> bool:
        """Return whether there is a process again in which the cells have run, which is none of their replays."""
        replays, self.replays = self.replays, MAX_REPLAYS - 1
        try:
            return self._brought_back()
        finally:
            self.replays = replays

    def _brought_back(self) -> bool:
        """Return whether there is a process again, in the state that is being tested."""
        if self._place is None:
            return self._replay()
        self.replays += 1
        return self.replays <= MAX_REPLAYS and self.advance_to(self._place)

    def _settle(self) -> None:
        """Make the process ready to be forked. Raises ChannelClosed, ChannelTimeout."""
        if not self._settled:
            self._settled = True
            with self._quiet.shared(), contextlib.suppress(StudentError):
                self.rebound = self._alive().settle(min(self._limits.call_seconds, max(0.1, self._budget.left)))


def limits_used(limits: Limits) -> Mapping[str, float]:
    """Return the limits as evidence records them."""
    return {
        "call_seconds": limits.call_seconds,
        "cell_seconds": limits.cell_seconds,
        "submission_seconds": limits.submission_seconds,
        "memory_bytes": float(limits.memory_bytes),
        "processes": float(limits.processes),
        "file_bytes": float(limits.file_bytes),
        "tmpfs_bytes": float(limits.tmpfs_bytes),
        "output_bytes": float(limits.output_bytes),
        "cpus": limits.cpus,
    }
