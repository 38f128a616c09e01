"""What one grading leaves behind: evidence, and the result computed from it.

Evidence is written once per attempt and never changed. A result is a pure function of evidence,
rubric and adjustments (`autograder.scoring.score`), so it can be computed again at any time without
running student code. Both are JSON; these models are their schema (`docs/schemas/`).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Record(BaseModel):
    """Base of all records: unknown fields are refused, instances are immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True)


NOT_FILLED = "The blank is not filled yet: it raises NotImplementedError."
NOT_ANSWERED = "Not answered yet: it is still None."


class TestStatus(StrEnum):
    PASSED = "passed"
    FAILED = "failed"  # ran to its end and the answer was wrong
    ERROR = "error"  # student code raised, crashed, or is missing
    TIMEOUT = "timeout"
    NOT_RUN = "not_run"  # because something it stands on is missing or wrong


class Outcome(StrEnum):
    GRADED = "graded"
    UNGRADABLE = "ungradable"  # nothing in what was handed in can be graded; `reason` says why
    NOT_GRADED = "not_graded"  # the grader's own fault; never a zero


Drawn = Literal["", "image", "map", "curve"]


class Shown(Record):
    """One value as a student may see it. Only ever made from public inputs."""

    kind: Literal["number", "tensor", "map", "text", "error"]
    text: str
    shape: tuple[int, ...] | None = None
    dtype: str | None = None
    values: Any = None  # nested lists of numbers, for kind "map", small tensors and what a twin says is drawn


class TwinOutcome(Record):
    """A public twin: a small fixed example, run after a hidden test failed."""

    shows: str  # the call as a student would type it; a description where `is_call` is false
    expected: Shown
    found: Shown
    agrees: bool
    is_call: bool = True
    drawn_as: Drawn = ""  # how expected and found are drawn, as the twin's author declares


class StudentTraceback(Record):
    """The place where student code raised: the student's own lines only, never a frame of the grader."""

    exception: str  # the exception's type name
    message: str = ""  # empty where it could contain a hidden input
    lines: tuple[tuple[int, int, str], ...] = ()  # (cell index, line number in the cell, source line)


class TestOutcome(Record):
    question: str
    name: str  # pytest's name, with its parameters
    title: str  # first sentence of the docstring
    status: TestStatus
    weight: float = 1.0
    personal: bool = False  # it depends on the student's own variant
    forbids: bool = False  # doing nothing passes it too: it counts only where another test of its question passed
    all_or_nothing: bool = False  # earns only where every test of its question passes
    credit: float | None = None  # the share of its weight that a test which did not pass earns, 0 to 1
    message: str = ""  # for the student
    detail: str = ""  # for instructors and TAs only: may hold hidden values
    hint: str = ""
    misconception: str = ""
    carried_forward: bool = False
    twin: TwinOutcome | None = None
    traceback: StudentTraceback | None = None
    seconds: float = 0.0
    measured: float | None = None  # a number that the test found, e.g. the accuracy of handed-in weights

    @property
    def untouched(self) -> bool:
        """Return whether it failed because the student has not begun with what it tests."""
        return self.message in (NOT_FILLED, NOT_ANSWERED)


class CellOutcome(Record):
    index: int  # position in the submitted notebook, from 0
    status: Literal["ok", "error", "timeout", "skipped", "not_run"]
    seconds: float = 0.0
    traceback: StudentTraceback | None = None
    reason: str = ""  # why it was skipped or not run


class MatchedCell(Record):
    """One cell of the notebook, as comparison with the release recognised it. Cells of the student's
    own have no such record."""

    index: int  # position in the submitted notebook, from 0
    grade_id: str = ""  # of the released cell for which it counts; each grade_id once
    questions: tuple[str, ...] = ()  # whose answers it holds
    untouched: bool = False  # it is as it was handed out, and no cell of the student's own stands for it


class SandboxUse(Record):
    backend: str  # namespace | container | confined-uid with its level | none (UNSAFE)
    unsafe: bool = False
    image: str = ""  # digest of the container image
    limits: dict[str, float] = Field(default_factory=dict)
    restarts: int = 0
    peak_memory_bytes: int = 0


class Timings(Record):
    """Seconds."""

    fork: float = 0.0
    notebook: float = 0.0
    tests: float = 0.0
    total: float = 0.0


