"""The allow-list of a student's page: whatever is not a field here cannot be on it.

A page is drawn from a `StudentView` and nothing else. None of these types holds a record of the engine, so what is
for teachers (`detail`, flags, measured numbers, hidden values, other students) has no way onto a page; a test walks
the types and fails when one is added that is not meant for students.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from autograder.feedback.cells import NotebookView
from autograder.feedback.findings import Finding, TraceView

LOST, WAITING, CLOSED, LEFT_OUT, COMPLETE = range(5)
LATER = ("untouched", "not_run")  # after what was tried: what was not, then what waits for something else


@dataclass(frozen=True)
class QuestionView:
    """One question: how it stands, and what is said of its tests."""

    anchor: str
    title: str
    status: str
    word: str
    score: str  # "3 of 5 points"
    earned: float  # share of the points, 0 to 1
    lost: float  # points
    group: int
    position: int
    marked_by: str = ""  # "by tests" or "by a person"
    misconception: str = ""  # a known mistake: what is wrong, and a hint
    hint: str = ""
    findings: tuple[Finding, ...] = ()
    passed: tuple[Finding, ...] = ()
    passed_count: int = 0
    comment: str = ""
    note: str = ""

    @property
    def open(self) -> bool:
        """Return whether it is shown unfolded."""
        return (self.group == LOST and self.status != "untouched") or bool(self.comment)

    @property
    def rank(self) -> tuple[float, ...]:
        """Return what matters first: what was tried, by the points that are lost; else the notebook's order."""
        later = LATER.index(self.status) + 1 if self.status in LATER else 0
        return (self.group, later, 0 if later else -self.lost, self.position)

    @property
    def in_short(self) -> str:
        """Return the most important thing to say of it, in one sentence. Only of a question with findings."""
        if self.status == "untouched":
            return f"{self.word.lower()}."
        most = self.findings[0]
        if known := self.misconception or most.misconception:
            return known
        if most.stopped_cell is not None:
            return most.message
        if most.trace is not None and most.trace.raised is not None:
            return f"{most.trace.exception} in your cell {most.trace.raised.cell}, line {most.trace.raised.line}."
        return most.titles[0]

    @property
    def has_more(self) -> bool:
        return bool(self.findings or self.passed or self.comment or self.note)


@dataclass(frozen=True)
class StoppedCell:
    """A cell that stopped when it was run. missing: names that are not defined because of that."""

    number: int
    what: str
    missing: tuple[str, ...] = ()
    trace: TraceView | None = None  # where names are missing because of it


@dataclass(frozen=True)
class ChangeView:
    """One change of the grade: points before and after, why, and by which role."""

    when: str
    before: str
    after: str
    why: str
    role: str


@dataclass(frozen=True)
class StudentView:
    """Everything one student's page shows of one submission."""

    title: str
    course: str
    subject: str
    members: tuple[str, ...]  # ids of a group's members; empty where one student handed in alone
    facts: tuple[str, ...]
    outcome: str
    unread: bool  # nothing could be graded and nobody has decided: there is no score to show
    reason: str
    score: str
    max_score: str
    earned: float
    so_far: str  # "so far", "complete so far" or empty
    summary: tuple[str, ...]
    late: str
    changes: tuple[ChangeView, ...]  # the newest first
    hand_in_again: str  # where nothing could be graded: until when another file counts
    notices: tuple[str, ...]
    stopped: tuple[StoppedCell, ...]
    unsafe: bool
    level: str  # the sandbox, where it is one without namespaces
    first: QuestionView | None  # where to begin
    overview: tuple[QuestionView, ...]  # in the order of the notebook
    questions: tuple[QuestionView, ...]  # what matters first
    notebook: NotebookView | None
    how_marked: str
    names: tuple[str, ...] = field(default=())  # display names, joined when a page is published; never stored
