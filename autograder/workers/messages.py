"""What passes between the pool (in the main process) and its workers: one JSON object a line.

    pool -> worker   Setup, once; then Job after Job
    worker -> pool   {"event": "ready", ...} or {"event": "failed", ...}, once; then for each Job
                     {"event": "waiting"} and {"event": "resumed"} in pairs, while it waits for other
                     workers to pause, and at the end {"event": "graded", ...}

Both ends are trusted. What comes from students is inside the fields, checked before it got there.
"""

from __future__ import annotations

import base64
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator

from autograder.grading.graded import GradedSubmission
from autograder.grading.options import Focus
from autograder.records import SubmissionInfo


def _decode(value: object) -> bytes:
    return value if isinstance(value, bytes) else base64.b64decode(str(value), validate=True)


Bytes = Annotated[bytes, PlainValidator(_decode), PlainSerializer(lambda data: base64.b64encode(data).decode())]


class Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def line(self) -> bytes:
        return self.model_dump_json().encode() + b"\n"


class Setup(Message):
    """Hold what a worker needs to know once.

    course: path of course.yaml. packed: what grading reads of the course (`course.packing`), for a machine that has no
    copy; then `course` is not used. tests_sha256: the hidden tests that are meant; not checked where it is empty.
    image: container image, the default one where it is empty. threads: of torch in the worker; students have one.
    secret: the key that seeds hidden inputs. quiet: folder of the lock files by which workers ask each other for
    silence; empty for a worker that is alone, a name without `/` for a folder of the worker's machine. beside: an empty
    folder to work in, which is removed by the worker or, where that was killed, by whoever started it; empty: the
    worker makes one.
    """

    course: str
    packed: Bytes = b""
    tests_sha256: str = ""
    assignment: str
    backend: Literal["auto", "container", "namespace", "confined-uid", "none"]
    image: str = ""
    threads: int = 1
    secret: Bytes
    quiet: str = ""
    beside: str = ""


class Job(Message):
    """One submission to grade. `key` is the caller's, and comes back with the outcome.

    artifacts: files handed in beside the notebook, those that course.yaml names. broke_before: another worker has
    failed over this submission.
    """

    key: str
    submission: SubmissionInfo
    notebook: Bytes
    artifacts: dict[str, Bytes] = Field(default_factory=dict)
    focus: Focus = Focus()
    broke_before: bool = False


class Ready(Message):
    event: Literal["ready"] = "ready"
    backend: str
    unsafe: bool
    seconds: float


class Failed(Message):
    """The worker cannot start. `ours`: starting once more may help; otherwise the course is wrong. `alone`: a template
    cannot fork, and its workers have to be started one by one."""

    event: Literal["failed"] = "failed"
    message: str
    ours: bool
    alone: bool = False


class Waiting(Message):
    event: Literal["waiting", "resumed"]


class Graded(Message, GradedSubmission):
    """One graded submission. key: the job's."""

    event: Literal["graded"] = "graded"
    key: str
