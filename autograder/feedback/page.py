"""One student's page.

A page is one file that asks for nothing: styles inside, pictures as data, no script at all. Its policy
(`Content-Security-Policy`) forbids whatever it does not need, so that even a mistake in escaping runs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograder.feedback.options import FeedbackOptions, OurOutputs, SubmittedNotebook
from autograder.feedback.student_view import StudentView
from autograder.feedback.view import student_view
from autograder.pages.templates import render
from autograder.records import GradeEvent, Result


def render_feedback(
    result: Result,
    notebook: SubmittedNotebook | None,
    ours: OurOutputs = (),
    *,
    options: FeedbackOptions | None = None,
    events: Sequence[GradeEvent] = (),
) -> str:
    """Return the page of one submission as one self-contained HTML document.

    `notebook` is what was handed in (None if it could not be read); `ours` are the outputs of its cells when they
    were run for grading. Both are untrusted. What may be shown is decided in `autograder.feedback.view`.
    events: the changes of this submission's grade, the oldest first.
    """
    return render_student(student_view(result, notebook, ours, options or FeedbackOptions(), events))


def render_student(view: StudentView) -> str:
    """Return the page that shows `view`, and nothing that is not in it."""
    return render("page.html", page=view)
