"""Results into the gradebook: idempotent, one writer, a commit for many submissions.

Automatic scores, penalties and comments are written; `manual_score`, `extra_credit` and manual comments belong to
people and are never touched. A question needs a grade while nobody gave one, and again when the answer changed after
somebody had. A group is shown once, in the first member's name; all members have the scores. Rows are loaded once per
batch and only differences are written, so a repeated sync writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from nbgrader.api import Comment, Grade, Student, SubmittedAssignment, SubmittedNotebook, new_uuid
from sqlalchemy import select

from autograder.course.course import Assignment, Course, Question
from autograder.course.releases import load_releases
from autograder.exchange.nbgrader.comments import as_typed, comment, harmless, visible
from autograder.exchange.nbgrader.database import GRADEBOOK, open_gradebook
from autograder.exchange.nbgrader.executed import Executed
from autograder.exchange.nbgrader.rubric import MasterNotebook, read_master_notebook, write_rubric
from autograder.exchange.nbgrader.tree import Autograded, remove_autograded, utc, write_autograded, write_course_tree
from autograder.records import Outcome, QuestionResult, Result
from autograder.results.from_evidence import Rules, executed_of
from autograder.results.store import Place, Store
from autograder.scoring.score import points_by_tests

_BATCH = 50  # submissions per commit: a commit waits for the disk


@dataclass(frozen=True)
class GradebookEntry:
    """One result, and what makes its executed notebook (without cells where nothing could be read)."""

    result: Result
    notebook: Callable[[], bytes]

    @classmethod
    def of(cls, store: Store, result: Result, rules: Rules) -> Self:
        """Return the entry of a result in a results folder. Its notebook raises StoreError if evidence is damaged."""
        place = Place(result.assignment, result.subject)
        return cls(result, lambda: executed_of(store, place, result.attempt, rules))


@dataclass(frozen=True)
class SyncReport:
    """students: how many were written. unmatched: subjects that have no student to write to. not_graded: subjects
    without a score, which keep what the gradebook has. review: (student, question) that a person had graded, and whose
    answer has changed since."""

    students: int = 0
    unmatched: tuple[str, ...] = ()
    not_graded: tuple[str, ...] = ()
    review: tuple[tuple[str, str], ...] = ()


def sync(
    root: Path,
    course: Course,
    assignment: Assignment,
    entries: Iterable[GradebookEntry],
    *,
    students: Collection[str] = (),
    opens_at: datetime | None = None,
    now: datetime | None = None,
) -> SyncReport:
    """Write the results of one assignment into `root`/gradebook.db, with nbgrader's course tree beside it.

    Args:
        root: the results folder.
        entries: one per submission, of everybody, all of one assignment. What none of them counts is worth nothing.
        students: ids of everybody in the course; who handed in nothing is in the gradebook, without a submission.
        opens_at, now: from when students may see tests of questions that are `after_due` (else their comments say so).

    Raises:
        GradebookLocked: another program holds the gradebook. Whole batches before that are written; repeat the call.
        GradebookError: gradebook or starter cannot be used.
    """
    every = list(entries)
    if not every:
        return SyncReport()
    master = read_master_notebook(assignment, _points(assignment, [entry.result for entry in every]))
    write_course_tree(root, course, assignment)
    report = SyncReport()
    with open_gradebook(root / GRADEBOOK, course) as gradebook:
        row = write_rubric(gradebook, assignment, master, root / "retired_grades.jsonl")
        writer = _GradebookWriter(root, assignment, master, gradebook.db, row, opens_at, now or datetime.now(UTC))
        writer.add_students(students)
        for start in range(0, len(every), _BATCH):
            batch = every[start : start + _BATCH]
            writer.begin({student for entry in batch for student in entry.result.students})
            for entry in batch:
                report = writer.write(entry, report)
            gradebook.db.commit()
    return report


def _points(assignment: Assignment, results: Sequence[Result]) -> dict[str, float]:
    """Return points by question: as the results have them, since an adjustment may have changed what course.yaml says.

    A question that left the denominator for everybody is worth nothing here, so that nbgrader's maximum is theirs.
    """
    scored = {question.id: question.max_score for question in results[0].questions}
    points = {question.id: scored.get(question.id, question.points) for question in assignment.questions}
    graded = [
        {question.id: question for question in result.questions}
        for result in results
        if result.outcome is Outcome.GRADED
    ]
    for id in points:
        found = [questions[id] for questions in graded if id in questions]
        if found and all(question.score is None and question.status == "not_run" for question in found):
            points[id] = 0.0
    return points


@dataclass
class _Rows:
    """One student's rows of one assignment; grades and comments by cell."""

    submission: Any
    notebook: Any
    grades: dict[str, Any] = field(default_factory=dict)
    comments: dict[str, Any] = field(default_factory=dict)


