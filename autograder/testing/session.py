"""What a run of hidden tests needs to know of one submission. Grading implements it; tests and fixtures use it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from autograder.sandbox.student import StudentProcess


class TestSession(Protocol):
    """One submission whose cells have run, ready to be tested.

    Exceptions: `ChannelClosed` and `ChannelTimeout` are the student's (they end one test);
    `SandboxFault` is ours and passes through everything, up to outcome not_graded.
    """

    __test__: ClassVar[bool] = False  # pytest would collect the name

    @property
    def reference(self) -> Mapping[str, Any]:
        """Return the namespace of the solution (`reference_namespace`). It never enters a student process."""

    @property
    def seed_key(self) -> bytes:
        """Return the course's secret key of the HMAC from which hidden inputs are drawn."""

    @property
    def notebook_sha256(self) -> str:
        """Hash of the submitted notebook: two submissions see different inputs, a regrade the same."""

    @property
    def variant(self) -> str:
        """Return the code of the personal variant that is graded, "" where nothing is personal."""

    @property
    def probe_source(self) -> str:
        """Return text of the assignment's `probes.py`, or "" where it has none. Public."""

    @property
    def artifacts(self) -> Mapping[str, bytes]:
        """Return files handed in beside the notebook, by the names that course.yaml gives them; untrusted bytes."""

    @property
    def kept(self) -> dict[Any, Any]:
        """Return what one test of this pass measured and another may use; empty at first."""

    def cell_source(self, index: int) -> str:
        """Return text of the notebook's cell at `index` as it was handed in, "" where there is none. Lines shown in a
        traceback come from here: what the student process says of its own lines could carry a hidden input."""

    def fork(self) -> StudentProcess:
        """Return a fresh copy of the student process. Called when a test first touches the student, and again for
        its public twin; at most one lives at a time."""

    def end_test(self) -> None:
        """End the copy made by the last `fork`. Called exactly once for each `fork` that returned."""

    def call_seconds(self, test: str) -> float:
        """Return the longest that one call of this test (pytest's name, with parameters) may take, in seconds."""

    @property
    def seconds_left(self) -> float:
        """Return what is left of the submission's time: no test computes for longer, here or over there."""

    def timed_out(self, question: str) -> None:
        """Note a timeout, after each test that ended in a timeout."""

    def blocked(self, question: str) -> str:
        """Return why this question's next test must not run (two timeouts, budget spent), for the student; "" if it
        may.
        Such a test gets status `timeout`."""
