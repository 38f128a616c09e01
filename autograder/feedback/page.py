"""One student's page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from autograder.feedback.options import FeedbackOptions, Output, SubmittedNotebook
from autograder.records import Result


def render_feedback(
    result: Result,
    notebook: SubmittedNotebook | None,
    ours: Sequence[Sequence[Output] | None] = (),
    *,
    options: FeedbackOptions | None = None,
) -> str:
    """The page of one submission as one self-contained HTML document.

    `notebook` is what was handed in (None where it could not be read); `ours[i]` are the outputs of cell i when it
    was run for grading, None or missing where it was not run.
    """
    return f"<!doctype html><html lang=en><title>{escape(result.title)}</title><p>{result.score} of {result.max_score}"
