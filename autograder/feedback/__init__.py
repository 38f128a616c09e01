"""Pages that people read: one for each student, one for the teachers of a run.

    render_feedback(result, notebook, ours, options=FeedbackOptions(...)) -> str
    render_index(results, options=IndexOptions(...)) -> str

Both are pure: they read nothing but their arguments, and return one self-contained HTML document.
"""

from autograder.feedback.options import FeedbackOptions, Output, SubmittedCell, SubmittedNotebook
from autograder.feedback.page import render_feedback

__all__ = [
    "FeedbackOptions",
    "Output",
    "SubmittedCell",
    "SubmittedNotebook",
    "render_feedback",
]
