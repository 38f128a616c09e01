"""Everything one page says, decided before it is drawn: what may be shown, in which order, in which words.

Visibility of questions (`course.yaml`):

- `always`     everything, at once.
- `after_due`  until it opens, only the question's title and points: no score, no tests, no comment. Then everything.
- `never`      as `after_due`; once open, its score and a person's comment, but never its tests.

While a question is closed the total leaves it out, the late penalty is named without its size, and changes of the
grade are not listed: each would give its score away by subtraction. A closed page must not be an oracle for somebody
who hands in many times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from autograder.course.course import Visibility
from autograder.feedback.cells import notebook_view
from autograder.feedback.deadline import facts, hand_in_again, late_words, points
from autograder.feedback.findings import Finding, findings, trace_view, untouched_word
from autograder.feedback.options import FeedbackOptions, OurOutputs, SubmittedNotebook
from autograder.feedback.student_view import (
    CLOSED,
    COMPLETE,
    LEFT_OUT,
    LOST,
    WAITING,
    ChangeView,
    QuestionView,
    StoppedCell,
    StudentView,
)
from autograder.pages.text import aware, clean, clean_line, moment, number, plural
from autograder.records import CellOutcome, GradeEvent, Outcome, QuestionResult, Result

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
_AUTOMATIC = "autograder grade"  # who, in events of a grading run
_CHANGES = 10  # shown of a grade


def student_view(
    result: Result,
    notebook: SubmittedNotebook | None,
    ours: OurOutputs,
    options: FeedbackOptions,
    events: Sequence[GradeEvent] = (),
) -> StudentView:
    """Return what one student's page shows. events: of this submission's grade, the oldest first."""
    overview = tuple(_question(i, q, result, notebook, options) for i, q in enumerate(result.questions))
    ordered = _explained_once(sorted(overview, key=lambda q: q.rank))
    any_closed = any(q.group == CLOSED for q in overview)
    total = _total(result, overview)
    unread = result.outcome is Outcome.UNGRADABLE and all(q.status != "graded_by_hand" for q in result.questions)
    subject = clean_line(result.subject, 80)
    members = tuple(clean_line(student, 80) for student in result.students)
    return StudentView(
        title=clean_line(result.title) or clean_line(result.assignment),
        course=clean_line(options.course),
        subject=subject,
        members=members if members != (subject,) else (),
        facts=facts(result, options),
        outcome=result.outcome.value,
        unread=unread,
        reason=clean(result.reason, 1_000) if result.outcome is Outcome.UNGRADABLE else "",
        score=number(total.score) if total.score is not None else "–",
        max_score=number(total.of),
        earned=_share(total.score, total.of),
        so_far=total.so_far,
        summary=() if unread else _summary(overview),
        late=late_words(result, any_closed, options),
        changes=() if any_closed else _changes(events, options),
        hand_in_again=hand_in_again(result, options) if unread else "",
        notices=tuple(filter(None, (clean(notice, 1_000) for notice in result.notices[:30]))),
        stopped=_stopped_cells(result, ordered, notebook),
        unsafe=bool(result.sandbox and result.sandbox.unsafe),
        first=next((q for q in ordered if q.group == LOST and q.findings), None),
        overview=overview,
        questions=tuple(ordered),
        notebook=notebook_view(notebook, ours, result.cells),
        how_marked=_how_marked(overview),
        level=_level(result),
    )


def is_open(question: str, options: FeedbackOptions) -> bool:
    """Return whether anything but the title and points of a question may be shown now."""
    return _opened(options.visibility.get(question, "always"), options)


def _opened(setting: Visibility, options: FeedbackOptions) -> bool:
    if setting == "always":
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
    maximum = points(question.max_score)
    if not is_open(question.id, options):
        note = "What you reached here is shown after the deadline."
        return QuestionView(
            anchor, title, "closed", _WORDS["closed"], f"– of {maximum}", 0.0, 0.0, CLOSED, position, note=note
        )
    told = options.visibility.get(question.id, "always") != "never"
    answers = options.answers.get(question.id, "never")
    items = options.earlier_items.get(result.compared_with, options.items).get(question.id, ())
    show_right = answers != "never" and _opened(answers, options)
    found = findings(question.tests, notebook, result.cells, items, show_right=show_right) if told else ()
    passed = tuple(f for f in found if f.status == "passed")
    known = question.misconception if told else None
    status, group, lost = _standing(question, result)
    untouched = told and group == LOST and bool(question.tests) and all(test.untouched for test in question.tests)
    status = "untouched" if untouched else status
    return QuestionView(
        anchor=anchor,
        title=title,
        status=status,
        word=untouched_word(question.tests) if untouched else _WORDS[status],
        score=f"{'–' if question.score is None else number(question.score)} of {maximum}",
        earned=_share(question.score, question.max_score),
        lost=lost,
        group=group,
        position=position,
        marked_by=_marked_by(question),
        misconception=clean(known.sentence, 1_000) if known else "",
        hint=clean(known.hint, 1_000) if known else "",
        findings=tuple(f for f in found if f.status != "passed"),
        passed=passed,
        passed_count=sum(1 for test in question.tests if test.status == "passed") if told else 0,
        comment=clean(question.comment),
        note=_note(status, question, told, result),
    )


def _standing(question: QuestionResult, result: Result) -> tuple[str, int, float]:
    """Return status, place in the order, points lost."""
    if question.score is None:
        if question.status == "needs_manual_grade":
            return question.status, WAITING, 0.0
        return ("not_run" if result.outcome is Outcome.NOT_GRADED else "left_out"), LEFT_OUT, 0.0
    lost = question.max_score - question.score
    return question.status, LOST if lost > 1e-9 else COMPLETE, max(0.0, lost)


def _note(status: str, question: QuestionResult, told: bool, result: Result) -> str:
    if status == "needs_manual_grade":
        return "A person reads this answer; its points and a comment will appear here."
    if question.status == "untouched":
        return (
            "The cell for this answer is as it was handed out, so it earns nothing. If your answer stands somewhere "
            "else in the notebook, tell the course staff: a person can still grade it."
        )
    if status == "left_out":
        return "This question is not counted for you: its points are neither given nor missing."
    if status == "not_run" and result.outcome is Outcome.UNGRADABLE:
        return ""
    if not told:
        return "For this question only the points are shown."
    return ""


def _marked_by(question: QuestionResult) -> str:
    if question.status == "graded_by_hand":
        return "by a person"
    return "by tests" if question.score is not None and question.status != "untouched" else ""


def _how_marked(overview: Sequence[QuestionView]) -> str:
    """Return how many questions were marked by tests and how many by a person."""
    by_tests, by_hand = (sum(1 for q in overview if q.marked_by == who) for who in ("by tests", "by a person"))
    said = []
    if by_tests:
        said.append(f"{plural(by_tests, 'question was', 'questions were')} marked automatically, by tests")
    if by_hand:
        said.append(f"{plural(by_hand, 'question was', 'questions were')} marked by a person")
    return f"{' and '.join(said)}." if said else ""


def _level(result: Result) -> str:
    """Return the sandbox of a submission that was graded without namespaces, which hold less; "" for all others."""
    backend = result.sandbox.backend if result.sandbox is not None else ""
    return clean_line(backend, 80) if backend.startswith("confined-uid") else ""


def _explained_once(ordered: Sequence[QuestionView]) -> list[QuestionView]:
    """Return the questions, with a missing name explained where the page first comes to it and only named
    after that.
    """
    said: dict[str, str] = {}
    explained = []
    for question in ordered:
        shown = []
        for finding in question.findings:
            if finding.missing in said:
                message = f"`{finding.missing}` is not defined: see {said[finding.missing]}."
                finding = replace(finding, message=message, trace=None, twin=None, hint="")
            elif finding.missing:
                said[finding.missing] = f"“{question.title}” above"
            shown.append(finding)
        explained.append(replace(question, findings=_merged(shown)))
    return explained


def _merged(shown: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings of one question; those that only repeat that a name is missing become one."""
    groups: dict[object, Finding] = {}
    for position, finding in enumerate(shown):
        bare = finding.missing and finding.trace is None and finding.twin is None and finding.item is None
        key = (finding.status, finding.counts, finding.message) if bare else position
        first = groups.get(key)
        groups[key] = finding if first is None else replace(first, titles=(*first.titles, *finding.titles))
    return tuple(groups.values())