class SubmissionInfo(Record):
    """The channel's words about a submission. Nothing of it comes from inside the notebook."""

    subject: str  # opaque id of the student or group; `unmatched-<sha8>` where nobody matched
    members: tuple[str, ...] = ()  # student ids that get the grade
    matched: bool = True
    source: str = ""  # the path as found, relative to what was given to `grade`
    received_at: datetime | None = None
    notebook_sha256: str
    artifacts: dict[str, str] = Field(default_factory=dict)  # file name -> SHA-256
    flags: tuple[str, ...] = ()  # about identity and time of receipt, for a person
    notices: tuple[str, ...] = ()  # which of several files was taken, for the student
    variant: str | None = None  # code of the personal variant in the course's table; "" if it has none, None: no table


class Misconception(Record):
    """A known mistake, recognised because all answers to a question's tests are those of one wrong variant."""

    question: str
    id: str
    sentence: str  # for the student: what is wrong
    hint: str = ""


class VariantUse(Record):
    """The personal variant that a notebook was graded with."""

    code: str
    in_notebook: str = ""  # the code that stands there, "" if none that is one
    agrees: bool = True  # else what is personal and not right waits for a person


class Evidence(Record):
    schema_version: int = 1
    attempt: int = 1
    assignment: str
    release: str = ""  # release id found in the notebook; empty where it has none
    compared_with: str = ""  # the release whose words and key hold for it: that one, or else the one that fits best
    submission: SubmissionInfo
    outcome: Outcome
    reason: str = ""
    tests: tuple[TestOutcome, ...] = ()
    misconceptions: tuple[Misconception, ...] = ()  # at most one a question
    cells: tuple[CellOutcome, ...] = ()
    variant: VariantUse | None = None  # None where nothing of the assignment is personal
    matched: tuple[MatchedCell, ...] | None = None  # None in evidence of earlier versions, which did not keep it
    flags: tuple[str, ...] = ()  # suspicion and oddities, for a person; never change a score
    notices: tuple[str, ...] = ()  # what the student should know about the notebook as found
    sandbox: SandboxUse | None = None
    timings: Timings = Timings()
    tests_sha256: str = ""
    seed_id: str = ""  # first 16 hex digits of the HMAC key's own hash; never the key
    versions: dict[str, str] = Field(default_factory=dict)
    graded_at: datetime


class QuestionResult(Record):
    id: str
    title: str
    kind: Literal["tests", "manual", "quiz", "artifact"]
    score: float | None  # None while it waits for a person or for data
    max_score: float
    status: Literal[
        "passed",
        "partial",
        "failed",
        "error",
        "timeout",
        "not_run",
        "needs_manual_grade",
        "graded_by_hand",
        "untouched",  # an answer for a person to grade that is as it was handed out: 0 until somebody says otherwise
    ]
    tests: tuple[TestOutcome, ...] = ()
    misconception: Misconception | None = None
    comment: str = ""


class Result(Record):
    """One submission's grade, as written to result.json."""

    schema_version: int = 1
    outcome: Outcome
    reason: str = ""
    subject: str
    students: tuple[str, ...]
    assignment: str
    title: str
    release: str = ""
    compared_with: str = ""  # the release whose words and key held for the notebook
    notebook_sha256: str
    attempt: int
    graded_at: datetime
    received_at: datetime | None = None
    due: datetime | None = None  # this submission's own deadline, extensions included
    score: float | None  # after late penalty; None for not_graded
    max_score: float
    late_penalty: float = 0.0  # points taken off
    needs_manual_grade: bool = False
    questions: tuple[QuestionResult, ...] = ()
    cells: tuple[CellOutcome, ...] = ()
    notices: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    sandbox: SandboxUse | None = None
    versions: dict[str, str] = Field(default_factory=dict)
    rubric: str = ""  # version (hash) of the rubric that made this score


class GradeEvent(Record):
    """One change of one grade: an append-only line in events.jsonl."""

    when: datetime
    who: str
    why: str
    assignment: str
    subject: str
    student: str = ""
    before: float | None
    after: float | None


FARTHEST = 1e30  # stands for infinitely far: JSON has no word for infinity


class InputsMet(Record):
    """The inputs that hidden tests send for one argument of a question's functions. wanted: words of their INPUTS; met:
    those that hold of the calls that were made."""

    question: str
    argument: str
    wanted: tuple[str, ...]
    met: tuple[str, ...]


class Distance(Record):
    """The distance of an answer from what one check expects. ratio: the largest |got - expected| over what is allowed
    there (1 is the limit); error: the largest |got - expected|."""

    ratio: float
    error: float
