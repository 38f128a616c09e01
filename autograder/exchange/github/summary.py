"""What a job of GitHub Actions says of graded work: a student's page in words, as the HTML that its summaries take.

A summary is Markdown in which a block of HTML lasts until the first blank line. There is none here, so nothing that a
student wrote is ever read as Markdown: it stands there escaped, as on every page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from autograder.feedback.student_view import StudentView
from autograder.pages.templates import fragment

MOST_BYTES = 900_000  # a step's summary may have 1 MiB
_BLANK = re.compile(r"\n\s*\n")


def summary_of(view: StudentView) -> str:
    """Return what the page of one submission says, without a blank line."""
    return _BLANK.sub("\n", fragment("github_summary.html", page=view)).strip()


def job_summary(views: Iterable[StudentView]) -> str:
    """Return the summary of several submissions: as many as fit, and how many do not."""
    parts: list[str] = []
    size = left = 0
    for view in views:
        text = summary_of(view)
        size += len(text.encode("utf-8", "replace")) + 1
        if size <= MOST_BYTES:
            parts.append(text)
        else:
            left += 1
    if left:
        parts.append(f"<p>{left} more did not fit here: their pages are among the results.</p>")
    return "\n".join(parts or ["<p>Nothing was graded.</p>"]) + "\n"
