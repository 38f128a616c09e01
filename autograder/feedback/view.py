"""Everything one page says, decided before it is drawn: what may be shown, in which order, in which words.

Visibility of questions (`course.yaml`):

- `always`     everything, at once.
- `after_due`  until it opens, only the question's title and points: no score, no tests, no comment. Then everything.
- `never`      as `after_due`; once open, its score and a person's comment, but never its tests.

While a question is closed the total leaves it out, and the late penalty is named without its size: both would give
its score away by subtraction. A closed page must not be an oracle for somebody who hands in many times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.feedback.cells import NotebookView, notebook_view
from autograder.feedback.findings import Finding, findings, untouched_word
from autograder.feedback.options import FeedbackOptions, OurOutputs, SubmittedNotebook
from autograder.pages.text import aware, clean, clean_line, moment, number, plural
from autograder.records import CellOutcome, Outcome, QuestionResult, Result

_WORDS = {
    "passed": "Complete",
    "partial": "Partly right",
    "failed": "Not right yet",
    "error": "Stopped with an error",
    "timeout": "Took too long",
    "not_run": "Not run",
    "untouched": "Not filled in yet",
    "needs_manual_grade": "Waiting to be graded",
    "graded_by_hand": "Graded by a person",
    "closed": "Opens later",
    "left_out": "Does not count",
}
_LOST, _WAITING, _CLOSED, _LEFT_OUT, _COMPLETE = range(5)
_LATER = ("untouched", "not_run")  # after what was tried: what was not, then what waits for something else


@dataclass(frozen=True)
class QuestionView:
    anchor: str
    title: str
    status: str
    word: str
    score: str  # "3 of 5 points"
    earned: float  # share of the points, 0 to 1
    lost: float  # points
    group: int
    position: int
    misconception: str = ""  # a known mistake: what is wrong, and a hint
    hint: str = ""
    findings: tuple[Finding, ...] = ()
    passed: tuple[Finding, ...] = ()
    passed_count: int = 0
    comment: str = ""
    note: str = ""

    @property
    def open(self) -> bool:
        """Whether it is shown unfolded."""
        return (self.group == _LOST and self.status != "untouched") or bool(self.comment)

    @property
    def rank(self) -> tuple[float, ...]:
        """What matters first: what was tried, by the points that are lost; else the notebook's order."""
        later = _LATER.index(self.status) + 1 if self.status in _LATER else 0
        return (self.group, later, 0 if later else -self.lost, self.position)

    @property
    def in_short(self) -> str:
        """The most important thing to say of it, in one sentence. Only of a question with findings."""
        if self.status == "untouched":
            return f"{self.word.lower()}."
        most = self.findings[0]
        if known := self.misconception or most.misconception:
            return known
        if most.trace is not None and most.trace.raised is not None:
            return f"{most.trace.exception} in your cell {most.trace.raised.cell}, line {most.trace.raised.line}."
        return most.titles[0]

    @property
    def has_more(self) -> bool:
        return bool(self.findings or self.passed or self.comment or self.note)


@dataclass(frozen=True)
class StoppedCell:
    number: int
    what: str


@dataclass(frozen=True)
class PageView:
    title: str
    course: str
    subject: str
    facts: tuple[str, ...]
    outcome: str
    reason: str
    score: str
    max_score: str
    earned: float
    so_far: bool
    summary: tuple[str, ...]
    late: str
    notices: tuple[str, ...]
    stopped: tuple[StoppedCell, ...]
    unsafe: bool
    first: QuestionView | None  # where to begin
    overview: tuple[QuestionView, ...]  # in the order of the notebook
    questions: tuple[QuestionView, ...]  # what matters first
    notebook: NotebookView | None


def page_view(
    result: Result, notebook: SubmittedNotebook | None, ours: OurOutputs, options: FeedbackOptions
) -> PageView:
    overview = tuple(_question(i, q, result, notebook, options) for i, q in enumerate(result.questions))
    ordered = sorted(overview, key=lambda q: q.rank)
    any_closed = any(q.group == _CLOSED for q in overview)
    score, max_score = _total(result, overview)
    return PageView(
        title=clean_line(result.title) or clean_line(result.assignment),
        course=clean_line(options.course),
        subject=clean_line(result.subject, 80),
        facts=_facts(result),
        outcome=result.outcome.value,
        reason=clean(result.reason, 1_000) if result.outcome is Outcome.UNGRADABLE else "",
        score=number(score) if score is not None else "–",
        max_score=number(max_score),
        earned=_share(score, max_score),
        so_far=any_closed or result.needs_manual_grade or any(q.group == _WAITING for q in overview),
        summary=_summary(overview),
        late=_late(result, any_closed, options),
        notices=tuple(filter(None, (clean(notice, 1_000) for notice in result.notices[:30]))),
        stopped=tuple(map(_stopped, [c for c in result.cells if c.status in {"error", "timeout"}][:20])),
        unsafe=bool(result.sandbox and result.sandbox.unsafe),
        first=next((q for q in ordered if q.group == _LOST and q.findings), None),
        overview=overview,
        questions=tuple(ordered),
        notebook=notebook_view(notebook, ours, result.cells),
    )


def is_open(question: str, options: FeedbackOptions) -> bool:
    """Whether anything but the title and points of a question may be shown now."""
    if options.visibility.get(question, "always") == "always":
        return True
    if options.opens_at is None or options.now is None:
        return False
    return aware(options.now) > aware(options.opens_at)


