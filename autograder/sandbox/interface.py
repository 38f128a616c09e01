"""What every sandbox backend offers to the trusted side.

A slot holds one zygote. `start_student` forks a student process from it; after the notebook's
cells ran there, `fork_test` forks that process once more for one test. Each gives a channel: a
byte stream to code that must not be trusted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol


@dataclass(frozen=True)
class Limits:
    """Hold what a student process may use. Seconds, bytes and counts."""

    call_seconds: float = 10.0  # upper bound for one call from a hidden test
    cell_seconds: float = 60.0
    submission_seconds: float = 300.0
    memory_bytes: int = 2 << 30
    processes: int = 64
    file_bytes: int = 64 << 20  # largest single file
    tmpfs_bytes: int = 256 << 20
    tmpfs_inodes: int = 4096
    output_bytes: int = 1 << 20  # captured output of the whole notebook
    cpus: float = 2.0  # cores a container may use; the other backends give student code one thread and no more


class SandboxFault(Exception):
    """The sandbox failed, not the student. Leads to outcome not_graded, never to a zero."""


class ChannelTimeout(Exception):
    """The student side did not answer before the deadline."""


class ChannelClosed(Exception):
    """The student side is gone: it exited, crashed, was killed, or broke the protocol."""

    def __init__(self, reason: Literal["exited", "signal", "memory", "protocol"], detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class Channel(Protocol):
    def send(self, data: bytes, deadline: float) -> None:
        """Send all of `data`. `deadline` is in time.monotonic() seconds."""

    def receive(self, size: int, deadline: float) -> bytes:
        """Receive exactly `size` bytes, or raise ChannelTimeout or ChannelClosed."""

    def pending(self) -> bool:
        """Return whether bytes have arrived that nobody asked for."""


@dataclass(frozen=True)
class Usage:
    peak_memory_bytes: int


class Slot(Protocol):
    backend: str
    unsafe: bool
    image: str  # digest of the container image; empty where there is none

    def start_student(self) -> Channel:
        """End the current student process if there is one, and fork a fresh one from the zygote."""

    def fork_test(self) -> Channel:
        """Fork the idle student process for one test. Raises ChannelClosed if it no longer can."""

    @property
    def stopped(self) -> bool:
        """Return whether the student process was stopped for its tests: it runs no further cell."""

    def keep_state(self) -> int | None:
        """Keep the student process's state, as it is now, for tests that run later; return its number.

        None where it cannot be kept: there are threads, or too many processes already. Raises ChannelClosed if the
        student process is gone.
        """

    def go_back_to(self, state: int) -> None:
        """Let tests be forked from this kept state. The student process is stopped for good, and the state from which
        they were forked before is given up. Raises ChannelClosed where the state cannot be had any more."""

    def end_test(self) -> None:
        """Kill the fork for a test and everything it started; the student process stays as it was.

        All of it is gone when the next `fork_test` or `end_student` returns.
        """

    def end_student(self) -> Usage:
        """Kill the student process and everything it started, and wait until all are gone."""

    def close(self) -> None:
        """End the slot and remove whatever it made on the host."""


@dataclass(frozen=True)
class SlotConfig:
    preload: Sequence[str]  # module names the zygote imports
    public_files: Sequence[Path]  # mounted read-only at /course; nothing else of the course is
    limits: Limits
    image: str = ""  # backend `container`: which image; the default one where this is empty
    hidden_paths: Sequence[Path] = ()  # the course directory: a slot that would show one of them is refused
    template: bool = False  # whether slots are forked from this one (`sandbox.template`)