@dataclass(frozen=True)
class _Total:
    score: float | None
    of: float
    so_far: str


def _total(result: Result, overview: Sequence[QuestionView]) -> _Total:
    """Return points of points. What waits for a person and what is closed is on neither side of "of"."""
    counted = [q for q, v in zip(result.questions, overview, strict=True) if v.group in (LOST, COMPLETE)]
    closed = any(view.group == CLOSED for view in overview)
    waiting = any(view.group == WAITING for view in overview)
    if result.outcome is Outcome.UNGRADABLE or not (closed or waiting):
        return _Total(result.score, result.max_score, "")
    of = sum(q.max_score for q in counted)
    if result.outcome is Outcome.NOT_GRADED:
        return _Total(None, of, "so far")
    score = sum(q.score or 0.0 for q in counted) if closed else result.score
    whole = bool(counted) and all(view.group != LOST for view in overview) and not closed and not result.late_penalty
    return _Total(score, of, "complete so far" if whole else "so far")


def _summary(overview: Sequence[QuestionView]) -> tuple[str, ...]:
    """Return at most one sentence for each thing that is still to come, after one on what is done."""
    counted = [q for q in overview if q.group in (LOST, COMPLETE)]
    complete = sum(1 for q in counted if q.group == COMPLETE)
    said = []
    if counted and complete == len(counted):
        said.append(
            "Everything graded so far is complete." if len(counted) < len(overview) else "Every question is complete."
        )
    elif counted:
        verb = "is" if complete == 1 or len(counted) == 1 else "are"
        said.append(f"{complete} of {plural(len(counted), 'question')} {verb} complete.")
    waiting, closed = (sum(1 for q in overview if q.group == group) for group in (WAITING, CLOSED))
    if waiting:
        said.append(f"{plural(waiting, 'question')} {'waits' if waiting == 1 else 'wait'} for a person to grade.")
    if closed:
        said.append(f"{plural(closed, 'question')} {'is' if closed == 1 else 'are'} not in this total yet.")
    return tuple(said)


