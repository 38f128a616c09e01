"""Which personal variant a submission is graded with, and what is said where its notebook holds another code."""

from __future__ import annotations

from autograder.notebooks.variant_cell import VariantCell
from autograder.records import SubmissionInfo, VariantUse


def variant_used(cell: VariantCell, submission: SubmissionInfo) -> VariantUse:
    """Return the code to grade with: the table's for whoever the channel says handed in.

    Where there is no table, or nobody of the roster handed in, the notebook's own code decides.
    """
    typed = cell.typed
    if submission.variant:
        return VariantUse(code=submission.variant, in_notebook=typed, agrees=typed == submission.variant)
    return VariantUse(code=typed or cell.handed_out, in_notebook=typed, agrees=submission.variant is None)


def flags(use: VariantUse, submission: SubmissionInfo) -> list[str]:
    """Return what a person of the staff should know."""
    if use.agrees:
        return []
    holds = f"the notebook holds {use.in_notebook or 'no code'}"
    if not submission.variant:
        return [f"personal variant: {submission.subject} has no code yet ({holds}); run `autograder variants`"]
    return [f"personal variant: graded with {use.code}, and {holds}; what it did not earn so waits for a person"]


def notices(use: VariantUse, submission: SubmissionInfo, handed_out: str) -> list[str]:
    """Return what the student should know."""
    if use.agrees:
        return []
    waits = "Questions that depend on the code and are not right for yours wait for a person."
    if not submission.variant:
        return [f"You have no code of your own yet. {waits.replace('yours', 'the one in your notebook')}"]
    if use.in_notebook == handed_out:
        found = "the code that it was handed out with"
    else:
        found = f"the code {use.in_notebook}" if use.in_notebook else "no code that could be read"
    return [f"This notebook holds {found}; yours is {use.code}, with which it was graded. {waits}"]
