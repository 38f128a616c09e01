"""One student's page, and how templates are loaded.

A page is one file that asks for nothing: styles inside, pictures as data, no script at all. Its policy
(`Content-Security-Policy`) forbids whatever it does not need, so that even a mistake in escaping runs nothing.
"""

from __future__ import annotations

from autograder.feedback.options import FeedbackOptions, OurOutputs, SubmittedNotebook
from autograder.feedback.view import page_view
from autograder.pages.templates import render
from autograder.records import Result


def render_feedback(
    result: Result,
    notebook: SubmittedNotebook | None,
    ours: OurOutputs = (),
    *,
    options: FeedbackOptions | None = None,
) -> str:
    """The page of one submission as one self-contained HTML document.

    `notebook` is what was handed in (None where it could not be read); `ours` are the outputs of its cells when they
    were run for grading. Both are untrusted. What may be shown is decided in `autograder.feedback.view`.
    """
    page = page_view(result, notebook, ours, options or FeedbackOptions())
    return render("page.html", page=page)