def _changes(events: Sequence[GradeEvent], options: FeedbackOptions) -> tuple[ChangeView, ...]:
    """Return the changes of a grade that was there before, the newest first."""
    changed = [event for event in events if event.before is not None and event.before != event.after]
    return tuple(
        ChangeView(
            when=moment(event.when, options.zone),
            before=_points(event.before),
            after=_points(event.after),
            why=clean_line(event.why, 500),
            role="the automatic grader" if event.who == _AUTOMATIC else "a teacher",
        )
        for event in reversed(changed[-_CHANGES:])
    )


def _points(score: float | None) -> str:
    return "no grade" if score is None else number(score)


def _stopped_cells(
    result: Result, questions: Sequence[QuestionView], notebook: SubmittedNotebook | None
) -> tuple[StoppedCell, ...]:
    """Return cells that stopped, each with the names that are missing because of it."""
    missing: dict[int, list[str]] = {}
    for question in questions:
        for finding in question.findings:
            if finding.stopped_cell is not None:
                missing.setdefault(finding.stopped_cell, []).append(finding.missing)
    cells = [cell for cell in result.cells if cell.status in {"error", "timeout"}]
    cells.sort(key=lambda cell: (cell.index + 1 not in missing, cell.index))
    return tuple(_stopped(cell, missing.get(cell.index + 1, ()), notebook) for cell in cells[:20])


def _stopped(cell: CellOutcome, missing: Sequence[str], notebook: SubmittedNotebook | None) -> StoppedCell:
    number_, names = cell.index + 1, tuple(dict.fromkeys(missing))
    if cell.status == "timeout":
        return StoppedCell(number_, "took too long", names)
    if cell.traceback is None:
        return StoppedCell(number_, "an error", names)
    trace = trace_view(cell.traceback, notebook) if names else None
    return StoppedCell(number_, clean_line(cell.traceback.exception, 80), names, trace)


def _share(score: float | None, max_score: float) -> float:
    return 0.0 if score is None or max_score <= 0 else min(1.0, max(0.0, score / max_score))
