"""From evidence to what people read: result and page, and on request the executed notebook. Runs no student code.

The same evidence and rules always give the same files, so that they can be made again at any time: after
an interrupted run, after a changed rubric, or because one was deleted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from autograder.course.adjustments import Adjustments
from autograder.course.course import Assignment, Course
from autograder.course.releases import Releases
from autograder.course.roster import EMPTY_ROSTER, Roster
from autograder.feedback import FeedbackOptions, render_feedback
from autograder.feedback.from_course import feedback_options
from autograder.notebooks.executed import executed_notebook
from autograder.notebooks.matching import match_to_release, matched_cells
from autograder.notebooks.read import Notebook, NotebookError, read_notebook
from autograder.records import Evidence, GradeEvent, MatchedCell, Result, SubmissionInfo
from autograder.results.store import Outputs, Place, Store
from autograder.scoring.group import merge_members
from autograder.scoring.score import ManualGrade, rubric_version, score

_NOTHING_READ = b'{"cells":[],"metadata":{},"nbformat":4,"nbformat_minor":5}\n'


@dataclass(frozen=True)
class Rules:
    """Everything beside the evidence that decides a grade and what is shown of it.

    manual: grades given by a person: student id -> question id -> grade, for this assignment.
    """

    course: Course
    assignment: Assignment
    roster: Roster = EMPTY_ROSTER
    adjustments: Adjustments = field(default_factory=Adjustments)
    manual: Mapping[str, Mapping[str, ManualGrade]] = field(default_factory=dict)
    releases: Releases = field(default_factory=Releases)
    now: datetime | None = None

    def _arguments(self, submission: SubmissionInfo) -> tuple[dict[str, ManualGrade], datetime | None]:
        members = submission.members
        grades, _ = merge_members(self.manual, members)
        return grades, self.roster.due(members, self.assignment)

    def conflicts(self, submission: SubmissionInfo) -> tuple[str, ...]:
        """Return a message for each question for which the group's members have different grades by hand."""
        _, conflicts = merge_members(self.manual, submission.members)
        return tuple(f"{self.assignment.name}/{submission.subject}: {conflict}" for conflict in conflicts)

    def rubric(self, submission: SubmissionInfo) -> str:
        """Return the version of everything but the evidence that makes this submission's score."""
        manual, due = self._arguments(submission)
        return rubric_version(submission, self.assignment, self.course.late_policy, self.adjustments, manual, due=due)

    def result(self, evidence: Evidence) -> Result:
        manual, due = self._arguments(evidence.submission)
        return score(evidence, self.assignment, self.course.late_policy, self.adjustments, manual, due=due)

    @cached_property
    def options(self) -> FeedbackOptions:
        """Return the options of every feedback page of the assignment; the same for all students, so made once a
        run."""
        return feedback_options(
            self.course,
            self.assignment,
            now=self.now or datetime.now(UTC),
            roster=self.roster,
            adjustments=self.adjustments,
            releases=self.releases,
        )


@dataclass(frozen=True)
class Reason:
    """Why a grade is made again: who decides, in which words, and when."""

    who: str
    why: str
    when: datetime


@dataclass(frozen=True)
class Derived:
    """Hold what is written of one submission. event: the change of its grade; the store drops it where it is none."""

    result: Result
    feedback: str
    event: GradeEvent


def derive(
    evidence: Evidence,
    notebook: bytes,
    outputs: Outputs,
    rules: Rules,
    reason: Reason,
    recorded: Sequence[GradeEvent] = (),
) -> Derived:
    """Return everything about one submission that is written beside its evidence.

    recorded: the changes of this submission's grade so far, the oldest first; the student's page lists them, and this
    one if it is a change. What is in one notebook must not end a run over all: where its cells cannot be written, the
    page stands without them, and a flag tells.
    """
    try:
        return _derived(evidence, notebook, outputs, rules, reason, recorded)
    except Exception as error:  # noqa: BLE001 - a fault that is not the notebook's comes again without it
        flag = f"its cells could not be written ({type(error).__name__}): a person should look at what was handed in"
        flagged = evidence.model_copy(update={"flags": (*evidence.flags, flag)})
        return _derived(flagged, b"", {}, rules, reason, recorded)


def _derived(
    evidence: Evidence,
    notebook: bytes,
    outputs: Outputs,
    rules: Rules,
    reason: Reason,
    recorded: Sequence[GradeEvent],
) -> Derived:
    result = rules.result(evidence)
    event = grade_event(result, reason)
    before = recorded[-1].after if recorded else None
    changes = (*recorded, event.model_copy(update={"before": before})) if before != event.after else recorded
    read: Notebook | None
    try:
        read = read_notebook(notebook, evidence.submission.source or "the notebook")
    except NotebookError:
        read = None  # the evidence says so: ungradable, with the reason
    feedback = render_feedback(result, read, outputs, options=rules.options, events=changes)
    return Derived(result, feedback, event)


def executed_of(store: Store, place: Place, attempt: int, rules: Rules) -> bytes:
    """Return the notebook of an attempt with its outputs as handed in and ours; one without cells where nothing can be
    read of it. Raises StoreError if the evidence is damaged.
    """
    evidence = store.attempt(place, attempt)
    notebook, outputs = store.notebook(evidence), store.outputs(evidence)
    try:
        return _executed(read_notebook(notebook, place.subject), evidence.matched, outputs, rules)
    except Exception:  # noqa: BLE001 - what is in one notebook must not end a run over all; its page and flags tell
        return _NOTHING_READ


def _executed(notebook: Notebook, matched: tuple[MatchedCell, ...] | None, outputs: Outputs, rules: Rules) -> bytes:
    """Return the notebook with our outputs; cells that a person grades keep those they were handed in with."""
    by_hand = {question.id for question in rules.assignment.questions if question.kind == "manual"}
    if matched is None:  # evidence of an earlier version
        ids = [question.id for question in rules.assignment.questions]
        matched = matched_cells(match_to_release(notebook, rules.releases.entries, ids))
    return executed_notebook(
        notebook,
        outputs,
        graded_by_hand={cell.index for cell in matched if by_hand.intersection(cell.questions)},
        # Which cell is which is known here; nbgrader's gradebook need not find out again.
        metadata={cell.index: {"nbgrader": {"grade_id": cell.grade_id}} for cell in matched if cell.grade_id},
    )


def grade_event(result: Result, reason: Reason) -> GradeEvent:
    """Return the change to this result's score; the store fills in what was before."""
    return GradeEvent(
        when=reason.when, who=reason.who, why=reason.why, assignment=result.assignment, subject=result.subject,
        before=None, after=result.score,
    )  # fmt: skip