def _question(
    position: int,
    question: QuestionResult,
    result: Result,
    notebook: SubmittedNotebook | None,
    options: FeedbackOptions,
) -> QuestionView:
    title = clean_line(question.title) or clean_line(question.id)
    anchor = f"question-{position + 1}"
    points = plural_points(question.max_score)
    if not is_open(question.id, options):
        note = "What you reached here is shown after the deadline."
        return QuestionView(
            anchor, title, "closed", _WORDS["closed"], f"– of {points}", 0.0, 0.0, _CLOSED, position, note=note
        )
    told = options.visibility.get(question.id, "always") != "never"
    found = findings(question.tests, notebook, result.cells) if told else ()
    passed = tuple(f for f in found if f.status == "passed")
    known = question.misconception if told else None
    status, group, lost = _standing(question, result)
    untouched = told and group == _LOST and bool(question.tests) and all(test.untouched for test in question.tests)
    status = "untouched" if untouched else status
    return QuestionView(
        anchor=anchor,
        title=title,
        status=status,
        word=untouched_word(question.tests) if untouched else _WORDS[status],
        score=f"{'–' if question.score is None else number(question.score)} of {points}",
        earned=_share(question.score, question.max_score),
        lost=lost,
        group=group,
        position=position,
        misconception=clean(known.sentence, 1_000) if known else "",
        hint=clean(known.hint, 1_000) if known else "",
        findings=tuple(f for f in found if f.status != "passed"),
        passed=passed,
        passed_count=sum(1 for test in question.tests if test.status == "passed") if told else 0,
        comment=clean(question.comment),
        note=_note(status, question, told, result),
    )


def _standing(question: QuestionResult, result: Result) -> tuple[str, int, float]:
    """Status, place in the order, points lost."""
    if question.score is None:
        if question.status == "needs_manual_grade":
            return question.status, _WAITING, 0.0
        return ("not_run" if result.outcome is Outcome.NOT_GRADED else "left_out"), _LEFT_OUT, 0.0
    lost = question.max_score - question.score
    return question.status, _LOST if lost > 1e-9 else _COMPLETE, max(0.0, lost)


def _note(status: str, question: QuestionResult, told: bool, result: Result) -> str:
    if status == "needs_manual_grade":
        return "A person reads this answer; its points and a comment will appear here."
    if status == "left_out":
        return "This question is not counted for you: its points are neither given nor missing."
    if status == "not_run" and result.outcome is Outcome.UNGRADABLE:
        return ""
    if not told:
        return "For this question only the points are shown."
    return ""


def _total(result: Result, overview: Sequence[QuestionView]) -> tuple[float | None, float]:
    if not any(q.group == _CLOSED for q in overview):
        return result.score, result.max_score
    shown = [q for q, view in zip(result.questions, overview, strict=True) if view.group not in (_CLOSED, _LEFT_OUT)]
    if result.outcome is Outcome.NOT_GRADED:
        return None, sum(q.max_score for q in shown)
    return sum(q.score or 0.0 for q in shown), sum(q.max_score for q in shown)


def _summary(overview: Sequence[QuestionView]) -> tuple[str, ...]:
    """At most one sentence for each thing that is still to come, after one on what is done."""
    counted = [q for q in overview if q.group in (_LOST, _COMPLETE)]
    complete = sum(1 for q in counted if q.group == _COMPLETE)
    said = []
    if counted and complete == len(counted):
        said.append(
            "Everything graded so far is complete." if len(counted) < len(overview) else "Every question is complete."
        )
    elif counted:
        said.append(f"{complete} of {plural(len(counted), 'question')} {'is' if complete == 1 else 'are'} complete.")
    waiting, closed = (sum(1 for q in overview if q.group == group) for group in (_WAITING, _CLOSED))
    if waiting:
        said.append(f"{plural(waiting, 'question')} {'waits' if waiting == 1 else 'wait'} for a person to grade.")
    if closed:
        said.append(f"{plural(closed, 'question')} {'is' if closed == 1 else 'are'} not in this total yet.")
    return tuple(said)


def _late(result: Result, any_closed: bool, options: FeedbackOptions) -> str:
    if result.late_penalty <= 0:
        return ""
    policy = clean_line(options.late_policy, 500)
    if any_closed:
        return f"Handed in late: points will be taken off once all questions are open. {policy}".strip()
    if result.score is None:
        return f"Handed in late: {plural_points(result.late_penalty)} taken off. {policy}".strip()
    earned = number(result.score + result.late_penalty)
    sums = f"{earned} earned − {number(result.late_penalty)} for handing in late = {number(result.score)}."
    return f"{sums} {policy}".strip()


def _facts(result: Result) -> tuple[str, ...]:
    facts = []
    if result.received_at:
        facts.append(f"Handed in {moment(result.received_at)}")
    facts.append(f"graded {moment(result.graded_at)}")
    if result.attempt > 1:
        facts.append(f"attempt {result.attempt}")
    return tuple(facts)


def _stopped(cell: CellOutcome) -> StoppedCell:
    if cell.status == "timeout":
        return StoppedCell(cell.index + 1, "took too long")
    return StoppedCell(cell.index + 1, clean_line(cell.traceback.exception, 80) if cell.traceback else "an error")


def _share(score: float | None, max_score: float) -> float:
    return 0.0 if score is None or max_score <= 0 else min(1.0, max(0.0, score / max_score))


def plural_points(points: float) -> str:
    return f"{number(points)} {'point' if points == 1 else 'points'}"
