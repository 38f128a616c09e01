"""Results into the gradebook: idempotent, one writer, a commit for many submissions.

Automatic scores, penalties and comments are written; `manual_score`, `extra_credit` and manual comments belong to
people and are never touched. A question needs a grade while nobody gave one, and again when the answer changed after
somebody had. Rows are loaded once per assignment and only differences are written, so a repeated sync writes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from nbgrader.api import Comment, Grade, GradeCell, Student, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from autograder.course import Assignment, Course, Question
from autograder.gradebook.comments import comment, inert, visible
from autograder.gradebook.database import GRADEBOOK, open_gradebook
from autograder.gradebook.recognise import grade_ids
from autograder.gradebook.rubric import MasterNotebook, read_master_notebook, write_rubric
from autograder.gradebook.tree import Autograded, utc, write_autograded, write_course_tree
from autograder.records import Outcome, QuestionResult, Result
from autograder.releases import load_releases
from autograder.scoring import points_by_tests

_BATCH = 50  # submissions per commit: a commit waits for the disk


@dataclass(frozen=True)
class Entry:
    """One result, and where its executed notebook is (missing or unreadable: nothing could be read)."""

    result: Result
    notebook: Path


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
    entries: Iterable[Entry],
    *,
    opens_at: datetime | None = None,
    now: datetime | None = None,
) -> SyncReport:
    """Write the results of one assignment into `root`/gradebook.db, with nbgrader's course tree beside it.

    Args:
        root: the results folder.
        entries: one per submission; all of the same assignment.
        opens_at, now: from when students may see tests of questions that are `after_due` (else their comments say so).

    Raises:
        GradebookLocked: another program holds the gradebook. Whole batches before that are written; repeat the call.
        GradebookError: gradebook or starter cannot be used.
    """
    entries = iter(entries)
    batch = list(islice(entries, _BATCH))
    if not batch:
        return SyncReport()
    master = read_master_notebook(assignment, _points(assignment, batch[0].result))
    write_course_tree(root, course, assignment)
    report = SyncReport()
    with open_gradebook(root / GRADEBOOK, course) as gradebook:
        row = write_rubric(gradebook, assignment, master, root / "retired_grades.jsonl")
        writer = _Writer(root, assignment, master, gradebook.db, row, opens_at, now or datetime.now(UTC))
        while batch:
            for entry in batch:
                report = writer.write(entry, report)
            gradebook.db.commit()
            batch = list(islice(entries, _BATCH))
    return report


def _points(assignment: Assignment, result: Result) -> dict[str, float]:
    """Points by question: as the results have them, since an adjustment may have changed what course.yaml says."""
    scored = {question.id: question.max_score for question in result.questions}
    return {question.id: scored.get(question.id, question.points) for question in assignment.questions}


class _Writer:
    """Writes the submissions of one assignment through one session."""

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
        self.notebook = notebook
        self.releases = load_releases(assignment.releases_path).entries
        self.shown = {question.id: visible(question, opens_at, now) for question in assignment.questions}
        self.cells = {
            GradeCell: {cell.name: cell.id for cell in notebook.grade_cells},
            Comment: {cell.name: cell.id for cell in notebook.solution_cells},
        }
        self.students = {student.id: student for student in session.scalars(select(Student))}
        loaded = session.scalars(
            select(SubmittedNotebook)
            .where(SubmittedNotebook.notebook_id == notebook.id)
            .options(selectinload(SubmittedNotebook.grades), selectinload(SubmittedNotebook.comments),
                     selectinload(SubmittedNotebook.assignment))
        )  # fmt: skip
        self.submitted = {row.assignment.student_id: row for row in loaded}

    def write(self, entry: Entry, report: SyncReport) -> SyncReport:
        """Write one submission for each of its students; the report with it added."""
        result = entry.result
        if result.outcome is Outcome.NOT_GRADED:
            return _added(report, not_graded=(*report.not_graded, result.subject))
        if not result.students:
            return _added(report, unmatched=(*report.unmatched, result.subject))
        cells = _executed_cells(entry)
        recognised = grade_ids(self.root, result, self.assignment, self.releases)
        review = []
        for student in result.students:
            written = write_autograded(
                self.root, student, self.assignment.name, self.master, cells, recognised, result.received_at
            )
            row = self._row(student, result)
            review += [(student, question) for question in self._grades(row, result, written)]
            self._comments(row, result, written)
        return _added(report, students=report.students + len(result.students), review=(*report.review, *review))

    def _row(self, student: str, result: Result) -> Any:
        """The student's SubmittedNotebook, made with its rows where it is new."""
        timestamp = utc(result.received_at) if result.received_at else None
        row = self.submitted.get(student)
        if row is None:
            if student not in self.students:
                self.students[student] = Student(id=student)
            submission = SubmittedAssignment(
                assignment=self.notebook.assignment, student=self.students[student], timestamp=timestamp
            )
            row = SubmittedNotebook(notebook=self.notebook, assignment=submission)
            self.session.add(submission)
            self.submitted[student] = row
        row.assignment.timestamp = timestamp
        row.late_submission_penalty = result.late_penalty
        return row

    def _grades(self, row: Any, result: Result, written: Autograded) -> list[str]:
        """Automatic scores of every question; the ids of those whose answer changed under a person's grade."""
        by_cell = {grade.cell_id: grade for grade in row.grades}
        review = []
        for question in result.questions:
            name = self.master.grade_cell(question.id).grade_id
            cell_id = self.cells[GradeCell][name]
            grade = by_cell.get(cell_id)
            if grade is None:
                grade = Grade(cell_id=cell_id, notebook=row)
                self.session.add(grade)
            answers = {cell.grade_id for cell in self.master.answers(question.id)}
            if grade.manual_score is None:
                grade.auto_score = _automatic(question, result, grade.extra_credit or 0.0)
                waits = result.outcome is Outcome.UNGRADABLE and result.needs_manual_grade
                grade.needs_manual_grade = waits or question.status == "needs_manual_grade"
            else:
                grade.auto_score = points_by_tests(question)
                if answers & written.changed:
                    grade.needs_manual_grade = True
                    review.append(question.id)
        return review

    def _comments(self, row: Any, result: Result, written: Autograded) -> None:
        by_cell = {existing.cell_id: existing for existing in row.comments}
        said = dict(self._said(result, written))
        for name, cell_id in self.cells[Comment].items():
            existing = by_cell.get(cell_id)
            if existing is None:
                existing = Comment(cell_id=cell_id, notebook=row)
                self.session.add(existing)
            existing.auto_comment = said.get(name)

    def _said(self, result: Result, written: Autograded) -> Iterable[tuple[str, str]]:
        """(answer cell, what is said there): a question's comment stands at its first blank."""
        by_id: Mapping[str, QuestionResult] = {question.id: question for question in result.questions}
        for question in self.assignment.questions:
            answers = self.master.answers(question.id)
            if not answers or question.id not in by_id:
                continue
            text = self._comment(question, by_id[question.id], written, [cell.grade_id for cell in answers])
            if result.outcome is Outcome.UNGRADABLE:
                text = inert(result.reason)
            if text:
                yield answers[0].grade_id, text

    def _comment(
        self, question: Question, result: QuestionResult, written: Autograded, answers: Sequence[str]
    ) -> str | None:
        if result.status == "graded_by_hand" and question.kind == "manual":
            return inert(result.comment) or None
        if question.kind == "manual" and written.untouched.issuperset(answers):
            return "No answer: the text is as it was released."
        return comment(question, result, show_tests=self.shown[question.id])


def _automatic(question: QuestionResult, result: Result, extra_credit: float) -> float | None:
    """What a row without a manual score has to say for nbgrader's sum to be ours: it adds the extra credit itself."""
    if question.score is None:
        return None
    if question.status == "graded_by_hand":  # by an adjustment, or in the row of another member of the group
        return max(0.0, question.score - extra_credit)
    return 0.0 if result.outcome is Outcome.UNGRADABLE else points_by_tests(question)


def _executed_cells(entry: Entry) -> list[Mapping[str, Any]]:
    """The cells of the executed notebook, or one that says why there are none."""
    try:
        cells = json.loads(entry.notebook.read_bytes())["cells"]
        return [cell for cell in cells if isinstance(cell, dict)]
    except (OSError, ValueError, KeyError, TypeError):
        reason = entry.result.reason or "The notebook that was handed in could not be read."
        return [{"cell_type": "markdown", "source": inert(reason)}]


def _added(report: SyncReport, **changes: Any) -> SyncReport:
    return SyncReport(**{**report.__dict__, **changes})