class _GradebookWriter:
    """Writes the submissions of one assignment through one session.

    Rows are joined by their ids, not through nbgrader's relationships, whose collections of everybody's rows would be
    walked for each submission; and an attribute is set only where it differs, so that unchanged rows are not flushed.
    """

    def __init__(
        self,
        root: Path,
        assignment: Assignment,
        master: MasterNotebook,
        session: Any,
        notebook: Any,
        opens_at: datetime | None,
        now: datetime,
    ) -> None:
        self.root = root
        self.assignment = assignment
        self.master = master
        self.session = session
        self.notebook_id = notebook.id
        self.assignment_id = notebook.assignment_id
        self.releases = load_releases(assignment.releases_path).entries
        self.shown = {question.id: visible(question, opens_at, now) for question in assignment.questions}
        # A task has a grade and a comment on its one cell.
        self.grade_cells = {cell.name: cell.id for cell in (*notebook.grade_cells, *notebook.task_cells)}
        self.solution_cells = {cell.name: cell.id for cell in (*notebook.solution_cells, *notebook.task_cells)}
        self.students = set(session.scalars(select(Student.id)))
        self.rows: dict[str, _Rows] = {}

    def add_students(self, students: Collection[str]) -> None:
        """Write those students who are not in the gradebook yet."""
        new = [student for student in dict.fromkeys(students) if student not in self.students]
        self.session.add_all(Student(id=student) for student in new)
        self.students.update(new)

    def begin(self, students: Collection[str]) -> None:
        """Load these students' rows, as they are now: a commit ends what is known, and people grade meanwhile."""
        by_notebook = {
            notebook.id: (submission.student_id, _Rows(submission, notebook))
            for submission, notebook in self.session.execute(
                select(SubmittedAssignment, SubmittedNotebook)
                .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
                .where(SubmittedNotebook.notebook_id == self.notebook_id, SubmittedAssignment.student_id.in_(students))
            )
        }
        mine = list(by_notebook)
        for grade in self.session.scalars(select(Grade).where(Grade.notebook_id.in_(mine))):
            by_notebook[grade.notebook_id][1].grades[grade.cell_id] = grade
        for existing in self.session.scalars(select(Comment).where(Comment.notebook_id.in_(mine))):
            by_notebook[existing.notebook_id][1].comments[existing.cell_id] = existing
        self.rows = dict(by_notebook.values())

    def write(self, entry: GradebookEntry, report: SyncReport) -> SyncReport:
        """Write one submission for each of its students; the report with it added."""
        result = entry.result
        if result.outcome is Outcome.NOT_GRADED:
            return replace(report, not_graded=(*report.not_graded, result.subject))
        if not result.students:
            return replace(report, unmatched=(*report.unmatched, result.subject))
        executed = Executed(entry.notebook, result, self.assignment, self.master, self.releases)
        review = []
        shown, *others = sorted(result.students)
        written = write_autograded(self.root, shown, self.assignment.name, self.master, executed, result.received_at)
        for student in (shown, *others):
            rows = self._rows(student, result)
            asked = self._grades(rows, result, written, shown=student == shown)
            review += [(student, question) for question in asked]
            self._comments(rows, result, written)
        for student in others:  # formgrader lists whose notebook is there: the group, once
            remove_autograded(self.root, student, self.assignment.name, self.master)
        return replace(report, students=report.students + len(result.students), review=(*report.review, *review))

    def _rows(self, student: str, result: Result) -> _Rows:
        """Return the student's rows, made where they are new."""
        rows = self.rows.get(student)
        if rows is None:
            if student not in self.students:
                self.session.add(Student(id=student))
                self.students.add(student)
            submission = SubmittedAssignment(id=new_uuid(), assignment_id=self.assignment_id, student_id=student)
            notebook = SubmittedNotebook(id=new_uuid(), notebook_id=self.notebook_id, assignment_id=submission.id)
            self.session.add_all([submission, notebook])
            rows = self.rows[student] = _Rows(submission, notebook)
        wanted = ((Grade, rows.grades, self.grade_cells), (Comment, rows.comments, self.solution_cells))
        for kind, kept, cells in wanted:
            for cell_id in cells.values():
                if cell_id not in kept:
                    kept[cell_id] = kind(id=new_uuid(), cell_id=cell_id, notebook_id=rows.notebook.id)
                    self.session.add(kept[cell_id])
        _set(rows.submission, "timestamp", utc(result.received_at) if result.received_at else None)
        _set(rows.notebook, "late_submission_penalty", result.late_penalty)
        return rows

    def _grades(self, rows: _Rows, result: Result, written: Autograded, *, shown: bool) -> list[str]:
        """Write automatic scores of every question; return those whose answer changed under a person's grade.

        shown: whether this is the row that formgrader shows; the other members' rows ask for nothing.
        """
        review = []
        for question in result.questions:
            grade = rows.grades[self.grade_cells[self.master.grade_cell(question.id).grade_id]]
            answers = {cell.grade_id for cell in self.master.answers(question.id)}
            if grade.manual_score is None:
                _set(grade, "auto_score", _automatic(question, result, grade.extra_credit or 0.0))
                waits = result.outcome is Outcome.UNGRADABLE and result.needs_manual_grade
                asks = shown and (waits or question.status == "needs_manual_grade")
                _set(grade, "needs_manual_grade", asks)
            else:
                _set(grade, "auto_score", points_by_tests(question))
                if not shown:
                    _set(grade, "needs_manual_grade", False)
                elif answers & written.changed:
                    _set(grade, "needs_manual_grade", True)
                    review.append(question.id)
        return review

    def _comments(self, rows: _Rows, result: Result, written: Autograded) -> None:
        said = dict(self._said(result, written))
        for name, cell_id in self.solution_cells.items():
            _set(rows.comments[cell_id], "auto_comment", said.get(name))

    def _said(self, result: Result, written: Autograded) -> Iterable[tuple[str, str]]:
        """Return (answer cell, what is said there): a question's comment stands at its first blank."""
        by_id: Mapping[str, QuestionResult] = {question.id: question for question in result.questions}
        for question in self.assignment.questions:
            answers = self.master.answers(question.id)
            if not answers or question.id not in by_id:
                continue
            text = self._comment(question, by_id[question.id], written, [cell.grade_id for cell in answers])
            if result.outcome is Outcome.UNGRADABLE:
                text = harmless(result.reason)
            if text:
                yield answers[0].grade_id, text

    def _comment(
        self, question: Question, result: QuestionResult, written: Autograded, answers: Sequence[str]
    ) -> str | None:
        if result.status == "graded_by_hand" and question.kind == "manual":
            return as_typed(result.comment) or None
        if question.kind == "manual" and (result.status == "untouched" or written.untouched.issuperset(answers)):
            return "No answer: the text is as it was released."
        return comment(question, result, show_tests=self.shown[question.id])


def _automatic(question: QuestionResult, result: Result, extra_credit: float) -> float | None:
    """Return what a row without a manual score has to say for nbgrader's sum to be ours: it adds the extra credit
    itself.
    """
    if question.score is None:
        return None
    if question.status == "untouched":
        return 0.0
    if question.status == "graded_by_hand":  # by an adjustment, or in the row of another member of the group
        return max(0.0, question.score - extra_credit)
    return 0.0 if result.outcome is Outcome.UNGRADABLE else points_by_tests(question)


def _set(row: Any, name: str, value: object) -> None:
    if getattr(row, name) != value:
        setattr(row, name, value)
